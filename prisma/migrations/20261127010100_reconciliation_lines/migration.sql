-- What gateways say in their own books: lines, and the sources they came from. A source's lines are staged and become visible together.

CREATE TABLE reconciliation.source (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('listing', 'file', 'bank')),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
  gateway_account_id uuid NOT NULL,
  gateway text NOT NULL,
  livemode boolean NOT NULL,
  window_from timestamptz NOT NULL,
  window_to timestamptz NOT NULL,
  checksum text CHECK (checksum ~ '^[0-9a-f]{64}$'),
  state text NOT NULL DEFAULT 'staging' CHECK (state IN ('staging', 'committed', 'abandoned')),
  staged integer NOT NULL DEFAULT 0,
  new_lines integer NOT NULL DEFAULT 0,
  repeated_lines integer NOT NULL DEFAULT 0,
  problem text,
  told_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz,
  CONSTRAINT source_window_has_length CHECK (window_to > window_from),
  CONSTRAINT source_closed_when_not_staging CHECK ((state = 'staging') = (closed_at IS NULL))
);
COMMENT ON TABLE reconciliation.source IS 'Where lines came from: a listing of the gateway''s API, an uploaded file, a bank statement. Its window is the time that it covers: what is not in it then, the gateway does not have.';
COMMENT ON COLUMN reconciliation.source.told_at IS 'When it was said: a later source is right about a line that two of them have.';
COMMENT ON COLUMN reconciliation.source.checksum IS 'SHA-256 of a file as it came.';
CREATE UNIQUE INDEX source_same_file ON reconciliation.source (gateway_account_id, checksum) WHERE state = 'committed';
CREATE INDEX source_covering ON reconciliation.source (gateway_account_id, window_from) WHERE state = 'committed';
CREATE INDEX source_staging ON reconciliation.source (told_at) WHERE state = 'staging';

CREATE TABLE reconciliation.staged_line (
  source_id uuid NOT NULL CONSTRAINT staged_line_source_id_fkey REFERENCES reconciliation.source (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ordinal integer NOT NULL,
  line_id uuid NOT NULL,
  content jsonb NOT NULL,
  PRIMARY KEY (source_id, ordinal)
);
COMMENT ON TABLE reconciliation.staged_line IS 'Lines of a source that is not whole yet; gone when it is.';

CREATE TABLE reconciliation.line (
  id uuid PRIMARY KEY,
  source_id uuid NOT NULL CONSTRAINT line_source_id_fkey REFERENCES reconciliation.source (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ordinal integer NOT NULL,
  gateway_account_id uuid NOT NULL,
  gateway_id text,
  reference text,
  key text,
  aliases text[] NOT NULL,
  kind text NOT NULL CHECK (kind IN ('charge', 'refund', 'payout', 'payout_return', 'fee', 'settlement')),
  status text NOT NULL CHECK (status IN ('succeeded', 'pending', 'failed', 'reversed')),
  amount bigint NOT NULL CHECK (amount >= 0),
  fee bigint,
  net bigint,
  currency text NOT NULL,
  occurred_at timestamptz NOT NULL,
  settlement_id text,
  description text,
  told_at timestamptz NOT NULL
);
COMMENT ON TABLE reconciliation.line IS 'A transaction in a gateway''s own books, as the last source that had it says. The id is made of the account and what identifies the line there, so that it is the same line in every source.';
COMMENT ON COLUMN reconciliation.line.key IS 'The reference without what files change about it.';
COMMENT ON COLUMN reconciliation.line.aliases IS 'The gateway''s id and other names of the same thing.';
CREATE INDEX line_by_key ON reconciliation.line (gateway_account_id, key);
CREATE INDEX line_by_time ON reconciliation.line (gateway_account_id, occurred_at, id);
CREATE INDEX line_by_alias ON reconciliation.line USING gin (aliases);

GRANT SELECT, INSERT ON reconciliation.source TO sankofa_reconciliation;
GRANT UPDATE (state, staged, new_lines, repeated_lines, problem, closed_at) ON reconciliation.source TO sankofa_reconciliation;
GRANT SELECT, INSERT, DELETE ON reconciliation.staged_line TO sankofa_reconciliation;
GRANT SELECT, INSERT ON reconciliation.line TO sankofa_reconciliation;
GRANT UPDATE (source_id, ordinal, reference, key, aliases, status, amount, fee, net, currency, occurred_at, settlement_id, description, told_at)
  ON reconciliation.line TO sankofa_reconciliation;
