-- Two-phase transfers, linked groups, reversals, frozen and closed accounts; and entries that say when they were booked.

-- 1. Accounts that take no postings.

ALTER TABLE ledger.account
  ADD COLUMN state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'frozen', 'closed')),
  ADD COLUMN last_booked_at timestamptz,
  ADD CONSTRAINT account_closed_is_empty
    CHECK (state <> 'closed' OR debits_posted = credits_posted AND debits_pending = 0 AND credits_pending = 0);
COMMENT ON COLUMN ledger.account.last_booked_at IS 'No later booking is given an earlier time, whatever the clock says.';

CREATE TABLE ledger.account_state_change (
  account_id uuid NOT NULL,
  number int NOT NULL CHECK (number > 0),
  state text NOT NULL CHECK (state IN ('open', 'frozen', 'closed')),
  reason text NOT NULL CHECK (reason <> ''),
  actor text NOT NULL CHECK (actor IN ('merchant', 'operator', 'system')),
  actor_id uuid,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, number)
);
COMMENT ON TABLE ledger.account_state_change IS 'Immutable. Who froze, opened again or closed an account, why and when. actor_id is the key that was used; null for the system.';
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.account_state_change FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- 2. Transfers in two phases, and what names another transfer.

ALTER TABLE ledger.transfer
  ADD COLUMN phase text NOT NULL DEFAULT 'single',
  ADD COLUMN pending_id uuid,
  ADD COLUMN reverses_id uuid,
  ADD COLUMN expires_at timestamptz,
  ADD COLUMN group_id uuid,
  -- What is held for a refund or a payout ends by an event alone, so nothing that carries their name can expire.
  ADD CONSTRAINT transfer_phase CHECK (
    CASE phase
      WHEN 'single' THEN pending_id IS NULL AND reverses_id IS NULL AND expires_at IS NULL
      WHEN 'pending' THEN pending_id IS NULL AND reverses_id IS NULL AND (expires_at IS NULL OR kind NOT IN ('refund', 'payout'))
      WHEN 'reverse' THEN pending_id IS NULL AND reverses_id IS NOT NULL AND expires_at IS NULL
      ELSE phase IN ('post', 'void', 'expire') AND pending_id IS NOT NULL AND reverses_id IS NULL AND expires_at IS NULL
    END);
COMMENT ON COLUMN ledger.transfer.phase IS 'single, post and reverse move money and have two entries; pending holds it; void and expire give it free. The last two carry the amount that was held.';
COMMENT ON COLUMN ledger.transfer.group_id IS 'The first of the transfers that stood or fell together with this one.';
-- A pending transfer ends once.
CREATE UNIQUE INDEX transfer_ends ON ledger.transfer (pending_id) WHERE pending_id IS NOT NULL;
CREATE INDEX transfer_reverses ON ledger.transfer (reverses_id) WHERE reverses_id IS NOT NULL;

CREATE TABLE ledger.open_pending (
  transfer_id uuid PRIMARY KEY,
  expires_at timestamptz
);
CREATE INDEX open_pending_expiry ON ledger.open_pending (expires_at, transfer_id) WHERE expires_at IS NOT NULL;
COMMENT ON TABLE ledger.open_pending IS 'Pending transfers that have not ended: all that has to be looked through for those that expire.';

-- 3. When entries were booked, and for which day they count.

ALTER TABLE ledger.entry ADD COLUMN booked_at timestamptz, ADD COLUMN effective_on date;

-- What is there was booked when its transfer was made; and, since a transaction's time is that of its beginning, never before what
-- stands before it on either of its accounts.
DO $$
BEGIN
  CREATE TEMPORARY TABLE booking ON COMMIT DROP AS SELECT id, created_at AS at FROM ledger.transfer;
  ALTER TABLE booking ADD PRIMARY KEY (id);
  LOOP
    UPDATE booking b SET at = m.at
    FROM (
      SELECT r.transfer_id, max(r.running) AS at
      FROM (
        SELECT e.transfer_id, max(b.at) OVER (PARTITION BY e.account_id ORDER BY e.account_version) AS running
        FROM ledger.entry e JOIN booking b ON b.id = e.transfer_id
      ) r GROUP BY r.transfer_id
    ) m
    WHERE b.id = m.transfer_id AND b.at < m.at;
    EXIT WHEN NOT FOUND;
  END LOOP;
  ALTER TABLE ledger.entry DISABLE TRIGGER immutable;
  UPDATE ledger.entry e SET booked_at = b.at, effective_on = (t.effective_at AT TIME ZONE 'UTC')::date
  FROM booking b JOIN ledger.transfer t ON t.id = b.id WHERE b.id = e.transfer_id;
  ALTER TABLE ledger.entry ENABLE TRIGGER immutable;
  UPDATE ledger.account a SET last_booked_at = e.at
  FROM (SELECT account_id, max(booked_at) AS at FROM ledger.entry GROUP BY account_id) e WHERE e.account_id = a.id;
