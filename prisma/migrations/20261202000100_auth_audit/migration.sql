-- What admins did, and what changed about who may do what. Each entry holds the hash of the one before, so that none can be changed or taken out unseen.
CREATE TABLE auth.audit_entry (
  seq        bigint PRIMARY KEY CHECK (seq > 0),
  id         uuid NOT NULL,
  at         timestamptz NOT NULL,
  type       text NOT NULL,
  actor_id   uuid,
  request_id text NOT NULL,
  route      text,
  status     integer,
  content    text NOT NULL,
  hash       bytea NOT NULL CHECK (length(hash) = 32)
);
CREATE UNIQUE INDEX audit_entry_id ON auth.audit_entry (id);
CREATE INDEX audit_entry_actor ON auth.audit_entry (actor_id, seq);
CREATE INDEX audit_entry_request ON auth.audit_entry (request_id, seq);
CREATE INDEX audit_entry_type ON auth.audit_entry (type, seq);
CREATE INDEX audit_entry_at ON auth.audit_entry (at);
COMMENT ON TABLE auth.audit_entry IS 'The audit log. seq counts without gaps; the columns between id and content repeat what stands in content, to be searched by.';
COMMENT ON COLUMN auth.audit_entry.content IS 'The entry itself, as the JSON text that is hashed.';
COMMENT ON COLUMN auth.audit_entry.hash IS 'SHA-256 of the hash before (32 zero bytes before the first), seq as 8 bytes big-endian, and content in UTF-8.';

-- Whoever owns the table passes every GRANT, so a trigger stands behind the grants.
CREATE FUNCTION auth.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is not changed' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER audit_entry_is_final BEFORE UPDATE OR DELETE ON auth.audit_entry FOR EACH ROW EXECUTE FUNCTION auth.refuse_change();
CREATE TRIGGER audit_entry_stays BEFORE TRUNCATE ON auth.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION auth.refuse_change();

GRANT SELECT, INSERT ON auth.audit_entry TO sankofa_auth;
