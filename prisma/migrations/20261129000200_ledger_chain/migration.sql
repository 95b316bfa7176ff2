-- The ledger's proof: entries, transfers, accounts and their changes of state as leaves of blocks, each of which names the block before it.
--
-- Nothing is written while transfers are posted that have entries: an account's versions have no gaps and become visible in their order,
-- so the account itself tells what of it has not been chained.

-- 1. What has no entry to be found by: transfers that move nothing, and changes of state.

CREATE TABLE ledger.fact_due (
  kind smallint NOT NULL CHECK (kind IN (3, 4)),
  id uuid NOT NULL,
  number int NOT NULL DEFAULT 0
);
COMMENT ON TABLE ledger.fact_due IS 'Facts that are in no block yet: transfers without entries (3, number 0) and changes of an account''s state (4). Rows are added and taken away, never changed.';

-- On the table of those that have not ended, which single transfers never touch: a pending transfer comes into it, and what ends it takes it out.
CREATE FUNCTION ledger.note_pending_due() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO ledger.fact_due (kind, id) VALUES (3, NEW.transfer_id);
  RETURN NULL;
END
$$;
CREATE FUNCTION ledger.note_end_due() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  -- One that was posted has entries.
  INSERT INTO ledger.fact_due (kind, id) SELECT 3, t.id FROM ledger.transfer t WHERE t.pending_id = OLD.transfer_id AND t.phase IN ('void', 'expire');
  RETURN NULL;
END
$$;
CREATE FUNCTION ledger.note_state_change_due() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO ledger.fact_due (kind, id, number) VALUES (4, NEW.account_id, NEW.number);
  RETURN NULL;
END
$$;
CREATE TRIGGER to_be_chained AFTER INSERT ON ledger.open_pending FOR EACH ROW EXECUTE FUNCTION ledger.note_pending_due();
CREATE TRIGGER end_to_be_chained AFTER DELETE ON ledger.open_pending FOR EACH ROW EXECUTE FUNCTION ledger.note_end_due();
CREATE TRIGGER to_be_chained AFTER INSERT ON ledger.account_state_change FOR EACH ROW EXECUTE FUNCTION ledger.note_state_change_due();
INSERT INTO ledger.fact_due (kind, id) SELECT 3, id FROM ledger.transfer WHERE phase IN ('pending', 'void', 'expire') ORDER BY id;
INSERT INTO ledger.fact_due (kind, id, number) SELECT 4, account_id, number FROM ledger.account_state_change ORDER BY account_id, number;

-- 2. The chain.

CREATE TABLE ledger.block (
  height bigint PRIMARY KEY CHECK (height > 0),
  previous_hash bytea NOT NULL CHECK (octet_length(previous_hash) = 32),
  leaves_root bytea NOT NULL CHECK (octet_length(leaves_root) = 32),
  spans_hash bytea NOT NULL CHECK (octet_length(spans_hash) = 32),
  leaf_count int NOT NULL CHECK (leaf_count > 0),
  entries bigint NOT NULL,
  leaves bigint NOT NULL,
  chained_at timestamptz NOT NULL,
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  span_kinds smallint[] NOT NULL,
  span_ids uuid[] NOT NULL,
  span_firsts bigint[] NOT NULL,
  span_counts int[] NOT NULL,
  digests bytea NOT NULL,
  CONSTRAINT block_digests CHECK (octet_length(digests) = 64 * leaf_count)
);
-- Hashes do not compress: trying to costs more than the rest of an append.
ALTER TABLE ledger.block ALTER COLUMN digests SET STORAGE EXTERNAL;
COMMENT ON TABLE ledger.block IS 'Immutable. What was chained, in order: each span is an account (1), so many entries of an account from a version on (2), a transfer without entries (3) or a change of an account''s state (4).';
COMMENT ON COLUMN ledger.block.entries IS 'Entries in this block and all before it; leaves likewise.';
COMMENT ON COLUMN ledger.block.digests IS '64 bytes for each leaf: the digest of the fact, and of the transfer that an entry belongs to (zeros otherwise). The tree is built of them, and they tell which of its leaves was changed.';
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.block FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TABLE ledger.chained (
  kind smallint NOT NULL CHECK (kind IN (1, 3, 4)),
  id uuid NOT NULL,
  last bigint NOT NULL,
  height bigint NOT NULL,
  leaf int NOT NULL,
  PRIMARY KEY (kind, id, last)
);
COMMENT ON TABLE ledger.chained IS 'Immutable. Where a fact is: of an account (1), last is the last version of a span, 0 for the account itself; leaf is the position of the span''s first leaf in its block.';
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.chained FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TABLE ledger.head (
  height bigint NOT NULL,
  key_id text NOT NULL,
  block_hash bytea NOT NULL,
  entries bigint NOT NULL,
  signed_at timestamptz NOT NULL,
  signature bytea NOT NULL,
  PRIMARY KEY (height, key_id)
);
COMMENT ON TABLE ledger.head IS 'Immutable. Signed statements that the chain had this block at this height. Kept elsewhere too, since whoever can rewrite the chain can take them away here.';
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.head FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- Takes facts that are due, in the transaction that puts them into a block.
CREATE FUNCTION ledger.take_facts_due(most int) RETURNS TABLE (kind smallint, id uuid, number int)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  DELETE FROM ledger.fact_due WHERE ctid IN (SELECT d.ctid FROM ledger.fact_due d LIMIT most FOR UPDATE SKIP LOCKED)
  RETURNING fact_due.kind, fact_due.id, fact_due.number
