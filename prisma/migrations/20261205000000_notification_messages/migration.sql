-- E-mail and SMS. What is said and who it is said to lie apart: the second is sealed, and goes before the first does.

CREATE TABLE notification.message (
  id              uuid PRIMARY KEY,
  kind            text NOT NULL CHECK (kind ~ '^[a-z_]{1,60}$'),
  channel         text NOT NULL CHECK (channel IN ('email', 'sms')),
  language        text NOT NULL CHECK (language IN ('en', 'fr')),
  audience        text NOT NULL CHECK (audience IN ('admin', 'operations', 'customer', 'merchant')),
  source_event_id uuid NOT NULL,
  subject_id      uuid,
  merchant_id     uuid,
  livemode        boolean,
  addressee       text NOT NULL CHECK (length(addressee) <= 320),
  addressee_hash  bytea NOT NULL CHECK (length(addressee_hash) = 32),
  data            jsonb NOT NULL,
  count           integer NOT NULL DEFAULT 1 CHECK (count > 0),
  state           text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'abandoned')),
  attempts        integer NOT NULL DEFAULT 0,
  claims          integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  expires_at      timestamptz NOT NULL,
  last_error      text CHECK (length(last_error) <= 200),
  provider_id     text CHECK (length(provider_id) <= 300),
  resend_of       uuid,
  created_at      timestamptz NOT NULL DEFAULT now(),
  sent_at         timestamptz,
  due_channel     text GENERATED ALWAYS AS (CASE WHEN state IN ('queued', 'sending') THEN channel END) STORED,
  gathering       text GENERATED ALWAYS AS (CASE WHEN audience = 'operations' AND state = 'queued' AND claims = 0 AND resend_of IS NULL THEN kind || '/' || channel END) STORED,
  CONSTRAINT message_of_event UNIQUE (source_event_id, kind, channel),
  CONSTRAINT message_gathers UNIQUE (gathering),
  CHECK ((state IN ('queued', 'sending')) = (next_attempt_at IS NOT NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
COMMENT ON TABLE notification.message IS 'An e-mail or SMS. failed: refused for good; abandoned: too old, or nobody knows whether it was taken and it must not come twice.';
COMMENT ON COLUMN notification.message.source_event_id IS 'One message of a kind and channel per event, however often the event is heard. A resend is an event of its own.';
COMMENT ON COLUMN notification.message.subject_id IS 'The payment, invitation or person that it is about.';
COMMENT ON COLUMN notification.message.addressee IS 'Masked. The whole is in message_content, sealed.';
COMMENT ON COLUMN notification.message.addressee_hash IS 'HMAC of audience, channel and address under a key made of the master key: tells addressees apart.';
COMMENT ON COLUMN notification.message.data IS 'What is said, as far as it is neither personal nor secret.';
COMMENT ON COLUMN notification.message.count IS 'Alerts of one kind gather until they are sent: how many there are.';
COMMENT ON COLUMN notification.message.claims IS 'Fencing token: grows with every claim.';
COMMENT ON COLUMN notification.message.next_attempt_at IS 'When it is due; while a process holds it, the end of that claim''s lease.';
COMMENT ON COLUMN notification.message.due_channel IS 'The channel of what is not over yet: for the index that senders go by.';
COMMENT ON COLUMN notification.message.gathering IS 'There is at most one alert of a kind and channel that waits and nobody has begun to send: what comes meanwhile is added to it.';
CREATE INDEX message_due ON notification.message (due_channel, next_attempt_at);
CREATE INDEX message_by_state ON notification.message (state, id);
CREATE INDEX message_by_kind ON notification.message (kind, id);
CREATE INDEX message_by_channel ON notification.message (channel, id);
CREATE INDEX message_by_resend ON notification.message (resend_of);
CREATE INDEX message_by_subject ON notification.message (subject_id, kind);

CREATE TABLE notification.message_content (
  message_id uuid PRIMARY KEY REFERENCES notification.message (id) ON DELETE CASCADE,
  sealed     jsonb NOT NULL,
  erase_at   timestamptz NOT NULL
);
COMMENT ON TABLE notification.message_content IS 'Who a message goes to, and what of it only they may read: a JWE under the master keys. Deleted once sent where it opens a door, else at erase_at; or by hand, where somebody wants to be forgotten.';
CREATE INDEX message_content_erase ON notification.message_content (erase_at);

CREATE TABLE notification.message_attempt (
  message_id  uuid NOT NULL REFERENCES notification.message (id) ON DELETE CASCADE,
  attempt     integer NOT NULL,
  started_at  timestamptz NOT NULL,
  duration_ms integer NOT NULL,
  outcome     text NOT NULL CHECK (outcome IN ('sent', 'refused', 'not_sent', 'unknown')),
  error       text CHECK (length(error) <= 200),
  provider_id text CHECK (length(provider_id) <= 300),
  PRIMARY KEY (message_id, attempt)
);
COMMENT ON TABLE notification.message_attempt IS 'What came of each attempt. error is a code of ours or the provider''s, never its words, which may repeat an address.';

CREATE TABLE notification.addressee_allowance (
  addressee_hash bytea NOT NULL,
  hour           timestamptz NOT NULL,
  used           integer NOT NULL,
  PRIMARY KEY (addressee_hash, hour)
);
COMMENT ON TABLE notification.addressee_allowance IS 'How many messages an addressee was due in an hour: what is beyond the limit waits for the next.';
CREATE INDEX addressee_allowance_hour ON notification.addressee_allowance (hour);

CREATE TABLE notification.alert_pace (
  kind    text NOT NULL,
  channel text NOT NULL,
  free_at timestamptz NOT NULL,
  PRIMARY KEY (kind, channel)
);
COMMENT ON TABLE notification.alert_pace IS 'When the next alert of a kind may go out: storms are told once in a while, with their count.';

CREATE TABLE notification.message_settings (
  merchant_id    uuid NOT NULL,
  livemode       boolean NOT NULL,
  name           text CHECK (length(name) <= 40),
  receipts_sms   boolean NOT NULL DEFAULT false,
  receipts_email boolean NOT NULL DEFAULT false,
  language       text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'fr')),
  contact_email  text CHECK (length(contact_email) <= 254),
  updated_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (merchant_id, livemode),
  -- Customers are told whom they have paid, or nothing.
  CHECK (name IS NOT NULL OR NOT (receipts_sms OR receipts_email))
);
COMMENT ON TABLE notification.message_settings IS 'What a merchant wants its customers, and itself, to be sent. No row: nothing.';

GRANT SELECT, INSERT, DELETE ON notification.message TO sankofa_notification;
GRANT UPDATE (data, count, state, attempts, claims, next_attempt_at, expires_at, last_error, provider_id, sent_at) ON notification.message TO sankofa_notification;
GRANT SELECT, INSERT, DELETE ON notification.message_content TO sankofa_notification;
-- Sealed anew when a master key is replaced.
GRANT UPDATE (sealed) ON notification.message_content TO sankofa_notification;
GRANT SELECT, INSERT ON notification.message_attempt TO sankofa_notification;
GRANT SELECT, INSERT, UPDATE, DELETE ON notification.addressee_allowance TO sankofa_notification;
GRANT SELECT, INSERT, UPDATE ON notification.alert_pace, notification.message_settings TO sankofa_notification;
