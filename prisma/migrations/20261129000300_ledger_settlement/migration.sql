-- Settlement: when what was captured becomes available, what is kept back for a while, and what was released.
--
-- The rule: an account from which money is released (merchant_pending, merchant_rolling_reserve) gives what can be drawn from it less what
-- waits there, that is, less what is not due. Whatever refunds and payouts have drawn before it was due is so made good by what becomes due
-- first, and whatever came back is released with the next.

-- 1. Policies.

CREATE TABLE ledger.settlement_policy (
  id uuid PRIMARY KEY,
  merchant_id uuid,
  currency text CHECK (currency ~ '^[A-Z]{3}$'),
  version int NOT NULL CHECK (version > 0),
  content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'),
  valid_from timestamptz NOT NULL,
  note text NOT NULL CHECK (length(note) BETWEEN 1 AND 500),
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT settlement_policy_version UNIQUE NULLS NOT DISTINCT (merchant_id, currency, version)
);
COMMENT ON TABLE ledger.settlement_policy IS 'Immutable. When captured money becomes available and what of it is kept back: per merchant (null: all that have none of their own) and currency (null: all), the version with the latest valid_from that is not in the future.';
COMMENT ON COLUMN ledger.settlement_policy.created_by IS 'The admin key.';
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.settlement_policy FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- 2. What waits, and what was released.

CREATE TABLE ledger.settlement (
  capture_id uuid NOT NULL,
  account_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('capture', 'reserve')),
  payment_id uuid NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  given_back bigint NOT NULL DEFAULT 0,
  due_at timestamptz,
  by_proof boolean NOT NULL,
  proved_at timestamptz,
  policy_id uuid,
  PRIMARY KEY (capture_id, account_id)
);
CREATE INDEX settlement_due ON ledger.settlement (account_id, due_at);
COMMENT ON TABLE ledger.settlement IS 'One row per capture and account on which a part of it waits. capture_id is the transfer that booked the capture. It was released when its account''s settled_until is not before due_at, by the release in whose span that lies.';
COMMENT ON COLUMN ledger.settlement.amount IS 'What of the capture came to the account: on merchant_pending, less our fee and what is kept back.';
COMMENT ON COLUMN ledger.settlement.given_back IS 'By refunds that hold it or have given it back: it waits for nothing any more. Below zero where a refund was heard of before the capture was booked, and failed after.';
COMMENT ON COLUMN ledger.settlement.due_at IS 'Null: not before it is proved. Always later than settled_until was when it was set.';
COMMENT ON COLUMN ledger.settlement.by_proof IS 'Whether it is due as soon as it is proved.';
COMMENT ON COLUMN ledger.settlement.policy_id IS 'What decided; null for the default.';

CREATE TABLE ledger.settling_account (
  account_id uuid PRIMARY KEY,
  settled_until timestamptz NOT NULL,
  waiting bigint NOT NULL CHECK (waiting >= 0),
  releases int NOT NULL CHECK (releases >= 0),
  next_due timestamptz,
  shut_until timestamptz NOT NULL
)
-- Changes with every batch of captures: half of each page stays free.
WITH (fillfactor = 50);
CREATE INDEX settling_account_due ON ledger.settling_account (next_due) WHERE next_due IS NOT NULL;
COMMENT ON TABLE ledger.settling_account IS 'How far accounts are settled. Changed under the lock of the account alone, except next_due, which is when to look at it again.';
COMMENT ON COLUMN ledger.settling_account.waiting IS 'The sum over settlement of what is due later than settled_until, or not at all, less what was given back of it.';
COMMENT ON COLUMN ledger.settling_account.shut_until IS 'It, or the account of what is available, was found frozen: not looked at before.';

CREATE TABLE ledger.release (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  number int NOT NULL CHECK (number > 0),
  settled_from timestamptz NOT NULL,
  settled_until timestamptz NOT NULL CHECK (settled_until > settled_from),
  payments int NOT NULL CHECK (payments >= 0),
  matured bigint NOT NULL CHECK (matured >= 0),
  amount bigint NOT NULL CHECK (amount >= 0),
  transfer_id uuid,
  released_at timestamptz NOT NULL,
  CONSTRAINT release_number UNIQUE (account_id, number),
  CONSTRAINT release_transfer CHECK ((transfer_id IS NULL) = (amount = 0))
);
COMMENT ON TABLE ledger.release IS 'Immutable. What was released from an account: it contains the settlements of the account that were due after settled_from and not after settled_until. matured less amount is what had been drawn before it was due, or (below zero) what came back of that.';
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.release FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TABLE ledger.capture_proof (
  capture_id uuid PRIMARY KEY,
  proved_at timestamptz NOT NULL
);
CREATE INDEX capture_proof_proved ON ledger.capture_proof (proved_at);
COMMENT ON TABLE ledger.capture_proof IS 'Captures that gateways'' own books confirm, until their settlement says so itself. One may be here before its capture is booked.';

