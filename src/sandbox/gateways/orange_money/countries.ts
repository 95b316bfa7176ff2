/** A country's currency, and how many digits its ISO minor unit has: on the wire all amounts are whole. */
export interface Country {
  readonly currency: string;
  readonly exponent: number;
}

/** By the part of the path that names them. `dev` is the provider's own sandbox, whose currency exists nowhere else. */
export const COUNTRIES: ReadonlyMap<string, Country> = new Map([
  ['dev', { currency: 'OUV', exponent: 0 }],
  ['ci', { currency: 'XOF', exponent: 0 }],
  ['sn', { currency: 'XOF', exponent: 0 }],
  ['ml', { currency: 'XOF', exponent: 0 }],
  ['bf', { currency: 'XOF', exponent: 0 }],
  ['cm', { currency: 'XAF', exponent: 0 }],
  ['gn', { currency: 'GNF', exponent: 0 }],
  ['mg', { currency: 'MGA', exponent: 2 }],
]);

/** @returns integer minor units by ISO 4217 of a whole amount on the wire, or undefined when it is none, or zero. */
export function readAmount(value: unknown, { exponent }: Country): number | undefined {
  const digits = typeof value === 'number' ? String(value) : value;
  // 11 digits with two decimals more stay far inside the safe integers.
  if (typeof digits !== 'string' || !/^\d{1,11}$/.test(digits) || Number(digits) === 0) return undefined;
  return Number(digits) * 10 ** exponent;
}
