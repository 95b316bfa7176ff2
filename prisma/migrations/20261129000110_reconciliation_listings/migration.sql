-- Listings of gateways' books as sources: asked for, coming in page by page, taken as a whole. Settlements, and which payments were given back.

CREATE TABLE reconciliation.listing (
  id uuid PRIMARY KEY,
  what text NOT NULL CHECK (what IN ('transactions', 'settlements')),
  gateway_account_id uuid NOT NULL,
  gateway text NOT NULL,
  livemode boolean NOT NULL,
  window_from timestamptz NOT NULL,
  window_to timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'complete', 'not_supported', 'failed', 'canceled')),
  asks integer NOT NULL DEFAULT 1 CHECK (asks > 0),
  pages integer,
  pages_in integer NOT NULL DEFAULT 0,
  items_in integer NOT NULL DEFAULT 0,
  covers text[] NOT NULL DEFAULT '{}' CHECK (covers <@ '{payment,refund,payout}'),
  told_at timestamptz,
  code text,
  heard_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz,
  CONSTRAINT listing_window_has_length CHECK (window_to > window_from),
  CONSTRAINT listing_closed_when_over CHECK ((closed_at IS NULL) = (state = 'asked'))
);
COMMENT ON TABLE reconciliation.listing IS 'What was asked of a gateway''s books, and how much of the answer is in. That of transactions is the listing of the source with the same id.';
COMMENT ON COLUMN reconciliation.listing.asks IS 'The how manieth try this is: what is never answered is asked for again, as a listing of its own.';
COMMENT ON COLUMN reconciliation.listing.pages IS 'How many there are; null until the end was told.';
COMMENT ON COLUMN reconciliation.listing.covers IS 'What would be in it, as the end tells.';
COMMENT ON COLUMN reconciliation.listing.told_at IS 'When the gateway was asked for the first page.';
COMMENT ON COLUMN reconciliation.listing.code IS 'Why there is none.';
COMMENT ON COLUMN reconciliation.listing.heard_at IS 'When something of it was last heard.';
CREATE INDEX listing_open ON reconciliation.listing (heard_at) WHERE state = 'asked';

CREATE TABLE reconciliation.listing_page (
  listing_id uuid NOT NULL CONSTRAINT listing_page_listing_id_fkey REFERENCES reconciliation.listing (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  page integer NOT NULL,
  PRIMARY KEY (listing_id, page)
);
COMMENT ON TABLE reconciliation.listing_page IS 'Which pages of a listing are in: they come in any order, and one may come twice. Gone when it is whole.';

CREATE TABLE reconciliation.settlement (
  id uuid PRIMARY KEY,
  gateway_account_id uuid NOT NULL,
  gateway text NOT NULL,
  livemode boolean NOT NULL,
  gateway_id text NOT NULL,
  status text NOT NULL CHECK (status IN ('settled', 'pending', 'failed')),
  currency text NOT NULL,
  gross bigint NOT NULL,
  fees bigint NOT NULL,
  net bigint NOT NULL,
  settled_at timestamptz,
  bank_reference text,
  told_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT settlement_gateway_id_key UNIQUE (gateway_account_id, gateway_id)
);
COMMENT ON TABLE reconciliation.settlement IS 'What a gateway says that it has paid, or will pay, to our bank: as the last listing that had it tells.';
COMMENT ON COLUMN reconciliation.settlement.gross IS 'In minor units. Gross less fees, less refunds and chargebacks, is net.';
COMMENT ON COLUMN reconciliation.settlement.bank_reference IS 'What the gateway says that the bank calls the transfer; null where it does not say.';
CREATE INDEX settlement_of_account ON reconciliation.settlement (gateway_account_id, id);

CREATE TABLE reconciliation.refund (
  refund_id uuid PRIMARY KEY,
  attempt_id uuid NOT NULL,
  failed boolean NOT NULL
);
COMMENT ON TABLE reconciliation.refund IS 'Which charges we gave back, or are giving back, in full or in part: some gateways call a charge reversed from then on.';
COMMENT ON COLUMN reconciliation.refund.attempt_id IS 'The one whose capture it gives back.';
CREATE INDEX refund_of_attempt ON reconciliation.refund (attempt_id) WHERE NOT failed;

GRANT SELECT, INSERT ON reconciliation.listing TO sankofa_reconciliation;
GRANT UPDATE (state, pages, pages_in, items_in, covers, told_at, code, heard_at, closed_at) ON reconciliation.listing TO sankofa_reconciliation;
GRANT SELECT, INSERT, DELETE ON reconciliation.listing_page TO sankofa_reconciliation;
GRANT SELECT, INSERT ON reconciliation.settlement TO sankofa_reconciliation;
GRANT UPDATE (status, currency, gross, fees, net, settled_at, bank_reference, told_at, updated_at) ON reconciliation.settlement TO sankofa_reconciliation;
GRANT SELECT, INSERT ON reconciliation.refund TO sankofa_reconciliation;
GRANT UPDATE (failed) ON reconciliation.refund TO sankofa_reconciliation;

-- A listing's source is begun before the gateway is asked: what it covers, and as of when, is known at its end.
GRANT UPDATE (covers, told_at) ON reconciliation.source TO sankofa_reconciliation;
-- A listing that is asked for again is another source.
GRANT UPDATE (source_id) ON reconciliation.run TO sankofa_reconciliation;
