/** What a refund is, and how the world sees it. Pure. */
import { encodeId } from '../../../kernel/ids/ids.js';
import { DomainError } from '../../../kernel/errors/domain-error.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { sharedMembers, type Disbursement } from '../disbursement.js';
import type { AttemptView, Payment } from '../payment.js';

export const REFUND_SOURCES = ['merchant', 'surplus'] as const;
export type RefundSource = (typeof REFUND_SOURCES)[number];

export interface Refund extends Disbursement {
  readonly paymentId: string;
  readonly source: RefundSource;
  /** The attempt whose capture it gives back. */
  readonly capturedBy: string;
  /** What payment.refunding holds of it. */
  readonly countedMinor: bigint;
  /** What of the amount comes out of our fee. */
  readonly platformFeeMinor: bigint;
  readonly reason: string | null;
}

/** The refund as the API, the webhooks and the events show it. */
export function toRefundResource(refund: Refund, attempts?: readonly AttemptView[]): Record<string, unknown> {
  const { first, last } = sharedMembers(refund, attempts);
  return {
    object: 'refund',
    id: encodeId('refund', refund.id),
    ...first,
    payment: encodeId('payment', refund.paymentId),
    source: refund.source,
    reason: refund.reason,
    platform_fee: toJsonAmount(refund.platformFeeMinor),
    ...last,
  };
}

/**
 * What a refund of this payment comes to.
 * @param asked undefined: all that is left
 * @throws {DomainError} `refund.payment_not_succeeded`, `refund.exceeds_payment`
 */
export function refundAmount(payment: Payment, asked: number | undefined): bigint {
  if (payment.status !== 'succeeded') {
    throw new DomainError('refund.payment_not_succeeded', { detail: `The payment is ${payment.status}.` });
  }
  const left = payment.amountMinor - payment.refundingMinor;
  const amount = asked === undefined ? left : BigInt(asked);
  if (amount === 0n || amount > left) {
    throw new DomainError('refund.exceeds_payment', {
      detail: left === 0n ? 'Nothing is left to refund.' : 'More is asked for than is left.',
      members: { refundable: toJsonAmount(left), currency: payment.currency },
    });
  }
  return amount;
}

/**
 * What of a refund we give back of our own fee: its share, rounded down, and with the last of the payment all that is left of it. So a
 * merchant who refunds everything has paid nothing; and a balance that holds no more than the payment is enough for refunding it.
 * @param givenBackMinor of the fee, by the payment's other refunds
 */
export function platformFeeShare(payment: Payment, amountMinor: bigint, givenBackMinor: bigint): bigint {
  const left = payment.platformFeeMinor - givenBackMinor;
  const isLast = amountMinor === payment.amountMinor - payment.refundingMinor;
  const share = isLast ? left : (payment.platformFeeMinor * amountMinor) / payment.amountMinor;
  const most = left < amountMinor ? left : amountMinor - 1n;
  if (most < 0n) return 0n;
  return share < most ? share : most;
}
