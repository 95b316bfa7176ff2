import { balancesOf } from './balances.js';

const row = (currency: string, kind: string, debitsPosted: bigint, creditsPosted: bigint) => ({
  currency,
  kind,
  normalSide: 'credit',
  debitsPosted,
  creditsPosted,
});

describe('balances', () => {
  it('gather the parts of each currency', () => {
    expect(
      balancesOf([
        row('GHS', 'merchant_pending', 5n, 105n),
        row('GHS', 'merchant_reserved', 0n, 7n),
        row('XOF', 'merchant_available', 1n, 0n),
      ]),
    ).toEqual([
      { currency: 'GHS', pending: 100n, available: 0n, reserved: 7n },
      { currency: 'XOF', pending: 0n, available: -1n, reserved: 0n },
    ]);
  });

  it("leave out what is not the merchant's", () => {
    expect(balancesOf([row('GHS', 'platform_fees', 0n, 9n), row('GHS', 'toString', 0n, 9n)])).toEqual([]);
  });
});