END
$$;

ALTER TABLE ledger.entry ALTER COLUMN booked_at SET NOT NULL, ALTER COLUMN effective_on SET NOT NULL;
COMMENT ON COLUMN ledger.entry.booked_at IS 'Taken once all accounts of the batch were locked: never decreases from one version of an account to the next, and is the same for all entries of a batch.';
COMMENT ON COLUMN ledger.entry.effective_on IS 'The day in UTC of the transfer''s effective time.';

-- 4. Totals by effective day, kept in the background.

CREATE TABLE ledger.day_total (
  account_id uuid NOT NULL,
  effective_on date NOT NULL,
  debits bigint NOT NULL CHECK (debits >= 0),
  credits bigint NOT NULL CHECK (credits >= 0),
  PRIMARY KEY (account_id, effective_on)
);
COMMENT ON TABLE ledger.day_total IS 'What the entries of an account, up to the version that rolled_up names, add up to by effective day.';
CREATE TABLE ledger.rolled_up (
  account_id uuid PRIMARY KEY,
  account_version bigint NOT NULL CHECK (account_version >= 0)
);
-- Rows are added and taken away, never changed: whoever posts waits for nobody who rolls up.
CREATE TABLE ledger.roll_up_due (
  account_id uuid NOT NULL,
  account_version bigint NOT NULL
);
COMMENT ON TABLE ledger.roll_up_due IS 'Accounts that have passed another thousand of entries.';
INSERT INTO ledger.roll_up_due SELECT id, version FROM ledger.account WHERE version >= 1000;

-- 5. Posting.

DROP FUNCTION ledger.post_transfers(uuid[], uuid[], int[], int[], bigint[], text[], uuid[], timestamptz[], int[]);

