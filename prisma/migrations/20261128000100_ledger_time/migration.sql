-- What an account stood at: at a booked moment, and by effective day.

-- The last version of an account that was booked before a moment, or 0: booked times never decrease from one version to the next, so
-- twenty looks find it among a million.
CREATE FUNCTION ledger.version_before(account uuid, moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  low bigint := 0;
  high bigint;
  middle bigint;
  booked timestamptz;
BEGIN
  SELECT e.account_version INTO high FROM ledger.entry e WHERE e.account_id = account ORDER BY e.account_version DESC LIMIT 1;
  WHILE low < high LOOP
    middle := (low + high + 1) / 2;
    SELECT e.booked_at INTO booked FROM ledger.entry e WHERE e.account_id = account AND e.account_version = middle;
    IF booked < moment THEN low := middle; ELSE high := middle - 1; END IF;
  END LOOP;
  RETURN low;
END
$$;

-- Adds what was posted since to the totals by day, for at most so many accounts that have passed another thousand of entries. What
-- an account has beyond that is less than a second's reading, and is added up whenever it is asked for.
-- Answers how many it took; several may do this at once.
CREATE FUNCTION ledger.roll_up(most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  due record;
  was bigint;
  upto bigint;
  taken int := 0;
BEGIN
  FOR due IN
    WITH gone AS (
      DELETE FROM ledger.roll_up_due WHERE ctid IN (SELECT d.ctid FROM ledger.roll_up_due d LIMIT most FOR UPDATE SKIP LOCKED)
      RETURNING account_id, account_version
    )
    -- In id order, as all who lock rolled_up.
    SELECT account_id, max(account_version) AS version FROM gone GROUP BY account_id ORDER BY account_id
  LOOP
    taken := taken + 1;
    INSERT INTO ledger.rolled_up (account_id, account_version) VALUES (due.account_id, 0) ON CONFLICT DO NOTHING;
    SELECT r.account_version INTO was FROM ledger.rolled_up r WHERE r.account_id = due.account_id FOR UPDATE;
    CONTINUE WHEN was >= due.version;
    -- A second or so at a time; the rest is due again.
    upto := least(due.version, was + 200000);
    INSERT INTO ledger.day_total AS t (account_id, effective_on, debits, credits)
    SELECT due.account_id, e.effective_on, coalesce(sum(e.amount) FILTER (WHERE e.direction = 'debit'), 0)::bigint,
      coalesce(sum(e.amount) FILTER (WHERE e.direction = 'credit'), 0)::bigint
    FROM ledger.entry e WHERE e.account_id = due.account_id AND e.account_version > was AND e.account_version <= upto
    GROUP BY e.effective_on
    ON CONFLICT (account_id, effective_on) DO UPDATE SET debits = t.debits + excluded.debits, credits = t.credits + excluded.credits;
    UPDATE ledger.rolled_up r SET account_version = upto WHERE r.account_id = due.account_id;
    IF upto < due.version THEN
      INSERT INTO ledger.roll_up_due (account_id, account_version) VALUES (due.account_id, due.version);
    END IF;
  END LOOP;
  RETURN taken;
END
$$;

REVOKE ALL ON FUNCTION ledger.roll_up, ledger.version_before FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.roll_up, ledger.version_before TO sankofa_ledger;
