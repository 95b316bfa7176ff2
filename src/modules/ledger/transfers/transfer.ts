/** What a transfer is, and a batch of them as columns. Pure. */
import type { DisbursementKind } from '../../../contracts/shared.js';
import type { AccountKey } from '../accounts/account.js';

/** Why money moves. What begins with `refund` or `payout` is about one of those, `settlement` and `reserve_release` about a release, everything else about a payment. */
export type TransferKind =
  | 'collection'
  | 'suspense_capture'
  | 'gateway_fee'
  | 'platform_fee'
  /** What of a capture is kept back for a while. */
  | 'reserve'
  /** What became available, and what of it had been kept back. */
  | 'settlement'
  | 'reserve_release'
  /** What was held, out of the account on which it was held. */
  | DisbursementKind
  | `${DisbursementKind}_${'sent' | 'fee' | 'returned' | 'duplicated' | 'recovered' | 'quarantined'}`
  /** What the platform gives back of its fee, and what comes back of that. */
  | 'refund_platform_fee'
  | 'refund_platform_fee_returned'
  /** What reconciliation found and somebody decided to book. */
  | 'adjustment'
  /** What a gateway has settled, come in at the bank. */
  | 'bank_receipt';

/** A transfer whose accounts are still named by what they are. */
export interface PlannedTransfer {
  readonly id: string;
  readonly kind: TransferKind;
  readonly debit: AccountKey;
  readonly credit: AccountKey;
  readonly amountMinor: bigint;
  /** The payment, refund or payout. */
  readonly subjectId: string;
  /** The attempt that moved the money at the gateway. */
  readonly attemptId: string;
  readonly effectiveAt: Date;
}

/** One movement of money from one account to another. Amounts are positive minor units of both accounts' currency. */
export interface Transfer extends Linked {
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

/** The first phase: the amount is held, on both accounts, until it is posted or given free. */
export interface PendingTransfer extends Transfer {
  readonly phase: 'pending';
  /** From then on it can only be given free, which happens by itself. Null: it is held until somebody ends it. */
  readonly expiresAt: Date | null;
}

/** The second phase: posts what was held, or a part of it and gives the rest free; or gives all of it free. */
export interface PendingEnd extends Linked {
  readonly phase: 'post' | 'void' | 'expire';
  readonly id: string;
  readonly pendingId: string;
  /** Of a post alone; all that was held when it is left out. */
  readonly amountMinor?: bigint;
  /** As the pending transfer has them when they are left out. */
  readonly kind?: string;
  readonly subjectId?: string | null;
  readonly effectiveAt: Date;
}

/** Moves back what a transfer moved, or a part of it; with all other reversals of it never more than it moved. */
export interface Reversal extends Linked {
  readonly phase: 'reverse';
  readonly id: string;
  readonly reversesId: string;
  /** All that it moved when it is left out. */
  readonly amountMinor?: bigint;
  readonly kind: string;
  readonly subjectId?: string | null;
  readonly effectiveAt: Date;
}

export interface Linked {
  /** It stands or falls with the one after it: a chain of these, and the first one that is not, are posted all or none. */
  readonly linked?: boolean;
}

/** Whatever may be posted. */
export type Instruction = Transfer | PendingTransfer | PendingEnd | Reversal;

/** Done now, or done before. */
export const DONE = ['posted', 'pending', 'voided', 'expired', 'replayed'] as const;

/**
 * Refusals: they leave nothing behind and do not keep the id. `accounts_differ`: of two currencies or modes, or one and the same.
 * `not_found`: nothing has the id that is named. `linked_failed`: another one of its chain was refused.
 */
export const REFUSED = [
  'conflict',
  'account_missing',
  'accounts_differ',
  'account_frozen',
  'account_closed',
  'limit_exceeded',
  'not_found',
  'not_pending',
  'pending_posted',
  'pending_voided',
  'pending_expired',
  'exceeds_pending',
  'not_expired',
  'not_reversible',
  'exceeds_reversible',
  'linked_failed',
] as const;

export type Refusal = (typeof REFUSED)[number];

/** What became of a transfer. */
export type PostingOutcome = (typeof DONE)[number] | Refusal;

export function isRefusal(outcome: PostingOutcome): outcome is Refusal {
  return (REFUSED as readonly string[]).includes(outcome);
}

/** Whether nothing is asked of posting but to move money, each transfer for itself. */
export function arePlain(instructions: readonly Instruction[]): instructions is readonly Transfer[] {
  return instructions.every((each) => !('phase' in each) && each.linked !== true);
}

/**
 * The columns that ledger.post_transfers takes: the accounts once each, and positions in there (from 1, as PostgreSQL
 * counts) for the sides of each transfer.
 */
export function postingColumns(transfers: readonly Instruction[]): unknown[] {
  const accounts = new Map<string, number>();
  const debits = transfers.map((each) => ('debitAccountId' in each ? positionOf(each.debitAccountId, accounts) : null));
  const credits = transfers.map((each) =>
    'creditAccountId' in each ? positionOf(each.creditAccountId, accounts) : null,
  );
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
    transfers.map((each) => each.amountMinor ?? null),
    transfers.map((each) => each.kind ?? null),
    transfers.map((each) => each.subjectId ?? null),
    transfers.map((each) => each.effectiveAt.toISOString()),
    sameAs,
  ];
}

/** The other columns, of what is not plain. */
export function phaseColumns(instructions: readonly Instruction[]): unknown[] {
  return [
    instructions.map((each) => ('phase' in each ? each.phase : 'single')),
    instructions.map(namedBy),
    instructions.map((each) => ('expiresAt' in each ? (each.expiresAt?.toISOString() ?? null) : null)),
    groupIndex(instructions),
  ];
}

function namedBy(instruction: Instruction): string | null {
  if ('pendingId' in instruction) return instruction.pendingId;
  return 'reversesId' in instruction ? instruction.reversesId : null;
}

/** The position of the first of each one's chain; null for those that stand alone. */
function groupIndex(instructions: readonly Instruction[]): (number | null)[] {
  let first: number | null = null;
  return instructions.map(({ linked }, index) => {
    const inside = first;
    if (linked === true) {
      first ??= index + 1;
      return first;
    }
    first = null;
    return inside;
  });
}

/** Where an id stands among those seen, from 1, in the order in which they came. */
export function positionOf(id: string, seen: Map<string, number>): number {
  const known = seen.get(id);
  if (known !== undefined) return known;
  const position = seen.size + 1;
  seen.set(id, position);
  return position;
}
