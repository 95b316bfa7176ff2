/** What a payment is: its states and rules, and how the world sees it. Pure. */
import type { AttemptSnapshot, NextAction, PaymentMethod } from '../../contracts/shared.js';
import { encodeId } from '../../kernel/ids/ids.js';
import { toJsonAmount, type Currency } from '../../kernel/money/money.js';

export const PAYMENT_STATUSES = ['processing', 'requires_action', 'succeeded', 'failed', 'canceled'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export interface Customer {
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly name?: string | undefined;
}

export interface Payment {
  readonly id: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly reference: string;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly method: PaymentMethod;
  readonly customer: Customer;
  readonly description: string | null;
  /** Where the customer comes back to from a gateway's page. */
  readonly returnUrl: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly platformFeeMinor: bigint;
  /** The fee schedule that was in force; null: the merchant's basis points. */
  readonly feeScheduleId: string | null;
  readonly status: PaymentStatus;
  readonly nextAction: NextAction | null;
  readonly failureCode: string | null;
  readonly gateway: string | null;
  readonly gatewayFeeMinor: bigint | null;
  /** What refunds count that have neither failed nor come back; of it, what has succeeded. */
  readonly refundingMinor: bigint;
  readonly refundedMinor: bigint;
  readonly createdAt: Date;
  readonly concludedAt: Date | null;
}

/** An attempt as the API shows it: `reference` is what the gateway was given, `outcome` the gateway's own code. */
export interface AttemptView {
  readonly id: string;
  readonly gateway: string;
  readonly reference: string;
  /** `started` until routing tells more, which on the fast path is the end. */
  readonly status: 'started' | Exclude<AttemptSnapshot['status'], 'planned' | 'sending'>;
  readonly outcome: string | null;
  readonly blame: AttemptSnapshot['blame'];
  readonly started_at: string;
  readonly concluded_at: string | null;
}

/**
 * Whether somebody who waits has waited long enough: it is final, or the caller must show the customer something first. A mobile
 * money customer is asked on the handset anyway, so there the wait goes on, unless they have to type something for us to hand on.
 */
export function isSettled(payment: Pick<Payment, 'status' | 'method' | 'nextAction'>): boolean {
  if (isFinal(payment.status)) return true;
  if (payment.status !== 'requires_action') return false;
  return payment.method.type !== 'mobile_money' || payment.nextAction?.type.startsWith('enter_') === true;
}

export function isFinal(status: PaymentStatus): boolean {
  return status === 'succeeded' || status === 'failed' || status === 'canceled';
}

/** Our fee in minor units where no schedule says another: basis points of the amount, rounded down in the merchant's favour. */
export function platformFee(amountMinor: bigint, basisPoints: number): bigint {
  return (amountMinor * BigInt(basisPoints)) / 10_000n;
}

/** A saved card's token lets money be taken, so it is not shown again. */
function shownMethod(method: PaymentMethod): Record<string, unknown> {
  if (method.type !== 'card') return method;
  return { type: 'card', saved: method.token !== undefined };
}

/** The payment as the API, the webhooks and the events show it. */
export function toResource(payment: Payment, attempts?: readonly AttemptView[]): Record<string, unknown> {
  return {
    object: 'payment',
    id: encodeId('payment', payment.id),
    livemode: payment.livemode,
    status: payment.status,
    amount: toJsonAmount(payment.amountMinor),
    currency: payment.currency,
    reference: payment.reference,
    method: shownMethod(payment.method),
    customer: payment.customer,
    description: payment.description,
    return_url: payment.returnUrl,
    metadata: payment.metadata,
    next_action: payment.nextAction,
    failure_code: payment.failureCode,
    gateway: payment.gateway,
    fees: {
      platform: toJsonAmount(payment.platformFeeMinor),
      schedule: payment.feeScheduleId === null ? null : encodeId('feeSchedule', payment.feeScheduleId),
      gateway: payment.gatewayFeeMinor === null ? null : toJsonAmount(payment.gatewayFeeMinor),
    },
    refunded: toJsonAmount(payment.refundedMinor),
    // To whoever reads it, what is on its way: what has arrived is told beside it.
    refunding: toJsonAmount(payment.refundingMinor - payment.refundedMinor),
    created_at: payment.createdAt.toISOString(),
    concluded_at: payment.concludedAt?.toISOString() ?? null,
    ...(attempts === undefined ? {} : { attempts: attempts.map((attempt) => ({ object: 'attempt', ...attempt })) }),
  };
}
