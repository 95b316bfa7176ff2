/** Amounts at the gateways' edge, digit by digit: no float holds money here. */
import { exponentOf, isCurrency, type Currency } from '../../../kernel/money/money.js';

/** What a gateway may write an amount as. */
export type WireAmount = string | number;

/**
 * Reads an amount in major units into minor units. Gateways report fees with more digits than the currency has (Flutterwave's
 * 26.875): `rounding` says which way the rest goes. Amounts are cut (`down`), so that we never claim money that did not
 * come; fees are rounded `up` for the same reason.
 *
 * @returns undefined when it is no plain, non-negative decimal
 */
export function majorToMinor(value: WireAmount, exponent: number, rounding: 'down' | 'up'): bigint | undefined {
  const text = typeof value === 'number' ? String(value) : value.trim();
  const match = /^(\d{1,18})(?:\.(\d{1,18}))?$/.exec(text);
  if (match === null) return undefined;
  const [, whole = '0', fraction = ''] = match;
  const minor = BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, '0'));
  const hasRest = /[1-9]/.test(fraction.slice(exponent));
  return hasRest && rounding === 'up' ? minor + 1n : minor;
}

/**
 * Reads a balance in major units, which may be below zero. What does not fit the currency is cut off towards less, so that we never
 * count on money that is not there.
 *
 * @returns undefined when it is no plain decimal
 */
export function balanceToMinor(value: WireAmount, exponent: number): bigint | undefined {
  const text = String(value).trim();
  if (!text.startsWith('-')) return majorToMinor(text, exponent, 'down');
  const owed = majorToMinor(text.slice(1), exponent, 'up');
  return owed === undefined ? undefined : -owed;
}

/** Digits after the point of a currency as reported by a gateway; for one that we do not book, those of the currency that we asked in. */
export function exponentOfReported(reported: string, asked: Currency): number {
  return exponentOf(isCurrency(reported) ? reported : asked);
}

/** What a success reports, in minor units. */
export interface ReportedMoney {
  /** What we had asked the gateway for, as it remembers it. */
  readonly requested: bigint | undefined;
  /** What the customer paid. */
  readonly paid: bigint;
  readonly fees: bigint | undefined;
}

/**
 * The part of a payment that is for us. When the customer bears the gateway's fee, they pay more than was asked: an excess
 * that the reported fees explain is the gateway's, so what counts is the amount requested and only the rest of the fee is
 * ours. Anything else (less than asked, more than the fees explain) is reported as it was paid, for the caller to find wrong.
 */
export function creditedToUs(money: ReportedMoney): { amountMinor: bigint; feeMinor: bigint | null } {
  const { requested, paid, fees } = money;
  const excess = requested === undefined ? 0n : paid - requested;
  if (requested !== undefined && fees !== undefined && excess > 0n && excess <= fees) {
    return { amountMinor: requested, feeMinor: fees - excess };
  }
  return { amountMinor: paid, feeMinor: fees ?? null };
}

/**
 * JSON with amounts as numbers whose digits are exactly those of the decimals: they are never floats on the way.
 *
 * @param decimals plain decimals by field name, as `toDecimal` writes them
 */
export function jsonWithDecimals(
  decimals: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, unknown>>,
): string {
  const numbers = Object.entries(decimals).map(([name, decimal]) => `${JSON.stringify(name)}:${decimal}`);
  const rest = JSON.stringify(fields).slice(1, -1);
  return `{${[...numbers, ...(rest === '' ? [] : [rest])].join(',')}}`;
}
