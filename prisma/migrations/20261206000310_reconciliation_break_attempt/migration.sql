-- What was ever found about an attempt.
CREATE INDEX break_of_attempt ON reconciliation.break (attempt_id, id);
