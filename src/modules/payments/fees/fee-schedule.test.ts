import fc from 'fast-check';
import { asksForGateway, feeBy, scheduleContent } from './fee-schedule.js';

const momo = (network: string) => ({ type: 'mobile_money', network, phone: '+233241234567' }) as const;
const card = { type: 'card' } as const;
const content = scheduleContent.parse({
  fees: [
    {
      currency: 'GHS',
      method: 'mobile_money',
      network: 'mtn',
      gateway: 'hubtel',
      fee: { tiers: [{ percent_bps: 30 }] },
    },
    { currency: 'GHS', method: 'mobile_money', fee: { tiers: [{ percent_bps: 50 }], least: 10, most: 400 } },
    {
      currency: 'GHS',
      fee: {
        tiers: [
          { up_to: 10_000, flat: 25 },
          { percent_bps: 100, flat: 5 },
        ],
      },
    },
  ],
});
const fee = (amountMinor: bigint, method: ReturnType<typeof momo> | typeof card, gateway?: string) =>
  feeBy(content, { amountMinor, currency: 'GHS', method, gateway });

describe('a fee schedule', () => {
  it('takes what the first that fits says, with least, most and tiers', () => {
    expect(fee(10_000n, momo('mtn'))).toBe(50n);
    expect(fee(100n, momo('telecel'))).toBe(10n);
    expect(fee(1_000_000n, momo('telecel'))).toBe(400n);
    expect(fee(10_000n, card)).toBe(25n);
    expect(fee(10_001n, card)).toBe(105n);
  });

  it('knows better when the gateway is known', () => {
    expect(fee(10_000n, momo('mtn'), 'hubtel')).toBe(30n);
    expect(fee(10_000n, momo('mtn'), 'paystack')).toBe(50n);
    expect(fee(10_000n, momo('telecel'), 'hubtel')).toBe(50n);
    expect(asksForGateway(content)).toBe(true);
  });

  it('says nothing of other currencies', () => {
    expect(feeBy(content, { amountMinor: 1n, currency: 'NGN', method: card, gateway: undefined })).toBeUndefined();
  });

  it('never takes more than the amount', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 12n), fc.constantFrom(card, momo('mtn')), (amount, method) => {
        const taken = fee(amount, method) ?? -1n;
        expect(taken >= 0n && taken <= amount).toBe(true);
      }),
    );
    expect(fee(3n, momo('telecel'))).toBe(3n);
  });

  it.each([
    ['no fee', { fees: [] }],
    ['a network of cards', { fees: [{ currency: 'GHS', method: 'card', network: 'mtn', fee: { tiers: [{}] } }] }],
    ['a rounding that is none', { fees: [{ currency: 'GHS', fee: { tiers: [{}] } }], rounding: 'away' }],
    ['what it does not know', { fees: [{ currency: 'GHS', fee: { tiers: [{}] }, when: 1 }] }],
  ])('is refused with %s', (_, given) => {
    expect(scheduleContent.safeParse(given).success).toBe(false);
  });
});
