-- A key may be limited to parts of the API; and it may end by itself: when it is rolled, it works on for a while beside the one that takes its place.
ALTER TABLE auth.api_key
  ADD COLUMN scopes text[] CHECK (cardinality(scopes) > 0),
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN replaces uuid CONSTRAINT api_key_replaces_fkey REFERENCES auth.api_key (id) ON DELETE NO ACTION ON UPDATE NO ACTION;
-- A key is rolled once.
CREATE UNIQUE INDEX api_key_replaces_once ON auth.api_key (replaces);
COMMENT ON COLUMN auth.api_key.scopes IS 'What it is limited to, as <area>:read or <area>:write. Null: everything.';
COMMENT ON COLUMN auth.api_key.replaces IS 'The key in whose place it was made.';
GRANT UPDATE (expires_at) ON auth.api_key TO sankofa_auth;

ALTER TABLE access.credential ADD COLUMN scopes text[], ADD COLUMN expires_at timestamptz;
