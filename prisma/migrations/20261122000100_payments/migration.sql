-- Payments: what merchants asked for and how it went, and the module's own copy of the attempts.

CREATE TABLE payments.payment (
  id                 uuid PRIMARY KEY,
  merchant_id        uuid NOT NULL,
  livemode           boolean NOT NULL,
  reference          text NOT NULL,
  amount             bigint NOT NULL CHECK (amount > 0),
  currency           text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  method             jsonb NOT NULL,
  customer           jsonb NOT NULL,
  description        text,
  metadata           jsonb NOT NULL,
  platform_fee       bigint NOT NULL CHECK (platform_fee >= 0 AND platform_fee <= amount),
  status             text NOT NULL CHECK (status IN ('processing', 'requires_action', 'succeeded', 'failed', 'canceled')),
  next_action        jsonb,
  action_attempt_id  uuid,
  failure_code       text,
  gateway            text,
  gateway_account_id uuid,
  winning_attempt_id uuid,
  gateway_fee        bigint CHECK (gateway_fee >= 0),
  correlation_id     text NOT NULL,
  created_at         timestamptz NOT NULL,
  concluded_at       timestamptz,
  CHECK ((status = 'succeeded') = (winning_attempt_id IS NOT NULL)),
  CHECK ((status = 'requires_action') = (next_action IS NOT NULL)),
  CHECK ((status = 'failed') = (failure_code IS NOT NULL))
);
COMMENT ON TABLE payments.payment IS 'One row per payment a merchant asked for. Amounts are minor units. States only move up a lattice: processing <-> requires_action, then failed or canceled, then succeeded (a late success beats a failure, never the other way).';
-- Lists: ids are UUIDv7, so newest first is by id.
CREATE INDEX payment_list ON payments.payment (merchant_id, livemode, id DESC);
-- What is still open: few rows, watched by metrics and by operators.
CREATE INDEX payment_open ON payments.payment (status, created_at) WHERE status IN ('processing', 'requires_action');

-- Last of the indexes on purpose: while the table is empty the planner finds payment_list as good for a look-up by reference, takes the
-- newer of the two, and keeps that plan.
ALTER TABLE payments.payment ADD CONSTRAINT payment_reference UNIQUE (merchant_id, livemode, reference);

CREATE TABLE payments.attempt (
  id                 uuid PRIMARY KEY,
  payment_id         uuid NOT NULL,
  merchant_id        uuid NOT NULL,
  version            integer NOT NULL,
  gateway            text NOT NULL,
  gateway_account_id uuid NOT NULL,
  reference          text NOT NULL,
  status             text NOT NULL,
  outcome_code       text,
  blame              text,
  started_at         timestamptz NOT NULL,
  concluded_at       timestamptz
);
COMMENT ON TABLE payments.attempt IS 'The attempts as routing told of them; a copy for showing, the newest version wins.';
CREATE INDEX attempt_payment ON payments.attempt (payment_id);
CREATE INDEX attempt_reference ON payments.attempt (reference);

GRANT SELECT, INSERT, UPDATE ON payments.payment, payments.attempt TO sankofa_payments;
