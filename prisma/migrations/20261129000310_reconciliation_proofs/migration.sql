-- Which captures gateways' own books have confirmed: each is announced once, by the run that found it first.

CREATE TABLE reconciliation.proof (
  attempt_id uuid PRIMARY KEY,
  run_id uuid NOT NULL,
  proved_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE reconciliation.proof IS 'Captures that a line of the gateway''s confirms by our reference or handle: same amount, same currency, and the money moved. Never taken back; what is found to differ later is a break.';
GRANT SELECT, INSERT ON reconciliation.proof TO sankofa_reconciliation;
