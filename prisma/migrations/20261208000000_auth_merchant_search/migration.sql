-- Merchants are found by how their names begin, in small letters.
ALTER TABLE auth.merchant ADD COLUMN name_key text COLLATE "C" GENERATED ALWAYS AS (lower(name)) STORED;
COMMENT ON COLUMN auth.merchant.name_key IS 'The name as it is searched for.';
CREATE INDEX merchant_name ON auth.merchant (name_key, id);
