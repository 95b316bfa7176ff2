import { FRESH } from '../disbursement.js';
import { platformFeeShare, refundAmount, type Refund } from './refund.js';
import type { RefundablePayment } from './refunds.store.js';

export interface RefundAsked {
  readonly id: string;
  /** Minor units; undefined: all that is left. */
  readonly amount: number | undefined;
  readonly reason: string | null;
  readonly metadata?: Record<string, string> | undefined;
}

/**
 * The refund as it will be, of a payment that is locked.
 * @throws {DomainError} `refund.payment_not_succeeded`, `refund.exceeds_payment`
 */
export function prepareRefund(
  { payment, capturedBy, feeGivenBackMinor }: RefundablePayment,
  asked: RefundAsked,
  isFeeGivenBack: boolean,
): Refund {
  const amountMinor = refundAmount(payment, asked.amount);
  if (capturedBy === undefined) throw new Error(`payment ${payment.id} succeeded by nothing`);
  return {
    ...FRESH,
    id: asked.id,
    merchantId: payment.merchantId,
    livemode: payment.livemode,
    paymentId: payment.id,
    source: 'merchant',
    capturedBy,
    amountMinor,
    countedMinor: amountMinor,
    platformFeeMinor: isFeeGivenBack ? platformFeeShare(payment, amountMinor, feeGivenBackMinor) : 0n,
    currency: payment.currency,
    reason: asked.reason,
    metadata: asked.metadata ?? {},
    createdAt: new Date(),
  };
}
