import { formatAmount, formatBasisPoints, formatUtc, readAmount, writtenAmount } from './format.js';

/** Spaces that do not break are spaces to who reads. */
const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('what is written of', () => {
  it.each([
    ['en', 150_000, 'NGN', 'NGN 1,500.00'],
    ['en', 1_500, 'XOF', 'XOF 1,500'],
    ['en', -5, 'GHS', '-GHS 0.05'],
    ['fr', 150_000, 'XOF', '150 000 XOF'],
    ['fr', 150_050, 'GHS', '1 500,50 GHS'],
    ['en', Number.MAX_SAFE_INTEGER, 'NGN', 'NGN 90,071,992,547,409.91'],
  ] as const)('money in %s: %d %s is %s', (language, minor, currency, expected) => {
    expect(plain(formatAmount(language, minor, currency))).toBe(expected);
  });

  it.each([
    ['1500', 'NGN', 150_000],
    ['1 500,5', 'GHS', 150_050],
    ['0.05', 'GHS', 5],
    ['1500', 'XOF', 1_500],
    ['1500.5', 'XOF', undefined],
    ['1.005', 'NGN', undefined],
    ['-1', 'NGN', undefined],
    ['', 'NGN', undefined],
  ] as const)('money, as %p in %s is typed', (text, currency, minor) => {
    expect(readAmount(text, currency)).toBe(minor);
    if (minor !== undefined) expect(readAmount(writtenAmount(minor, currency), currency)).toBe(minor);
  });

  it('basis points is a percentage', () => {
    expect(plain(formatBasisPoints('en', 150))).toBe('1.5%');
    expect(plain(formatBasisPoints('fr', 150))).toBe('1,5 %');
  });

  it('a time in UTC names it', () => {
    expect(formatUtc('2026-01-31T12:00:05.123Z')).toBe('2026-01-31 12:00:05 UTC');
  });
});
