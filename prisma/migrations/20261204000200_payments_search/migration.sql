-- What operators find payments and payouts by, whoever's they are; and refunds that operators ask for.

-- Digits alone, and the last eight of them: people leave out the country, or write a zero in its place.
CREATE FUNCTION payments.phone_key(phone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT right(regexp_replace(phone, '\D', '', 'g'), 8) $$;
COMMENT ON FUNCTION payments.phone_key IS 'The last eight digits: what is the same in +233241234567, 0241234567 and 241234567.';
REVOKE ALL ON FUNCTION payments.phone_key FROM PUBLIC;
GRANT EXECUTE ON FUNCTION payments.phone_key TO sankofa_payments;

ALTER TABLE payments.payment
  ADD COLUMN phone_key text GENERATED ALWAYS AS (payments.phone_key(coalesce(method ->> 'phone', customer ->> 'phone'))) STORED,
  -- Of a customer who pays from another phone than they gave.
  ADD COLUMN other_phone_key text GENERATED ALWAYS AS (
    CASE WHEN method ->> 'phone' <> customer ->> 'phone' THEN payments.phone_key(customer ->> 'phone') END) STORED,
  ADD COLUMN email_key text GENERATED ALWAYS AS (lower(customer ->> 'email')) STORED;
CREATE INDEX payment_search_phone ON payments.payment (phone_key, id);
CREATE INDEX payment_search_other_phone ON payments.payment (other_phone_key, id);
CREATE INDEX payment_search_email ON payments.payment (email_key, id);
CREATE INDEX payment_search_reference ON payments.payment (reference, id);

ALTER TABLE payments.payout
  ADD COLUMN destination_key text GENERATED ALWAYS AS (
    payments.phone_key(coalesce(destination ->> 'phone', destination ->> 'account_number'))) STORED;
CREATE INDEX payout_search_destination ON payments.payout (destination_key, id);
CREATE INDEX payout_search_reference ON payments.payout (reference, id);

ALTER TABLE payments.refund
  ADD COLUMN approval_id uuid,
  ADD COLUMN asked_by uuid,
  ADD COLUMN approved_by uuid,
  ADD CONSTRAINT refund_approved_whole CHECK (num_nonnulls(approval_id, asked_by, approved_by) IN (0, 3)),
  ADD CONSTRAINT refund_approved_by_another CHECK (approved_by <> asked_by),
  ADD CONSTRAINT refund_surplus_by_itself CHECK (source = 'merchant' OR approval_id IS NULL);
CREATE UNIQUE INDEX refund_approval ON payments.refund (approval_id);
COMMENT ON COLUMN payments.refund.approval_id IS 'In auth.approval, where two operators made it. Null: the merchant did, or it is a surplus.';
