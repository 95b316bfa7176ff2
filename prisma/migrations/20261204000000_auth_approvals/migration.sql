-- What one person asks for and another approves. The table itself sees to it that they are two, that what is approved is what was asked for, and in time.
CREATE TABLE auth.approval (
  id              uuid PRIMARY KEY,
  kind            text NOT NULL CHECK (kind ~ '^[a-z]+\.[a-z_]+$'),
  area            text NOT NULL,
  subject         text NOT NULL CHECK (length(subject) BETWEEN 1 AND 254),
  payload         text NOT NULL CHECK (length(payload) BETWEEN 2 AND 16384),
  payload_sha256  bytea NOT NULL,
  reason          text CHECK (length(reason) BETWEEN 1 AND 1000),
  state           text NOT NULL CHECK (state IN ('pending', 'approved', 'done', 'failed', 'rejected', 'withdrawn', 'expired')),
  asked_by        uuid NOT NULL REFERENCES auth.admin_user (id),
  asked_in        uuid NOT NULL REFERENCES auth.admin_session (id),
  asked_at        timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL,
  decided_by      uuid REFERENCES auth.admin_user (id),
  decided_in      uuid REFERENCES auth.admin_session (id),
  decided_at      timestamptz,
  remark          text CHECK (length(remark) BETWEEN 1 AND 1000),
  carried_out_at  timestamptz,
  failure_code    text,
  failure_detail  text,
  waiting         text GENERATED ALWAYS AS (CASE WHEN state = 'pending' THEN kind || ' ' || encode(payload_sha256, 'hex') END) STORED,
  CONSTRAINT approval_payload_is_hashed CHECK (payload_sha256 = sha256(convert_to(kind || E'\n' || payload, 'UTF8'))),
  CONSTRAINT approval_within_a_day CHECK (expires_at > asked_at AND expires_at <= asked_at + interval '24 hours'),
  CONSTRAINT approval_by_another CHECK (state NOT IN ('approved', 'done', 'failed', 'rejected') OR (decided_by IS NOT NULL AND decided_by <> asked_by)),
  CONSTRAINT approval_withdrawn_by_maker CHECK (state <> 'withdrawn' OR decided_by IS NULL OR decided_by = asked_by),
  CONSTRAINT approval_pending_is_open CHECK ((state IN ('pending', 'expired')) = (decided_at IS NULL)),
  CONSTRAINT approval_decided_whole CHECK ((decided_by IS NULL) = (decided_in IS NULL) AND (decided_by IS NULL OR decided_at IS NOT NULL)),
  CONSTRAINT approval_in_time CHECK (state NOT IN ('approved', 'done', 'failed') OR decided_at < expires_at),
  CONSTRAINT approval_carried_out CHECK ((state IN ('done', 'failed')) = (carried_out_at IS NOT NULL)),
  CONSTRAINT approval_failure_when_failed CHECK ((state = 'failed') = (failure_code IS NOT NULL))
);
-- The same is asked for once at a time: whoever approves both would have it done twice.
CREATE UNIQUE INDEX approval_waiting ON auth.approval (waiting);
CREATE INDEX approval_state ON auth.approval (state, id);
CREATE INDEX approval_maker ON auth.approval (asked_by, id);
CREATE INDEX approval_subject ON auth.approval (subject, id);
COMMENT ON TABLE auth.approval IS 'Maker-checker. Rows are never deleted; what was asked for never changes, and a decision is final.';
COMMENT ON COLUMN auth.approval.payload IS 'Canonical JSON: all that is needed to do it. Hashed together with kind.';
COMMENT ON COLUMN auth.approval.area IS 'Part of /admin/v1: who authorises there may approve it.';
COMMENT ON COLUMN auth.approval.decided_in IS 'The session of whoever decided: it must be theirs, and open.';

CREATE FUNCTION auth.guard_approval() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state NOT IN ('pending', 'withdrawn') THEN
      RAISE EXCEPTION 'an approval begins by being asked for' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
  END IF;
  IF (NEW.id, NEW.kind, NEW.area, NEW.subject, NEW.payload, NEW.payload_sha256, NEW.reason, NEW.asked_by, NEW.asked_in, NEW.asked_at, NEW.expires_at)
     IS DISTINCT FROM
     (OLD.id, OLD.kind, OLD.area, OLD.subject, OLD.payload, OLD.payload_sha256, OLD.reason, OLD.asked_by, OLD.asked_in, OLD.asked_at, OLD.expires_at) THEN
    RAISE EXCEPTION 'what was asked for does not change' USING ERRCODE = '42501';
  END IF;
  IF OLD.state = 'pending' AND NEW.state IN ('approved', 'rejected', 'withdrawn') THEN
    -- Not by what the statement says the time is.
    IF NEW.decided_at < OLD.asked_at - interval '1 hour' OR NEW.decided_at > clock_timestamp() + interval '1 hour' THEN
      RAISE EXCEPTION 'it is decided now' USING ERRCODE = '42501';
    END IF;
    IF NEW.state = 'approved' AND clock_timestamp() >= OLD.expires_at THEN
      RAISE EXCEPTION 'it was not approved in time' USING ERRCODE = '42501';
    END IF;
    IF NOT EXISTS (
      SELECT FROM auth.admin_session s JOIN auth.admin_user u ON u.id = s.admin_id
       WHERE s.id = NEW.decided_in AND s.admin_id = NEW.decided_by AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()
         AND u.disabled_at IS NULL AND u.totp_confirmed_at IS NOT NULL
    ) THEN
      RAISE EXCEPTION 'whoever decides is in a session of their own' USING ERRCODE = '42501';
    END IF;
  ELSIF OLD.state = 'pending' AND NEW.state = 'expired' THEN
    IF clock_timestamp() < OLD.expires_at THEN
      RAISE EXCEPTION 'it still waits' USING ERRCODE = '42501';
    END IF;
  ELSIF OLD.state = 'approved' AND NEW.state IN ('done', 'failed') THEN
    IF (NEW.decided_by, NEW.decided_in, NEW.decided_at, NEW.remark) IS DISTINCT FROM (OLD.decided_by, OLD.decided_in, OLD.decided_at, OLD.remark) THEN
      RAISE EXCEPTION 'a decision does not change' USING ERRCODE = '42501';
    END IF;
  ELSE
    RAISE EXCEPTION 'an approval that is % does not become %', OLD.state, NEW.state USING ERRCODE = '42501';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approval_is_guarded BEFORE INSERT OR UPDATE ON auth.approval FOR EACH ROW EXECUTE FUNCTION auth.guard_approval();

CREATE FUNCTION auth.refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'approvals are kept' USING ERRCODE = '42501';
END $$;
CREATE TRIGGER approval_stays BEFORE DELETE OR TRUNCATE ON auth.approval FOR EACH STATEMENT EXECUTE FUNCTION auth.refuse_removal();

GRANT SELECT, INSERT ON auth.approval TO sankofa_auth;
GRANT UPDATE (state, decided_by, decided_in, decided_at, remark, carried_out_at, failure_code, failure_detail) ON auth.approval TO sankofa_auth;
