-- The self-audit: accounts against what their entries, holds and pending transfers add up to, over and over.

-- Up to which version an account's entries have been added up, so that each round reads what is new alone. Nothing but speed depends on it:
-- before an account is held to have drifted, it is added up from its first entry on.
CREATE TABLE ledger.audit_checkpoint (
  account_id uuid PRIMARY KEY,
  account_version bigint NOT NULL,
  debits bigint NOT NULL,
  credits bigint NOT NULL
);
-- Where the walk is, for all processes together.
CREATE TABLE ledger.audit_walk (
  id int PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  after_id uuid NOT NULL,
  rounds bigint NOT NULL DEFAULT 0,
  round_began_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO ledger.audit_walk (after_id) VALUES ('00000000-0000-0000-0000-000000000000');

CREATE TABLE ledger.account_drift (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  totals jsonb NOT NULL,
  frozen boolean NOT NULL,
  found_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE UNIQUE INDEX account_drift_open ON ledger.account_drift (account_id) WHERE ended_at IS NULL;
COMMENT ON TABLE ledger.account_drift IS 'Accounts that were found to be something else than they add up to: which totals, what stands and what they add up to. ended_at is when it was so no more, or when another finding took its place.';

-- All there is to be read for what holds have pending, however many have ended.
CREATE INDEX hold_pending ON ledger.hold (subject_id) WHERE state = 'pending';

-- Adds an account up while nobody can post to it, freezes it when it has drifted, and notes that. base_* is what its entries up to
-- base_version add up to: what is read under the lock are those after it.
--   totals   what has drifted, [{column, stands, adds_up_to}]; null when nothing has
--   is_new   whether it was not known yet, or was opened again meanwhile
CREATE FUNCTION ledger.judge_account(
  account uuid, drift_id uuid, base_version bigint, base_debits bigint, base_credits bigint, freezes text, reason text,
  OUT totals jsonb, OUT is_frozen boolean, OUT is_new boolean, OUT found_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  a ledger.account;
  open_drift ledger.account_drift;
  mark bigint;
  versions bigint; highest bigint; debits bigint; credits bigint; last_balance bigint;
  held_debits bigint; held_credits bigint;
  day_debits bigint; day_credits bigint; rolled_debits bigint; rolled_credits bigint;
BEGIN
  found_at := clock_timestamp();
  is_new := false;
  SELECT * INTO a FROM ledger.account x WHERE x.id = account FOR NO KEY UPDATE;
  IF a.id IS NULL THEN RETURN; END IF;
  -- Whoever rolls up waits, and is not waited for with it locked.
  SELECT r.account_version INTO mark FROM ledger.rolled_up r WHERE r.account_id = account FOR UPDATE;
  mark := coalesce(mark, 0);

  -- After the locks, by snapshots of their own.
  SELECT base_version + count(*), max(e.account_version),
    (base_debits + coalesce(sum(e.amount) FILTER (WHERE e.direction = 'debit'), 0))::bigint,
    (base_credits + coalesce(sum(e.amount) FILTER (WHERE e.direction = 'credit'), 0))::bigint
  INTO versions, highest, debits, credits FROM ledger.entry e WHERE e.account_id = account AND e.account_version > base_version;
  SELECT e.balance INTO last_balance FROM ledger.entry e WHERE e.account_id = account ORDER BY e.account_version DESC LIMIT 1;
  SELECT coalesce(sum(p.debits), 0)::bigint, coalesce(sum(p.credits), 0)::bigint INTO held_debits, held_credits
  FROM (
    SELECT CASE WHEN h.debit_account_id = account THEN h.amount - h.second_amount ELSE 0 END
        + CASE WHEN h.second_debit_account_id = account THEN h.second_amount ELSE 0 END AS debits,
      CASE WHEN h.credit_account_id = account THEN h.amount ELSE 0 END AS credits
    FROM ledger.hold h WHERE h.state = 'pending' AND account IN (h.debit_account_id, h.second_debit_account_id, h.credit_account_id)
    UNION ALL
    SELECT CASE WHEN t.debit_account_id = account THEN t.amount ELSE 0 END, CASE WHEN t.credit_account_id = account THEN t.amount ELSE 0 END
    FROM ledger.open_pending o JOIN ledger.transfer t ON t.id = o.transfer_id WHERE account IN (t.debit_account_id, t.credit_account_id)
  ) p;
  SELECT coalesce(sum(d.debits), 0)::bigint, coalesce(sum(d.credits), 0)::bigint INTO day_debits, day_credits
  FROM ledger.day_total d WHERE d.account_id = account;
  SELECT (debits - coalesce(sum(e.amount) FILTER (WHERE e.direction = 'debit'), 0))::bigint,
    (credits - coalesce(sum(e.amount) FILTER (WHERE e.direction = 'credit'), 0))::bigint
  INTO rolled_debits, rolled_credits FROM ledger.entry e WHERE e.account_id = account AND e.account_version > mark;

  SELECT jsonb_agg(jsonb_build_object('column', v.name, 'stands', v.stands::text, 'adds_up_to', v.sum::text) ORDER BY v.position) INTO totals
  FROM (VALUES
    (1, 'debits_posted', a.debits_posted, debits),
    (2, 'credits_posted', a.credits_posted, credits),
    (3, 'debits_pending', a.debits_pending, held_debits),
    (4, 'credits_pending', a.credits_pending, held_credits),
    (5, 'version', a.version, greatest(versions, highest)),
    (6, 'balance', coalesce(last_balance, 0), CASE a.normal_side WHEN 'debit' THEN debits - credits ELSE credits - debits END),
    (7, 'day_totals', day_debits, rolled_debits),
    (8, 'day_totals', day_credits, rolled_credits)
  ) AS v (position, name, stands, sum) WHERE v.stands <> v.sum;

  SELECT * INTO open_drift FROM ledger.account_drift d WHERE d.account_id = account AND d.ended_at IS NULL;
  IF totals IS NULL THEN
    UPDATE ledger.account_drift d SET ended_at = judge_account.found_at WHERE d.id = open_drift.id;
    RETURN;
  END IF;
  is_frozen := a.state <> 'open';
  IF a.state = 'open' AND (freezes = 'all' OR a.merchant_id IS NOT NULL) THEN
    PERFORM ledger.change_account_state(account, 'frozen', reason, 'system', NULL);
    is_frozen := true;
    is_new := true;
  END IF;
  is_new := is_new OR open_drift.id IS NULL OR open_drift.totals <> totals;
  IF is_new THEN
    UPDATE ledger.account_drift d SET ended_at = judge_account.found_at WHERE d.id = open_drift.id;
    INSERT INTO ledger.account_drift (id, account_id, totals, frozen, found_at) VALUES (drift_id, account, totals, is_frozen, found_at);
  END IF;
END
$$;

GRANT SELECT, INSERT, UPDATE (account_version, debits, credits) ON ledger.audit_checkpoint TO sankofa_ledger;
GRANT SELECT, UPDATE (after_id, rounds, round_began_at) ON ledger.audit_walk TO sankofa_ledger;
GRANT SELECT ON ledger.account_drift TO sankofa_ledger;
REVOKE ALL ON FUNCTION ledger.judge_account FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.judge_account TO sankofa_ledger;
