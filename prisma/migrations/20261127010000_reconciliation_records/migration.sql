-- Reconciliation's own copies of what others announced: what we believe of each attempt, and what the ledger booked for it.

CREATE TABLE reconciliation.record (
  attempt_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('payment', 'refund', 'payout')),
  subject_id uuid NOT NULL,
  merchant_id uuid NOT NULL,
  livemode boolean NOT NULL,
  gateway text NOT NULL,
  gateway_account_id uuid NOT NULL,
  reference text NOT NULL,
  key text NOT NULL,
  handles text[] NOT NULL DEFAULT '{}',
  status text NOT NULL CHECK (status IN ('planned', 'sending', 'pending', 'unknown', 'succeeded', 'declined', 'not_sent', 'surplus', 'quarantined', 'returned')),
  version integer NOT NULL,
  amount bigint,
  currency text,
  moved_amount bigint,
  moved_currency text,
  fee bigint,
  figures_version integer NOT NULL DEFAULT 0,
  started_at timestamptz NOT NULL,
  concluded_at timestamptz,
  CONSTRAINT record_moved_has_figures CHECK ((moved_amount IS NULL) = (moved_currency IS NULL))
) WITH (fillfactor = 80);
COMMENT ON TABLE reconciliation.record IS 'What we believe of each attempt at a payment, refund or payout. Folded from routing''s events, which may come late and twice.';
COMMENT ON COLUMN reconciliation.record.subject_id IS 'The payment, refund or payout.';
COMMENT ON COLUMN reconciliation.record.reference IS 'As the gateway was given it.';
COMMENT ON COLUMN reconciliation.record.key IS 'The reference without what gateways and files change about it: dashes and case.';
COMMENT ON COLUMN reconciliation.record.handles IS 'What the gateway calls it: every value it was ever told under, sorted.';
COMMENT ON COLUMN reconciliation.record.amount IS 'What it was to move; null where no event said it.';
COMMENT ON COLUMN reconciliation.record.moved_amount IS 'What the gateway said that it moved.';
COMMENT ON COLUMN reconciliation.record.figures_version IS 'Of the event that told what moved: later events need not tell it again.';
CREATE INDEX record_by_key ON reconciliation.record (gateway_account_id, key);
CREATE INDEX record_by_time ON reconciliation.record (gateway_account_id, started_at, attempt_id);

CREATE TABLE reconciliation.movement (
  transfer_id uuid PRIMARY KEY,
  attempt_id uuid NOT NULL,
  gateway_account_id uuid NOT NULL,
  livemode boolean NOT NULL,
  kind text NOT NULL,
  side text NOT NULL CHECK (side IN ('debit', 'credit')),
  amount bigint NOT NULL CHECK (amount > 0),
  currency text NOT NULL,
  effective_at timestamptz NOT NULL
);
COMMENT ON TABLE reconciliation.movement IS 'Ledger transfers that touched the clearing account of a gateway account. Written once, never changed.';
COMMENT ON COLUMN reconciliation.movement.side IS 'Of the clearing account: debit means that the gateway owes us more.';
CREATE INDEX movement_of_attempt ON reconciliation.movement (attempt_id);
CREATE INDEX movement_by_time ON reconciliation.movement (gateway_account_id, effective_at, transfer_id);

GRANT SELECT, INSERT ON reconciliation.record TO sankofa_reconciliation;
GRANT UPDATE (handles, status, version, amount, currency, moved_amount, moved_currency, fee, figures_version, concluded_at)
  ON reconciliation.record TO sankofa_reconciliation;
GRANT SELECT, INSERT ON reconciliation.movement TO sankofa_reconciliation;
