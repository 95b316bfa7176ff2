import { feeFor } from '../modules/routing/fees/fee-model.js';
import { demoPayoutFees } from './demo-fees.js';

it.each([
  ['paystack', 'NGN', 'bank_account', 500_000n, 1_000n],
  ['paystack', 'NGN', 'bank_account', 500_001n, 2_500n],
  ['flutterwave', 'NGN', 'bank_account', 9_000_000n, 5_375n],
  ['mtn_momo', 'GHS', 'mobile_money', 10_000n, 75n],
  ['mtn_momo', 'GHS', 'mobile_money', 10_000_000n, 1_500n],
  ['wave', 'XOF', 'mobile_money', 5_000n, 50n],
  ['orange_money', 'XOF', 'mobile_money', 5_000n, undefined],
] as const)('%s takes for a payout in %s by %s of %s: %s', (gateway, currency, method, amountMinor, fee) => {
  const question = { kind: 'payout', currency, method, amountMinor, network: undefined } as const;
  expect(feeFor(demoPayoutFees(gateway), question)).toBe(fee);
  expect(feeFor(demoPayoutFees(gateway), { ...question, kind: 'payment' })).toBeUndefined();
});
