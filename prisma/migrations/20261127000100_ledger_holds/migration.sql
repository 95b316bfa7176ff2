-- Holds: the money of a refund or payout stays where it is and nobody else can use it, until a gateway has sent it (posted) or will not
-- (voided). Like transfers, they are written by a function with its owner's rights alone: the module's role cannot write them, nor what
-- accounts have pending.

ALTER TABLE ledger.account DROP CONSTRAINT account_kind_check;
ALTER TABLE ledger.account ADD CONSTRAINT account_kind_check CHECK (kind IN ('gateway_clearing', 'bank', 'merchant_pending',
  'merchant_available', 'merchant_reserved', 'customer_reserved', 'platform_fees', 'gateway_fees', 'suspense', 'rounding_residue'));

-- One row per refund or payout, whatever it draws on: its parts cannot come to different ends, and there cannot be two.
CREATE TABLE ledger.hold (
  subject_id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('refund', 'payout')),
  merchant_id uuid,
  livemode boolean NOT NULL,
  currency text NOT NULL,
  amount bigint NOT NULL CHECK (amount > 0),
  state text NOT NULL CHECK (state IN ('pending', 'posted', 'voided', 'refused')),
  debit_account_id uuid,
  second_debit_account_id uuid,
  second_amount bigint NOT NULL DEFAULT 0,
  credit_account_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CONSTRAINT hold_debits CHECK ((debit_account_id IS NOT NULL OR state <> 'pending')
    AND (second_debit_account_id IS NULL) = (second_amount = 0) AND second_amount >= 0 AND second_amount < amount),
  CONSTRAINT hold_end CHECK ((state = 'pending') = (ended_at IS NULL))
);
-- Merchants list theirs, newest first, all or those in one state.
CREATE INDEX hold_merchant ON ledger.hold (merchant_id, livemode, subject_id);
CREATE INDEX hold_merchant_state ON ledger.hold (merchant_id, livemode, state, subject_id);
COMMENT ON TABLE ledger.hold IS 'What refunds and payouts hold or held: at most two pending transfers, to one account. One that was voided before it was placed, or posted without ever being placed, stands here too, so that what comes late finds it.';
COMMENT ON COLUMN ledger.hold.merchant_id IS 'Whose money it is; null where it is a customer''s, in suspense.';
COMMENT ON COLUMN ledger.hold.debit_account_id IS 'Gives amount less second_amount. Null where nothing was ever held or drawn.';

CREATE TRIGGER ends_once BEFORE UPDATE ON ledger.hold FOR EACH ROW
  WHEN (NOT (OLD.state = 'pending' AND NEW.state IN ('posted', 'voided')
    AND (OLD.subject_id, OLD.kind, OLD.merchant_id, OLD.livemode, OLD.currency, OLD.amount, OLD.debit_account_id,
         OLD.second_debit_account_id, OLD.second_amount, OLD.credit_account_id, OLD.created_at)
      IS NOT DISTINCT FROM
        (NEW.subject_id, NEW.kind, NEW.merchant_id, NEW.livemode, NEW.currency, NEW.amount, NEW.debit_account_id,
         NEW.second_debit_account_id, NEW.second_amount, NEW.credit_account_id, NEW.created_at)))
  EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER permanent BEFORE DELETE OR TRUNCATE ON ledger.hold FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- Takes refunds and payouts ("subjects") through steps, in the order given, each as if it came alone:
