/** Everything the payments module announces. */
import { z } from 'zod';
import { defineEvent } from '../kernel/outbox/event.js';
import { amount, currency, customer, nextAction, paymentMethod, timestamp, uuid } from './shared.js';

/** The payment as GET /v1/payments/:id shows it: what merchants are sent. */
const resource = z.record(z.string(), z.unknown());

export const paymentCreated = defineEvent(
  'payments.payment_created.v1',
  'payment',
  'A payment was accepted: it is stored, its key is claimed, and routing may begin.',
  z.object({
    payment_id: uuid,
    livemode: z.boolean(),
    amount,
    currency,
    reference: z.string(),
    method: paymentMethod,
    customer,
    description: z.string().nullable(),
  }),
);

export const paymentActionRequired = defineEvent(
  'payments.payment_action_required.v1',
  'payment',
  'The customer has to do something: open a page, pay into an account, dial a code.',
  z.object({ payment_id: uuid, livemode: z.boolean(), next_action: nextAction, resource }),
);

export const paymentSucceeded = defineEvent(
  'payments.payment_succeeded.v1',
  'payment',
  'The money was captured by exactly one attempt. `gateway_fee` and `platform_fee` are in minor units of the same currency.',
  z.object({
    payment_id: uuid,
    livemode: z.boolean(),
    amount,
    currency,
    gateway: z.string(),
    gateway_account_id: uuid,
    attempt_id: uuid,
    gateway_fee: amount,
    platform_fee: amount,
    succeeded_at: timestamp,
    resource,
  }),
);

export const paymentFailed = defineEvent(
  'payments.payment_failed.v1',
  'payment',
  'No gateway captured the money and none will be tried again. A late success may still turn it into succeeded.',
  z.object({ payment_id: uuid, livemode: z.boolean(), failure_code: z.string(), resource }),
);

export const paymentsEvents = [paymentCreated, paymentActionRequired, paymentSucceeded, paymentFailed] as const;
