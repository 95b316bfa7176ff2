-- The house's own mappings of CSV exports, beside those that are shipped with the program.

CREATE TABLE reconciliation.mapping (
  name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,63}$'),
  version integer NOT NULL CHECK (version > 0),
  produces text NOT NULL CHECK (produces IN ('gateway_lines', 'bank_lines')),
  gateway text,
  content jsonb NOT NULL,
  created_by uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (name, version),
  CONSTRAINT mapping_is_of_a_gateway_unless_bank CHECK ((gateway IS NULL) = (produces = 'bank_lines'))
);
COMMENT ON TABLE reconciliation.mapping IS 'How an export is read, as data. A version never changes: what was read by it can be read again in the same way.';
COMMENT ON COLUMN reconciliation.mapping.content IS 'As csvMappingSchema has it.';

GRANT SELECT, INSERT ON reconciliation.mapping TO sankofa_reconciliation;
