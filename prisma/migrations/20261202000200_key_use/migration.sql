-- When a key was last used: noted where it is checked, and told to auth, which shows it.
ALTER TABLE access.credential
  ADD COLUMN last_used_at timestamptz,
  ADD COLUMN told_used_at timestamptz,
  ADD COLUMN is_use_untold boolean GENERATED ALWAYS AS (last_used_at IS DISTINCT FROM told_used_at) STORED;
CREATE INDEX credential_untold ON access.credential (is_use_untold, key_id);
COMMENT ON COLUMN access.credential.last_used_at IS 'To the minute.';

ALTER TABLE auth.api_key ADD COLUMN last_used_at timestamptz;
ALTER TABLE auth.admin_key ADD COLUMN last_used_at timestamptz;
COMMENT ON COLUMN auth.api_key.last_used_at IS 'To the minute, and some seconds late. Null: not since this is noted.';
GRANT UPDATE (last_used_at) ON auth.api_key, auth.admin_key TO sankofa_auth;
