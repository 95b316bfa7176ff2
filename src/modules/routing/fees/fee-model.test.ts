import { feeFor, feeSchedule } from './fee-model.js';

it('uses the first schedule that fits', () => {
  const schedules = [
    { currency: 'GHS', method: 'mobile_money', network: 'mtn', fee: { tiers: [{ percent_bps: 100 }] } },
    { currency: 'GHS', method: 'mobile_money', fee: { tiers: [{ percent_bps: 150 }] } },
    { currency: 'GHS', fee: { tiers: [{ percent_bps: 195 }] } },
  ].map((each) => feeSchedule.parse(each));
  const fee = (method: string, network?: string) =>
    feeFor(schedules, { kind: 'payment', amountMinor: 10_000n, currency: 'GHS', method, network });
  expect(fee('mobile_money', 'mtn')).toBe(100n);
  expect(fee('mobile_money', 'telecel')).toBe(150n);
  expect(fee('card')).toBe(195n);
  expect(
    feeFor(schedules, { kind: 'payment', amountMinor: 1n, currency: 'XOF', method: 'card', network: undefined }),
  ).toBeUndefined();
});

describe('schedules of payouts', () => {
  const schedules = [
    { kind: 'payout', currency: 'GHS', method: 'mobile_money', fee: { tiers: [{ percent_bps: 100 }], most: 1_000 } },
    { currency: 'GHS', fee: { tiers: [{ percent_bps: 195 }] } },
    { kind: 'payout', currency: 'GHS', fee: { tiers: [{ flat: 500 }] } },
  ].map((each) => feeSchedule.parse(each));
  const fee = (kind: 'payment' | 'payout', method: string, amountMinor = 10_000n) =>
    feeFor(schedules, { kind, amountMinor, currency: 'GHS', method, network: undefined });

  it('count for payouts alone, and those that do not say for payments alone', () => {
    expect(fee('payout', 'mobile_money')).toBe(100n);
    expect(fee('payout', 'mobile_money', 10_000_000n)).toBe(1_000n);
    expect(fee('payout', 'bank_account')).toBe(500n);
    expect(fee('payment', 'mobile_money')).toBe(195n);
    expect(
      feeFor(schedules.slice(1, 2), {
        kind: 'payout',
        amountMinor: 1n,
        currency: 'GHS',
        method: 'mobile_money',
        network: undefined,
      }),
    ).toBeUndefined();
  });

  it.each([
    ['payout', 'card'],
    ['payout', 'ussd'],
    ['payment', 'bank_account'],
    [undefined, 'bank_account'],
  ])('are refused where nothing goes so: %s by %s', (kind, method) => {
    expect(feeSchedule.safeParse({ kind, method, currency: 'GHS', fee: { tiers: [{}] } }).success).toBe(false);
  });
});
