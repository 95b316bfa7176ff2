/** A merchant's balances, one per currency. Pure. */
import { balanceOf } from './account.js';
import type { BalanceRow } from './accounts.store.js';

/** The kinds of account that make up a merchant's balance, and what they are called there. */
export const BALANCE_PARTS = {
  merchant_pending: 'pending',
  merchant_available: 'available',
  merchant_reserved: 'reserved',
  merchant_rolling_reserve: 'rolling_reserve',
} as const;

export type BalanceKind = keyof typeof BALANCE_PARTS;
export const BALANCE_KINDS = Object.keys(BALANCE_PARTS) as readonly BalanceKind[];

export interface Balance {
  readonly currency: string;
  /** Captured, not settled yet, and not held. */
  readonly pending: bigint;
  /** Not held either. */
  readonly available: bigint;
  /** Held for refunds and payouts under way. */
  readonly reserved: bigint;
  /** Kept back of captures for a while. */
  readonly rolling_reserve: bigint;
}

const NOTHING = { pending: 0n, available: 0n, reserved: 0n, rolling_reserve: 0n } as const;

/**
 * Adds up accounts by currency, in the order in which currencies first come. What is pending counts as if it had been posted: a hold takes
 * from one part what it adds to another, so that the four together are what we owe the merchant.
 */
export function balancesOf(rows: readonly BalanceRow[]): readonly Balance[] {
  const byCurrency = new Map<string, Balance>();
  for (const row of rows) {
    if (!isBalanceKind(row.kind)) continue;
    const so = byCurrency.get(row.currency) ?? { currency: row.currency, ...NOTHING };
    const part = BALANCE_PARTS[row.kind];
    byCurrency.set(row.currency, {
      ...so,
      [part]:
        so[part] +
        balanceOf(row.normalSide, row.debitsPosted + row.debitsPending, row.creditsPosted + row.creditsPending),
    });
  }
  return [...byCurrency.values()];
}

function isBalanceKind(kind: string): kind is BalanceKind {
  return Object.hasOwn(BALANCE_PARTS, kind);
}
