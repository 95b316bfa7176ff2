-- Refunds and payouts: money that goes out, with what is counted against a payment.

-- The database and not the code keeps refunds at or below what was captured: whoever adds to `refunding` holds the payment's lock,
-- and one too many breaks the constraint.
ALTER TABLE payments.payment
  ADD COLUMN refunding bigint NOT NULL DEFAULT 0,
  ADD COLUMN refunded  bigint NOT NULL DEFAULT 0,
  ADD CONSTRAINT payment_refunding CHECK (refunding >= 0 AND refunding <= amount),
  ADD CONSTRAINT payment_refunded CHECK (refunded >= 0 AND refunded <= refunding);
COMMENT ON COLUMN payments.payment.refunding IS 'What its refunds count together that have not failed or come back: those under way and those that succeeded. Always the sum of refund.counted.';
COMMENT ON COLUMN payments.payment.refunded IS 'The part of refunding that has succeeded.';

CREATE TABLE payments.refund (
  id                 uuid PRIMARY KEY,
  merchant_id        uuid NOT NULL,
  livemode           boolean NOT NULL,
  payment_id         uuid NOT NULL,
  source             text NOT NULL CHECK (source IN ('merchant', 'surplus')),
  captured_by        uuid NOT NULL,
  amount             bigint NOT NULL CHECK (amount > 0),
  currency           text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  counted            bigint NOT NULL,
  platform_fee       bigint NOT NULL DEFAULT 0 CHECK (platform_fee >= 0 AND platform_fee < amount),
  reason             text,
  metadata           jsonb NOT NULL,
  status             text NOT NULL CHECK (status IN ('processing', 'succeeded', 'failed', 'returned')),
  failure_code       text,
  gateway            text,
  gateway_account_id uuid,
  attempt_id         uuid,
  gateway_fee        bigint CHECK (gateway_fee >= 0),
  return_account_id  uuid,
  return_attempt_id  uuid,
  correlation_id     text NOT NULL,
  created_at         timestamptz NOT NULL,
  funded_at          timestamptz,
  succeeded_at       timestamptz,
  returned_at        timestamptz,
  concluded_at       timestamptz,
  CONSTRAINT refund_counted CHECK (counted >= 0 AND counted <= CASE WHEN source = 'merchant' AND status IN ('processing', 'succeeded') THEN amount ELSE 0 END),
  CHECK ((status = 'failed') = (failure_code IS NOT NULL)),
  CHECK ((status = 'returned') = (returned_at IS NOT NULL)),
  CHECK (status <> 'succeeded' OR succeeded_at IS NOT NULL),
  CHECK ((succeeded_at IS NULL) = (attempt_id IS NULL)),
  CHECK ((returned_at IS NULL) = (return_attempt_id IS NULL)),
  CHECK ((status = 'processing') = (concluded_at IS NULL))
);
COMMENT ON TABLE payments.refund IS 'Money given back for a payment. States only move up a lattice: processing < failed < succeeded < returned, in whatever order the events come.';
COMMENT ON COLUMN payments.refund.source IS 'merchant: asked for. surplus: a second capture of a payment that another attempt had won goes back by itself; it is not the payment''s own money and counts nothing against it.';
COMMENT ON COLUMN payments.refund.captured_by IS 'The attempt whose capture it gives back.';
COMMENT ON COLUMN payments.refund.counted IS 'How much of it payment.refunding holds: the amount, and nothing once it failed or came back. A success that comes after a failure counts what room other refunds have left, which may be less than the amount.';
COMMENT ON COLUMN payments.refund.platform_fee IS 'What of the amount comes out of our fee: its share of it, so that a merchant who refunds everything has paid nothing for the payment.';
CREATE INDEX refund_list ON payments.refund (merchant_id, livemode, id DESC);
CREATE INDEX refund_payment ON payments.refund (payment_id);
CREATE INDEX refund_open ON payments.refund (created_at) WHERE status = 'processing';
-- At most one automatic refund of each surplus capture.
CREATE UNIQUE INDEX refund_surplus ON payments.refund (captured_by) WHERE source = 'surplus';

