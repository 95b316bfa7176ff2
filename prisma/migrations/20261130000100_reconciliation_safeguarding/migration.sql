-- What gateways and banks hold, against what merchants and customers are owed.

ALTER TABLE routing.listing DROP CONSTRAINT listing_what_check;
ALTER TABLE routing.listing ADD CONSTRAINT listing_what_check CHECK (what IN ('transactions', 'settlements', 'balances'));
ALTER TABLE reconciliation.listing DROP CONSTRAINT listing_what_check;
ALTER TABLE reconciliation.listing ADD CONSTRAINT listing_what_check CHECK (what IN ('transactions', 'settlements', 'balances'));

CREATE TABLE reconciliation.gateway_balance (
  gateway_account_id uuid NOT NULL,
  currency text NOT NULL,
  available bigint NOT NULL,
  told_at timestamptz NOT NULL,
  PRIMARY KEY (gateway_account_id, currency)
);
COMMENT ON TABLE reconciliation.gateway_balance IS 'What a gateway says that we can pay out of an account there, in minor units, as it was last asked.';
GRANT SELECT, INSERT, UPDATE ON reconciliation.gateway_balance TO sankofa_reconciliation;

CREATE TABLE reconciliation.safeguarding_check (
  id uuid PRIMARY KEY,
  job text NOT NULL,
  window_from timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'judged', 'failed')),
  captured_since date NOT NULL,
  listing_ids uuid[] NOT NULL,
  obligations jsonb,
  problem text,
  requested_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz,
  CONSTRAINT safeguarding_check_once UNIQUE (job, window_from),
  CONSTRAINT safeguarding_check_closed_when_over CHECK ((closed_at IS NULL) = (state = 'waiting')),
  CONSTRAINT safeguarding_check_judged_with_obligations CHECK (state <> 'judged' OR obligations IS NOT NULL)
);
COMMENT ON TABLE reconciliation.safeguarding_check IS 'One look at whether what is held covers what is owed. It waits for the ledger and for the gateways, for half an hour at most.';
COMMENT ON COLUMN reconciliation.safeguarding_check.captured_since IS 'What has been captured from that day on may still be on its way to an account''s balance.';
COMMENT ON COLUMN reconciliation.safeguarding_check.obligations IS 'What the ledger told: what is owed, and what each gateway account should hold.';
CREATE UNIQUE INDEX safeguarding_check_waiting ON reconciliation.safeguarding_check ((true)) WHERE state = 'waiting';
GRANT SELECT, INSERT ON reconciliation.safeguarding_check TO sankofa_reconciliation;
GRANT UPDATE (state, obligations, problem, closed_at) ON reconciliation.safeguarding_check TO sankofa_reconciliation;

CREATE TABLE reconciliation.coverage (
  check_id uuid NOT NULL CONSTRAINT coverage_check_id_fkey REFERENCES reconciliation.safeguarding_check (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  livemode boolean NOT NULL,
  currency text NOT NULL,
  status text NOT NULL CHECK (status IN ('covered', 'unproved', 'short')),
  owed bigint NOT NULL CHECK (owed >= 0),
  on_its_way bigint NOT NULL CHECK (on_its_way >= 0),
  held bigint NOT NULL,
  unproved bigint NOT NULL CHECK (unproved >= 0),
  shortfall bigint NOT NULL CHECK (shortfall >= 0),
  parts jsonb NOT NULL,
  PRIMARY KEY (check_id, livemode, currency)
);
COMMENT ON TABLE reconciliation.coverage IS 'What a check came to, in one currency. Amounts in minor units.';
COMMENT ON COLUMN reconciliation.coverage.unproved IS 'What our books alone say is there.';
COMMENT ON COLUMN reconciliation.coverage.shortfall IS 'What is owed and is not held, without what is on its way.';
COMMENT ON COLUMN reconciliation.coverage.parts IS 'Account by account, at gateways and at banks.';
GRANT SELECT, INSERT ON reconciliation.coverage TO sankofa_reconciliation;

CREATE INDEX break_open_missing_there ON reconciliation.break (gateway_account_id) WHERE closed_at IS NULL AND side = 'gateway' AND kind IN ('missing_there', 'status');
