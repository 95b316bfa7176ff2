-- The ground: one schema and one role per module, and the kernel's own tables: the outbox and inbox (messaging),
-- idempotency keys, and the access projection.

-- Roles belong to the whole PostgreSQL server, so another database of ours may have made them already.
DO $$
DECLARE
  owner text;
BEGIN
  FOREACH owner IN ARRAY ARRAY['kernel', 'payments', 'routing', 'ledger', 'notification', 'reconciliation', 'auth'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'sankofa_' || owner) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', 'sankofa_' || owner);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL; -- made by somebody else a moment ago
      END;
    END IF;
    -- The login user takes a role on per connection (SET ROLE); a superuser may do so without membership.
    IF NOT pg_has_role(current_user, 'sankofa_' || owner, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO %I', 'sankofa_' || owner, current_user);
    END IF;
  END LOOP;
END $$;

CREATE SCHEMA messaging;
CREATE SCHEMA idempotency;
CREATE SCHEMA access;
CREATE SCHEMA payments;
CREATE SCHEMA routing;
CREATE SCHEMA ledger;
CREATE SCHEMA notification;
CREATE SCHEMA reconciliation;
CREATE SCHEMA auth;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

DO $$
DECLARE
  owner text;
BEGIN
  FOREACH owner IN ARRAY ARRAY['payments', 'routing', 'ledger', 'notification', 'reconciliation', 'auth'] LOOP
    EXECUTE format('GRANT USAGE ON SCHEMA %I, messaging, idempotency TO %I', owner, 'sankofa_' || owner);
  END LOOP;
END $$;
GRANT USAGE ON SCHEMA messaging, idempotency, access TO sankofa_kernel;

-- ---------------------------------------------------------------------------------------------------------- outbox

CREATE TABLE messaging.outbox (
  seq           bigint GENERATED ALWAYS AS IDENTITY,
  id            uuid NOT NULL,
  xid           xid8 NOT NULL DEFAULT pg_current_xact_id(),
  aggregatetype text NOT NULL,
  aggregateid   text NOT NULL,
  type          text NOT NULL,
  payload       jsonb NOT NULL,
  headers       jsonb NOT NULL,
  merchant_id   uuid,
  created_at    timestamptz NOT NULL DEFAULT now()
) PARTITION BY RANGE (created_at);
COMMENT ON TABLE messaging.outbox IS 'What the modules tell each other. Append-only: rows are never changed or deleted, whole partitions are dropped. Column names follow the Debezium outbox event router.';

-- Consumers find events by id; created_at makes the search touch one partition only.
CREATE INDEX outbox_id ON messaging.outbox (id);
-- The relay reads committed events in this order.
CREATE INDEX outbox_order ON messaging.outbox (xid, seq);

CREATE TABLE messaging.inbox (
  consumer         text NOT NULL,
  event_id         uuid NOT NULL,
  event_created_at timestamptz NOT NULL,
  processed_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, event_id, event_created_at)
) PARTITION BY RANGE (event_created_at);
COMMENT ON TABLE messaging.inbox IS 'Which consumer has applied which event: written in the transaction of the effect, this row is what makes it happen once. Partitioned like the outbox, by the time of the event.';

CREATE TABLE messaging.outbox_default PARTITION OF messaging.outbox DEFAULT;
CREATE TABLE messaging.inbox_default PARTITION OF messaging.inbox DEFAULT;

