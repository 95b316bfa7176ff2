-- What a day came to, for people who were not there: written once, when its run is over.

CREATE TABLE reconciliation.day_report (
  id uuid PRIMARY KEY,
  run_id uuid NOT NULL CONSTRAINT day_report_run_id_fkey REFERENCES reconciliation.run (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  gateway_account_id uuid NOT NULL,
  gateway text NOT NULL,
  livemode boolean NOT NULL,
  day date NOT NULL,
  figures jsonb NOT NULL,
  breaks jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT day_report_once UNIQUE (gateway_account_id, day)
);
COMMENT ON TABLE reconciliation.day_report IS 'What a daily run found, as it was when it ended. What is resolved later stands with the breaks.';
COMMENT ON COLUMN reconciliation.day_report.figures IS 'By kind and currency: what we say that moved, how much of it was matched, and what the gateway says.';
CREATE INDEX day_report_by_day ON reconciliation.day_report (day, id);
GRANT SELECT, INSERT ON reconciliation.day_report TO sankofa_reconciliation;
