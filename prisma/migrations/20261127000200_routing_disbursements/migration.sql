-- Refunds and payouts are routed as payments are: the same attempts, claims and rules. What is routed says of which kind it is.

ALTER TABLE routing.payment
  ADD COLUMN kind text NOT NULL DEFAULT 'payment' CONSTRAINT payment_kind_known CHECK (kind IN ('payment', 'refund', 'payout')),
  ADD COLUMN captured_by uuid CONSTRAINT payment_captured_by_fkey REFERENCES routing.attempt (id) ON DELETE RESTRICT ON UPDATE RESTRICT,
  ADD COLUMN destination jsonb,
  ALTER COLUMN method DROP NOT NULL,
  ALTER COLUMN customer DROP NOT NULL,
  ADD CONSTRAINT payment_has_what_its_kind_needs CHECK (
    (kind = 'payment') = (method IS NOT NULL AND customer IS NOT NULL)
    AND (kind = 'refund') = (captured_by IS NOT NULL)
    AND (kind = 'payout') = (destination IS NOT NULL));
COMMENT ON TABLE routing.payment IS 'Routing''s own copy of what is to be routed: payments, refunds and payouts, and how that ended. Its row lock orders everything that happens to its attempts.';
COMMENT ON COLUMN routing.payment.payment_id IS 'Of a refund or payout: its id.';
COMMENT ON COLUMN routing.payment.captured_by IS 'Of a refund: the attempt whose capture it gives back.';
COMMENT ON COLUMN routing.payment.destination IS 'Of a payout: where it goes.';
COMMENT ON COLUMN routing.payment.description IS 'What the gateway is told it is for: of a refund its reason, of a payout its narration.';
COMMENT ON COLUMN routing.payment.caused_by IS 'Id of the event that asked for it (payment_created, refund_funded, payout_funded): the cause of every event about it.';

-- The refunds of one charge, which are matched against each other at gateways that give refunds no reference of ours.
CREATE INDEX payment_refunds_of ON routing.payment (captured_by) WHERE captured_by IS NOT NULL;

ALTER TABLE routing.attempt
  ADD COLUMN kind text NOT NULL DEFAULT 'payment' CONSTRAINT attempt_kind_known CHECK (kind IN ('payment', 'refund', 'payout')),
  DROP CONSTRAINT attempt_status_check,
  ADD CONSTRAINT attempt_status_check CHECK (status IN ('planned', 'sending', 'pending', 'unknown', 'succeeded', 'declined', 'not_sent', 'surplus', 'quarantined', 'returned')
    AND (status <> 'returned' OR kind <> 'payment')),
  DROP CONSTRAINT attempt_captured_when_it_says_so,
  ADD CONSTRAINT attempt_captured_when_it_says_so CHECK (status NOT IN ('succeeded', 'surplus', 'quarantined', 'returned') OR captured_amount IS NOT NULL);
COMMENT ON COLUMN routing.attempt.kind IS 'As of what it is an attempt at: disbursements are taken up apart from payments, so that many of them delay none of those.';
COMMENT ON COLUMN routing.attempt.captured_amount IS 'What moved: taken from the customer, or of a refund or payout, paid out.';

-- Ten thousand planned payouts must not stand before the checks of payments. A row is in one of the two, so a payment's writes cost what they did.
DROP INDEX routing.attempt_due;
CREATE INDEX attempt_due ON routing.attempt (next_check_at) WHERE next_check_at IS NOT NULL AND kind = 'payment';
CREATE INDEX attempt_due_disbursement ON routing.attempt (next_check_at) WHERE next_check_at IS NOT NULL AND kind <> 'payment';