CREATE TABLE messaging.delivery (
  consumer         text NOT NULL,
  event_id         uuid NOT NULL,
  event_created_at timestamptz NOT NULL,
  attempts         integer NOT NULL DEFAULT 0,
  next_attempt_at  timestamptz,
  last_error       text,
  abandoned_at     timestamptz,
  created_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, event_id),
  CHECK ((abandoned_at IS NULL) <> (next_attempt_at IS NULL))
);
COMMENT ON TABLE messaging.delivery IS 'Events that did not go through at once: waiting for another try, or abandoned (dead letters). A row goes away when the event is applied.';
CREATE INDEX delivery_due ON messaging.delivery (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX delivery_abandoned ON messaging.delivery (abandoned_at) WHERE abandoned_at IS NOT NULL;

CREATE TABLE messaging.relay_cursor (
  name       text PRIMARY KEY,
  xid        xid8 NOT NULL,
  seq        bigint NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE messaging.relay_cursor IS 'How far the relay has dispatched, in (xid, seq) order.';

CREATE TABLE messaging.consumer_progress (
  consumer   text PRIMARY KEY,
  xid        xid8 NOT NULL,
  seq        bigint NOT NULL,
  event_created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE messaging.consumer_progress IS 'Per consumer, the point up to which the sweeper has seen every event applied or noted in messaging.delivery.';

-- ------------------------------------------------------------------------------------------------------ partitions

-- Daily partitions from yesterday to a week ahead. ATTACH instead of PARTITION OF, because it does not lock readers and
-- writers of the parent out. If a default partition should hold rows of a day (the job was dead for a week), that day is
-- left there.
CREATE FUNCTION messaging.ensure_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  parent  text;
  day     date;
  child   text;
  created integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('sankofa.messaging.partitions', 0));
  FOREACH parent IN ARRAY ARRAY['outbox', 'inbox'] LOOP
    FOR day IN SELECT generate_series((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7, interval '1 day')::date LOOP
      child := parent || '_' || to_char(day, 'YYYYMMDD');
      IF to_regclass('messaging.' || child) IS NULL THEN
        BEGIN
          EXECUTE format('CREATE TABLE messaging.%I (LIKE messaging.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', child, parent);
          EXECUTE format('ALTER TABLE messaging.%I ATTACH PARTITION messaging.%I FOR VALUES FROM (%L) TO (%L)', parent, child,
                         day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
          created := created + 1;
        EXCEPTION WHEN check_violation THEN
          NULL; -- the default partition holds rows of that day; undone by the subtransaction
        END;
      END IF;
    END LOOP;
  END LOOP;
  RETURN created;
END $$;

-- Drops the daily partitions that lie wholly before `horizon`. The caller has made sure that every consumer is past them.
-- Waits for its lock half a second at most: behind a waiting ACCESS EXCLUSIVE lock everybody else would queue.
CREATE FUNCTION messaging.drop_partitions_before(horizon timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
  child   record;
  dropped integer := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('sankofa.messaging.partitions', 0));
  FOR child IN
    SELECT c.relname FROM pg_inherits i
      JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN ('messaging.outbox'::regclass, 'messaging.inbox'::regclass)
       AND c.relname ~ '^(outbox|inbox)_\d{8}$'
       AND (to_date(right(c.relname, 8), 'YYYYMMDD') + 1)::timestamp AT TIME ZONE 'UTC' <= horizon
     ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE messaging.%I', child.relname);
    dropped := dropped + 1;
  END LOOP;
  RETURN dropped;
END $$;

SELECT messaging.ensure_partitions();

REVOKE ALL ON FUNCTION messaging.ensure_partitions(), messaging.drop_partitions_before(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION messaging.ensure_partitions(), messaging.drop_partitions_before(timestamptz) TO sankofa_kernel;

-- ----------------------------------------------------------------------------------------------------- idempotency

CREATE TABLE idempotency.key (
  merchant_id  uuid NOT NULL,
  livemode     boolean NOT NULL,
  key          text NOT NULL,
  route        text NOT NULL,
  fingerprint  bytea NOT NULL,
  resource_id  uuid NOT NULL,
  status       smallint,
  body         text,
  fence        bigint NOT NULL DEFAULT 1,
  locked_until timestamptz,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (merchant_id, livemode, key),
  CHECK ((status IS NULL) = (body IS NULL)),
  CHECK (status IS NOT NULL OR locked_until IS NOT NULL)
);
COMMENT ON TABLE idempotency.key IS 'Client-made keys. Claimed in the commit that makes the change; status and body are the answer, byte for byte. Without an answer the key is leased until locked_until, and fence tells lease holders apart.';
-- Rows arrive in time order, so a block-range index finds the expired ones at next to no cost.
CREATE INDEX key_created_at ON idempotency.key USING brin (created_at);

-- ---------------------------------------------------------------------------------------------------------- access

CREATE TABLE access.credential (
  key_id           uuid PRIMARY KEY,
  kind             text CHECK (kind IN ('merchant', 'admin')),
  key_hash         bytea,
  merchant_id      uuid,
  livemode         boolean,
  platform_fee_bps integer,
  revoked_at       timestamptz,
  updated_at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE access.credential IS 'The guard''s own copy of API and admin keys (hashes), built from events of auth. A revocation may arrive before its key: then the row holds nothing but revoked_at.';
CREATE UNIQUE INDEX credential_key_hash ON access.credential (key_hash);

-- ---------------------------------------------------------------------------------------------------------- rights

DO $$
DECLARE
  owner text;
BEGIN
  FOREACH owner IN ARRAY ARRAY['kernel', 'payments', 'routing', 'ledger', 'notification', 'reconciliation', 'auth'] LOOP
    EXECUTE format('GRANT SELECT, INSERT ON messaging.outbox, messaging.inbox TO %I', 'sankofa_' || owner);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON messaging.delivery TO %I', 'sankofa_' || owner);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON idempotency.key TO sankofa_payments, sankofa_ledger;
GRANT SELECT, DELETE ON idempotency.key TO sankofa_kernel;
GRANT SELECT, INSERT, UPDATE ON messaging.relay_cursor, messaging.consumer_progress TO sankofa_kernel;
GRANT SELECT, INSERT, UPDATE ON access.credential TO sankofa_kernel;
