/** What is known of refunds and payouts: our rows, their holds and transfers, and what the sandbox's books say went out. */
import { groupBy } from '../../../src/kernel/collections/group-by.js';
import type { LedgerLine } from '../../support/program.js';
import type { AttemptRow, Query } from './evidence.js';

/** A refund or a payout. */
export interface DisbursementRow {
  readonly id: string;
  readonly kind: 'refund' | 'payout';
  readonly merchant_id: string;
  readonly amount: string;
  /** What of a refund's amount is given back out of our fee: neither held nor the merchant's. */
  readonly platform_fee: string;
  readonly currency: string;
  readonly status: 'processing' | 'succeeded' | 'failed' | 'returned';
  readonly failure_code: string | null;
  readonly succeeded: boolean;
  /** A refund's: the payment, and the attempt whose capture it gives back. */
  readonly payment_id: string | null;
  readonly captured_by: string | null;
  readonly source: 'merchant' | 'surplus' | null;
  /** A refund's that operators gave, the two of them: nobody asked for it with a key. */
  readonly approval_id: string | null;
  /** A payout's. */
  readonly reference: string | null;
  readonly phone: string | null;
}

export interface HoldRow {
  readonly subject_id: string;
  readonly kind: 'refund' | 'payout';
  readonly merchant_id: string | null;
  readonly amount: string;
  readonly currency: string;
  readonly state: 'pending' | 'posted' | 'voided' | 'refused';
}

/** What the ledger has booked of one kind for one refund or payout. */
export interface Booked {
  readonly subject_id: string;
  readonly kind: string;
  readonly amount: string;
}

export interface MoneyOut {
  readonly disbursements: readonly DisbursementRow[];
  readonly attempts: readonly AttemptRow[];
  readonly attemptsOf: ReadonlyMap<string, readonly AttemptRow[]>;
  readonly holds: ReadonlyMap<string, HoldRow>;
  readonly booked: readonly Booked[];
  /** What the sandbox's books say was paid out, and came back, by the reference that the gateway was given. */
  readonly paid: ReadonlyMap<string, readonly LedgerLine[]>;
  /** What they say was given back, by the reference of the charge: not every gateway takes a reference for a refund. */
  readonly givenBack: ReadonlyMap<string, readonly LedgerLine[]>;
}

export async function gatherHolds(query: Query): Promise<readonly HoldRow[]> {
  return query<HoldRow & Record<string, unknown>>(
    'SELECT subject_id, kind, merchant_id, amount::text, currency, state FROM ledger.hold',
  );
}

export async function gatherMoneyOut(
  query: Query,
  found: {
    readonly lines: readonly LedgerLine[];
    readonly everyAttempt: readonly AttemptRow[];
    readonly holds: readonly HoldRow[];
  },
): Promise<MoneyOut> {
  const { lines, everyAttempt, holds } = found;
  const attempts = everyAttempt.filter(({ kind }) => kind !== 'payment');
  const disbursements = await query<DisbursementRow & Record<string, unknown>>(
    `SELECT id, 'refund' AS kind, merchant_id, amount::text, platform_fee::text, currency, status, failure_code, succeeded_at IS NOT NULL AS succeeded,
            payment_id, captured_by, source, approval_id, NULL AS reference, NULL AS phone FROM payments.refund
     UNION ALL SELECT id, 'payout', merchant_id, amount::text, '0', currency, status, failure_code, succeeded_at IS NOT NULL,
            NULL, NULL, NULL, NULL, reference, destination->>'phone' FROM payments.payout`,
  );
  const booked = await query<Booked & Record<string, unknown>>(
    `SELECT subject_id, kind, sum(amount)::text AS amount FROM ledger.transfer WHERE kind ~ '^(refund|payout)' GROUP BY 1, 2`,
  );
  return {
    disbursements,
    attempts,
    attemptsOf: groupBy(attempts, ({ payment_id: id }) => id),
    holds: new Map(holds.map((hold) => [hold.subject_id, hold])),
    booked,
    paid: groupBy(
      lines.filter(({ kind }) => kind === 'payout' || kind === 'payout_return'),
      ({ reference }) => reference,
    ),
    givenBack: groupBy(
      lines.filter(({ kind }) => kind === 'refund'),
      ({ charge_reference: charge, reference }) => charge ?? reference,
    ),
  };
}

/**
 * What moved for an attempt at a payout, as far as it can be known: one that was paid is looked after for a while, in case it comes back, and
 * until the next look it may have.
 */
export function movedFor(
  { paid }: MoneyOut,
  { reference, status, next_check_at: next }: AttemptRow,
): readonly LedgerLine[] {
  const isWatched = (status === 'succeeded' || status === 'surplus') && next !== null;
  return (paid.get(reference) ?? []).filter(({ kind }) => !isWatched || kind === 'payout');
}

/** What of it is the merchant's, and so is held until it has left. */
export function heldOf({ amount, platform_fee: fee }: DisbursementRow): number {
  return Number(amount) - Number(fee);
}

/** What of that left and did not come back, in minor units. */
export function netPaid(moneyOut: MoneyOut, attempt: AttemptRow): number {
  return movedFor(moneyOut, attempt).reduce((sum, { kind, amount }) => sum + (kind === 'payout' ? amount : -amount), 0);
}

/** What stands as gone by an attempt: it succeeded, also as a double or with another amount, and did not come back. */
export function believedOf({ status, captured_amount: amount }: AttemptRow): number {
  return status === 'succeeded' || status === 'surplus' || status === 'quarantined' ? Number(amount) : 0;
}

/** Whether nobody can say yet what an attempt at a refund or payout did. */
export function isOpen({ status }: AttemptRow): boolean {
  return status === 'planned' || status === 'sending' || status === 'pending' || status === 'unknown';
}

export function sumOf(lines: readonly { readonly amount: number | string }[]): number {
  return lines.reduce((sum, { amount }) => sum + Number(amount), 0);
}
