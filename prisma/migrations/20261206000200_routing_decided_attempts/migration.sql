-- What two people decided about attempts whose gateways never told: once each, and who it was.
CREATE TABLE routing.attempt_decision (
  attempt_id        uuid PRIMARY KEY REFERENCES routing.attempt (id) ON DELETE RESTRICT,
  merchant_id       uuid NOT NULL,
  livemode          boolean NOT NULL,
  outcome           text NOT NULL CHECK (outcome IN ('succeeded', 'failed')),
  gateway_reference text NOT NULL CHECK (length(gateway_reference) BETWEEN 1 AND 200),
  remark            text NOT NULL CHECK (length(remark) BETWEEN 1 AND 1000),
  asked_by          uuid NOT NULL,
  decided_by        uuid NOT NULL,
  approval_id       uuid NOT NULL UNIQUE,
  decided_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT attempt_decision_by_two CHECK (asked_by <> decided_by)
);
COMMENT ON TABLE routing.attempt_decision IS 'The end of an attempt as two people read it at its gateway, where the gateway answered nothing that could be taken for one.';
COMMENT ON COLUMN routing.attempt_decision.gateway_reference IS 'What the gateway itself calls the transaction: whoever doubts the decision looks there.';
COMMENT ON COLUMN routing.attempt_decision.asked_by IS 'The person who looked first.';
COMMENT ON COLUMN routing.attempt_decision.decided_by IS 'The person who approved it.';
COMMENT ON COLUMN routing.attempt_decision.approval_id IS 'In auth.approval: each decides one attempt, once.';

GRANT SELECT, INSERT ON routing.attempt_decision TO sankofa_routing;
ALTER TABLE routing.attempt_decision ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY program ON routing.attempt_decision TO sankofa_routing USING (true) WITH CHECK (true);
