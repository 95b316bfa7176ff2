-- What moves money is asked for by one person and approved by another, each in a session of their own: never by keys, of which nobody knows who holds them.
-- The table itself sees to it, as auth.approval does. What a key had proposed before this can be rejected, and expires; it can be approved no more.
ALTER TABLE reconciliation.resolution
  ADD COLUMN requested_in uuid,
  ADD COLUMN decided_in uuid,
  ADD CONSTRAINT resolution_session_is_somebodys CHECK (requested_in IS NULL OR requested_by IS NOT NULL),
  ADD CONSTRAINT resolution_decision_is_somebodys CHECK (decided_in IS NULL OR decided_by IS NOT NULL);
CREATE INDEX resolution_state ON reconciliation.resolution (state, id);
CREATE INDEX resolution_account ON reconciliation.resolution (gateway_account_id, id);
COMMENT ON COLUMN reconciliation.resolution.requested_by IS 'The person; the key, where no money moves. Null: the program.';
COMMENT ON COLUMN reconciliation.resolution.requested_in IS 'The session of whoever asked. Null: a key, or the program.';
COMMENT ON COLUMN reconciliation.resolution.decided_by IS 'The person who approved or rejected it: never the one who asked.';
COMMENT ON COLUMN reconciliation.resolution.decided_in IS 'The session of whoever decided: it must be theirs, and open.';
GRANT UPDATE (decided_in) ON reconciliation.resolution TO sankofa_reconciliation;

-- Runs as whom the tables belong to: who is in which session is the kernel's to know, and no module may read it. In a database of the module's own
-- there are no sessions: nobody is known there at all (people are never forgotten where they are known), and the guard of the program alone looks.
CREATE FUNCTION reconciliation.is_in_session(person uuid, session uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT NOT EXISTS (SELECT FROM access.admin) OR EXISTS (
    SELECT FROM access.session s JOIN access.admin a ON a.admin_id = s.admin_id
     WHERE s.session_id = session AND s.admin_id = person AND s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND s.proved_at IS NOT NULL
       AND NOT a.disabled)
$$;
REVOKE ALL ON FUNCTION reconciliation.is_in_session(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reconciliation.is_in_session(uuid, uuid) TO sankofa_reconciliation;

CREATE FUNCTION reconciliation.guard_resolution() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
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
      RAISE EXCEPTION 'whoever asks is in a session of their own' USING ERRCODE = '42501';
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
    -- Nobody is named where whoever asked takes it back.
    IF (NEW.state = 'approved' OR NEW.decided_by IS NOT NULL)
       AND (NEW.decided_in IS NULL OR NOT reconciliation.is_in_session(NEW.decided_by, NEW.decided_in)) THEN
      RAISE EXCEPTION 'whoever decides is in a session of their own' USING ERRCODE = '42501';
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
CREATE TRIGGER resolution_is_guarded BEFORE INSERT OR UPDATE ON reconciliation.resolution FOR EACH ROW EXECUTE FUNCTION reconciliation.guard_resolution();

CREATE FUNCTION reconciliation.refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'resolutions are kept' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER resolution_stays BEFORE DELETE OR TRUNCATE ON reconciliation.resolution FOR EACH STATEMENT EXECUTE FUNCTION reconciliation.refuse_removal();

-- What waits for somebody is found among all that was ever found, and what is about an attempt from the attempt.
ALTER TABLE reconciliation.break ADD COLUMN is_open boolean GENERATED ALWAYS AS (closed_at IS NULL) STORED;
CREATE INDEX break_queue ON reconciliation.break (is_open, livemode, id);
