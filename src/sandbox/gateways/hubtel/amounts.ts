import { decimalText, minorFromMajor, share } from '../../money.js';

export const CURRENCY = 'GHS';
const PESEWAS = 2;

/** What is put on top of a payment, in basis points, and the least of it in pesewas: the published sample has 0.05 on 0.80. */
const CHARGE_BASIS_POINTS = 100;
const LEAST_CHARGE_MINOR = 5;

/** @returns pesewas of a JSON number with at most two decimals, or undefined when it is none, or not above zero. */
export function readAmount(value: unknown): number | undefined {
  if (typeof value !== 'number') return undefined;
  const minor = minorFromMajor(value, PESEWAS);
  return minor === 0 ? undefined : minor;
}

/** @returns the JSON number of an amount in pesewas. */
export function cedis(minor: number): number {
  return Number(decimalText(minor, PESEWAS));
}

export function chargesOn(minor: number): number {
  return Math.max(share(minor, CHARGE_BASIS_POINTS), LEAST_CHARGE_MINOR);
}
