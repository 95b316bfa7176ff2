/** What a transfer is, and a batch of them as columns. Pure. */
import type { DisbursementKind } from '../../../contracts/shared.js';
import type { AccountKey } from '../accounts/account.js';

/** Why money moves. What begins with `refund` or `payout` is about one of those, everything else about a payment. */
export type TransferKind =
  | 'collection'
  | 'suspense_capture'
  | 'gateway_fee'
  | 'platform_fee'
  /** What was held, out of the account on which it was held. */
  | DisbursementKind
  | `${DisbursementKind}_${'sent' | 'fee' | 'returned' | 'duplicated' | 'quarantined'}`
  /** What the platform gives back of its fee, and what comes back of that. */
  | 'refund_platform_fee'
  | 'refund_platform_fee_returned';

/** A transfer whose accounts are still named by what they are. */
export interface PlannedTransfer {
  readonly id: string;
  readonly kind: TransferKind;
  readonly debit: AccountKey;
  readonly credit: AccountKey;
  readonly amountMinor: bigint;
  /** The payment, refund or payout. */
  readonly subjectId: string;
  readonly effectiveAt: Date;
}

/** One movement of money from one account to another. Amounts are positive minor units of both accounts' currency. */
export interface Transfer {
  /** Chosen by whoever posts: the same id with the same content is a replay, with other content a conflict. */
  readonly id: string;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly amountMinor: bigint;
  readonly kind: string;
  /** What it is about: the payment, refund or payout. */
  readonly subjectId: string | null;
  readonly effectiveAt: Date;
}

/**
 * What became of a transfer. `accounts_differ`: the accounts are of two currencies or modes, or one and the same. All but
 * the first two are refusals, which leave nothing behind and do not keep the id.
 */
export type PostingOutcome =
  'posted' | 'replayed' | 'conflict' | 'account_missing' | 'accounts_differ' | 'limit_exceeded';

/**
 * The columns that ledger.post_transfers takes: the accounts once each, and positions in there (from 1, as PostgreSQL
 * counts) for the sides of each transfer.
 */
export function postingColumns(transfers: readonly Transfer[]): unknown[] {
  const accounts = new Map<string, number>();
  const debits = transfers.map((each) => positionOf(each.debitAccountId, accounts));
  const credits = transfers.map((each) => positionOf(each.creditAccountId, accounts));
  const firstWithId = new Map<string, number>();
  const sameAs = transfers.map((each, index) => {
    const first = firstWithId.get(each.id);
    if (first !== undefined) return first;
    firstWithId.set(each.id, index + 1);
    return index + 1;
  });
  return [
    [...accounts.keys()],
    transfers.map((each) => each.id),
    debits,
    credits,
    transfers.map((each) => each.amountMinor),
    transfers.map((each) => each.kind),
    transfers.map((each) => each.subjectId),
    transfers.map((each) => each.effectiveAt.toISOString()),
    sameAs,
  ];
}

/** Where an id stands among those seen, from 1, in the order in which they came. */
export function positionOf(id: string, seen: Map<string, number>): number {
  const known = seen.get(id);
  if (known !== undefined) return known;
  const position = seen.size + 1;
  seen.set(id, position);
  return position;
}