-- What a settlement adds to what waits.
CREATE FUNCTION ledger.still_waiting(amount bigint, given_back bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$ SELECT amount - least(amount, greatest(given_back, 0)) $$;

-- Notes what waits. After posting, in the same transaction, which holds the accounts' locks.
-- due_times: null where it is not due before it is proved, or ever.
CREATE FUNCTION ledger.await_settlement(
  capture_ids uuid[], account_ids uuid[], kinds text[], payment_ids uuid[], amounts bigint[],
  due_times timestamptz[], by_proof boolean[], policy_ids uuid[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
  INSERT INTO ledger.settling_account (account_id, settled_until, waiting, releases, shut_until)
  SELECT DISTINCT t.id, timestamptz 'epoch', 0, 0, timestamptz 'epoch' FROM unnest(account_ids) AS t (id)
  ORDER BY t.id ON CONFLICT DO NOTHING;
  PERFORM 1 FROM ledger.settling_account s WHERE s.account_id = ANY (account_ids) ORDER BY s.account_id FOR NO KEY UPDATE;
  WITH added AS (
    INSERT INTO ledger.settlement (capture_id, account_id, kind, payment_id, amount, due_at, by_proof, policy_id)
    SELECT t.capture_id, t.account_id, t.kind, t.payment_id, t.amount,
      -- What is heard of late is due at once, but never in the span of a release that was made.
      CASE WHEN t.due_at IS NOT NULL THEN greatest(t.due_at, s.settled_until + interval '1 microsecond') END, t.by_proof, t.policy_id
    FROM unnest(capture_ids, account_ids, kinds, payment_ids, amounts, due_times, by_proof, policy_ids)
      AS t (capture_id, account_id, kind, payment_id, amount, due_at, by_proof, policy_id)
      JOIN ledger.settling_account s ON s.account_id = t.account_id
    ORDER BY t.capture_id
    ON CONFLICT DO NOTHING RETURNING account_id, amount, due_at
  ), summed AS (
    SELECT a.account_id, sum(a.amount)::bigint AS amount, min(a.due_at) AS due_at FROM added a GROUP BY a.account_id
  )
  UPDATE ledger.settling_account s SET waiting = s.waiting + summed.amount, next_due = least(s.next_due, summed.due_at)
  FROM summed WHERE s.account_id = summed.account_id;
END
$$;

-- Notes what refunds of captures take, or (below zero) do not take after all: what is given back waits for nothing. In the transaction
-- that holds the accounts' locks, after ledger.hold_funds. Each pair of capture and account once.
CREATE FUNCTION ledger.note_given_back(capture_ids uuid[], account_ids uuid[], amounts bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
  PERFORM 1 FROM ledger.settling_account s WHERE s.account_id = ANY (account_ids) ORDER BY s.account_id FOR NO KEY UPDATE;
  WITH changed AS (
    UPDATE ledger.settlement i SET given_back = i.given_back + t.amount
    FROM unnest(capture_ids, account_ids, amounts) AS t (capture_id, account_id, amount)
    WHERE i.capture_id = t.capture_id AND i.account_id = t.account_id
    RETURNING i.account_id, i.due_at,
      ledger.still_waiting(i.amount, i.given_back) - ledger.still_waiting(i.amount, i.given_back - t.amount) AS difference
  ), summed AS (
    SELECT c.account_id, sum(c.difference)::bigint AS difference
    FROM changed c JOIN ledger.settling_account s ON s.account_id = c.account_id
    WHERE c.due_at IS NULL OR c.due_at > s.settled_until GROUP BY c.account_id
  )
  UPDATE ledger.settling_account s SET waiting = s.waiting + summed.difference
  FROM summed WHERE s.account_id = summed.account_id AND summed.difference <> 0;
END
$$;

-- Releases what is due on each of the accounts, to the one of what is available that stands beside it, all in one transaction, and answers:
--   released  something became due, or something had come back that was; amounts holds what was moved, 0 where nothing was left of it
--   nothing   neither
--   stale     another release was made since the caller looked (numbers holds how many there were)
--   shut      the account, or the one of what is available, takes no postings at the moment
--   early     the clock stands before the last release
-- What a proof makes due is due from now on. again_after: when to look again at what is shut, or is due and held by a refund or payout.
CREATE FUNCTION ledger.release_settled(
  account_ids uuid[], available_ids uuid[], numbers int[], release_ids uuid[], transfer_ids uuid[], kinds text[], again_after interval,
  OUT outcomes text[], OUT payments int[], OUT amounts bigint[], OUT released_at timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  size int := coalesce(cardinality(account_ids), 0);
  sides uuid[];
  untils timestamptz[]; waits bigint[]; balances bigint[]; frees bigint[]; matured bigint[]; ready uuid[];
  moved int[] := '{}';
  results text[];
  i int;
BEGIN
  outcomes := '{}';
  IF size = 0 THEN RETURN; END IF;
  sides := ARRAY(SELECT DISTINCT t.id FROM unnest(account_ids || available_ids) AS t (id));

  -- As whoever posts does, and then, in the same order, as whoever notes what waits.
  PERFORM 1 FROM ledger.account a WHERE a.id = ANY (sides) ORDER BY a.id FOR NO KEY UPDATE;
  PERFORM 1 FROM ledger.settling_account s WHERE s.account_id = ANY (account_ids) ORDER BY s.account_id FOR NO KEY UPDATE;
  released_at := clock_timestamp();

  SELECT array_agg(CASE WHEN s.releases <> w.number THEN 'stale' WHEN a.state <> 'open' OR v.state <> 'open' THEN 'shut'
      WHEN released_at <= s.settled_until THEN 'early' ELSE 'nothing' END ORDER BY w.position),
    array_agg(s.settled_until ORDER BY w.position), array_agg(s.waiting ORDER BY w.position),
    array_agg(a.credits_posted - a.debits_posted ORDER BY w.position),
    array_agg(a.credits_posted - a.debits_posted - a.debits_pending ORDER BY w.position)
  INTO outcomes, untils, waits, balances, frees
  FROM unnest(account_ids, available_ids, numbers) WITH ORDINALITY AS w (id, available, number, position)
    JOIN ledger.settling_account s ON s.account_id = w.id JOIN ledger.account a ON a.id = w.id JOIN ledger.account v ON v.id = w.available;
  IF cardinality(outcomes) IS DISTINCT FROM size THEN
    RAISE EXCEPTION 'accounts that are not settled, or do not exist' USING ERRCODE = 'foreign_key_violation';
  END IF;
  ready := ARRAY(SELECT t.id FROM unnest(account_ids, outcomes) AS t (id, outcome) WHERE t.outcome = 'nothing');

  WITH proved AS (
    DELETE FROM ledger.capture_proof p USING ledger.settlement i
    WHERE i.capture_id = p.capture_id AND i.account_id = ANY (ready) AND i.kind = 'capture'
    RETURNING i.capture_id, i.account_id, p.proved_at
  )
  UPDATE ledger.settlement i SET proved_at = proved.proved_at,
    due_at = CASE WHEN i.by_proof AND (i.due_at IS NULL OR i.due_at > released_at) THEN released_at ELSE i.due_at END
  FROM proved WHERE i.capture_id = proved.capture_id AND i.account_id = proved.account_id;

  SELECT array_agg(coalesce(due.payments, 0) ORDER BY w.position), array_agg(coalesce(due.amount, 0) ORDER BY w.position)
  INTO payments, matured
  FROM unnest(account_ids, untils) WITH ORDINALITY AS w (id, until, position)
    LEFT JOIN LATERAL (
      SELECT count(*)::int AS payments, sum(ledger.still_waiting(x.amount, x.given_back))::bigint AS amount FROM ledger.settlement x
      WHERE x.account_id = w.id AND x.due_at > w.until AND x.due_at <= released_at
    ) due ON w.id = ANY (ready);

  FOR i IN 1 .. size LOOP
    amounts[i] := 0;
    CONTINUE WHEN outcomes[i] <> 'nothing';
    waits[i] := waits[i] - matured[i];
    amounts[i] := greatest(frees[i] - waits[i], 0);
    IF amounts[i] > 0 THEN moved := moved || i; END IF;
    IF amounts[i] > 0 OR payments[i] > 0 THEN outcomes[i] := 'released'; END IF;
  END LOOP;

  INSERT INTO ledger.release (id, account_id, number, settled_from, settled_until, payments, matured, amount, transfer_id, released_at)
  SELECT r.id, r.account, r.number + 1, r.until, released_at, r.payments, r.matured, r.amount, CASE WHEN r.amount > 0 THEN r.transfer END, released_at
  FROM unnest(release_ids, account_ids, numbers, untils, payments, matured, amounts, transfer_ids, outcomes)
    AS r (id, account, number, until, payments, matured, amount, transfer, outcome)
  WHERE r.outcome = 'released';

  UPDATE ledger.settling_account s
  SET settled_until = released_at, waiting = r.waiting, releases = s.releases + CASE WHEN r.outcome = 'released' THEN 1 ELSE 0 END,
    -- What is due and held is released when it is no longer held, and nothing tells when that is.
    next_due = least((SELECT x.due_at FROM ledger.settlement x WHERE x.account_id = s.account_id AND x.due_at > released_at ORDER BY x.due_at LIMIT 1),
      CASE WHEN r.balance - r.amount > r.waiting THEN released_at + again_after END)
  FROM unnest(account_ids, outcomes, waits, balances, amounts) AS r (id, outcome, waiting, balance, amount)
  WHERE s.account_id = r.id AND r.outcome IN ('released', 'nothing');
  UPDATE ledger.settling_account s SET shut_until = released_at + again_after, next_due = released_at + again_after
  FROM unnest(account_ids, outcomes) AS r (id, outcome) WHERE s.account_id = r.id AND r.outcome IN ('shut', 'early');

  IF moved = '{}' THEN RETURN; END IF;
  results := ledger.post_transfers(sides,
    ARRAY(SELECT transfer_ids[m] FROM unnest(moved) AS t (m)),
    ARRAY(SELECT array_position(sides, account_ids[m]) FROM unnest(moved) AS t (m)),
    ARRAY(SELECT array_position(sides, available_ids[m]) FROM unnest(moved) AS t (m)),
    ARRAY(SELECT amounts[m] FROM unnest(moved) AS t (m)),
    ARRAY(SELECT kinds[m] FROM unnest(moved) AS t (m)),
    ARRAY(SELECT release_ids[m] FROM unnest(moved) AS t (m)),
    array_fill(released_at, ARRAY[cardinality(moved)]),
    ARRAY(SELECT n FROM generate_series(1, cardinality(moved)) AS t (n)));
  FOR i IN 1 .. cardinality(results) LOOP
    IF results[i] <> 'posted' THEN
      RAISE EXCEPTION 'release of %: %', account_ids[moved[i]], results[i] USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END LOOP;
END
$$;

-- 3. What was captured before there were settlements is due a day after it was, or when it is proved.
-- Our own fee is found by what it is about: a payment has one.
INSERT INTO ledger.settlement (capture_id, account_id, kind, payment_id, amount, due_at, by_proof)
SELECT c.id, c.credit_account_id, 'capture', c.subject_id, c.amount - coalesce(f.amount, 0), c.effective_at + interval '1 day', true
FROM ledger.transfer c LEFT JOIN ledger.transfer f ON f.kind = 'platform_fee' AND f.subject_id = c.subject_id AND f.debit_account_id = c.credit_account_id
WHERE c.kind = 'collection' AND c.amount > coalesce(f.amount, 0);
INSERT INTO ledger.settling_account (account_id, settled_until, waiting, releases, next_due, shut_until)
SELECT s.account_id, timestamptz 'epoch', sum(s.amount), 0, min(s.due_at), timestamptz 'epoch' FROM ledger.settlement s GROUP BY s.account_id;

GRANT SELECT, INSERT ON ledger.settlement_policy, ledger.capture_proof TO sankofa_ledger;
GRANT SELECT ON ledger.settlement, ledger.settling_account, ledger.release TO sankofa_ledger;
REVOKE ALL ON FUNCTION ledger.still_waiting, ledger.await_settlement, ledger.note_given_back, ledger.release_settled FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.await_settlement, ledger.note_given_back, ledger.release_settled TO sankofa_ledger;
