-- Credentials are sealed under a master key that the database does not have (src/kernel/secrets). What an earlier version wrote can be read, and is
-- sealed by the next change of the account or by `npm run cli -- master-key rotate`, which is run when no process of that version is left.
ALTER TABLE routing.gateway_account
  ALTER COLUMN credentials DROP NOT NULL,
  ADD COLUMN sealed_credentials jsonb CHECK (jsonb_typeof(sealed_credentials) = 'object'),
  ADD CONSTRAINT gateway_account_credentials_once CHECK (num_nonnulls(credentials, sealed_credentials) = 1);
COMMENT ON COLUMN routing.gateway_account.credentials IS 'In plain text, as an earlier version kept them. Null: sealed.';
COMMENT ON COLUMN routing.gateway_account.sealed_credentials IS 'A JWE under a data key of its own, that under a master key; opens only with the merchant, gateway and name of its row.';
