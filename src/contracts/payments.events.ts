/** Everything the payments module announces. */
import { z } from 'zod';
import { defineEvent } from '../kernel/outbox/event.js';
import { amount, currency, customer, nextAction, paymentMethod, payoutDestination, timestamp, uuid } from './shared.js';

/** The payment, refund or payout as its GET shows it: what merchants are sent. */
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
    /** Where the customer comes back to from a gateway's page. */
    return_url: z.string().optional(),
    /** The merchant's own; rules of routing may ask for it. */
    metadata: z.record(z.string(), z.string()).optional(),
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

/**
 * Why money is given back: a `merchant` asked for it; or a `surplus` capture, a second one of a payment that another attempt had
 * won already, goes back to the customer by itself, out of suspense and not out of the merchant's balance.
 */
const refundSource = z.enum(['merchant', 'surplus']);
const ofRefund = {
  refund_id: uuid,
  payment_id: uuid,
  livemode: z.boolean(),
  amount,
  currency,
  source: refundSource,
  /** The attempt whose capture it gives back. */
  captured_by: uuid,
  /** What of `amount` comes out of the fee that the platform had taken; the rest is the merchant's. 0 for a surplus. */
  platform_fee: amount,
};
const ofPayout = { payout_id: uuid, livemode: z.boolean(), amount, currency };
/** By which attempt the money left. `gateway_fee` is what the gateway says it keeps, 0 when it does not say. */
const leftBy = {
  gateway: z.string(),
  gateway_account_id: uuid,
  attempt_id: uuid,
  gateway_fee: amount,
  succeeded_at: timestamp,
  resource,
};
const cameBack = { gateway_account_id: uuid, attempt_id: uuid, returned_at: timestamp, resource };

export const refundCreated = defineEvent(
  'payments.refund_created.v1',
  'refund',
  'A refund was accepted: refunds of its payment together are no more than what was captured. The ledger is to hold the money.',
  z.object(ofRefund),
);

export const refundFunded = defineEvent(
  'payments.refund_funded.v1',
  'refund',
  'The money of a refund is held, and routing may give it back.',
  z.object({ ...ofRefund, reason: z.string().nullable() }),
);

export const refundSucceeded = defineEvent(
  'payments.refund_succeeded.v1',
  'refund',
  'The gateway has given the money back. `attempt_id` is the attempt of the refund.',
  z.object({ ...ofRefund, ...leftBy }),
);

export const refundFailed = defineEvent(
  'payments.refund_failed.v1',
  'refund',
  "Nothing was given back and nothing will be: what was held for it is the merchant's again.",
  z.object({ ...ofRefund, failure_code: z.string(), resource }),
);

export const refundReturned = defineEvent(
  'payments.refund_returned.v1',
  'refund',
  'A refund that had succeeded came back to our account at the gateway: the customer does not have it.',
  z.object({ ...ofRefund, ...cameBack }),
);

export const payoutCreated = defineEvent(
  'payments.payout_created.v1',
  'payout',
  'A payout was accepted. The ledger is to hold the money.',
  z.object({ ...ofPayout, batch_id: uuid.nullable() }),
);

export const payoutFunded = defineEvent(
  'payments.payout_funded.v1',
  'payout',
  'The money of a payout is held, and routing may send it.',
  z.object({
    ...ofPayout,
    reference: z.string(),
    destination: payoutDestination,
    narration: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
  }),
);

export const payoutSucceeded = defineEvent(
  'payments.payout_succeeded.v1',
  'payout',
  'The gateway has paid the receiver.',
  z.object({ ...ofPayout, ...leftBy }),
);

export const payoutFailed = defineEvent(
  'payments.payout_failed.v1',
  'payout',
  "Nothing was paid out and nothing will be: what was held for it is the merchant's again.",
  z.object({ ...ofPayout, failure_code: z.string(), resource }),
);

export const payoutReturned = defineEvent(
  'payments.payout_returned.v1',
  'payout',
  'A payout that had succeeded came back to our account at the gateway: the receiver does not have it.',
  z.object({ ...ofPayout, ...cameBack }),
);

export const paymentsEvents = [
  paymentCreated,
  paymentActionRequired,
  paymentSucceeded,
  paymentFailed,
  refundCreated,
  refundFunded,
  refundSucceeded,
  refundFailed,
  refundReturned,
  payoutCreated,
  payoutFunded,
  payoutSucceeded,
  payoutFailed,
  payoutReturned,
] as const;
