/** Digits after the decimal point by ISO 4217, for the currencies the impersonated gateways take. */
const EXPONENTS: ReadonlyMap<string, number> = new Map([
  ['XOF', 0],
  ['XAF', 0],
  ['GNF', 0],
  ['UGX', 0],
  ['RWF', 0],
  ['NGN', 2],
  ['GHS', 2],
  ['KES', 2],
  ['TZS', 2],
  ['ZAR', 2],
  ['ZMW', 2],
  ['SZL', 2],
  ['LRD', 2],
  ['SSP', 2],
  ['EUR', 2],
  ['USD', 2],
  ['GBP', 2],
]);

/** The longest whole part read: 13 digits with two decimals still fit a safe integer (15 digits). */
const MAX_WHOLE_DIGITS = 13;

const DECIMAL = /^(\d+)(?:\.(\d+))?$/;

/** @returns the currency's ISO exponent, or undefined for a currency no gateway here takes. */
export function exponentOf(currency: string): number | undefined {
  return EXPONENTS.get(currency);
}

/**
 * Reads a decimal in major units digit by digit: a float would turn 1.15 into 114.99 minor units.
 * JSON numbers are read through their shortest decimal text, which is what the sender wrote.
 *
 * @returns integer minor units, or undefined when it is no plain decimal, has more decimals than the currency, or is too large
 */
export function minorFromMajor(value: unknown, exponent: number): number | undefined {
  const digits = typeof value === 'number' ? String(value) : value;
  if (typeof digits !== 'string') return undefined;
  const match = DECIMAL.exec(digits);
  const whole = match?.[1];
  if (whole === undefined || whole.length > MAX_WHOLE_DIGITS) return undefined;
  const fraction = (match?.[2] ?? '').replace(/0+$/, '');
  if (fraction.length > exponent) return undefined;
  return Number(whole + fraction.padEnd(exponent, '0'));
}

/** @returns the plain decimal text of an integer that counts `10^-scale` units, without trailing zeros: (2687, 2) is "26.87". */
export function decimalText(amount: number, scale: number): string {
  if (scale === 0) return String(amount);
  const digits = String(amount).padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  const whole = digits.slice(0, -scale);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/**
 * @param amount - a non-negative integer
 * @param basisPoints - hundredths of a percent
 * @returns the share, rounded half up. BigInt because the product leaves the safe integers for large XOF amounts.
 */
export function share(amount: number, basisPoints: number): number {
  return Number((BigInt(amount) * BigInt(basisPoints) + 5_000n) / 10_000n);
}
