-- Webhooks to merchants. One row per event that merchants are told about, one per delivery of it to an endpoint.

CREATE TABLE notification.endpoint (
  id              uuid PRIMARY KEY,
  merchant_id     uuid NOT NULL,
  livemode        boolean NOT NULL,
  url             text NOT NULL CHECK (length(url) <= 2048),
  description     text CHECK (length(description) <= 255),
  -- Names of the events it wants; empty means all.
  events          text[] NOT NULL DEFAULT '{}',
  status          text NOT NULL DEFAULT 'enabled' CHECK (status IN ('enabled', 'disabled', 'deleted')),
  disabled_reason text CHECK (disabled_reason IN ('gone', 'failing')),
  disabled_at     timestamptz,
  failing_since   timestamptz,
  throttled_until timestamptz,
  created_at      timestamptz NOT NULL DEFAULT now(),
  CHECK ((status = 'disabled') = (disabled_reason IS NOT NULL))
);
COMMENT ON TABLE notification.endpoint IS 'Where a merchant wants its webhooks. Deleted ones stay as rows, since deliveries point at them, but lose their secrets.';
COMMENT ON COLUMN notification.endpoint.failing_since IS 'First failure since the last success; null while the endpoint is well.';
COMMENT ON COLUMN notification.endpoint.throttled_until IS 'Nothing is sent to the endpoint before this time: it asked for rest (429, 502, 504 or Retry-After).';
CREATE INDEX endpoint_by_merchant ON notification.endpoint (merchant_id, livemode, id);

-- A table of its own, so that no list of endpoints can show a secret by oversight.
CREATE TABLE notification.endpoint_secret (
  endpoint_id uuid NOT NULL REFERENCES notification.endpoint (id),
  generation  integer NOT NULL,
  secret      text NOT NULL,
  expires_at  timestamptz,
  created_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (endpoint_id, generation)
);
COMMENT ON TABLE notification.endpoint_secret IS 'Signing secrets, in clear because the sender signs with them; shown to the merchant once. The newest has no expiry, the one before it is valid until expires_at.';

CREATE TABLE notification.event (
  id              uuid PRIMARY KEY,
  source_event_id uuid NOT NULL CONSTRAINT event_of_source UNIQUE,
  type            text NOT NULL,
  merchant_id     uuid NOT NULL,
  livemode        boolean NOT NULL,
  body            text NOT NULL,
  created_at      timestamptz NOT NULL
);
COMMENT ON TABLE notification.event IS 'What merchants are told. body is the exact text that is signed and sent, the same at every attempt (text and not jsonb, which would not keep its bytes).';
CREATE INDEX event_by_merchant ON notification.event (merchant_id, livemode, id);

-- No foreign keys on this hot table: event and delivery are written by one statement, neither event nor endpoint rows
-- are ever deleted, and a key check would lock the row of a busy endpoint in every batch.
CREATE TABLE notification.delivery (
  id               uuid PRIMARY KEY,
  event_id         uuid NOT NULL,
  endpoint_id      uuid NOT NULL,
  status           text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed', 'abandoned')),
  attempts         integer NOT NULL DEFAULT 0,
  claims           integer NOT NULL DEFAULT 0,
  next_attempt_at  timestamptz,
  last_status      integer,
  last_error       text,
  last_duration_ms integer,
  first_attempt_at timestamptz,
  last_attempt_at  timestamptz,
  created_at       timestamptz NOT NULL DEFAULT now(),
  CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
COMMENT ON TABLE notification.delivery IS 'An event on its way to an endpoint. failed: the endpoint was disabled or deleted first; abandoned: every attempt failed. A redelivery is another row of the same event.';
COMMENT ON COLUMN notification.delivery.next_attempt_at IS 'When it is due; while a process holds it, the end of that claim''s lease.';
COMMENT ON COLUMN notification.delivery.claims IS 'Fencing token: grows with every claim, so that a process whose lease ran out cannot reschedule what another holds.';
CREATE INDEX delivery_pending ON notification.delivery (endpoint_id, next_attempt_at) WHERE status = 'pending';
CREATE INDEX delivery_by_event ON notification.delivery (event_id);
CREATE INDEX delivery_dead ON notification.delivery (status, id) WHERE status IN ('failed', 'abandoned');

CREATE TABLE notification.delivery_attempt (
  delivery_id uuid NOT NULL REFERENCES notification.delivery (id),
  attempt     integer NOT NULL,
  started_at  timestamptz NOT NULL,
  duration_ms integer NOT NULL,
  http_status integer,
  error       text NOT NULL,
  response    text,
  PRIMARY KEY (delivery_id, attempt)
);
COMMENT ON TABLE notification.delivery_attempt IS 'Failed attempts. A successful one is told by its delivery row alone, so that the usual case writes nothing here.';

GRANT SELECT, INSERT, UPDATE ON notification.endpoint TO sankofa_notification;
GRANT SELECT, INSERT, DELETE ON notification.endpoint_secret TO sankofa_notification;
GRANT UPDATE (expires_at) ON notification.endpoint_secret TO sankofa_notification;
GRANT SELECT, INSERT ON notification.event TO sankofa_notification;
GRANT SELECT, INSERT, UPDATE ON notification.delivery TO sankofa_notification;
GRANT SELECT, INSERT ON notification.delivery_attempt TO sankofa_notification;
