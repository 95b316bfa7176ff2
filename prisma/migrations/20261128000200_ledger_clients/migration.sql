-- Merchants' own books: accounts of the kind client, which they open themselves, and transfers between those.

ALTER TABLE ledger.account DROP CONSTRAINT account_kind_check, DROP CONSTRAINT account_merchant, DROP CONSTRAINT account_side;
ALTER TABLE ledger.account
  ADD CONSTRAINT account_kind_check CHECK (kind IN ('gateway_clearing', 'bank', 'merchant_pending', 'merchant_available',
    'merchant_reserved', 'customer_reserved', 'platform_fees', 'gateway_fees', 'suspense', 'rounding_residue', 'client')),
  ADD CONSTRAINT account_merchant
    CHECK ((merchant_id IS NOT NULL) = (kind IN ('merchant_pending', 'merchant_available', 'merchant_reserved', 'client'))),
  -- Whoever opens an account of their own says on which side it grows, and what they call it.
  ADD CONSTRAINT account_side CHECK (kind = 'client' OR (normal_side = 'debit') = (kind IN ('gateway_clearing', 'bank', 'gateway_fees'))),
  ADD CONSTRAINT account_code CHECK (kind <> 'client' OR qualifier <> '');
COMMENT ON COLUMN ledger.account.qualifier IS 'Tells accounts of one kind apart: the gateway account for gateway_clearing, the merchant''s code for client. Empty otherwise.';

-- A merchant may have a million of its own beside the few that mirror real money: each list goes by an index.
CREATE INDEX account_owner ON ledger.account (merchant_id, livemode, id);
CREATE INDEX account_owner_kind ON ledger.account (merchant_id, livemode, kind, id);

-- Beside the account and not in it, so that rows that are rewritten with every posting stay short.
CREATE TABLE ledger.client_account (
  account_id uuid PRIMARY KEY,
  merchant_id uuid NOT NULL,
  livemode boolean NOT NULL,
  code text NOT NULL,
  name text NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX client_account_code ON ledger.client_account (merchant_id, livemode, code);
CREATE INDEX client_account_name ON ledger.client_account (merchant_id, livemode, lower(name) text_pattern_ops);
CREATE INDEX client_account_metadata ON ledger.client_account USING gin (metadata jsonb_path_ops);
COMMENT ON TABLE ledger.client_account IS 'What a merchant calls its own accounts. Name and metadata may change; the code is the account''s for ever.';

CREATE TABLE ledger.client_transfer (
  transfer_id uuid PRIMARY KEY,
  merchant_id uuid NOT NULL,
  livemode boolean NOT NULL,
  debit_account_id uuid NOT NULL,
  credit_account_id uuid NOT NULL,
  kind text NOT NULL,
  subject text,
  description text,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX client_transfer_owner ON ledger.client_transfer (merchant_id, livemode, transfer_id);
CREATE INDEX client_transfer_debit ON ledger.client_transfer (debit_account_id, transfer_id);
CREATE INDEX client_transfer_credit ON ledger.client_transfer (credit_account_id, transfer_id);
CREATE INDEX client_transfer_subject ON ledger.client_transfer (merchant_id, livemode, subject, transfer_id) WHERE subject IS NOT NULL;
COMMENT ON TABLE ledger.client_transfer IS 'Immutable. What a merchant says of its own transfers, and how they are found. created_at is that of the request; when it was booked stands in transfer.';
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.client_transfer FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT, UPDATE (name, metadata) ON ledger.client_account TO sankofa_ledger;
GRANT SELECT, INSERT ON ledger.client_transfer TO sankofa_ledger;
