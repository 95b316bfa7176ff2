import fc from 'fast-check';
import type { Payment } from '../payment.js';
import { platformFeeShare } from './refund.js';

const paymentOf = (amount: bigint, fee: bigint, refunding = 0n): Payment =>
  ({ amountMinor: amount, platformFeeMinor: fee, refundingMinor: refunding }) as Payment;

describe("a refund's part of our fee", () => {
  it('is all of it when everything is refunded at once', () => {
    expect(platformFeeShare(paymentOf(5_000n, 25n), 5_000n, 0n)).toBe(25n);
  });

  it('is in proportion, rounded down, and the last one has what is left', () => {
    expect(platformFeeShare(paymentOf(1_000n, 10n), 333n, 0n)).toBe(3n);
    expect(platformFeeShare(paymentOf(1_000n, 10n, 333n), 333n, 3n)).toBe(3n);
    expect(platformFeeShare(paymentOf(1_000n, 10n, 666n), 334n, 6n)).toBe(4n);
  });

  it('always leaves something for the merchant to give back, even where we had kept everything', () => {
    expect(platformFeeShare(paymentOf(10n, 10n), 10n, 0n)).toBe(9n);
    expect(platformFeeShare(paymentOf(1n, 1n), 1n, 0n)).toBe(0n);
  });

  it('comes to the whole fee, however a payment is refunded bit by bit, and never to more', () => {
    fc.assert(
      fc.property(
        fc.bigInt(1n, 100_000n),
        fc.integer({ min: 0, max: 5_000 }),
        fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 }),
        (amount, bps, percents) => {
          const fee = (amount * BigInt(bps)) / 10_000n;
          let refunding = 0n;
          let given = 0n;
          const refund = (part: bigint): void => {
            if (part <= 0n) return;
            const share = platformFeeShare(paymentOf(amount, fee, refunding), part, given);
            expect(share).toBeGreaterThanOrEqual(0n);
            expect(share).toBeLessThan(part);
            given += share;
            refunding += part;
          };
          for (const percent of percents) refund(((amount - refunding) * BigInt(percent)) / 100n);
          refund(amount - refunding);
          expect(given).toBeLessThanOrEqual(fee);
          // The last one may be too small to hold all that rounding has left over.
          expect(fee - given).toBeLessThanOrEqual(BigInt(percents.length + 1));
        },
      ),
    );
  });
});
