import fc from 'fast-check';
import { feeFor, feeModel, feeOf, feeSchedule, type FeeModel } from './fee-model.js';

/** As Paystack's in Nigeria: 1.5% and 100 naira, the flat part waived below 2,500, at most 2,000; in kobo. */
const LOCAL: FeeModel = feeModel.parse({
  tiers: [
    { up_to: 249_999, percent_bps: 150 },
    { percent_bps: 150, flat: 10_000 },
  ],
  most: 200_000,
});

describe('a fee model', () => {
  it.each([
    [100_000n, 1_500n],
    [249_999n, 3_750n],
    [250_000n, 13_750n],
    [10_000_000n, 160_000n],
    [50_000_000n, 200_000n],
  ])('keeps of %s', (amount, fee) => {
    expect(feeOf(LOCAL, amount)).toBe(fee);
  });

  it('adds levies on the fee and on the amount', () => {
    const model = feeModel.parse({
      tiers: [{ percent_bps: 200 }],
      levies: [
        { name: 'VAT', on: 'fee', percent_bps: 750 },
        { name: 'stamp duty', on: 'amount', flat: 5_000, from: 1_000_000 },
      ],
    });
    expect(feeOf(model, 100_000n)).toBe(2_000n + 150n);
    expect(feeOf(model, 1_000_000n)).toBe(20_000n + 1_500n + 5_000n);
  });

  it('keeps at least the least, and rounds up', () => {
    const model = feeModel.parse({ tiers: [{ percent_bps: 12.5 }], least: 10 });
    expect(feeOf(model, 100n)).toBe(10n);
    expect(feeOf(model, 100_001n)).toBe(126n);
  });

  it.each([
    ['tiers that do not ascend', { tiers: [{ up_to: 10 }, { up_to: 10 }, {}] }],
    ['an open tier before the last', { tiers: [{}, { up_to: 10 }] }],
    ['no tier', { tiers: [] }],
    ['a least above the most', { tiers: [{}], least: 2, most: 1 }],
    ['more than everything', { tiers: [{ percent_bps: 10_001 }] }],
    ['what it does not know', { tiers: [{}], discount: 1 }],
  ])('refuses %s', (_what, model) => {
    expect(feeModel.safeParse(model).success).toBe(false);
  });

  it('never falls as the amount grows, where its tiers do not', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 12n), fc.bigInt(0n, 10n ** 9n), (amount, more) => {
        expect(feeOf(LOCAL, amount + more)).toBeGreaterThanOrEqual(feeOf(LOCAL, amount));
      }),
    );
  });
});

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
