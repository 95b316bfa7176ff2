-- Secrets of webhook endpoints are sealed under a master key that the database does not have (src/kernel/secrets). What an earlier version wrote is
-- signed with as it is, and sealed by `npm run cli -- master-key rotate`, which is run when no process of that version is left.
ALTER TABLE notification.endpoint_secret
  ALTER COLUMN secret DROP NOT NULL,
  ADD COLUMN sealed_secret jsonb CHECK (jsonb_typeof(sealed_secret) = 'object'),
  ADD CONSTRAINT endpoint_secret_once CHECK (num_nonnulls(secret, sealed_secret) = 1);
COMMENT ON TABLE notification.endpoint_secret IS 'Signing secrets, shown to the merchant once. The newest has no expiry, the one before it is valid until expires_at.';
COMMENT ON COLUMN notification.endpoint_secret.secret IS 'In plain text, as an earlier version kept it. Null: sealed.';
COMMENT ON COLUMN notification.endpoint_secret.sealed_secret IS 'A JWE under a data key of its own, that under a master key; opens only with the merchant, endpoint and generation of its row.';

GRANT UPDATE (secret, sealed_secret) ON notification.endpoint_secret TO sankofa_notification;
