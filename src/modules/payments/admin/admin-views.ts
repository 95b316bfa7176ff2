/** What operators see beyond what merchants do: whose it is, and who approved it. */
import { z } from 'zod';
import type { CsvValue } from '../../../kernel/csv/write-csv.js';
import type { Answer } from '../../../kernel/http/answers.js';
import { encodeId, type IdKind } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { toResource, type AttemptView, type Payment } from '../payment.js';
import { toPayment, type PaymentRow } from '../payments.store.js';
import { toPayoutResource } from '../payouts/payout.js';
import { toPayout, type PayoutRow } from '../payouts/payouts.store.js';
import { toRefundResource } from '../refunds/refund.js';
import { toRefund, type RefundRow } from '../refunds/refunds.store.js';
import { paymentResource, payoutResource, refundResource } from '../resources.js';

const whose = {
  /** Whose it is. */
  merchant: z.string(),
  /** Of the request that began it: in logs, events and the audit log. */
  request_id: z.string(),
};
export const adminPayment = paymentResource.extend(whose);
export const adminPayout = payoutResource.extend(whose);
export const adminRefund = refundResource.extend({
  ...whose,
  /** The approval by which operators made it; null: the merchant did, or it is a surplus. */
  approval: z.string().nullable(),
  asked_by: z.string().nullable(),
  approved_by: z.string().nullable(),
});

export const searched = (schema: z.ZodType): Readonly<Record<number, Answer>> => ({
  200: {
    description:
      'The newest first. `next` is what `starting_after` is to be for what follows; there may be more although this page is short or empty.',
    schema: z.strictObject({
      object: z.literal('list'),
      data: z.array(schema),
      has_more: z.boolean(),
      next: z.string().nullable(),
    }),
  },
});

type View = Readonly<Record<string, unknown>>;

interface Whose {
  readonly merchant_id: string;
  readonly correlation_id: string;
}

const whoseOf = (row: Whose): View => ({
  merchant: encodeId('merchant', row.merchant_id),
  request_id: row.correlation_id,
});

export const viewPayment = (row: PaymentRow, attempts?: readonly AttemptView[]): View => ({
  ...toResource(toPayment(row), attempts),
  ...whoseOf(row),
});

export const viewPayout = (row: PayoutRow & Whose, attempts?: readonly AttemptView[]): View => ({
  ...toPayoutResource(toPayout(row), attempts),
  ...whoseOf(row),
});

/** Who made it, where two operators did. */
export interface Approved {
  readonly approval_id: string | null;
  readonly asked_by: string | null;
  readonly approved_by: string | null;
}

export const viewRefund = (row: RefundRow & Whose & Approved, attempts?: readonly AttemptView[]): View => {
  const idOf = (kind: IdKind, uuid: string | null): string | null => (uuid === null ? null : encodeId(kind, uuid));
  return {
    ...toRefundResource(toRefund(row), attempts),
    ...whoseOf(row),
    approval: idOf('approval', row.approval_id),
    asked_by: idOf('admin', row.asked_by),
    approved_by: idOf('admin', row.approved_by),
  };
};

export const PAYMENT_COLUMNS = [
  'id',
  'created_at_utc',
  'merchant',
  'livemode',
  'reference',
  'status',
  'amount_minor',
  'currency',
  'method',
  'phone',
  'email',
  'gateway',
  'failure_code',
  'platform_fee_minor',
  'gateway_fee_minor',
  'refunded_minor',
  'concluded_at_utc',
];

export function paymentCsv(row: PaymentRow): readonly CsvValue[] {
  const payment: Payment = toPayment(row);
  const { method, customer } = payment;
  return [
    encodeId('payment', payment.id),
    payment.createdAt.toISOString(),
    encodeId('merchant', payment.merchantId),
    String(payment.livemode),
    payment.reference,
    payment.status,
    toJsonAmount(payment.amountMinor),
    payment.currency,
    method.type === 'mobile_money' ? `mobile_money/${method.network}` : method.type,
    method.type === 'mobile_money' ? method.phone : (customer.phone ?? null),
    customer.email ?? null,
    payment.gateway,
    payment.failureCode,
    toJsonAmount(payment.platformFeeMinor),
    payment.gatewayFeeMinor === null ? null : toJsonAmount(payment.gatewayFeeMinor),
    toJsonAmount(payment.refundedMinor),
    payment.concludedAt?.toISOString() ?? null,
  ];
}

export const DISBURSEMENT_COLUMNS = [
  'id',
  'created_at_utc',
  'merchant',
  'livemode',
  'of',
  'status',
  'amount_minor',
  'currency',
  'gateway',
  'failure_code',
  'gateway_fee_minor',
  'concluded_at_utc',
];

/** @param of a refund the payment, of a payout the merchant's reference */
export function disbursementCsv(kind: 'refund' | 'payout', row: (RefundRow | PayoutRow) & Whose): readonly CsvValue[] {
  return [
    encodeId(kind, row.id),
    row.created_at.toISOString(),
    encodeId('merchant', row.merchant_id),
    String(row.livemode),
    'payment_id' in row ? encodeId('payment', row.payment_id) : row.reference,
    row.status,
    toJsonAmount(row.amount),
    row.currency,
    row.gateway,
    row.failure_code,
    row.gateway_fee === null ? null : toJsonAmount(row.gateway_fee),
    row.concluded_at?.toISOString() ?? null,
  ];
}
