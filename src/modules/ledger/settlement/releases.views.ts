/** How releases look over HTTP. Amounts are integer minor units. */
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { ReleaseRow, SettlementRow, UpcomingRow } from './releases.store.js';

/** Which part of the balance it comes from. */
type From = 'pending' | 'rolling_reserve';

export interface ReleaseView {
  readonly object: 'release';
  readonly id: string;
  readonly livemode: boolean;
  readonly currency: string;
  readonly from: From;
  /** What became available: 0 where all of it had been drawn before it was due. */
  readonly amount: number;
  /** What became due, of so many payments. Less `amount`: what refunds and payouts had drawn before, or (below zero) what came back of that. */
  readonly matured: number;
  readonly payments: number;
  /** It contains what was due after the one and not after the other. */
  readonly settled_from: string;
  readonly settled_until: string;
  readonly transfer_id: string | null;
  readonly created_at: string;
}

export function viewRelease(row: ReleaseRow): ReleaseView {
  return {
    object: 'release',
    id: encodeId('release', row.id),
    livemode: row.livemode,
    currency: row.currency,
    from: fromOf(row.accountKind),
    amount: toJsonAmount(row.amount),
    matured: toJsonAmount(row.matured),
    payments: row.payments,
    settled_from: row.settledFrom.toISOString(),
    settled_until: row.settledUntil.toISOString(),
    transfer_id: row.transferId === null ? null : encodeId('transfer', row.transferId),
    created_at: row.releasedAt.toISOString(),
  };
}

export interface SettlementView {
  readonly object: 'settlement';
  /** The transfer that booked the capture; cursors are these. */
  readonly id: string;
  readonly payment_id: string;
  /** `capture`, or the `reserve` that was kept back of one. */
  readonly kind: string;
  /** What of the capture came to the account, less our fee and what was kept back. */
  readonly amount: number;
  /** By refunds, before or after it was due. */
  readonly given_back: number;
  readonly due_at: string | null;
  /** When the gateway's own books were found to confirm it. */
  readonly proved_at: string | null;
  /** What decided; null: the default. */
  readonly policy_id: string | null;
}

export function viewSettlement(row: SettlementRow): SettlementView {
  return {
    object: 'settlement',
    id: encodeId('transfer', row.captureId),
    payment_id: encodeId('payment', row.paymentId),
    kind: row.kind,
    amount: toJsonAmount(row.amount),
    given_back: toJsonAmount(row.givenBack),
    due_at: row.dueAt?.toISOString() ?? null,
    proved_at: row.provedAt?.toISOString() ?? null,
    policy_id: row.policyId === null ? null : encodeId('settlementPolicy', row.policyId),
  };
}

export interface UpcomingReleaseView {
  readonly object: 'upcoming_release';
  readonly livemode: boolean;
  readonly currency: string;
  readonly from: From;
  /** By then all of it is due; null: not before it is proved. */
  readonly due_at: string | null;
  readonly amount: number;
  readonly payments: number;
}

export function viewUpcoming(livemode: boolean, row: UpcomingRow): UpcomingReleaseView {
  return {
    object: 'upcoming_release',
    livemode,
    currency: row.currency,
    from: fromOf(row.accountKind),
    due_at: row.dueAt?.toISOString() ?? null,
    amount: toJsonAmount(row.amount),
    payments: row.payments,
  };
}

function fromOf(accountKind: string): From {
  return accountKind === 'merchant_rolling_reserve' ? 'rolling_reserve' : 'pending';
}
