-- What we take of payments, as data: per merchant, in versions. A payment says by which it was charged.

CREATE TABLE payments.fee_schedule (
  id uuid PRIMARY KEY,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  merchant_id uuid,
  version int NOT NULL CHECK (version > 0),
  content jsonb NOT NULL CHECK (jsonb_typeof(content) = 'object'),
  valid_from timestamptz NOT NULL,
  note text NOT NULL CHECK (length(note) BETWEEN 1 AND 500),
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT fee_schedule_seq UNIQUE (seq),
  CONSTRAINT fee_schedule_version UNIQUE NULLS NOT DISTINCT (merchant_id, version)
);
COMMENT ON TABLE payments.fee_schedule IS 'Never changed. Our fees of a merchant''s payments (null: of all that have no schedule of their own): in force is the version with the latest valid_from that is not in the future.';
COMMENT ON COLUMN payments.fee_schedule.seq IS 'Given one at a time, in the order of their commits: who has read up to here has seen all.';
COMMENT ON COLUMN payments.fee_schedule.created_by IS 'The admin key.';

ALTER TABLE payments.payment ADD COLUMN fee_schedule_id uuid;
COMMENT ON COLUMN payments.payment.fee_schedule_id IS 'What was in force when it was made, and says what platform_fee is; null: the basis points of the merchant. Where it has no fee for such a payment, these too.';

GRANT SELECT, INSERT ON payments.fee_schedule TO sankofa_payments;
