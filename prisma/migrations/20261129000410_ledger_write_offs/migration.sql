-- Differences that were given up, or kept: what reconciliation found and nobody could explain.
ALTER TABLE ledger.account DROP CONSTRAINT account_kind_check;
ALTER TABLE ledger.account ADD CONSTRAINT account_kind_check CHECK (kind IN ('gateway_clearing', 'bank', 'merchant_pending', 'merchant_available',
    'merchant_reserved', 'customer_reserved', 'platform_fees', 'gateway_fees', 'write_offs', 'suspense', 'rounding_residue', 'client'));
ALTER TABLE ledger.account DROP CONSTRAINT account_side;
ALTER TABLE ledger.account ADD CONSTRAINT account_side
  CHECK (kind = 'client' OR (normal_side = 'debit') = (kind IN ('gateway_clearing', 'bank', 'gateway_fees', 'write_offs')));
