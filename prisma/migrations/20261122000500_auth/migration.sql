-- Who may call us: merchants and their API keys, keys of the admin API, and people of the back-office. Secrets are never
-- stored: of a key its SHA-256 (it holds 192 random bits), of a password its argon2id hash.

CREATE TABLE auth.merchant (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  -- Our fee in basis points of each captured amount.
  platform_fee_bps integer NOT NULL CHECK (platform_fee_bps BETWEEN 0 AND 10000),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'closed')),
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE auth.merchant IS 'The fintechs that use this system. Everything a merchant owns carries its id.';

CREATE TABLE auth.api_key (
  id uuid PRIMARY KEY,
  merchant_id uuid NOT NULL REFERENCES auth.merchant (id),
  livemode boolean NOT NULL,
  key_hash bytea NOT NULL CHECK (length(key_hash) = 32),
  last4 text NOT NULL CHECK (length(last4) = 4),
  name text CHECK (length(name) BETWEEN 1 AND 200),
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  CONSTRAINT api_key_hash_unique UNIQUE (key_hash)
);
-- The list of a merchant's keys, newest first (ids are time-ordered).
CREATE INDEX api_key_merchant_idx ON auth.api_key (merchant_id, id);
COMMENT ON TABLE auth.api_key IS 'Keys of merchants (sk_test_, sk_live_). The kernel checks requests against a projection of this table fed by events.';

CREATE TABLE auth.admin_key (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  key_hash bytea NOT NULL CHECK (length(key_hash) = 32),
  last4 text NOT NULL CHECK (length(last4) = 4),
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  CONSTRAINT admin_key_hash_unique UNIQUE (key_hash)
);
COMMENT ON TABLE auth.admin_key IS 'Keys of the admin API (ak_). Made with the command line only.';

CREATE TABLE auth.admin_user (
  id uuid PRIMARY KEY,
  email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  -- argon2id in PHC form: its parameters and salt stand in the string.
  password_hash text NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT admin_user_email_unique UNIQUE (email)
);
COMMENT ON TABLE auth.admin_user IS 'People who may sign in to the back-office.';

-- Nothing is ever deleted, and of what exists only these columns may change.
GRANT SELECT, INSERT ON auth.merchant, auth.api_key, auth.admin_key, auth.admin_user TO sankofa_auth;
GRANT UPDATE (revoked_at) ON auth.api_key, auth.admin_key TO sankofa_auth;
GRANT UPDATE (password_hash) ON auth.admin_user TO sankofa_auth;
