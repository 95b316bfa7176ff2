/** What refunds and payouts have in common: their states, how a state gives way to another, and how that is shown. Pure. */
import { toJsonAmount, type Currency } from '../../kernel/money/money.js';
import type { AttemptView } from './payment.js';

/**
 * A lattice, from below: whatever order events come in, and however often, the highest that was heard of stands. A success beats a
 * failure, since a gateway may have paid what it had called declined; what succeeded may come back, and that is the end of it.
 */
export const DISBURSEMENT_STATUSES = ['processing', 'failed', 'succeeded', 'returned'] as const;
export type DisbursementStatus = (typeof DISBURSEMENT_STATUSES)[number];

/** The higher of two: what stands once both have been heard of. */
export function higher(one: DisbursementStatus, other: DisbursementStatus): DisbursementStatus {
  return DISBURSEMENT_STATUSES.indexOf(one) < DISBURSEMENT_STATUSES.indexOf(other) ? other : one;
}

/** By which attempt the money left, or came back. */
export interface MovedBy {
  readonly gatewayAccountId: string;
  readonly attemptId: string;
  readonly at: Date;
}

export interface Disbursement {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly metadata: Readonly<Record<string, string>>;
  readonly status: DisbursementStatus;
  readonly failureCode: string | null;
  readonly gateway: string | null;
  readonly gatewayFeeMinor: bigint | null;
  /** Null until it has; stays when it comes back. */
  readonly succeeded: MovedBy | null;
  readonly returned: MovedBy | null;
  readonly createdAt: Date;
  /** When it first was final. */
  readonly concludedAt: Date | null;
}

/** As it is made, before anything has become of it. */
export const FRESH = {
  status: 'processing',
  failureCode: null,
  gateway: null,
  gatewayFeeMinor: null,
  succeeded: null,
  returned: null,
  concludedAt: null,
} as const satisfies Partial<Disbursement>;

/** Whether somebody who waits has waited long enough. */
export function isConcluded({ status }: Pick<Disbursement, 'status'>): boolean {
  return status !== 'processing';
}

/** The members that the resources of refunds and payouts share, in the order in which they are shown. */
export function sharedMembers(
  disbursement: Disbursement,
  attempts: readonly AttemptView[] | undefined,
): { readonly first: Record<string, unknown>; readonly last: Record<string, unknown> } {
  return {
    first: {
      livemode: disbursement.livemode,
      status: disbursement.status,
      amount: toJsonAmount(disbursement.amountMinor),
      currency: disbursement.currency,
    },
    last: {
      metadata: disbursement.metadata,
      failure_code: disbursement.failureCode,
      gateway: disbursement.gateway,
      fees: { gateway: disbursement.gatewayFeeMinor === null ? null : toJsonAmount(disbursement.gatewayFeeMinor) },
      created_at: disbursement.createdAt.toISOString(),
      concluded_at: disbursement.concludedAt?.toISOString() ?? null,
      returned_at: disbursement.returned?.at.toISOString() ?? null,
      ...(attempts === undefined ? {} : { attempts: attempts.map((attempt) => ({ object: 'attempt', ...attempt })) }),
    },
  };
}
