import { exponentOf } from '../../money.js';

/** Paystack's subunit is a hundredth of every currency, also where the currency has none. */
const SUBUNIT_EXPONENT = 2;

/** @returns ISO minor units in Paystack's subunit. */
export function subunits(minor: number, currency: string): number {
  return minor * 10 ** (SUBUNIT_EXPONENT - (exponentOf(currency) ?? SUBUNIT_EXPONENT));
}

/** @returns Paystack's subunits in ISO minor units; where the currency has no subunit, a fraction is ignored. */
export function minorOf(amountSubunits: number, currency: string): number {
  return Math.floor(amountSubunits / 10 ** (SUBUNIT_EXPONENT - (exponentOf(currency) ?? SUBUNIT_EXPONENT)));
}

/** The amount may be sent as a string or as an integer; a decimal point is refused. */
export function readSubunits(value: unknown): number | undefined {
  if (typeof value === 'string') return /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined;
}
