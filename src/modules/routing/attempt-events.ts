/** Events about attempts, made from routing's own rows: one story, told of payments in one set of events, of refunds and payouts in another. */
import {
  attemptConcluded,
  attemptQuarantined,
  attemptStarted,
  attemptUpdated,
  disbursementAttempted,
  disbursementDuplicated,
  disbursementFailed,
  disbursementQuarantined,
  disbursementRecovered,
  disbursementReturned,
  disbursementSucceeded,
  paymentExhausted,
  paymentRouted,
  surplusCaptured,
} from '../../contracts/routing.events.js';
import {
  currency as knownCurrency,
  type AttemptSnapshot,
  type Blame,
  type DisbursementKind,
} from '../../contracts/shared.js';
import { toJsonAmount, type Currency } from '../../kernel/money/money.js';
import { newEvent, type EventContext, type NewEvent } from '../../kernel/outbox/event.js';
import type { Attempt } from './attempt.js';
import type { Routed } from './routed-payment.js';

type Payment = Pick<
  Routed,
  'kind' | 'id' | 'merchantId' | 'livemode' | 'amountMinor' | 'currency' | 'causedBy' | 'headers'
>;
type Disbursement = Payment & { readonly kind: DisbursementKind };

function contextOf(payment: Payment): EventContext {
  return {
    aggregateId: payment.id,
    merchantId: payment.merchantId,
    cause: { id: payment.causedBy, headers: payment.headers },
  };
}

/** Such as Orange's, of which one authenticates its notices and the other opens its page. */
const GIVES_ACCESS = /_token$/;

function handlesOf(attempt: Attempt): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(attempt.handles).filter(([name]) => !GIVES_ACCESS.test(name)));
}

function snapshot(payment: Payment, attempt: Attempt): AttemptSnapshot {
  return {
    attempt_id: attempt.id,
    version: attempt.version,
    gateway: attempt.gateway,
    gateway_account_id: attempt.gatewayAccountId,
    reference: attempt.reference,
    status: attempt.status,
    outcome_code: attempt.outcomeCode,
    blame: attempt.blame,
    started_at: attempt.createdAt.toISOString(),
    concluded_at: attempt.concludedAt?.toISOString() ?? null,
    amount: toJsonAmount(payment.amountMinor),
    currency: payment.currency,
    handles: handlesOf(attempt),
  };
}

function about(payment: Payment, attempt: Attempt) {
  return { payment_id: payment.id, livemode: payment.livemode, attempt: snapshot(payment, attempt) };
}

function ofDisbursement(disbursement: Disbursement) {
  return { kind: disbursement.kind, subject_id: disbursement.id, livemode: disbursement.livemode };
}

function isDisbursement(payment: Payment): payment is Disbursement {
  return payment.kind !== 'payment';
}

/** What was taken, from an attempt that has been judged: its figures are set and bookable. */
function taken(attempt: Attempt): { amount: number; currency: Currency; gateway_fee: number } {
  if (attempt.capturedAmount === null)
    throw new Error(`Attempt ${attempt.id} is ${attempt.status} without a captured amount`);
  return {
    amount: toJsonAmount(attempt.capturedAmount),
    currency: knownCurrency.parse(attempt.capturedCurrency),
    gateway_fee: toJsonAmount(attempt.gatewayFee ?? 0n),
  };
}

function attempted(disbursement: Disbursement, attempt: Attempt): NewEvent {
  return newEvent(disbursementAttempted, contextOf(disbursement), {
    ...ofDisbursement(disbursement),
    attempt: snapshot(disbursement, attempt),
  });
}

export function startedEvent(payment: Payment, attempt: Attempt): NewEvent {
  if (isDisbursement(payment)) return attempted(payment, attempt);
  return newEvent(attemptStarted, contextOf(payment), about(payment, attempt));
}

export function updatedEvent(payment: Payment, attempt: Attempt): NewEvent {
  if (isDisbursement(payment)) return attempted(payment, attempt);
  return newEvent(attemptUpdated, contextOf(payment), { ...about(payment, attempt), next_action: attempt.nextAction });
}

export function concludedEvent(payment: Payment, attempt: Attempt): NewEvent {
  if (isDisbursement(payment)) return attempted(payment, attempt);
  return newEvent(attemptConcluded, contextOf(payment), about(payment, attempt));
}

export function routedEvent(payment: Payment, attempt: Attempt): NewEvent {
  if (isDisbursement(payment))
    return newEvent(disbursementSucceeded, contextOf(payment), {
      ...ofDisbursement(payment),
      attempt: snapshot(payment, attempt),
      ...taken(attempt),
    });
  return newEvent(paymentRouted, contextOf(payment), { ...about(payment, attempt), ...taken(attempt) });
}

export function surplusEvent(payment: Payment, attempt: Attempt): NewEvent {
  if (isDisbursement(payment))
    return newEvent(disbursementDuplicated, contextOf(payment), {
      ...ofDisbursement(payment),
      attempt: snapshot(payment, attempt),
      ...taken(attempt),
    });
  return newEvent(surplusCaptured, contextOf(payment), { ...about(payment, attempt), ...taken(attempt) });
}

/** Of the one attempt that had succeeded, and so of the refund or payout; or of a duplicate, which leaves the receiver what they were to get. */
export function returnedEvent(payment: Payment, attempt: Attempt, wasDuplicate: boolean): NewEvent {
  if (!isDisbursement(payment)) throw new Error(`Payment ${payment.id} cannot come back`);
  const { amount, currency } = taken(attempt);
  return newEvent(wasDuplicate ? disbursementRecovered : disbursementReturned, contextOf(payment), {
    ...ofDisbursement(payment),
    attempt: snapshot(payment, attempt),
    amount,
    currency,
  });
}

export function quarantinedEvent(
  payment: Payment,
  attempt: Attempt,
  reason: 'amount' | 'currency' | 'reference',
): NewEvent {
  const { amount, currency, gateway_fee } = taken(attempt);
  if (isDisbursement(payment))
    return newEvent(disbursementQuarantined, contextOf(payment), {
      ...ofDisbursement(payment),
      attempt: snapshot(payment, attempt),
      paid_amount: amount,
      paid_currency: currency,
      gateway_fee,
      reason,
    });
  return newEvent(attemptQuarantined, contextOf(payment), {
    ...about(payment, attempt),
    captured_amount: amount,
    captured_currency: currency,
    gateway_fee,
    reason,
  });
}

export function exhaustedEvent(payment: Payment, failureCode: string, blame: Blame, attempts: number): NewEvent {
  const failure = { failure_code: failureCode, blame, attempts };
  if (isDisbursement(payment))
    return newEvent(disbursementFailed, contextOf(payment), { ...ofDisbursement(payment), ...failure });
  return newEvent(paymentExhausted, contextOf(payment), {
    payment_id: payment.id,
    livemode: payment.livemode,
    ...failure,
  });
}