$$;

-- Adds a block. Whoever chains at the same time waits here, and is told that the chain has moved on (40001): a block goes on from the last
-- one, and each span of an account from where the account's last span ended.
CREATE FUNCTION ledger.append_block(
  new_height bigint, previous bytea, root bytea, spans bytea, at timestamptz, new_hash bytea, added_entries int,
  kinds smallint[], ids uuid[], firsts bigint[], counts int[], new_digests bytea
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  last ledger.block;
  size int := (SELECT sum(c) FROM unnest(counts) AS c);
  wrong int;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('sankofa.ledger.chain', 0));
  SELECT b.height, b.hash, b.entries, b.leaves INTO last.height, last.hash, last.entries, last.leaves
  FROM ledger.block b ORDER BY b.height DESC LIMIT 1;
  IF coalesce(last.height, 0) + 1 <> new_height OR coalesce(last.hash, decode(repeat('00', 32), 'hex')) <> previous THEN
    RAISE EXCEPTION 'the chain has moved on' USING ERRCODE = 'serialization_failure';
  END IF;
  SELECT count(*) INTO wrong
  FROM unnest(kinds, ids, firsts) AS s (kind, id, first)
    LEFT JOIN LATERAL (
      SELECT c.last FROM ledger.chained c WHERE c.kind = 1 AND c.id = s.id ORDER BY c.last DESC LIMIT 1
    ) was ON true
  WHERE CASE s.kind
    WHEN 1 THEN was.last IS NOT NULL
    WHEN 2 THEN coalesce(was.last, CASE WHEN (1, s.id) IN (SELECT k, i FROM unnest(kinds, ids) AS n (k, i)) THEN 0 END) IS DISTINCT FROM s.first - 1
    ELSE false END;
  IF wrong > 0 THEN
    RAISE EXCEPTION '% spans do not go on from what is chained', wrong USING ERRCODE = 'serialization_failure';
  END IF;
  INSERT INTO ledger.block (height, previous_hash, leaves_root, spans_hash, leaf_count, entries, leaves, chained_at, hash,
    span_kinds, span_ids, span_firsts, span_counts, digests)
  VALUES (new_height, previous, root, spans, size, coalesce(last.entries, 0) + added_entries, coalesce(last.leaves, 0) + size, at, new_hash,
    kinds, ids, firsts, counts, new_digests);
  INSERT INTO ledger.chained (kind, id, last, height, leaf)
  SELECT CASE s.kind WHEN 2 THEN 1 ELSE s.kind END, s.id,
    CASE s.kind WHEN 2 THEN s.first + s.count - 1 WHEN 4 THEN s.first ELSE 0 END, new_height,
    (sum(s.count) OVER (ORDER BY s.position) - s.count)::int
  FROM unnest(kinds, ids, firsts, counts) WITH ORDINALITY AS s (kind, id, first, count, position);
END
$$;

GRANT SELECT ON ledger.fact_due, ledger.block, ledger.chained TO sankofa_ledger;
GRANT SELECT, INSERT ON ledger.head TO sankofa_ledger;
REVOKE ALL ON FUNCTION ledger.take_facts_due, ledger.append_block FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.take_facts_due, ledger.append_block TO sankofa_ledger;
