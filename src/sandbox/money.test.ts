import { decimalText, minorFromMajor, share } from './money.js';
import { seededRandom } from './seeded-random.js';

it.each([
  ['1.15', 2, 115],
  [1.15, 2, 115],
  ['1500', 0, 1500],
  ['1500.00', 0, 1500],
  [0.1, 2, 10],
  ['9999999999999.99', 2, 999_999_999_999_999],
  ['1.155', 2, undefined],
  ['1.5', 0, undefined],
  ['-1', 2, undefined],
  ['1e3', 2, undefined],
  [1e21, 2, undefined],
  ['', 2, undefined],
  [' 1', 2, undefined],
  [Number.NaN, 2, undefined],
  [null, 2, undefined],
])('reads %p with %i decimals as %p', (value, exponent, minor) => {
  expect(minorFromMajor(value, exponent)).toBe(minor);
});

it.each([
  [2687, 2, '26.87'],
  [2600, 2, '26'],
  [5, 2, '0.05'],
  [26_875, 3, '26.875'],
  [1500, 0, '1500'],
])('writes %i at scale %i as %s', (amount, scale, written) => {
  expect(decimalText(amount, scale)).toBe(written);
});

it('shares large amounts exactly, half up', () => {
  expect(share(999_999_999_999_999, 250)).toBe(25_000_000_000_000);
  expect(share(2, 2_500)).toBe(1);
});

it('gives the published mulberry32 sequence: equal seeds agree, others do not', () => {
  const draw = (seed: number): number[] => {
    const next = seededRandom(seed);
    return [next(), next(), next()];
  };
  expect(draw(42)).toEqual(draw(42));
  expect(draw(42)).not.toEqual(draw(43));
  expect(draw(1)[0]).toBeCloseTo(0.627_073_9, 6);
});
