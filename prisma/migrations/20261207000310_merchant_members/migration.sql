-- A merchant's own people: whom Sankofa tells what concerns their merchant. They do not sign in anywhere. Who is removed is deleted.
CREATE TABLE auth.merchant_member (
  id          uuid PRIMARY KEY,
  merchant_id uuid NOT NULL CONSTRAINT merchant_member_merchant_id_fkey REFERENCES auth.merchant (id) ON DELETE NO ACTION ON UPDATE NO ACTION,
  email       text NOT NULL CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(email)),
  name        text CHECK (length(name) BETWEEN 1 AND 200),
  phone       text CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
  language    text NOT NULL CHECK (language IN ('en', 'fr')),
  subjects    text[] NOT NULL CHECK (cardinality(subjects) > 0 AND subjects <@ ARRAY['technical', 'finance', 'owner']),
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT merchant_member_email UNIQUE (merchant_id, email)
);
COMMENT ON TABLE auth.merchant_member IS 'Whom a merchant is told through, and of what. Personal data: rows are deleted when somebody is removed.';
COMMENT ON COLUMN auth.merchant_member.version IS 'Counts up with every change: events may arrive in any order.';
CREATE INDEX merchant_member_list ON auth.merchant_member (merchant_id, id);
GRANT SELECT, INSERT, DELETE ON auth.merchant_member TO sankofa_auth;
GRANT UPDATE (email, name, phone, language, subjects, version, updated_at) ON auth.merchant_member TO sankofa_auth;

CREATE TABLE notification.member (
  id          uuid PRIMARY KEY,
  merchant_id uuid NOT NULL,
  version     integer NOT NULL,
  language    text CHECK (language IN ('en', 'fr')),
  subjects    text[],
  sealed      jsonb,
  updated_at  timestamptz NOT NULL DEFAULT now(),
  CHECK ((sealed IS NULL) = (subjects IS NULL) AND (sealed IS NULL) = (language IS NULL))
);
COMMENT ON TABLE notification.member IS 'Copies of merchants'' members, from events of auth. Of who was removed nothing is left but that they were.';
COMMENT ON COLUMN notification.member.sealed IS 'Their addresses: a JWE under the master keys.';
CREATE INDEX member_merchant ON notification.member (merchant_id);
GRANT SELECT, INSERT ON notification.member TO sankofa_notification;
GRANT UPDATE (version, language, subjects, sealed, updated_at) ON notification.member TO sankofa_notification;

-- As in 20261204000300: forced on every table of merchants.
ALTER TABLE auth.merchant_member ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY program ON auth.merchant_member TO sankofa_auth USING (true) WITH CHECK (true);
ALTER TABLE notification.member ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY program ON notification.member TO sankofa_notification USING (true) WITH CHECK (true);
