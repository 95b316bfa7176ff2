/** A merchant's balances, one per currency. Pure. */
import { balanceOf } from './account.js';
import type { BalanceRow } from './accounts.store.js';

/** The kinds of account that make up a merchant's balance, and what they are called there. */
export const BALANCE_PARTS = {
  merchant_pending: 'pending',
  merchant_available: 'available',
  merchant_reserved: 'reserved',
} as const;

export type BalanceKind = keyof typeof BALANCE_PARTS;

export interface Balance {
  readonly currency: string;
  /** Captured, not yet paid out to us by the gateway, and not held. */
  readonly pending: bigint;
  /** Not held either. */
  readonly available: bigint;
  /** Held for refunds and payouts under way. */
  readonly reserved: bigint;
}

/**
 * Adds up accounts by currency, in the order in which currencies first come. What is pending counts as if it had been posted: a hold takes
 * from one part what it adds to another, so that the three together are what we owe the merchant.
 */
export function balancesOf(rows: readonly BalanceRow[]): readonly Balance[] {
  const byCurrency = new Map<string, Balance>();
  for (const row of rows) {
    if (!isBalanceKind(row.kind)) continue;
    const so = byCurrency.get(row.currency) ?? { currency: row.currency, pending: 0n, available: 0n, reserved: 0n };
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
