/** What an account is, and what names one. Pure. */
import type { Currency } from '../../../kernel/money/money.js';

export type Side = 'debit' | 'credit';

/**
 * The chart of accounts: what each kind holds, and the side on which it grows. Clearing, bank and gateway fees are assets
 * and expenses; the others are what we owe or have earned.
 */
export const NORMAL_SIDE = {
  /** What a gateway account owes us. */
  gateway_clearing: 'debit',
  bank: 'debit',
  /** A merchant's money that a gateway has captured and not yet paid out to us. */
  merchant_pending: 'credit',
  merchant_available: 'credit',
  /** What of a merchant's captures is kept back for a while, against what may come. */
  merchant_rolling_reserve: 'credit',
  /** Where a merchant's money goes through on its way out; what is pending on its credit side is held. */
  merchant_reserved: 'credit',
  /** The same for what customers are owed: surplus captures on their way back. */
  customer_reserved: 'credit',
  /** What we have earned. */
  platform_fees: 'credit',
  /** What gateways have kept. */
  gateway_fees: 'debit',
  /** Differences with gateways that were given up; on the other side what was kept. */
  write_offs: 'debit',
  /** Money that came in and does not belong where it was meant to go; it is somebody's, and will leave again. */
  suspense: 'credit',
  rounding_residue: 'credit',
  /** A merchant's own, which says itself on which side it grows when it opens it. */
  client: 'credit',
} as const satisfies Record<string, Side>;

export type AccountKind = keyof typeof NORMAL_SIDE;
export const ACCOUNT_KINDS = Object.keys(NORMAL_SIDE) as AccountKind[];

/** `frozen`: nothing is posted to it; `closed`: nothing ever will be. */
export type AccountState = 'open' | 'frozen' | 'closed';

/** A rule about an account's totals that no posting may break; pending amounts count. */
export const LIMIT_MODES = ['none', 'debits_must_not_exceed_credits', 'credits_must_not_exceed_debits'] as const;
export type LimitMode = (typeof LIMIT_MODES)[number];

/** What names an account: there is at most one per key. */
export interface AccountKey {
  /** Null for accounts of the platform. */
  readonly merchantId: string | null;
  readonly livemode: boolean;
  readonly currency: Currency;
  readonly kind: AccountKind;
  /** Tells accounts of one kind apart: the gateway account's uuid for gateway_clearing, empty otherwise. */
  readonly qualifier: string;
}

/** What accounts must have in common for money to move between them. */
export interface Unit {
  readonly livemode: boolean;
  readonly currency: Currency;
}

export function accountKey(
  unit: Unit,
  kind: AccountKind,
  of: { readonly merchantId?: string; readonly qualifier?: string } = {},
): AccountKey {
  const { livemode, currency } = unit;
  return { merchantId: of.merchantId ?? null, livemode, currency, kind, qualifier: of.qualifier ?? '' };
}

/** The key as one string: for maps, and as the order in which accounts are opened. */
export function keyText(key: AccountKey): string {
  return `${key.merchantId ?? ''}|${key.livemode ? 'live' : 'test'}|${key.currency}|${key.kind}|${key.qualifier}`;
}

/**
 * @param ids by {@link keyText}
 * @throws {Error} for an account that was not opened
 */
export function idOf(key: AccountKey, ids: ReadonlyMap<string, string>): string {
  const id = ids.get(keyText(key));
  if (id === undefined) throw new Error(`No account was opened for ${keyText(key)}`);
  return id;
}

/** A balance as people read it: positive on the account's normal side. */
export function balanceOf(normalSide: string, debits: bigint, credits: bigint): bigint {
  return normalSide === 'debit' ? debits - credits : credits - debits;
}
