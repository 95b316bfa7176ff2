-- What a merchant may send, where operators have set it apart from what all others may.
CREATE TABLE auth.merchant_limits (
  merchant_id     uuid PRIMARY KEY CONSTRAINT merchant_limits_merchant_id_fkey REFERENCES auth.merchant (id) ON DELETE NO ACTION ON UPDATE NO ACTION,
  version         integer NOT NULL DEFAULT 0,
  rate_per_second integer CHECK (rate_per_second BETWEEN 1 AND 1000000),
  burst           integer CHECK (burst BETWEEN 1 AND 10000000),
  max_in_flight   integer CHECK (max_in_flight BETWEEN 1 AND 100000),
  updated_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE auth.merchant_limits IS 'A merchant''s own limits of admission, per mode and process. Null: what the settings of the process say. Rows stay when limits are lifted, so that versions go on counting.';
COMMENT ON COLUMN auth.merchant_limits.version IS 'Counts up with every change: events may arrive in any order. 0: nothing was ever set.';
GRANT SELECT, INSERT ON auth.merchant_limits TO sankofa_auth;
GRANT UPDATE (version, rate_per_second, burst, max_in_flight, updated_at) ON auth.merchant_limits TO sankofa_auth;

CREATE TABLE access.merchant_limits (
  merchant_id     uuid PRIMARY KEY,
  version         integer NOT NULL,
  rate_per_second integer,
  burst           integer,
  max_in_flight   integer,
  updated_at      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE access.merchant_limits IS 'Admission''s own copy of merchants'' limits, built from events of auth: read together with a key, by whoever checks one.';
GRANT SELECT, INSERT, UPDATE ON access.merchant_limits TO sankofa_kernel;

-- As in 20261204000300: forced on every table of merchants.
ALTER TABLE auth.merchant_limits ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY program ON auth.merchant_limits TO sankofa_auth USING (true) WITH CHECK (true);
ALTER TABLE access.merchant_limits ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY program ON access.merchant_limits TO sankofa_kernel USING (true) WITH CHECK (true);
