-- What was decided about breaks: by the program where it is certain, by people otherwise, and by two of them where money moves.

CREATE TABLE reconciliation.resolution (
  id uuid PRIMARY KEY,
  break_id uuid NOT NULL CONSTRAINT resolution_break_id_fkey REFERENCES reconciliation.break (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  action text NOT NULL CHECK (action IN ('ask', 'dismiss', 'match', 'write_off', 'adjust')),
  state text NOT NULL CHECK (state IN ('proposed', 'approved', 'done', 'rejected', 'expired')),
  is_automatic boolean NOT NULL,
  remark text NOT NULL CHECK (length(remark) BETWEEN 1 AND 1000),
  subject_id uuid NOT NULL,
  identity text NOT NULL,
  content text NOT NULL,
  gateway_account_id uuid NOT NULL,
  livemode boolean NOT NULL,
  clearing_side text CHECK (clearing_side IN ('debit', 'credit')),
  account text CHECK (account IN ('gateway_fees', 'suspense', 'write_offs')),
  amount bigint CHECK (amount > 0),
  currency text,
  requested_by uuid,
  decided_by uuid,
  decision_remark text CHECK (length(decision_remark) BETWEEN 1 AND 1000),
  created_at timestamptz NOT NULL DEFAULT now(),
  decided_at timestamptz,
  booked_at timestamptz,
  CONSTRAINT resolution_money_whole CHECK (num_nonnulls(clearing_side, account, amount, currency) IN (0, 4)),
  CONSTRAINT resolution_money_when_it_moves CHECK ((action IN ('write_off', 'adjust')) = (amount IS NOT NULL)),
  CONSTRAINT resolution_automatic_by_nobody CHECK (is_automatic = (requested_by IS NULL)),
  CONSTRAINT resolution_decided_by_another CHECK (decided_by <> requested_by),
  CONSTRAINT resolution_approved_by_somebody
    CHECK (amount IS NULL OR is_automatic OR state NOT IN ('approved', 'done') OR (decided_by IS NOT NULL AND requested_by IS NOT NULL)),
  CONSTRAINT resolution_booked_when_money_moved CHECK (booked_at IS NULL OR (state = 'done' AND amount IS NOT NULL))
);
COMMENT ON TABLE reconciliation.resolution IS 'A decision about a break, with why. Where money moves somebody else approves it, and the ledger books it under the id of this row.';
COMMENT ON COLUMN reconciliation.resolution.identity IS 'Of the break: its subject, side and kind.';
COMMENT ON COLUMN reconciliation.resolution.content IS 'What the break said when this was decided: as long as it says the same it is none any more.';
COMMENT ON COLUMN reconciliation.resolution.clearing_side IS 'On which side of the gateway''s clearing account the amount is booked; debit: it owes us more.';
COMMENT ON COLUMN reconciliation.resolution.decided_by IS 'The admin key that approved or rejected it: never the one that asked.';
CREATE UNIQUE INDEX resolution_one_that_counts ON reconciliation.resolution (break_id)
  WHERE action <> 'ask' AND state IN ('proposed', 'approved', 'done');
CREATE INDEX resolution_accepted ON reconciliation.resolution (subject_id) WHERE action <> 'ask' AND state IN ('approved', 'done');
CREATE INDEX resolution_of_break ON reconciliation.resolution (break_id);

ALTER TABLE reconciliation.match DROP CONSTRAINT match_rule_check;
ALTER TABLE reconciliation.match ADD CONSTRAINT match_rule_check
  CHECK (rule IN ('reference', 'handle', 'manual', 'amount', 'many_to_one', 'one_to_many'));
CREATE INDEX match_manual ON reconciliation.match (run_id) WHERE rule = 'manual';
COMMENT ON COLUMN reconciliation.match.run_id IS 'The run that found it; of a manual one the resolution that made it, and all that it put together.';

GRANT SELECT, INSERT ON reconciliation.resolution TO sankofa_reconciliation;
GRANT UPDATE (state, decided_by, decision_remark, decided_at, booked_at) ON reconciliation.resolution TO sankofa_reconciliation;
