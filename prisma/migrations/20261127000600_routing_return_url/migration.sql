-- The merchant's page, which gateways are told for a customer who comes back from theirs.
ALTER TABLE routing.payment ADD COLUMN return_url text;
COMMENT ON COLUMN routing.payment.return_url IS 'The merchant''s page for a customer who comes back from a gateway''s. Null: the gateway account''s own.';