-- Takes a batch of transfers and answers, in their order, what became of each:
--   posted, pending, voided, expired: done; replayed: was done before, with the same content (by this batch or another);
--   conflict (id known, other content), account_missing, accounts_differ (two currencies or modes, or one account on both sides),
--   account_frozen, account_closed, limit_exceeded;
--   not_found (nothing has the id that is named), not_pending, pending_posted, pending_voided, pending_expired, exceeds_pending,
--   not_expired; not_reversible, exceeds_reversible; linked_failed (another of its group was refused).
-- Outcomes are as if the transfers came one after the other; a refused one changes nothing for the others, and does not keep its id.
-- (Of two batches at once, on accounts that have nothing in common, that use one id for two things or each name what the other is
-- making, both may be told that the other was not there.)
--
-- account_ids holds every account of the batch once; debit_index and credit_index point into it. same_as is the position
-- of the first transfer of the batch with the same id (its own position for nearly all).
--
-- Without the last four, all of them move money at once. With them:
--   phases        single; pending: holds the amount; post, void, expire: ends the pending transfer that is named, in full or (post) in
--                 part; reverse: moves back what the named one moved, or a part of it, and no more than it moved with all reversals
--   named_ids     what is ended or reversed. Its accounts are taken from it; amount, kind and subject too, where they are null
--   expiry_times  of pending ones: from then on they can only be given free
--   group_index   the position of the first of its group, null for those that stand alone: consecutive ones stand or fall together
--
-- Accounts are locked first, each once, in id order, and transfers are inserted in id order: concurrent batches wait for
-- each other but never in a circle. A transaction should call this once.
CREATE FUNCTION ledger.post_transfers(
  account_ids uuid[], transfer_ids uuid[], debit_index int[], credit_index int[], amounts bigint[], kinds text[],
  subject_ids uuid[], effective_times timestamptz[], same_as int[],
  phases text[] DEFAULT NULL, named_ids uuid[] DEFAULT NULL, expiry_times timestamptz[] DEFAULT NULL, group_index int[] DEFAULT NULL
) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Planned for the arrays at hand: a plan kept from when the tables were empty would scan them when they are not.
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  size int := coalesce(cardinality(transfer_ids), 0);
  is_general boolean := phases IS NOT NULL;
  -- Per account, in the order of account_ids. unit is null where there is no such account.
  unit text[]; debits_limited boolean[]; credits_limited boolean[]; debit_normal boolean[]; debits bigint[]; credits bigint[];
  debits_pending bigint[]; credits_pending bigint[]; versions bigint[]; state text[];
  -- What need not be asked of each transfer where it is so of all accounts.
  is_uniform boolean; is_any_limited boolean; is_any_shut boolean;
  new_debits bigint[]; new_credits bigint[]; new_version bigint[]; new_debits_pending bigint[]; new_credits_pending bigint[];
  -- Per transfer. posted_at, under the first position of an id, is the position at which it was done.
  outcome text[]; known text[]; posted_at int[];
  debit_version bigint[]; credit_version bigint[]; debit_balance bigint[]; credit_balance bigint[];
  -- Per transfer that names another: what that one is, and by how much it changed what is pending. Under the first position at which
  -- it is named: how it ended, and what was moved back of it. named_at is where it stands itself, if it is of this batch.
  named_as int[]; named_at int[]; n_phase text[]; n_debit int[]; n_credit int[]; n_amount bigint[]; n_kind text[]; n_subject uuid[];
  n_expiry timestamptz[]; held bigint[]; ended text[]; moved_back bigint[];
  given_debit int[] := debit_index; given_credit int[] := credit_index; given_amounts bigint[] := amounts; given_kinds text[] := kinds;
  given_subjects uuid[] := subject_ids;
  i int; j int; d int; c int; n int; twin int; amount bigint; phase text; verdict text; fallen int := 0;
  booked timestamptz; posted int; tries int := 0; found record;
