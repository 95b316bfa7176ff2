-- What banks say: the lines of their statements, each once, in however many statements it stands.

CREATE TABLE reconciliation.bank_line (
  id uuid PRIMARY KEY,
  source_id uuid NOT NULL CONSTRAINT bank_line_source_id_fkey REFERENCES reconciliation.source (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ordinal integer NOT NULL,
  file_line integer NOT NULL,
  livemode boolean NOT NULL,
  account text NOT NULL CHECK (length(account) BETWEEN 1 AND 64),
  statement_id text,
  bank_id text,
  booked_on date NOT NULL,
  value_on date,
  amount bigint NOT NULL,
  currency text NOT NULL,
  is_reversal boolean NOT NULL,
  reference_texts jsonb NOT NULL,
  description text,
  parts jsonb NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE reconciliation.bank_line IS 'A booked entry of a bank account, as the first statement that had it says. The id is made of the account and what identifies the entry there.';
COMMENT ON COLUMN reconciliation.bank_line.account IS 'IBAN or the bank''s own number, without spaces, in capitals.';
COMMENT ON COLUMN reconciliation.bank_line.amount IS 'Minor units; below zero for what went out.';
COMMENT ON COLUMN reconciliation.bank_line.reference_texts IS 'By name, as the bank or the mapping calls them.';
COMMENT ON COLUMN reconciliation.bank_line.parts IS 'The transactions that the bank booked as one entry.';
CREATE INDEX bank_line_of_source ON reconciliation.bank_line (source_id, ordinal, id);
CREATE INDEX bank_line_listed ON reconciliation.bank_line (booked_on, id);
CREATE INDEX bank_line_by_day ON reconciliation.bank_line (account, currency, booked_on, id);
CREATE INDEX bank_line_by_amount ON reconciliation.bank_line (account, currency, amount, booked_on, id);

GRANT SELECT, INSERT ON reconciliation.bank_line TO sankofa_reconciliation;
