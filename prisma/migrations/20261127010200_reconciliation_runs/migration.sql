-- Comparing: runs, which lines belong to which records, and where they differ.

ALTER TABLE reconciliation.source
  ADD COLUMN covers text[] NOT NULL DEFAULT '{payment,refund,payout}' CHECK (covers <@ '{payment,refund,payout}');
COMMENT ON COLUMN reconciliation.source.covers IS 'What would be in it. Some gateways list their charges alone: that a payout is not there then says nothing.';

CREATE TABLE reconciliation.run (
  id uuid PRIMARY KEY,
  job text NOT NULL CHECK (length(job) BETWEEN 1 AND 100),
  gateway_account_id uuid NOT NULL,
  gateway text NOT NULL,
  livemode boolean NOT NULL,
  window_from timestamptz NOT NULL,
  window_to timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'queued', 'running', 'succeeded', 'failed', 'canceled')),
  source_id uuid CONSTRAINT run_source_id_fkey REFERENCES reconciliation.source (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  phase text,
  cursor jsonb,
  done bigint NOT NULL DEFAULT 0,
  total bigint NOT NULL DEFAULT 0,
  counts jsonb NOT NULL DEFAULT '{}',
  as_of timestamptz,
  fence bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  tries integer NOT NULL DEFAULT 0,
  problem text,
  cancel_requested boolean NOT NULL DEFAULT false,
  requested_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  CONSTRAINT run_job_window_key UNIQUE (gateway_account_id, job, window_from, window_to),
  CONSTRAINT run_window_has_length CHECK (window_to > window_from),
  CONSTRAINT run_finished_when_over CHECK ((finished_at IS NOT NULL) = (state IN ('succeeded', 'failed', 'canceled')))
);
COMMENT ON TABLE reconciliation.run IS 'One comparison of a gateway account over a window. Whoever schedules it a second time meets the unique job and window.';
COMMENT ON COLUMN reconciliation.run.source_id IS 'The listing it waits for.';
COMMENT ON COLUMN reconciliation.run.cursor IS 'How far the phase has come; committed together with what it wrote.';
COMMENT ON COLUMN reconciliation.run.as_of IS 'Against what ages are told: set once, so that a run that goes on after a crash decides as it would have.';
COMMENT ON COLUMN reconciliation.run.fence IS 'Grows with every process that takes the run up; every write of the run carries it.';
CREATE UNIQUE INDEX run_one_per_account ON reconciliation.run (gateway_account_id) WHERE state = 'running';
CREATE INDEX run_due ON reconciliation.run (id) WHERE state IN ('queued', 'running');
CREATE INDEX run_waiting ON reconciliation.run (source_id) WHERE state = 'waiting';

CREATE TABLE reconciliation.match (
  attempt_id uuid NOT NULL CONSTRAINT match_attempt_id_fkey REFERENCES reconciliation.record (attempt_id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  line_id uuid NOT NULL CONSTRAINT match_line_id_fkey REFERENCES reconciliation.line (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  rule text NOT NULL CHECK (rule IN ('reference', 'handle', 'amount', 'many_to_one', 'one_to_many')),
  score smallint NOT NULL CHECK (score BETWEEN 0 AND 100),
  explanation text NOT NULL,
  run_id uuid NOT NULL,
  matched_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (attempt_id, line_id)
);
COMMENT ON TABLE reconciliation.match IS 'Which lines belong to which records, by which rule, and why.';
CREATE INDEX match_of_line ON reconciliation.match (line_id);

CREATE TABLE reconciliation.break (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('missing_here', 'missing_there', 'amount', 'currency', 'fee', 'status', 'duplicate', 'late')),
  side text NOT NULL CHECK (side IN ('gateway', 'ledger')),
  subject text NOT NULL CHECK (subject IN ('record', 'line', 'movement')),
  subject_id uuid NOT NULL,
  gateway_account_id uuid NOT NULL,
  gateway text NOT NULL,
  livemode boolean NOT NULL,
  merchant_id uuid,
  attempt_id uuid,
  line_id uuid,
  amount bigint,
  currency text,
  differences jsonb NOT NULL,
  owner text NOT NULL,
  occurred_at timestamptz NOT NULL,
  opened_by uuid NOT NULL,
  opened_at timestamptz NOT NULL DEFAULT now(),
  closed_by uuid,
  closed_at timestamptz,
  closed_why text,
  CONSTRAINT break_closed_by_somebody CHECK ((closed_at IS NULL) = (closed_why IS NULL))
);
COMMENT ON TABLE reconciliation.break IS 'Where two accounts of the same money differ. Open once per subject, side and kind; closed with why, never deleted.';
COMMENT ON COLUMN reconciliation.break.opened_by IS 'The run.';
CREATE UNIQUE INDEX break_open ON reconciliation.break (subject_id, side, kind) WHERE closed_at IS NULL;
CREATE INDEX break_open_by_time ON reconciliation.break (gateway_account_id, subject, occurred_at) WHERE closed_at IS NULL;
CREATE INDEX break_of_account ON reconciliation.break (gateway_account_id, id);

GRANT SELECT, INSERT ON reconciliation.run TO sankofa_reconciliation;
GRANT UPDATE (state, phase, cursor, done, total, counts, as_of, fence, lease_until, tries, problem, cancel_requested, started_at, finished_at)
  ON reconciliation.run TO sankofa_reconciliation;
GRANT SELECT, INSERT, DELETE ON reconciliation.match TO sankofa_reconciliation;
GRANT UPDATE (rule, score, explanation, run_id, matched_at) ON reconciliation.match TO sankofa_reconciliation;
GRANT SELECT, INSERT ON reconciliation.break TO sankofa_reconciliation;
GRANT UPDATE (amount, currency, differences, owner, attempt_id, line_id, merchant_id, closed_by, closed_at, closed_why)
  ON reconciliation.break TO sankofa_reconciliation;