BEGIN
  IF size = 0 THEN RETURN '{}'; END IF;

  IF is_general THEN
    account_ids := account_ids || ARRAY(
      SELECT DISTINCT side.id FROM unnest(named_ids) AS named (id) JOIN ledger.transfer x ON x.id = named.id
        CROSS JOIN LATERAL (VALUES (x.debit_account_id), (x.credit_account_id)) AS side (id)
      WHERE side.id <> ALL (account_ids));
  END IF;

  WITH held AS MATERIALIZED (
    SELECT a.* FROM unnest(account_ids) AS wanted (id) JOIN ledger.account a ON a.id = wanted.id
    ORDER BY a.id FOR NO KEY UPDATE OF a
  )
  SELECT array_agg(s.unit), array_agg(s.limit_mode = 'debits_must_not_exceed_credits'),
    array_agg(s.limit_mode = 'credits_must_not_exceed_debits'), array_agg(s.normal_side = 'debit'), array_agg(s.debits_posted),
    array_agg(s.credits_posted), array_agg(s.debits_pending), array_agg(s.credits_pending), array_agg(s.version),
    count(s.unit) = count(*) AND min(s.unit) = max(s.unit), coalesce(bool_or(s.limit_mode <> 'none'), false),
    coalesce(bool_or(s.state <> 'open'), false), max(s.last_booked_at)
  INTO unit, debits_limited, credits_limited, debit_normal, debits, credits, debits_pending, credits_pending, versions,
    is_uniform, is_any_limited, is_any_shut, booked
  FROM (
    SELECT held.*, held.currency || held.livemode AS unit
    FROM unnest(account_ids) WITH ORDINALITY AS wanted (id, position) LEFT JOIN held ON held.id = wanted.id
    ORDER BY wanted.position
  ) s;
  IF is_any_shut THEN
    SELECT array_agg(a.state ORDER BY wanted.position) INTO state
    FROM unnest(account_ids) WITH ORDINALITY AS wanted (id, position) LEFT JOIN ledger.account a ON a.id = wanted.id;
  END IF;
  -- After the locks, so that whoever comes later on one of the accounts books later; and never earlier than before, even if the clock
  -- was put back.
  booked := greatest(clock_timestamp(), booked);

  LOOP
    new_debits := debits; new_credits := credits; new_version := versions;
    new_debits_pending := debits_pending; new_credits_pending := credits_pending;
    outcome := array_fill(NULL::text, ARRAY[size]);
    known := outcome;
    posted_at := array_fill(NULL::int, ARRAY[size]);
    debit_version := array_fill(NULL::bigint, ARRAY[size]);
    credit_version := debit_version; debit_balance := debit_version; credit_balance := debit_version;
    posted := 0;

    -- After the locks, by a snapshot of its own: whatever another batch posted to these accounts meanwhile is seen.
    IF NOT is_general THEN
      FOR found IN
        SELECT given.position::int AS position,
          x.debit_account_id = account_ids[debit_index[given.position]] AND x.credit_account_id = account_ids[credit_index[given.position]]
          AND x.amount = amounts[given.position] AND x.kind = kinds[given.position]
          AND x.subject_id IS NOT DISTINCT FROM subject_ids[given.position]
          AND x.effective_at = effective_times[given.position] AND x.phase = 'single' AS same
        FROM unnest(transfer_ids) WITH ORDINALITY AS given (id, position) JOIN ledger.transfer x ON x.id = given.id
      LOOP
        known[found.position] := CASE WHEN found.same THEN 'replayed' ELSE 'conflict' END;
      END LOOP;
    ELSE
      fallen := 0;
      debit_index := given_debit; credit_index := given_credit; amounts := given_amounts; kinds := given_kinds; subject_ids := given_subjects;
      n_phase := outcome; n_kind := outcome; ended := outcome;
      named_as := posted_at; named_at := posted_at; n_debit := posted_at; n_credit := posted_at;
      n_amount := debit_version; held := debit_version; moved_back := debit_version;
      n_subject := array_fill(NULL::uuid, ARRAY[size]);
      n_expiry := array_fill(NULL::timestamptz, ARRAY[size]);
      FOR found IN
        SELECT given.position::int AS position, x.phase = given.phase AND x.effective_at = given.effective_at
          AND CASE WHEN given.named IS NULL THEN x.debit_account_id = account_ids[given.d] AND x.credit_account_id = account_ids[given.c]
              AND x.amount = given.amount AND x.kind = given.kind AND x.subject_id IS NOT DISTINCT FROM given.subject_id
              AND x.expires_at IS NOT DISTINCT FROM given.expires_at
            ELSE coalesce(x.pending_id, x.reverses_id) = given.named AND x.amount = coalesce(given.amount, n.amount)
              AND x.kind = coalesce(given.kind, n.kind) AND x.subject_id IS NOT DISTINCT FROM coalesce(given.subject_id, n.subject_id)
            END AS same
        FROM unnest(transfer_ids, debit_index, credit_index, amounts, kinds, subject_ids, effective_times, phases, named_ids, expiry_times)
          WITH ORDINALITY AS given (id, d, c, amount, kind, subject_id, effective_at, phase, named, expires_at, position)
          JOIN ledger.transfer x ON x.id = given.id LEFT JOIN ledger.transfer n ON n.id = given.named
      LOOP
        known[found.position] := CASE WHEN found.same THEN 'replayed' ELSE 'conflict' END;
      END LOOP;
      FOR found IN
        SELECT named.position::int AS position, min(named.position) OVER (PARTITION BY named.id)::int AS first, here.position::int AS here,
          x.id, x.phase, x.amount, x.kind, x.subject_id, x.expires_at, debited.position::int AS d, credited.position::int AS c,
          (SELECT e.phase FROM ledger.transfer e WHERE e.pending_id = x.id) AS ended,
          (SELECT sum(r.amount)::bigint FROM ledger.transfer r WHERE r.reverses_id = x.id) AS moved_back
        FROM unnest(named_ids) WITH ORDINALITY AS named (id, position)
          LEFT JOIN (SELECT t.id, min(t.position) AS position FROM unnest(transfer_ids) WITH ORDINALITY AS t (id, position) GROUP BY t.id) here
            ON here.id = named.id
          LEFT JOIN ledger.transfer x ON x.id = named.id
          LEFT JOIN unnest(account_ids) WITH ORDINALITY AS debited (id, position) ON debited.id = x.debit_account_id
          LEFT JOIN unnest(account_ids) WITH ORDINALITY AS credited (id, position) ON credited.id = x.credit_account_id
        WHERE named.id IS NOT NULL
      LOOP
        IF found.id IS NOT NULL AND (found.d IS NULL OR found.c IS NULL) THEN
          -- It came while we waited, on accounts that we have not locked, and it is too late to lock them in order.
          RAISE EXCEPTION 'transfer % came while it was being named', found.id USING ERRCODE = 'serialization_failure';
        END IF;
        i := found.position;
        named_as[i] := found.first; named_at[i] := found.here; n_phase[i] := found.phase; n_debit[i] := found.d; n_credit[i] := found.c;
        n_amount[i] := found.amount; n_kind[i] := found.kind; n_subject[i] := found.subject_id; n_expiry[i] := found.expires_at;
        ended[found.first] := found.ended; moved_back[found.first] := coalesce(found.moved_back, 0);
      END LOOP;
    END IF;

    -- The same walk twice: most batches move money and nothing else, and pay for nothing else.
    FOR i IN 1 .. CASE WHEN is_general THEN 0 ELSE size END LOOP
      IF known[i] IS NOT NULL THEN
        outcome[i] := known[i];
        CONTINUE;
      END IF;
      d := debit_index[i]; c := credit_index[i]; amount := amounts[i]; twin := posted_at[same_as[i]];
      IF twin IS NOT NULL THEN
        outcome[i] := CASE WHEN debit_index[twin] = d AND credit_index[twin] = c AND amounts[twin] = amount AND kinds[twin] = kinds[i]
          AND subject_ids[twin] IS NOT DISTINCT FROM subject_ids[i] AND effective_times[twin] = effective_times[i]
          THEN 'replayed' ELSE 'conflict' END;
      ELSIF NOT is_uniform AND (unit[d] IS NULL OR unit[c] IS NULL) THEN
        outcome[i] := 'account_missing';
      ELSIF d = c OR NOT is_uniform AND unit[d] <> unit[c] THEN
        outcome[i] := 'accounts_differ';
      ELSIF is_any_shut AND (state[d] <> 'open' OR state[c] <> 'open') THEN
        outcome[i] := CASE WHEN state[d] = 'closed' OR state[c] = 'closed' THEN 'account_closed' ELSE 'account_frozen' END;
      ELSIF is_any_limited AND (debits_limited[d] AND new_debits[d] + debits_pending[d] + amount > new_credits[d]
        OR credits_limited[c] AND new_credits[c] + credits_pending[c] + amount > new_debits[c]) THEN
        outcome[i] := 'limit_exceeded';
      ELSE
        outcome[i] := 'posted';
        posted := posted + 1;
        posted_at[same_as[i]] := i;
        new_debits[d] := new_debits[d] + amount;
        new_version[d] := new_version[d] + 1;
        debit_version[i] := new_version[d];
        debit_balance[i] := CASE WHEN debit_normal[d] THEN new_debits[d] - new_credits[d] ELSE new_credits[d] - new_debits[d] END;
        new_credits[c] := new_credits[c] + amount;
        new_version[c] := new_version[c] + 1;
        credit_version[i] := new_version[c];
        credit_balance[i] := CASE WHEN debit_normal[c] THEN new_debits[c] - new_credits[c] ELSE new_credits[c] - new_debits[c] END;
      END IF;
    END LOOP;

    FOR i IN 1 .. CASE WHEN is_general THEN size ELSE 0 END LOOP
      IF group_index[i] = fallen THEN
        outcome[i] := 'linked_failed';
        CONTINUE;
      END IF;
      phase := phases[i];
      IF named_ids[i] IS NOT NULL THEN
        twin := posted_at[named_at[i]];
        IF n_phase[i] IS NULL AND twin IS NOT NULL THEN
          n_phase[i] := phases[twin]; n_debit[i] := debit_index[twin]; n_credit[i] := credit_index[twin]; n_amount[i] := amounts[twin];
          n_kind[i] := kinds[twin]; n_subject[i] := subject_ids[twin]; n_expiry[i] := expiry_times[twin];
        END IF;
        debit_index[i] := CASE WHEN phase = 'reverse' THEN n_credit[i] ELSE n_debit[i] END;
        credit_index[i] := CASE WHEN phase = 'reverse' THEN n_debit[i] ELSE n_credit[i] END;
        amounts[i] := coalesce(amounts[i], n_amount[i]); kinds[i] := coalesce(kinds[i], n_kind[i]);
        subject_ids[i] := coalesce(subject_ids[i], n_subject[i]);
      END IF;
      d := debit_index[i]; c := credit_index[i]; amount := amounts[i]; twin := posted_at[same_as[i]];

      IF known[i] IS NOT NULL THEN
        verdict := known[i];
      ELSIF twin IS NOT NULL THEN
        verdict := CASE WHEN debit_index[twin] = d AND credit_index[twin] = c AND amounts[twin] = amount AND kinds[twin] = kinds[i]
          AND subject_ids[twin] IS NOT DISTINCT FROM subject_ids[i] AND effective_times[twin] = effective_times[i]
          AND phases[twin] = phase AND named_ids[twin] IS NOT DISTINCT FROM named_ids[i]
          AND expiry_times[twin] IS NOT DISTINCT FROM expiry_times[i]
          THEN 'replayed' ELSE 'conflict' END;
      ELSE
        verdict := NULL;
        IF phase <> 'single' AND phase <> 'pending' THEN
          n := named_as[i];
          verdict := CASE
            WHEN n_phase[i] IS NULL THEN 'not_found'
            WHEN phase = 'reverse' THEN CASE
              WHEN n_phase[i] NOT IN ('single', 'post') THEN 'not_reversible'
              WHEN moved_back[n] + amount > n_amount[i] THEN 'exceeds_reversible' END
            WHEN n_phase[i] <> 'pending' THEN 'not_pending'
            WHEN ended[n] = 'post' THEN 'pending_posted'
            WHEN ended[n] = 'void' THEN 'pending_voided'
            WHEN ended[n] = 'expire' OR phase = 'post' AND n_expiry[i] <= booked THEN 'pending_expired'
            WHEN phase = 'expire' AND (n_expiry[i] > booked) IS NOT FALSE THEN 'not_expired'
            WHEN amount > n_amount[i] THEN 'exceeds_pending' END;
        END IF;
        IF verdict IS NULL THEN
          IF unit[d] IS NULL OR unit[c] IS NULL THEN
            verdict := 'account_missing';
          ELSIF d = c OR unit[d] <> unit[c] THEN
            verdict := 'accounts_differ';
          -- What is held may be given free whatever has become of its accounts.
          ELSIF is_any_shut AND phase <> 'void' AND phase <> 'expire' AND (state[d] <> 'open' OR state[c] <> 'open') THEN
            verdict := CASE WHEN state[d] = 'closed' OR state[c] = 'closed' THEN 'account_closed' ELSE 'account_frozen' END;
          -- What ends a pending transfer takes no more than that one had already.
          ELSIF (debits_limited[d] AND new_debits[d] + new_debits_pending[d] + amount > new_credits[d]
              OR credits_limited[c] AND new_credits[c] + new_credits_pending[c] + amount > new_debits[c])
            AND phase <> 'post' AND phase <> 'void' AND phase <> 'expire' THEN
            verdict := 'limit_exceeded';
          ELSE
            posted := posted + 1;
            posted_at[same_as[i]] := i;
            IF phase = 'reverse' THEN
              moved_back[n] := moved_back[n] + amount;
            ELSIF phase <> 'single' THEN
              IF phase = 'pending' THEN
                held[i] := amount;
              ELSE
                held[i] := -n_amount[i];
                ended[n] := phase;
              END IF;
              new_debits_pending[d] := new_debits_pending[d] + held[i];
              new_credits_pending[c] := new_credits_pending[c] + held[i];
            END IF;
            IF phase = 'pending' THEN
              verdict := 'pending';
            ELSIF phase = 'void' THEN
              verdict := 'voided';
            ELSIF phase = 'expire' THEN
              verdict := 'expired';
            ELSE
              verdict := 'posted';
              new_debits[d] := new_debits[d] + amount;
              new_version[d] := new_version[d] + 1;
              debit_version[i] := new_version[d];
              debit_balance[i] := CASE WHEN debit_normal[d] THEN new_debits[d] - new_credits[d] ELSE new_credits[d] - new_debits[d] END;
              new_credits[c] := new_credits[c] + amount;
              new_version[c] := new_version[c] + 1;
              credit_version[i] := new_version[c];
              credit_balance[i] := CASE WHEN debit_normal[c] THEN new_debits[c] - new_credits[c] ELSE new_credits[c] - new_debits[c] END;
            END IF;
          END IF;
        END IF;
      END IF;
      outcome[i] := verdict;

      IF group_index[i] IS NOT NULL AND verdict NOT IN ('posted', 'pending', 'voided', 'expired', 'replayed') THEN
        -- Whatever the group has done is taken back, from the last to the first.
        fallen := group_index[i];
        FOR j IN REVERSE i - 1 .. fallen LOOP
          IF outcome[j] <> 'replayed' THEN
            d := debit_index[j]; c := credit_index[j]; n := named_as[j];
            posted := posted - 1;
            posted_at[same_as[j]] := NULL;
            IF outcome[j] = 'posted' THEN
              new_debits[d] := new_debits[d] - amounts[j]; new_version[d] := new_version[d] - 1;
              new_credits[c] := new_credits[c] - amounts[j]; new_version[c] := new_version[c] - 1;
              debit_version[j] := NULL; credit_version[j] := NULL;
            END IF;
            IF held[j] IS NOT NULL THEN
              new_debits_pending[d] := new_debits_pending[d] - held[j]; new_credits_pending[c] := new_credits_pending[c] - held[j];
            END IF;
            IF phases[j] = 'reverse' THEN
              moved_back[n] := moved_back[n] - amounts[j];
            ELSIF n IS NOT NULL THEN
              ended[n] := NULL;
            END IF;
          END IF;
          outcome[j] := 'linked_failed';
        END LOOP;
      END IF;
    END LOOP;

    IF posted = 0 THEN RETURN outcome; END IF;

    BEGIN
      IF NOT is_general THEN
        INSERT INTO ledger.transfer (id, debit_account_id, credit_account_id, amount, kind, subject_id, effective_at, created_at)
        SELECT t.id, account_ids[t.d], account_ids[t.c], t.amount, t.kind, t.subject_id, t.effective_at, booked
        FROM unnest(transfer_ids, debit_index, credit_index, amounts, kinds, subject_ids, effective_times, outcome)
          AS t (id, d, c, amount, kind, subject_id, effective_at, outcome)
        WHERE t.outcome = 'posted' ORDER BY t.id;
      ELSE
        INSERT INTO ledger.transfer (id, debit_account_id, credit_account_id, amount, kind, subject_id, effective_at, created_at, phase,
          pending_id, reverses_id, expires_at, group_id)
        SELECT t.id, account_ids[t.d], account_ids[t.c], t.amount, t.kind, t.subject_id, t.effective_at, booked, t.phase,
          CASE WHEN t.phase <> 'reverse' THEN t.named END, CASE WHEN t.phase = 'reverse' THEN t.named END, t.expires_at, transfer_ids[t.first]
        FROM unnest(transfer_ids, debit_index, credit_index, amounts, kinds, subject_ids, effective_times, outcome, phases, named_ids,
          expiry_times, group_index) AS t (id, d, c, amount, kind, subject_id, effective_at, outcome, phase, named, expires_at, first)
        WHERE t.outcome IN ('posted', 'pending', 'voided', 'expired') ORDER BY t.id;
      END IF;
      EXIT;
    EXCEPTION WHEN unique_violation THEN
      -- Another batch, on other accounts, took one of the ids after we looked: look again. More often than this it cannot
      -- be chance, but same_as that does not tell of a double.
      tries := tries + 1;
      IF tries > 10 THEN RAISE; END IF;
    END;
  END LOOP;

  IF is_general THEN
    INSERT INTO ledger.open_pending (transfer_id, expires_at)
    SELECT t.id, t.expires_at FROM unnest(transfer_ids, outcome, expiry_times) AS t (id, outcome, expires_at) WHERE t.outcome = 'pending';
    DELETE FROM ledger.open_pending p USING unnest(named_ids, phases, outcome) AS t (named, phase, outcome)
    WHERE p.transfer_id = t.named AND t.phase IN ('post', 'void', 'expire') AND t.outcome IN ('posted', 'voided', 'expired');
  END IF;

  INSERT INTO ledger.entry (account_id, account_version, transfer_id, direction, amount, balance, booked_at, effective_on)
  SELECT account_ids[t.d], t.version, t.id, 'debit', t.amount, t.balance, booked, (timezone('UTC', t.effective_at))::date
  FROM unnest(transfer_ids, debit_index, amounts, debit_version, debit_balance, effective_times) AS t (id, d, amount, version, balance, effective_at)
  WHERE t.version IS NOT NULL
  UNION ALL
  SELECT account_ids[t.c], t.version, t.id, 'credit', t.amount, t.balance, booked, (timezone('UTC', t.effective_at))::date
  FROM unnest(transfer_ids, credit_index, amounts, credit_version, credit_balance, effective_times) AS t (id, c, amount, version, balance, effective_at)
  WHERE t.version IS NOT NULL;

  IF NOT is_general THEN
    UPDATE ledger.account a
    SET debits_posted = u.debits, credits_posted = u.credits, version = u.version, last_booked_at = booked
    FROM unnest(account_ids, new_debits, new_credits, new_version) AS u (id, debits, credits, version)
    WHERE a.id = u.id AND a.version <> u.version;
  ELSE
    UPDATE ledger.account a
    SET debits_posted = u.debits, credits_posted = u.credits, debits_pending = u.debits_pending, credits_pending = u.credits_pending,
      version = u.version, last_booked_at = booked
    FROM unnest(account_ids, new_debits, new_credits, new_debits_pending, new_credits_pending, new_version)
      AS u (id, debits, credits, debits_pending, credits_pending, version)
    WHERE a.id = u.id AND (a.version <> u.version OR a.debits_pending <> u.debits_pending OR a.credits_pending <> u.credits_pending);
  END IF;

  FOR i IN 1 .. cardinality(account_ids) LOOP
    IF new_version[i] / 1000 <> versions[i] / 1000 THEN
      INSERT INTO ledger.roll_up_due (account_id, account_version)
      SELECT u.id, u.version FROM unnest(account_ids, versions, new_version) AS u (id, was, version) WHERE u.version / 1000 <> u.was / 1000;
      EXIT;
    END IF;
  END LOOP;

  RETURN outcome;
