import { decimalText, exponentOf, share } from '../../money.js';
import type { Transaction } from '../../transactions.js';

/** Fees in basis points as in the published samples: 37.5 on 1,500 XOF, 21 on 1,500 NGN. */
const FEE_BASIS_POINTS: Readonly<Record<string, number>> = { NGN: 140, GHS: 195, XOF: 250, XAF: 250 };
const OTHER_FEE_BASIS_POINTS = 290;

/** Fees come with up to three decimals whatever the currency, so they are counted in thousandths of the major unit. */
const FEE_SCALE = 3;

/** @returns ISO minor units as a JSON number of major units. */
export function major(minor: number, currency: string): number {
  return Number(decimalText(minor, exponentOf(currency) ?? 2));
}

/** @returns ISO minor units in thousandths of the major unit. */
export function thousandths(minor: number, currency: string): number {
  return minor * 10 ** (FEE_SCALE - (exponentOf(currency) ?? 2));
}

/** @returns the fee on a charge of so many minor units, in thousandths of the major unit. */
export function feeOf(minor: number, currency: string): number {
  return share(thousandths(minor, currency), FEE_BASIS_POINTS[currency] ?? OTHER_FEE_BASIS_POINTS);
}

/** What the merchant gets of a charge, in thousandths of the major unit. */
export function worthOfCharge({ chargedMinor, currency }: Pick<Transaction, 'chargedMinor' | 'currency'>): number {
  return thousandths(chargedMinor, currency) - feeOf(chargedMinor, currency);
}

/** @returns thousandths of the major unit as a JSON number of major units. */
export function fromThousandths(amount: number): number {
  return Number(decimalText(amount, FEE_SCALE));
}
