/** Paystack's amounts: integers in hundredths of every currency, also of francs, which have none (PROVIDERS 1.8). */
import { z } from 'zod';
import { exponentOf, type Currency } from '../../../../kernel/money/money.js';
import { majorToMinor } from '../amounts.js';

/** An amount as Paystack gives it: a number, or the same digits as text (refund events do that). */
export const subunits = z.union([
  z.number().int().nonnegative().refine(Number.isSafeInteger),
  z.string().regex(/^\d{1,18}$/),
]);

const SUBUNIT_DIGITS = 2;

/** Writes minor units as Paystack's subunits: 1500 XOF is 150000, 1500.00 NGN (150000 minor) is 150000. */
export function toSubunits(amountMinor: bigint, currency: Currency): string {
  return (amountMinor * 10n ** BigInt(SUBUNIT_DIGITS - exponentOf(currency))).toString();
}

export function fromSubunits(value: string | number, exponent: number, rounding: 'down' | 'up'): bigint | undefined {
  return majorToMinor(subunitsToMajor(String(value)), exponent, rounding);
}

/** `150000` is `1500.00`. */
export function subunitsToMajor(value: string): string {
  const digits = value.padStart(SUBUNIT_DIGITS + 1, '0');
  return `${digits.slice(0, -SUBUNIT_DIGITS)}.${digits.slice(-SUBUNIT_DIGITS)}`;
}
