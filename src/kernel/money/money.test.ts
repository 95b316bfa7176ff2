import fc from 'fast-check';
import { exponentOf, fromDecimal, isCurrency, toDecimal, toJsonAmount } from './money.js';

describe('money', () => {
  it('knows that francs have no minor unit', () => {
    expect([exponentOf('XOF'), exponentOf('XAF'), exponentOf('GNF'), exponentOf('NGN'), exponentOf('GHS')]).toEqual([
      0, 0, 0, 2, 2,
    ]);
    expect(isCurrency('XOF')).toBe(true);
    expect(isCurrency('JPY')).toBe(false);
  });

  it('reads back any decimal that it wrote', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.constantFrom(0, 2, 3), (minor, exponent) => {
        expect(fromDecimal(toDecimal(minor, exponent), exponent)).toBe(minor);
      }),
    );
  });

  it.each([
    ['1500.00', 2, 150_000n],
    ['1500', 2, 150_000n],
    [26.87, 2, 2_687n],
    ['1500.000', 2, 150_000n],
    ['0.1', 2, 10n],
    ['1500', 0, 1_500n],
    ['1500.0', 0, 1_500n],
  ])('reads %p with exponent %p', (value, exponent, expected) => {
    expect(fromDecimal(value, exponent)).toBe(expected);
  });

  it.each([
    ['26.875', 2],
    ['1500.5', 0],
    ['1e3', 2],
    ['', 2],
    ['1,5', 2],
    [Number.NaN, 2],
    [1e21, 2],
    ['0x10', 2],
  ])('refuses %p with exponent %p instead of rounding', (value, exponent) => {
    expect(fromDecimal(value, exponent)).toBeUndefined();
  });

  it('refuses a JSON amount that would lose digits', () => {
    expect(toJsonAmount(9_007_199_254_740_991n)).toBe(9_007_199_254_740_991);
    expect(() => toJsonAmount(9_007_199_254_740_992n)).toThrow(RangeError);
  });
});
