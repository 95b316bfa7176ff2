/** Events about attempts, made from routing's own rows. */
import {
  attemptConcluded,
  attemptQuarantined,
  attemptStarted,
  attemptUpdated,
  paymentExhausted,
  paymentRouted,
  surplusCaptured,
} from '../../contracts/routing.events.js';
import { currency as knownCurrency, type AttemptSnapshot, type Blame } from '../../contracts/shared.js';
import { toJsonAmount, type Currency } from '../../kernel/money/money.js';
import { newEvent, type EventContext, type NewEvent } from '../../kernel/outbox/event.js';
import type { Attempt } from './attempt.js';
import type { RoutedPayment } from './routed-payment.js';

type Payment = Pick<RoutedPayment, 'id' | 'merchantId' | 'livemode' | 'causedBy' | 'headers'>;

function contextOf(payment: Payment): EventContext {
  return {
    aggregateId: payment.id,
    merchantId: payment.merchantId,
    cause: { id: payment.causedBy, headers: payment.headers },
  };
}

function snapshot(attempt: Attempt): AttemptSnapshot {
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
  };
}

function about(payment: Payment, attempt: Attempt) {
  return { payment_id: payment.id, livemode: payment.livemode, attempt: snapshot(attempt) };
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

export function startedEvent(payment: Payment, attempt: Attempt): NewEvent {
  return newEvent(attemptStarted, contextOf(payment), about(payment, attempt));
}

export function updatedEvent(payment: Payment, attempt: Attempt): NewEvent {
  return newEvent(attemptUpdated, contextOf(payment), { ...about(payment, attempt), next_action: attempt.nextAction });
}

export function concludedEvent(payment: Payment, attempt: Attempt): NewEvent {
  return newEvent(attemptConcluded, contextOf(payment), about(payment, attempt));
}

export function routedEvent(payment: Payment, attempt: Attempt): NewEvent {
  return newEvent(paymentRouted, contextOf(payment), { ...about(payment, attempt), ...taken(attempt) });
}

export function surplusEvent(payment: Payment, attempt: Attempt): NewEvent {
  return newEvent(surplusCaptured, contextOf(payment), { ...about(payment, attempt), ...taken(attempt) });
}

export function quarantinedEvent(
  payment: Payment,
  attempt: Attempt,
  reason: 'amount' | 'currency' | 'reference',
): NewEvent {
  const { amount, currency, gateway_fee } = taken(attempt);
  return newEvent(attemptQuarantined, contextOf(payment), {
    ...about(payment, attempt),
    captured_amount: amount,
    captured_currency: currency,
    gateway_fee,
    reason,
  });
}

export function exhaustedEvent(payment: Payment, failureCode: string, blame: Blame, attempts: number): NewEvent {
  return newEvent(paymentExhausted, contextOf(payment), {
    payment_id: payment.id,
    livemode: payment.livemode,
    failure_code: failureCode,
    blame,
    attempts,
  });
}
