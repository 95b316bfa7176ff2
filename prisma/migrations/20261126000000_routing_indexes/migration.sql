-- Every change of an attempt writes each of its indexes again, several times per payment. Attempts of one payment are numbered under its
-- row lock, so that no index has to watch over it; their number is what a reader sorts by. Looking them up by payment goes through
-- attempt_payment_id_gateway_account_id_key.
ALTER TABLE routing.attempt DROP CONSTRAINT attempt_payment_id_sequence_key;
