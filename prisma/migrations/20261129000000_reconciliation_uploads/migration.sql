-- Files as sources: what is in one, and so its checksum and the time that it covers, is known only when it has been read.

ALTER TABLE reconciliation.source
  ALTER COLUMN gateway_account_id DROP NOT NULL,
  ALTER COLUMN gateway DROP NOT NULL,
  ALTER COLUMN window_from DROP NOT NULL,
  ALTER COLUMN window_to DROP NOT NULL,
  ADD COLUMN begun_at timestamptz NOT NULL DEFAULT now(),
  ADD COLUMN format text CHECK (length(format) BETWEEN 1 AND 100),
  ADD COLUMN summary jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN problems jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN requested_by uuid,
  DROP CONSTRAINT source_state_check,
  DROP CONSTRAINT source_closed_when_not_staging,
  ADD CONSTRAINT source_state_check CHECK (state IN ('staging', 'publishing', 'committed', 'abandoned')),
  ADD CONSTRAINT source_closed_when_over CHECK ((state IN ('staging', 'publishing')) = (closed_at IS NULL)),
  ADD CONSTRAINT source_has_window_when_whole CHECK (
    state NOT IN ('publishing', 'committed') OR (window_from IS NOT NULL AND window_to IS NOT NULL)),
  ADD CONSTRAINT source_has_account_unless_bank CHECK (
    (gateway_account_id IS NULL) = (kind = 'bank') AND (gateway IS NULL) = (kind = 'bank'));
COMMENT ON COLUMN reconciliation.source.state IS 'staging: being read. publishing: whole and known to be so, its lines become visible chunk by chunk. committed: all of them are, and it covers its window.';
COMMENT ON COLUMN reconciliation.source.begun_at IS 'When it began to be taken in; told_at may lie before, for a file that was made earlier.';
COMMENT ON COLUMN reconciliation.source.format IS 'By what a file was read: a mapping and its version, or the version of camt.053.';
COMMENT ON COLUMN reconciliation.source.summary IS 'Of a file: encoding, bytes, what was left out, totals, statements, notices.';
COMMENT ON COLUMN reconciliation.source.problems IS 'Of a file that was refused: each with line, column, code and message; the first hundred.';

DROP INDEX reconciliation.source_same_file;
CREATE UNIQUE INDEX source_same_file ON reconciliation.source (gateway_account_id, checksum) WHERE state IN ('publishing', 'committed');
CREATE UNIQUE INDEX source_same_statement ON reconciliation.source (checksum) WHERE kind = 'bank' AND state IN ('publishing', 'committed');
DROP INDEX reconciliation.source_staging;
CREATE INDEX source_staging ON reconciliation.source (begun_at) WHERE state = 'staging';
CREATE INDEX source_publishing ON reconciliation.source (id) WHERE state = 'publishing';
CREATE INDEX source_of_account ON reconciliation.source (gateway_account_id, id);
CREATE INDEX line_of_source ON reconciliation.line (source_id, ordinal, id);
CREATE INDEX run_of_source ON reconciliation.run (source_id) WHERE source_id IS NOT NULL;

GRANT UPDATE (window_from, window_to, checksum, covers, summary, problems) ON reconciliation.source TO sankofa_reconciliation;
