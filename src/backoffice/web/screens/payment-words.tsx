import { useCallback } from 'react';
import { State } from '../blocks/badges.js';
import type {
  AdminDisbursementsReadPayoutResponses,
  AdminDisbursementsReadRefundResponses,
  AdminPaymentsListResponses,
  AdminPaymentsReadResponses,
} from '../generated/index.js';
import { useWords } from '../i18n/i18n.js';

export type Payment = AdminPaymentsListResponses[200]['data'][number];
export type PaymentFound = AdminPaymentsReadResponses[200];
export type Refund = PaymentFound['refunds'][number];
export type RefundFound = AdminDisbursementsReadRefundResponses[200];
export type PayoutFound = AdminDisbursementsReadPayoutResponses[200];
export type Attempt = NonNullable<PaymentFound['attempts']>[number];

type Colour = 'good' | 'bad' | 'waiting' | 'plain';

const PAYMENT_COLOURS = {
  processing: 'waiting',
  requires_action: 'waiting',
  succeeded: 'good',
  failed: 'bad',
  canceled: 'plain',
} as const satisfies Readonly<Record<Payment['status'], Colour>>;

export function PaymentStatus({ status }: { readonly status: Payment['status'] }) {
  const t = useWords();
  return <State is={PAYMENT_COLOURS[status]}>{t.payments.statuses[status]}</State>;
}

const REFUND_COLOURS = {
  processing: 'waiting',
  succeeded: 'good',
  failed: 'bad',
  returned: 'bad',
} as const satisfies Readonly<Record<Refund['status'], Colour>>;

export function RefundStatus({ status }: { readonly status: Refund['status'] }) {
  const t = useWords();
  return <State is={REFUND_COLOURS[status]}>{t.payments.moneyOut[status]}</State>;
}

export const ATTEMPT_COLOURS = {
  started: 'waiting',
  pending: 'waiting',
  unknown: 'waiting',
  succeeded: 'good',
  declined: 'bad',
  not_sent: 'plain',
  surplus: 'bad',
  quarantined: 'bad',
  returned: 'bad',
} as const satisfies Readonly<Record<Attempt['status'], Colour>>;

/** How it is paid, with what names the payer there. */
export function useMethodName(): (method: Payment['method']) => string {
  const t = useWords();
  return useCallback(
    (method) => {
      const name = t.payments.methods[method.type];
      if (method.type === 'mobile_money') return `${name}, ${method.network}, ${method.phone}`;
      if (method.type === 'ussd') return `${name}, ${method.bank}`;
      return method.type === 'card' && method.saved ? `${name}, ${t.payments.savedCard}` : name;
    },
    [t],
  );
}
