-- Settlements at the bank: which entry there is which settlement's, and where the two differ.

ALTER TABLE reconciliation.settlement
  ADD COLUMN bank_line_id uuid CONSTRAINT settlement_bank_line_id_fkey REFERENCES reconciliation.bank_line (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD COLUMN received_by text CHECK (received_by IN ('reference', 'amount', 'many_to_one')),
  ADD COLUMN received_because text,
  ADD COLUMN received_at timestamptz,
  ADD CONSTRAINT settlement_received_as_one CHECK (num_nulls(bank_line_id, received_by, received_because, received_at) IN (0, 4));
COMMENT ON COLUMN reconciliation.settlement.bank_line_id IS 'The entry as which it came in at the bank, alone or with others; null until it has.';
COMMENT ON COLUMN reconciliation.settlement.received_by IS 'The rule by which that was found.';
CREATE INDEX settlement_to_come ON reconciliation.settlement (settled_at) WHERE bank_line_id IS NULL AND status = 'settled';
CREATE INDEX settlement_of_bank_line ON reconciliation.settlement (bank_line_id);
CREATE INDEX settlement_by_change ON reconciliation.settlement (updated_at);
CREATE INDEX source_of_bank ON reconciliation.source (closed_at) WHERE kind = 'bank' AND state = 'committed';
CREATE INDEX source_of_bank_by_window ON reconciliation.source (window_to) WHERE kind = 'bank' AND state = 'committed';
GRANT UPDATE (bank_line_id, received_by, received_because, received_at) ON reconciliation.settlement TO sankofa_reconciliation;

ALTER TABLE reconciliation.break DROP CONSTRAINT break_side_check;
ALTER TABLE reconciliation.break ADD CONSTRAINT break_side_check CHECK (side IN ('gateway', 'ledger', 'bank'));
ALTER TABLE reconciliation.break DROP CONSTRAINT break_subject_check;
ALTER TABLE reconciliation.break ADD CONSTRAINT break_subject_check CHECK (subject IN ('record', 'line', 'movement', 'settlement'));
COMMENT ON COLUMN reconciliation.break.opened_by IS 'The run; of a settlement''s, the look at the bank.';
