import fc from 'fast-check';
import { planExchange, type Exchange } from './plan-exchange.js';

const exchange = (amountMinor: bigint, numerator: bigint, denominator: bigint): Exchange => ({
  accounts: { from: 'from', liquidityIn: 'in', liquidityOut: 'out', to: 'to', residue: 'residue' },
  amountMinor,
  rate: { numerator, denominator },
  ids: { given: '1', received: '2', residue: '3' },
  subjectId: null,
  effectiveAt: new Date(0),
});

const amounts = (of: Exchange): bigint[] => planExchange(of).map(({ amountMinor }) => amountMinor);

describe('an exchange', () => {
  it('has no residue where the rate comes out even', () => {
    expect(amounts(exchange(100n, 3n, 2n))).toEqual([100n, 150n]);
  });

  it('gives what is missing to the next whole unit to the residue, where that is the nearer one', () => {
    expect(amounts(exchange(100n, 1n, 3n))).toEqual([100n, 33n]);
    expect(amounts(exchange(200n, 1n, 3n))).toEqual([200n, 66n, 1n]);
  });

  it('rounds a half to the even', () => {
    expect(amounts(exchange(3n, 1n, 2n))).toEqual([3n, 1n, 1n]);
    expect(amounts(exchange(5n, 1n, 2n))).toEqual([5n, 2n]);
  });

  it('links all its transfers', () => {
    expect(planExchange(exchange(200n, 1n, 3n)).map(({ linked }) => linked === true)).toEqual([true, true, false]);
    expect(planExchange(exchange(100n, 3n, 2n)).map(({ linked }) => linked === true)).toEqual([true, false]);
  });

  it('is refused where nothing would be received, or nothing given', () => {
    expect(() => planExchange(exchange(1n, 1n, 2n))).toThrow(RangeError);
    for (const [amount, numerator, denominator] of [
      [0n, 1n, 1n],
      [1n, 0n, 1n],
      [1n, 1n, -1n],
    ] as const)
      expect(() => planExchange(exchange(amount, numerator, denominator))).toThrow(RangeError);
  });

  it('never gives the customer more than the rate, and the house half a unit more or less at most', () => {
    const positive = fc.bigInt({ min: 1n, max: 10n ** 12n });
    fc.assert(
      fc.property(positive, positive, positive, (amount, numerator, denominator) => {
        fc.pre(amount * numerator >= denominator);
        const [given, received = 0n, residue = 0n] = amounts(exchange(amount, numerator, denominator));
        expect(given).toBe(amount);
        expect(received * denominator).toBeLessThanOrEqual(amount * numerator);
        const off = (received + residue) * denominator - amount * numerator;
        expect((off < 0n ? -off : off) * 2n).toBeLessThanOrEqual(denominator);
      }),
    );
  });
});
