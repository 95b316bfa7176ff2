/**
 * Money is `bigint` minor units and an ISO 4217 currency. No float ever holds an amount: decimals are read and written
 * digit by digit, and a number that has more digits than its currency allows is refused, not rounded.
 */
import currencyCodes from 'currency-codes';

/** The currencies we book. XOF, XAF and GNF have no minor unit: 1500 is 1500 francs. */
export const CURRENCIES = ['NGN', 'GHS', 'XOF', 'XAF', 'GNF'] as const;
export type Currency = (typeof CURRENCIES)[number];

export interface Money {
  readonly amountMinor: bigint;
  readonly currency: Currency;
}

const known = new Set<string>(CURRENCIES);

/** Digits after the decimal point, from ISO 4217. */
const exponents = new Map<string, number>(
  CURRENCIES.map((code) => [code, currencyCodes.code(code)?.digits ?? Number.NaN]),
);

export function isCurrency(value: unknown): value is Currency {
  return typeof value === 'string' && known.has(value);
}

/** ISO 4217 exponent: 2 for NGN and GHS, 0 for XOF, XAF and GNF. */
export function exponentOf(currency: Currency): number {
  const exponent = exponents.get(currency);
  if (exponent === undefined || Number.isNaN(exponent)) throw new RangeError(`No exponent is known for ${currency}`);
  return exponent;
}

/**
 * The integer that stands for an amount in JSON.
 * @throws {RangeError} beyond the range in which a JSON number is exact.
 */
export function toJsonAmount(amountMinor: bigint): number {
  const value = Number(amountMinor);
  if (!Number.isSafeInteger(value)) throw new RangeError('An amount is beyond the range of exact JSON integers');
  return value;
}

/** Writes minor units as a decimal string of major units: 150000 NGN is `1500.00`, 1500 XOF is `1500`. */
export function toDecimal(amountMinor: bigint, exponent: number): string {
  const negative = amountMinor < 0n;
  const digits = (negative ? -amountMinor : amountMinor).toString().padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const text = exponent === 0 ? whole : `${whole}.${digits.slice(digits.length - exponent)}`;
  return negative ? `-${text}` : text;
}

/**
 * Reads a decimal in major units, given as a string or as a JSON number that prints exactly.
 * @returns minor units, or undefined when it is not a plain decimal or has digits that the currency cannot hold
 *   (trailing zeros are allowed: `1500.000` NGN is 150000).
 */
export function fromDecimal(value: string | number, exponent: number): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : value.trim();
  const match = /^(-?)(\d{1,18})(?:\.(\d{1,18}))?$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '0', fraction = ''] = match;
  const kept = fraction.slice(0, exponent).padEnd(exponent, '0');
  if (/[^0]/.test(fraction.slice(exponent))) return undefined;
  const magnitude = BigInt(whole + kept);
  return sign === '-' ? -magnitude : magnitude;
}