CREATE TABLE payments.payout_batch (
  id             uuid PRIMARY KEY,
  merchant_id    uuid NOT NULL,
  livemode       boolean NOT NULL,
  reference      text NOT NULL,
  count          integer NOT NULL CHECK (count > 0),
  amounts        jsonb NOT NULL,
  correlation_id text NOT NULL,
  created_at     timestamptz NOT NULL
);
COMMENT ON TABLE payments.payout_batch IS 'Payouts that were accepted together or not at all. It never changes: how it goes is counted from its payouts.';
COMMENT ON COLUMN payments.payout_batch.amounts IS 'What its payouts come to, by currency, in minor units.';
CREATE INDEX payout_batch_list ON payments.payout_batch (merchant_id, livemode, id DESC);
ALTER TABLE payments.payout_batch ADD CONSTRAINT payout_batch_reference UNIQUE (merchant_id, livemode, reference);

CREATE TABLE payments.payout (
  id                 uuid PRIMARY KEY,
  merchant_id        uuid NOT NULL,
  livemode           boolean NOT NULL,
  reference          text NOT NULL,
  batch_id           uuid,
  amount             bigint NOT NULL CHECK (amount > 0),
  currency           text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  destination        jsonb NOT NULL,
  narration          text,
  metadata           jsonb NOT NULL,
  status             text NOT NULL CHECK (status IN ('processing', 'succeeded', 'failed', 'returned')),
  failure_code       text,
  gateway            text,
  gateway_account_id uuid,
  attempt_id         uuid,
  gateway_fee        bigint CHECK (gateway_fee >= 0),
  return_account_id  uuid,
  return_attempt_id  uuid,
  correlation_id     text NOT NULL,
  created_at         timestamptz NOT NULL,
  funded_at          timestamptz,
  succeeded_at       timestamptz,
  returned_at        timestamptz,
  concluded_at       timestamptz,
  CHECK ((status = 'failed') = (failure_code IS NOT NULL)),
  CHECK ((status = 'returned') = (returned_at IS NOT NULL)),
  CHECK (status <> 'succeeded' OR succeeded_at IS NOT NULL),
  CHECK ((succeeded_at IS NULL) = (attempt_id IS NULL)),
  CHECK ((returned_at IS NULL) = (return_attempt_id IS NULL)),
  CHECK ((status = 'processing') = (concluded_at IS NULL))
);
COMMENT ON TABLE payments.payout IS 'Money a merchant sends to somebody. States only move up a lattice: processing < failed < succeeded < returned, in whatever order the events come.';
CREATE INDEX payout_list ON payments.payout (merchant_id, livemode, id DESC);
CREATE INDEX payout_in_batch ON payments.payout (batch_id, id DESC) WHERE batch_id IS NOT NULL;
-- Whether a batch is still under way, without a look at ten thousand rows.
CREATE INDEX payout_batch_open ON payments.payout (batch_id) WHERE concluded_at IS NULL AND batch_id IS NOT NULL;
CREATE INDEX payout_open ON payments.payout (created_at) WHERE status = 'processing';
-- For ever, as with payments; and last of the indexes, for the reason given there.
ALTER TABLE payments.payout ADD CONSTRAINT payout_reference UNIQUE (merchant_id, livemode, reference);

COMMENT ON TABLE payments.attempt IS 'The attempts as routing told of them; a copy for showing, the newest version wins.';
COMMENT ON COLUMN payments.attempt.payment_id IS 'The payment, refund or payout that it is an attempt at: their ids are UUIDs of one kind, and an attempt belongs to one of them.';

GRANT SELECT, INSERT, UPDATE ON payments.refund, payments.payout TO sankofa_payments;
GRANT SELECT, INSERT ON payments.payout_batch TO sankofa_payments;
