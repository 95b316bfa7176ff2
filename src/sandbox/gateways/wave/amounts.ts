import { decimalText, minorFromMajor } from '../../money.js';

/** Digits after the point of the currencies that wallets are kept in. */
const EXPONENTS: ReadonlyMap<string, number> = new Map([
  ['XOF', 0],
  ['UGX', 0],
  ['GMD', 2],
]);

/** The wallet's currency where the account does not name one. */
export const USUAL_CURRENCY = 'XOF';

/** @returns integer minor units of an amount on the wire, which is a string in major units; undefined when it is none, or zero. */
export function readAmount(value: unknown, currency: string): number | undefined {
  const exponent = EXPONENTS.get(currency);
  if (exponent === undefined || typeof value !== 'string') return undefined;
  const minor = minorFromMajor(value, exponent);
  return minor === 0 ? undefined : minor;
}

export function amountText(minor: number, currency: string): string {
  const exponent = EXPONENTS.get(currency) ?? 0;
  return minor < 0 ? `-${decimalText(-minor, exponent)}` : decimalText(minor, exponent);
}
