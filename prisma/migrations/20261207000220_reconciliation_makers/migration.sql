-- A person who left, or may not ask for such a thing any more, has nothing booked through somebody else: as with approvals. And what is refused for want of a
-- session, or of whoever asked, is told apart from what nobody could do (28000, invalid authorization).

-- As reconciliation.is_in_session: what people may do is the kernel's to know; where it knows nobody, the program alone looks.
CREATE FUNCTION reconciliation.may_still_ask(person uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT NOT EXISTS (SELECT FROM access.admin) OR EXISTS (
    SELECT FROM access.admin a WHERE a.admin_id = person AND NOT a.disabled AND a.permissions ->> 'reconciliation' IN ('manage', 'authorise'))
$$;
REVOKE ALL ON FUNCTION reconciliation.may_still_ask(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reconciliation.may_still_ask(uuid) TO sankofa_reconciliation;

CREATE OR REPLACE FUNCTION reconciliation.guard_resolution() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.decided_by IS NOT NULL OR NEW.decided_in IS NOT NULL OR NEW.decided_at IS NOT NULL OR NEW.booked_at IS NOT NULL THEN
      RAISE EXCEPTION 'a resolution begins undecided' USING ERRCODE = '42501';
    END IF;
    IF NEW.amount IS NULL THEN
      RETURN NEW;
    ELSIF NEW.is_automatic THEN
      -- The program books by itself what a gateway kept, and nothing else.
      IF NEW.state <> 'approved' OR NEW.action <> 'adjust' OR NEW.account <> 'gateway_fees' OR NOT EXISTS (
        SELECT FROM reconciliation.break b WHERE b.id = NEW.break_id AND b.kind = 'fee' AND b.side = 'gateway' AND b.closed_at IS NULL
           AND b.amount = NEW.amount AND b.currency = NEW.currency
      ) THEN
        RAISE EXCEPTION 'that is not for the program to book' USING ERRCODE = '42501';
      END IF;
    ELSIF NEW.state <> 'proposed' OR NEW.created_at < clock_timestamp() - interval '1 hour' OR NEW.created_at > clock_timestamp() + interval '1 hour' THEN
      RAISE EXCEPTION 'what moves money begins by being asked for' USING ERRCODE = '42501';
    ELSIF NEW.requested_in IS NULL OR NOT reconciliation.is_in_session(NEW.requested_by, NEW.requested_in) THEN
      RAISE EXCEPTION 'whoever asks is in a session of their own' USING ERRCODE = '28000', CONSTRAINT = 'resolution_in_session';
    END IF;
    RETURN NEW;
  END IF;
  IF (NEW.id, NEW.break_id, NEW.action, NEW.is_automatic, NEW.remark, NEW.subject_id, NEW.identity, NEW.content, NEW.gateway_account_id, NEW.livemode,
      NEW.clearing_side, NEW.account, NEW.amount, NEW.currency, NEW.requested_by, NEW.requested_in, NEW.created_at)
     IS DISTINCT FROM
     (OLD.id, OLD.break_id, OLD.action, OLD.is_automatic, OLD.remark, OLD.subject_id, OLD.identity, OLD.content, OLD.gateway_account_id, OLD.livemode,
      OLD.clearing_side, OLD.account, OLD.amount, OLD.currency, OLD.requested_by, OLD.requested_in, OLD.created_at) THEN
    RAISE EXCEPTION 'what was asked for does not change' USING ERRCODE = '42501';
  END IF;
  IF OLD.state = 'proposed' AND NEW.state IN ('approved', 'rejected') THEN
    IF NEW.decided_at IS NULL OR NEW.decided_at < OLD.created_at - interval '1 hour' OR NEW.decided_at > clock_timestamp() + interval '1 hour' THEN
      RAISE EXCEPTION 'it is decided now' USING ERRCODE = '42501';
    END IF;
    IF NEW.state = 'approved' AND (OLD.requested_in IS NULL OR OLD.created_at < clock_timestamp() - interval '7 days') THEN
      RAISE EXCEPTION 'only what a person asked for within seven days is approved' USING ERRCODE = '42501';
    END IF;
    IF NEW.state = 'approved' AND NOT reconciliation.may_still_ask(OLD.requested_by) THEN
      RAISE EXCEPTION 'whoever asked may not ask for it any more' USING ERRCODE = '28000', CONSTRAINT = 'resolution_maker';
    END IF;
    -- Nobody is named where whoever asked takes it back.
    IF (NEW.state = 'approved' OR NEW.decided_by IS NOT NULL)
       AND (NEW.decided_in IS NULL OR NOT reconciliation.is_in_session(NEW.decided_by, NEW.decided_in)) THEN
      RAISE EXCEPTION 'whoever decides is in a session of their own' USING ERRCODE = '28000', CONSTRAINT = 'resolution_in_session';
    END IF;
  ELSIF OLD.state = 'proposed' AND NEW.state = 'expired' THEN
    IF OLD.created_at >= clock_timestamp() - interval '7 days' OR NEW.decided_by IS NOT NULL THEN
      RAISE EXCEPTION 'it still waits' USING ERRCODE = '42501';
    END IF;
  ELSIF OLD.state = 'approved' AND NEW.state = 'done' THEN
    IF (NEW.decided_by, NEW.decided_in, NEW.decided_at, NEW.decision_remark)
       IS DISTINCT FROM (OLD.decided_by, OLD.decided_in, OLD.decided_at, OLD.decision_remark) THEN
      RAISE EXCEPTION 'a decision does not change' USING ERRCODE = '42501';
    END IF;
  ELSE
    RAISE EXCEPTION 'a resolution that is % does not become %', OLD.state, NEW.state USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;
