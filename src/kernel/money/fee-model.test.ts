import fc from 'fast-check';
import { feeModel, feeOf, ROUNDINGS, type FeeModel } from './fee-model.js';

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
    expect(feeOf(LOCAL, amount, 'up')).toBe(fee);
  });

  it('adds levies on the fee and on the amount', () => {
    const model = feeModel.parse({
      tiers: [{ percent_bps: 200 }],
      levies: [
        { name: 'VAT', on: 'fee', percent_bps: 750 },
        { name: 'stamp duty', on: 'amount', flat: 5_000, from: 1_000_000 },
      ],
    });
    expect(feeOf(model, 100_000n, 'up')).toBe(2_000n + 150n);
    expect(feeOf(model, 1_000_000n, 'up')).toBe(20_000n + 1_500n + 5_000n);
  });

  it('keeps at least the least, and rounds up', () => {
    const model = feeModel.parse({ tiers: [{ percent_bps: 12.5 }], least: 10 });
    expect(feeOf(model, 100n, 'up')).toBe(10n);
    expect(feeOf(model, 100_001n, 'up')).toBe(126n);
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
        expect(feeOf(LOCAL, amount + more, 'up')).toBeGreaterThanOrEqual(feeOf(LOCAL, amount, 'up'));
      }),
    );
  });
});

describe('a part that is no whole minor unit', () => {
  const halves = feeModel.parse({ tiers: [{ percent_bps: 5_000 }] });
  const tenths = feeModel.parse({ tiers: [{ percent_bps: 1_000 }] });

  it.each([
    ['up', [1n, 2n, 1n, 1n]],
    ['down', [0n, 1n, 0n, 0n]],
    ['half_up', [1n, 2n, 0n, 1n]],
    ['half_even', [0n, 2n, 0n, 1n]],
  ] as const)('is rounded %s', (rounding, [half, threeHalves, fourTenths, sixTenths]) => {
    expect(feeOf(halves, 1n, rounding)).toBe(half);
    expect(feeOf(halves, 3n, rounding)).toBe(threeHalves);
    expect(feeOf(tenths, 4n, rounding)).toBe(fourTenths);
    expect(feeOf(tenths, 6n, rounding)).toBe(sixTenths);
  });

  it('is off by less than one, whichever way', () => {
    const rounding = fc.constantFrom(...ROUNDINGS);
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 15n), fc.integer({ min: 0, max: 10_000 }), rounding, (amount, bps, how) => {
        const fee = feeOf(feeModel.parse({ tiers: [{ percent_bps: bps }] }), amount, how);
        const off = fee * 10_000n - amount * BigInt(bps);
        expect(off > -10_000n && off < 10_000n).toBe(true);
        if (how.startsWith('half')) expect(off >= -5_000n && off <= 5_000n).toBe(true);
      }),
    );
  });
});
