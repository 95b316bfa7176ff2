-- People who work in the back-office: what they may do, how they are invited, sign in with two factors, and are let in by the guard's projection.

-- ------------------------------------------------------------------------------------------------------------ auth

CREATE TABLE auth.role (
  name        text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{1,39}$'),
  description text NOT NULL CHECK (length(description) BETWEEN 1 AND 200),
  permissions jsonb NOT NULL CHECK (jsonb_typeof(permissions) = 'object'),
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE auth.role IS 'Roles of the installation''s own, beside the built-in ones (src/modules/auth/admins/roles.ts).';
COMMENT ON COLUMN auth.role.permissions IS 'A level (none, read, manage, authorise) by area of /admin/v1; an area that is left out is none.';

ALTER TABLE auth.admin_user
  ADD COLUMN name text CHECK (length(name) BETWEEN 1 AND 200),
  -- Those of an earlier version could not sign in yet; whoever had a password was to run the place.
  ADD COLUMN role text NOT NULL DEFAULT 'owner' CHECK (role ~ '^[a-z][a-z0-9_]{1,39}$'),
  ADD COLUMN version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
  ADD COLUMN disabled_at timestamptz,
  ADD COLUMN totp_secret jsonb CHECK (jsonb_typeof(totp_secret) = 'object'),
  ADD COLUMN totp_confirmed_at timestamptz,
  ADD COLUMN totp_last_step bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT admin_user_confirmed_has_secret CHECK (totp_confirmed_at IS NULL OR totp_secret IS NOT NULL);
ALTER TABLE auth.admin_user ALTER COLUMN role DROP DEFAULT;
COMMENT ON COLUMN auth.admin_user.version IS 'Counts up with everything that changes what the person may do, so that the guard keeps the last of it.';
COMMENT ON COLUMN auth.admin_user.totp_secret IS 'A JWE under a data key of its own, that under a master key (src/kernel/secrets).';
COMMENT ON COLUMN auth.admin_user.totp_last_step IS 'The 30 seconds whose code was taken last: neither it nor an earlier one is taken again.';
CREATE INDEX admin_user_role ON auth.admin_user (role);
GRANT UPDATE (name, role, version, disabled_at, totp_secret, totp_confirmed_at, totp_last_step) ON auth.admin_user TO sankofa_auth;

CREATE TABLE auth.recovery_code (
  admin_id  uuid NOT NULL REFERENCES auth.admin_user (id),
  code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
  used_at   timestamptz,
  PRIMARY KEY (admin_id, code_hash)
);
COMMENT ON TABLE auth.recovery_code IS 'SHA-256 of codes that hold 80 random bits. Each stands in for the second factor once.';

CREATE TABLE auth.admin_session (
  id           uuid PRIMARY KEY,
  admin_id     uuid NOT NULL REFERENCES auth.admin_user (id),
  started_at   timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  ended_at     timestamptz,
  ended_reason text CHECK (ended_reason IN ('signed_out', 'password_changed', 'second_factor_changed', 'disabled', 'ended_by_admin')),
  address      text NOT NULL CHECK (length(address) <= 64),
  user_agent   text NOT NULL CHECK (length(user_agent) <= 300),
  CHECK ((ended_at IS NULL) = (ended_reason IS NULL))
);
CREATE INDEX admin_session_admin ON auth.admin_session (admin_id, id);
COMMENT ON TABLE auth.admin_session IS 'Who signed in, when and from where. The guard checks requests against its own projection, which alone knows the token''s hash.';

CREATE TABLE auth.admin_invitation (
  id           uuid PRIMARY KEY,
  email        text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  role         text NOT NULL CHECK (role ~ '^[a-z][a-z0-9_]{1,39}$'),
  token_hash   bytea NOT NULL CHECK (length(token_hash) = 32),
  invited_by   uuid,
  created_at   timestamptz NOT NULL DEFAULT now(),
  expires_at   timestamptz NOT NULL,
  accepted_at  timestamptz,
  accepted_by  uuid REFERENCES auth.admin_user (id),
  withdrawn_at timestamptz,
  open_email   text GENERATED ALWAYS AS (CASE WHEN accepted_at IS NULL AND withdrawn_at IS NULL THEN email END) STORED,
  CHECK ((accepted_at IS NULL) = (accepted_by IS NULL)),
  CHECK (accepted_at IS NULL OR withdrawn_at IS NULL)
);
CREATE UNIQUE INDEX admin_invitation_token ON auth.admin_invitation (token_hash);
-- Whoever is invited again has the last one alone.
CREATE UNIQUE INDEX admin_invitation_open ON auth.admin_invitation (open_email);
COMMENT ON COLUMN auth.admin_invitation.invited_by IS 'The admin, person or key; null: the command line.';

CREATE TABLE auth.attempt_count (
  subject      bytea NOT NULL CHECK (length(subject) = 32),
  window_start timestamptz NOT NULL,
  attempts     integer NOT NULL CHECK (attempts > 0),
  PRIMARY KEY (subject, window_start)
);
CREATE INDEX attempt_count_window ON auth.attempt_count (window_start);
COMMENT ON TABLE auth.attempt_count IS 'How often something was tried that may be tried a few times only: by a hash of what and who, in windows of time.';

ALTER TABLE auth.admin_key ADD COLUMN permissions jsonb CHECK (jsonb_typeof(permissions) = 'object');
COMMENT ON COLUMN auth.admin_key.permissions IS 'A level by area of /admin/v1. Null: everything.';

GRANT SELECT, INSERT ON auth.role, auth.recovery_code, auth.admin_session, auth.admin_invitation, auth.attempt_count TO sankofa_auth;
GRANT UPDATE (description, permissions, updated_at), DELETE ON auth.role TO sankofa_auth;
GRANT UPDATE (used_at), DELETE ON auth.recovery_code TO sankofa_auth;
GRANT UPDATE (ended_at, ended_reason) ON auth.admin_session TO sankofa_auth;
GRANT UPDATE (accepted_at, accepted_by, withdrawn_at) ON auth.admin_invitation TO sankofa_auth;
GRANT UPDATE (attempts), DELETE ON auth.attempt_count TO sankofa_auth;

-- ---------------------------------------------------------------------------------------------------------- access

ALTER TABLE access.credential ADD COLUMN permissions jsonb;

CREATE TABLE access.admin (
  admin_id    uuid PRIMARY KEY,
  version     bigint NOT NULL,
  permissions jsonb NOT NULL,
  disabled    boolean NOT NULL,
  updated_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE access.admin IS 'What people may do, by events of auth. The highest version is the one that holds.';

CREATE TABLE access.session (
  session_id   uuid PRIMARY KEY,
  admin_id     uuid,
  token_hash   bytea,
  expires_at   timestamptz,
  last_seen_at timestamptz,
  proved_at    timestamptz,
  ended_at     timestamptz
);
CREATE UNIQUE INDEX session_token_hash ON access.session (token_hash);
CREATE INDEX session_expires_at ON access.session (expires_at);
COMMENT ON TABLE access.session IS 'Sessions of people, by events of auth; when one was last used is noted here. What arrives before its start leaves a row that opens nothing.';
COMMENT ON COLUMN access.session.proved_at IS 'When the second factor was last shown. Null: there is none yet, and nothing is allowed but to set one up.';

GRANT SELECT, INSERT, UPDATE ON access.admin TO sankofa_kernel;
GRANT SELECT, INSERT, UPDATE, DELETE ON access.session TO sankofa_kernel;