END
$$;

-- Freezes an account, opens it again, or closes it for good, and notes who did so and why. Answers
--   changed, unchanged (it is so already), missing, closed (nothing opens it again), not_empty (only an account on which nothing stands
--   and nothing is held can be closed), not_theirs (what an operator or the system froze, a merchant cannot open).
CREATE FUNCTION ledger.change_account_state(account uuid, new_state text, reason text, actor text, actor_id uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  found ledger.account;
  last ledger.account_state_change;
BEGIN
  -- The lock that posting takes: what is posted is posted before or after, never meanwhile.
  SELECT * INTO found FROM ledger.account a WHERE a.id = account FOR NO KEY UPDATE;
  IF found.id IS NULL THEN RETURN 'missing'; END IF;
  IF found.state = new_state THEN RETURN 'unchanged'; END IF;
  IF found.state = 'closed' THEN RETURN 'closed'; END IF;
  IF new_state = 'closed' AND (found.debits_posted <> found.credits_posted OR found.debits_pending <> 0 OR found.credits_pending <> 0) THEN
    RETURN 'not_empty';
  END IF;
  SELECT * INTO last FROM ledger.account_state_change x WHERE x.account_id = account ORDER BY x.number DESC LIMIT 1;
  IF found.state = 'frozen' AND actor = 'merchant' AND last.actor <> 'merchant' THEN RETURN 'not_theirs'; END IF;
  UPDATE ledger.account a SET state = new_state WHERE a.id = account;
  INSERT INTO ledger.account_state_change (account_id, number, state, reason, actor, actor_id, changed_at)
  VALUES (account, coalesce(last.number, 0) + 1, new_state, change_account_state.reason, change_account_state.actor,
    change_account_state.actor_id, clock_timestamp());
  RETURN 'changed';
END
$$;

GRANT SELECT ON ledger.account_state_change, ledger.open_pending, ledger.day_total, ledger.rolled_up, ledger.roll_up_due TO sankofa_ledger;
REVOKE ALL ON FUNCTION ledger.post_transfers, ledger.change_account_state FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.post_transfers, ledger.change_account_state TO sankofa_ledger;
