/** Everything the routing module announces. */
import { z } from 'zod';
import { defineEvent } from '../kernel/outbox/event.js';
import { amount, attemptSnapshot, blame, currency, nextAction, uuid } from './shared.js';

const ofPayment = { payment_id: uuid, livemode: z.boolean(), attempt: attemptSnapshot };

export const attemptStarted = defineEvent(
  'routing.attempt_started.v1',
  'payment',
  'A gateway was chosen and the attempt written down, before anything was sent.',
  z.object(ofPayment),
);

export const attemptUpdated = defineEvent(
  'routing.attempt_updated.v1',
  'payment',
  'A live attempt waits: for the customer (perhaps with something for them to do), or for the gateway to say what happened.',
  z.object({ ...ofPayment, next_action: nextAction.nullable() }),
);

export const attemptConcluded = defineEvent(
  'routing.attempt_concluded.v1',
  'payment',
  'An attempt ended without capturing this payment: declined or not sent. Another gateway may follow.',
  z.object(ofPayment),
);

export const paymentRouted = defineEvent(
  'routing.payment_routed.v1',
  'payment',
  'One attempt captured the money: amount, currency and reference are what was asked. `gateway_fee` is what the gateway says it keeps, 0 when it does not say.',
  z.object({ ...ofPayment, amount, currency, gateway_fee: amount }),
);

export const paymentExhausted = defineEvent(
  'routing.payment_exhausted.v1',
  'payment',
  'Every usable gateway was tried or none could be; nothing is in flight.',
  z.object({ payment_id: uuid, livemode: z.boolean(), failure_code: z.string(), blame, attempts: z.number().int() }),
);

export const surplusCaptured = defineEvent(
  'routing.surplus_captured.v1',
  'payment',
  'A second attempt of a payment turned out to have captured money although another had already won: it belongs to the customer.',
  z.object({ ...ofPayment, amount, currency, gateway_fee: amount }),
);

export const attemptQuarantined = defineEvent(
  'routing.attempt_quarantined.v1',
  'payment',
  'A gateway took money, but not what was asked: `captured_amount` and `captured_currency` are what it reports. The attempt stays live until an operator decides.',
  z.object({
    ...ofPayment,
    captured_amount: amount,
    captured_currency: currency,
    gateway_fee: amount,
    reason: z.enum(['amount', 'currency', 'reference']),
  }),
);

export const routingEvents = [
  attemptStarted,
  attemptUpdated,
  attemptConcluded,
  paymentRouted,
  paymentExhausted,
  surplusCaptured,
  attemptQuarantined,
] as const;
