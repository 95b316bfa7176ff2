-- What is kept back of each capture for a while has an account of its own: merchant_reserved is what refunds and payouts hold.
ALTER TABLE ledger.account DROP CONSTRAINT account_kind_check, DROP CONSTRAINT account_merchant,
  ADD CONSTRAINT account_kind_check CHECK (kind IN ('gateway_clearing', 'bank', 'merchant_pending', 'merchant_available',
    'merchant_reserved', 'merchant_rolling_reserve', 'customer_reserved', 'platform_fees', 'gateway_fees', 'write_offs', 'suspense',
    'rounding_residue', 'client')),
  ADD CONSTRAINT account_merchant CHECK ((merchant_id IS NOT NULL) =
    (kind IN ('merchant_pending', 'merchant_available', 'merchant_reserved', 'merchant_rolling_reserve', 'client')));
