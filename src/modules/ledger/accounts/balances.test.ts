import { balancesOf } from './balances.js';

const row = (
  currency: string,
  kind: string,
  debitsPosted: bigint,
  creditsPosted: bigint,
  pending: [bigint, bigint] = [0n, 0n],
) => ({
  currency,
  kind,
  normalSide: 'credit',
  debitsPosted,
  creditsPosted,
  debitsPending: pending[0],
  creditsPending: pending[1],
});

describe('balances', () => {
  it('gather the parts of each currency', () => {
    expect(
      balancesOf([
        row('GHS', 'merchant_pending', 5n, 105n),
        row('GHS', 'merchant_reserved', 0n, 7n),
        row('GHS', 'merchant_rolling_reserve', 1n, 12n),
        row('XOF', 'merchant_available', 1n, 0n),
      ]),
    ).toEqual([
      { currency: 'GHS', pending: 100n, available: 0n, reserved: 7n, rolling_reserve: 11n },
      { currency: 'XOF', pending: 0n, available: -1n, reserved: 0n, rolling_reserve: 0n },
    ]);
  });

  it('show what is held as reserved and not where it was taken from, and together the same as before', () => {
    expect(
      balancesOf([
        row('NGN', 'merchant_pending', 0n, 100n, [30n, 0n]),
        row('NGN', 'merchant_available', 0n, 50n, [50n, 0n]),
        row('NGN', 'merchant_reserved', 9n, 9n, [0n, 80n]),
      ]),
    ).toEqual([{ currency: 'NGN', pending: 70n, available: 0n, reserved: 80n, rolling_reserve: 0n }]);
  });

  it("leave out what is not the merchant's", () => {
    expect(balancesOf([row('GHS', 'platform_fees', 0n, 9n), row('GHS', 'toString', 0n, 9n)])).toEqual([]);
  });
});
