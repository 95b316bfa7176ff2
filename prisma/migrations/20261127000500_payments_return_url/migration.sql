-- The page that a payment's customer comes back to from a gateway's.
ALTER TABLE payments.payment ADD COLUMN return_url text;
COMMENT ON COLUMN payments.payment.return_url IS 'The merchant''s page for a customer who comes back from a gateway''s. Null: the gateway account''s own.';