--   place  holds the amount on the first account it may be drawn from and, for what is missing there, on the second. Refused, with
--          nothing held, when credits less debits less what is pending already are not enough on both together.
--   post   what was held becomes transfers, and the step's own transfers move it on. Without a hold (it was voided, or never placed)
--          the money has left all the same: it is drawn now, and what is not there is drawn all the same, from the first account.
--   void   what was held can be used again. Before anything was placed it sees to it that nothing ever will be.
--   book   the step's own transfers and nothing else.
-- It answers what became of each step: placed, refused, posted, drawn (posted without a hold), overdrawn (drawn, and not all of it was
-- there), voided, booked, or unchanged when it had its effect before; and which transfers it posted.
--
-- Whatever contradicts what is known already (a subject of another amount, a second success by another attempt, a transfer's id with
-- other content) fails the call as a whole (23000), and so does an account that does not exist (23503).
--
-- account_ids holds every account once, and all *_index point into it; transfer_step is the step that a transfer belongs to, and grows.
-- The accounts are locked first, in id order, as ledger.post_transfers does, which does the posting. A transaction should call either of
-- them, once.
CREATE FUNCTION ledger.hold_funds(
  account_ids uuid[],
  subject_ids uuid[], subject_kinds text[], merchant_ids uuid[], amounts bigint[], first_index int[], second_index int[],
  into_index int[], is_limited boolean[], draw_ids uuid[], second_draw_ids uuid[],
  actions text[], step_subject int[], step_times timestamptz[],
  transfer_step int[], transfer_ids uuid[], transfer_subjects uuid[], debit_index int[], credit_index int[], transfer_amounts bigint[],
  transfer_kinds text[],
  OUT outcomes text[], OUT posted_step int[], OUT posted_ids uuid[], OUT posted_debit int[], OUT posted_credit int[],
  OUT posted_amounts bigint[], OUT posted_kinds text[]
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- Planned for the arrays at hand: a plan kept from when the tables were empty would scan them when they are not.
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  steps int := coalesce(cardinality(actions), 0);
  given int := coalesce(cardinality(transfer_ids), 0);
  -- Per account. free is what can be drawn from it: credits less debits less pending debits.
  currencies text[]; modes boolean[]; free bigint[]; pending_debits bigint[]; pending_credits bigint[];
  -- Per subject. was is its state before the call, null when it is new. paid_by is the transfer by which it left in this call.
  was text[]; states text[]; debit_of int[]; second_of int[]; second_amounts bigint[]; drawn boolean[]; paid_by uuid[];
  -- Per transfer given: whether it is posted already, and where its id came first.
  known boolean[]; same_as int[];
  -- What is to be posted.
  size int := 0; t_step int[]; t_ids uuid[]; t_debit int[]; t_credit int[]; t_amounts bigint[]; t_kinds text[]; t_subjects uuid[];
  t_times timestamptz[]; t_outcomes text[];
  i int; k int := 1; s int; a int; b int; c int; amount bigint; rest bigint; is_covered boolean; is_new boolean; missing int; found record;
BEGIN
  IF steps = 0 THEN
    outcomes := '{}';
    RETURN;
  END IF;
  IF NOT actions <@ ARRAY['place', 'post', 'void', 'book'] THEN
    RAISE EXCEPTION 'an action that is none' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  WITH held AS MATERIALIZED (
    SELECT x.* FROM unnest(account_ids) AS wanted (id) JOIN ledger.account x ON x.id = wanted.id
    ORDER BY x.id FOR NO KEY UPDATE OF x
  )
  SELECT array_agg(held.currency ORDER BY wanted.position), array_agg(held.livemode ORDER BY wanted.position),
    array_agg(held.credits_posted - held.debits_posted - held.debits_pending ORDER BY wanted.position),
    array_agg(held.debits_pending ORDER BY wanted.position), array_agg(held.credits_pending ORDER BY wanted.position),
    count(*) FILTER (WHERE held.id IS NULL)
  INTO currencies, modes, free, pending_debits, pending_credits, missing
  FROM unnest(account_ids) WITH ORDINALITY AS wanted (id, position) LEFT JOIN held ON held.id = wanted.id;
  IF missing > 0 THEN
    RAISE EXCEPTION '% accounts do not exist', missing USING ERRCODE = 'foreign_key_violation';
  END IF;

  states := array_fill(NULL::text, ARRAY[coalesce(cardinality(subject_ids), 0)]);
  debit_of := array_fill(NULL::int, ARRAY[coalesce(cardinality(subject_ids), 0)]);
  second_of := debit_of;
  second_amounts := array_fill(0::bigint, ARRAY[coalesce(cardinality(subject_ids), 0)]);
  drawn := array_fill(false, ARRAY[coalesce(cardinality(subject_ids), 0)]);
  paid_by := array_fill(NULL::uuid, ARRAY[coalesce(cardinality(subject_ids), 0)]);
  known := array_fill(false, ARRAY[given]);

  -- After the locks, each by a snapshot of its own: whatever another batch did to these accounts meanwhile is seen.
  FOR found IN
    SELECT subject.position::int AS position, h.*, first.position::int AS first_position, second.position::int AS second_position
    FROM unnest(subject_ids) WITH ORDINALITY AS subject (id, position) JOIN ledger.hold h ON h.subject_id = subject.id
      LEFT JOIN unnest(account_ids) WITH ORDINALITY AS first (id, position) ON first.id = h.debit_account_id
      LEFT JOIN unnest(account_ids) WITH ORDINALITY AS second (id, position) ON second.id = h.second_debit_account_id
  LOOP
    s := found.position;
    IF found.kind <> subject_kinds[s] OR found.amount <> amounts[s] OR found.merchant_id IS DISTINCT FROM merchant_ids[s]
      OR found.credit_account_id <> account_ids[into_index[s]] THEN
      RAISE EXCEPTION '% % is not what it was when it came first', subject_kinds[s], subject_ids[s] USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF found.state = 'pending' AND (found.first_position IS NULL OR found.second_amount > 0 AND found.second_position IS NULL) THEN
      RAISE EXCEPTION 'the accounts on which % % is held were not given', subject_kinds[s], subject_ids[s] USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    states[s] := found.state; debit_of[s] := found.first_position; second_of[s] := found.second_position;
    second_amounts[s] := found.second_amount; drawn[s] := found.state = 'posted';
  END LOOP;
  was := states;
  FOR found IN
    SELECT draw.position::int AS position FROM unnest(draw_ids) WITH ORDINALITY AS draw (id, position) JOIN ledger.transfer x ON x.id = draw.id
  LOOP
    drawn[found.position] := true;
  END LOOP;
  FOR found IN
    SELECT t.position::int AS position FROM unnest(transfer_ids) WITH ORDINALITY AS t (id, position) JOIN ledger.transfer x ON x.id = t.id
  LOOP
    known[found.position] := true;
  END LOOP;
  SELECT array_agg(t.same_as ORDER BY t.position) INTO same_as
  FROM (SELECT x.position, min(x.position) OVER (PARTITION BY x.id)::int AS same_as FROM unnest(transfer_ids) WITH ORDINALITY AS x (id, position)) t;

  FOR i IN 1 .. steps LOOP
    s := step_subject[i];
    outcomes[i] := 'unchanged';
    IF s IS NOT NULL THEN
      amount := amounts[s]; c := into_index[s]; a := first_index[s]; b := second_index[s];
    END IF;

    IF actions[i] = 'void' THEN
      IF states[s] = 'pending' THEN
        outcomes[i] := 'voided';
        free[debit_of[s]] := free[debit_of[s]] + amount - second_amounts[s];
        pending_debits[debit_of[s]] := pending_debits[debit_of[s]] - amount + second_amounts[s];
        IF second_amounts[s] > 0 THEN
          free[second_of[s]] := free[second_of[s]] + second_amounts[s];
          pending_debits[second_of[s]] := pending_debits[second_of[s]] - second_amounts[s];
        END IF;
        pending_credits[c] := pending_credits[c] - amount;
        states[s] := 'voided';
      ELSIF states[s] IS NULL THEN
        states[s] := 'voided';
      END IF;
    ELSIF actions[i] = 'place' AND states[s] IS NULL OR actions[i] = 'post' AND NOT drawn[s] AND states[s] IS DISTINCT FROM 'pending' THEN
      IF currencies[a] <> currencies[c] OR modes[a] <> modes[c] OR b IS NOT NULL AND (currencies[b] <> currencies[c] OR modes[b] <> modes[c]) THEN
        RAISE EXCEPTION 'the accounts of % % are of two currencies or modes', subject_kinds[s], subject_ids[s] USING ERRCODE = 'integrity_constraint_violation';
      END IF;
      -- What the first account has not got, the second gives as far as it can.
      rest := amount - least(amount, greatest(free[a], 0));
      IF b IS NULL THEN
        is_covered := rest = 0 OR NOT is_limited[s];
        rest := 0;
      ELSE
        is_covered := rest <= greatest(free[b], 0) OR NOT is_limited[s];
        rest := least(rest, greatest(free[b], 0));
        IF rest = amount THEN
          a := b;
          rest := 0;
        END IF;
      END IF;
      IF actions[i] = 'place' AND NOT is_covered THEN
        outcomes[i] := 'refused';
        states[s] := 'refused';
      ELSE
        debit_of[s] := a; second_amounts[s] := rest;
        second_of[s] := CASE WHEN rest > 0 THEN b END;
        IF actions[i] = 'place' THEN
          outcomes[i] := 'placed';
          states[s] := 'pending';
          free[a] := free[a] - amount + rest;
          pending_debits[a] := pending_debits[a] + amount - rest;
          IF rest > 0 THEN
            free[b] := free[b] - rest;
            pending_debits[b] := pending_debits[b] + rest;
          END IF;
          pending_credits[c] := pending_credits[c] + amount;
        ELSE
          outcomes[i] := CASE WHEN is_covered THEN 'drawn' ELSE 'overdrawn' END;
          -- One that was voided or refused stays that: what is drawn now was not held.
          states[s] := coalesce(states[s], 'posted');
          free[a] := free[a] - amount + rest;
          IF rest > 0 THEN free[b] := free[b] - rest; END IF;
        END IF;
      END IF;
    ELSIF actions[i] = 'post' AND NOT drawn[s] THEN
      outcomes[i] := 'posted';
      states[s] := 'posted';
      pending_debits[debit_of[s]] := pending_debits[debit_of[s]] - amount + second_amounts[s];
      IF second_amounts[s] > 0 THEN pending_debits[second_of[s]] := pending_debits[second_of[s]] - second_amounts[s]; END IF;
      pending_credits[c] := pending_credits[c] - amount;
    ELSIF actions[i] = 'post' AND NOT known[k] AND paid_by[s] IS DISTINCT FROM transfer_ids[k] THEN
      RAISE EXCEPTION '% % was sent by two attempts', subject_kinds[s], subject_ids[s] USING ERRCODE = 'integrity_constraint_violation';
    END IF;

    IF outcomes[i] IN ('posted', 'drawn', 'overdrawn') THEN
      drawn[s] := true;
      paid_by[s] := transfer_ids[k];
      free[c] := free[c] + amount;
      size := size + 1;
      t_step[size] := i; t_ids[size] := draw_ids[s]; t_debit[size] := debit_of[s]; t_credit[size] := c;
      t_amounts[size] := amount - second_amounts[s]; t_kinds[size] := subject_kinds[s]; t_subjects[size] := subject_ids[s];
      t_times[size] := step_times[i];
      IF second_amounts[s] > 0 THEN
        size := size + 1;
        t_step[size] := i; t_ids[size] := second_draw_ids[s]; t_debit[size] := second_of[s]; t_credit[size] := c;
        t_amounts[size] := second_amounts[s]; t_kinds[size] := subject_kinds[s]; t_subjects[size] := subject_ids[s];
        t_times[size] := step_times[i];
      END IF;
    END IF;

    -- Known ones are handed on too: whether they are the same is for post_transfers to say.
    WHILE k <= given AND transfer_step[k] = i LOOP
      size := size + 1;
      t_step[size] := i; t_ids[size] := transfer_ids[k]; t_debit[size] := debit_index[k]; t_credit[size] := credit_index[k];
      t_amounts[size] := transfer_amounts[k]; t_kinds[size] := transfer_kinds[k]; t_subjects[size] := transfer_subjects[k];
      t_times[size] := step_times[i];
      is_new := NOT known[k] AND same_as[k] = k;
      IF is_new THEN
        IF actions[i] = 'book' THEN outcomes[i] := 'booked'; END IF;
        free[debit_index[k]] := free[debit_index[k]] - transfer_amounts[k];
        free[credit_index[k]] := free[credit_index[k]] + transfer_amounts[k];
      END IF;
      k := k + 1;
    END LOOP;
  END LOOP;
  IF k <= given THEN
    RAISE EXCEPTION 'transfers of no step' USING ERRCODE = 'invalid_parameter_value';
  END IF;

  UPDATE ledger.account x SET debits_pending = u.debits, credits_pending = u.credits
  FROM unnest(account_ids, pending_debits, pending_credits) AS u (id, debits, credits)
  WHERE x.id = u.id AND (x.debits_pending <> u.debits OR x.credits_pending <> u.credits);

  INSERT INTO ledger.hold (subject_id, kind, merchant_id, livemode, currency, amount, state, debit_account_id, second_debit_account_id,
    second_amount, credit_account_id, ended_at)
  SELECT h.id, h.kind, h.merchant_id, modes[h.c], currencies[h.c], h.amount, h.state, account_ids[h.a], account_ids[h.b], h.second_amount,
    account_ids[h.c], CASE WHEN h.state <> 'pending' THEN now() END
  FROM unnest(subject_ids, subject_kinds, merchant_ids, amounts, was, states, debit_of, second_of, second_amounts, into_index)
    AS h (id, kind, merchant_id, amount, was, state, a, b, second_amount, c)
  WHERE h.was IS NULL AND h.state IS NOT NULL ORDER BY h.id;

  UPDATE ledger.hold x SET state = h.state, ended_at = now()
  FROM unnest(subject_ids, was, states) AS h (id, was, state)
  WHERE x.subject_id = h.id AND h.was = 'pending' AND h.state <> 'pending';

  IF size = 0 THEN RETURN; END IF;
  SELECT array_agg(t.same_as ORDER BY t.position) INTO same_as
  FROM (SELECT x.position, min(x.position) OVER (PARTITION BY x.id)::int AS same_as FROM unnest(t_ids) WITH ORDINALITY AS x (id, position)) t;
  t_outcomes := ledger.post_transfers(account_ids, t_ids, t_debit, t_credit, t_amounts, t_kinds, t_subjects, t_times, same_as);
  FOR i IN 1 .. size LOOP
    IF t_outcomes[i] NOT IN ('posted', 'replayed') THEN
      RAISE EXCEPTION 'transfer % (%) of %: %', t_ids[i], t_kinds[i], t_subjects[i], t_outcomes[i] USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END LOOP;
  SELECT array_agg(t.step ORDER BY t.position), array_agg(t.id ORDER BY t.position), array_agg(t.d ORDER BY t.position),
    array_agg(t.c ORDER BY t.position), array_agg(t.amount ORDER BY t.position), array_agg(t.kind ORDER BY t.position)
  INTO posted_step, posted_ids, posted_debit, posted_credit, posted_amounts, posted_kinds
  FROM unnest(t_step, t_ids, t_debit, t_credit, t_amounts, t_kinds, t_outcomes) WITH ORDINALITY
    AS t (step, id, d, c, amount, kind, outcome, position)
  WHERE t.outcome = 'posted';
END
$$;

GRANT SELECT ON ledger.hold TO sankofa_ledger;
REVOKE ALL ON FUNCTION ledger.hold_funds FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.hold_funds TO sankofa_ledger;
