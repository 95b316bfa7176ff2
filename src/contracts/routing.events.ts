/** Everything the routing module announces. */
import { z } from 'zod';
import { defineEvent } from '../kernel/outbox/event.js';
import { amount, attemptSnapshot, blame, currency, disbursementKind, nextAction, timestamp, uuid } from './shared.js';

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

/** `subject_id` is the refund's or payout's id. */
const ofDisbursement = { kind: disbursementKind, subject_id: uuid, livemode: z.boolean() };
const byAttempt = { ...ofDisbursement, attempt: attemptSnapshot };

export const disbursementAttempted = defineEvent(
  'routing.disbursement_attempted.v1',
  'disbursement',
  'An attempt at a refund or payout began, waits, or ended without money leaving: how it stands now.',
  z.object(byAttempt),
);

export const disbursementSucceeded = defineEvent(
  'routing.disbursement_succeeded.v1',
  'disbursement',
  'A gateway has given back or paid out what was asked. `gateway_fee` is what it says it keeps, 0 when it does not say.',
  z.object({ ...byAttempt, amount, currency, gateway_fee: amount }),
);

export const disbursementFailed = defineEvent(
  'routing.disbursement_failed.v1',
  'disbursement',
  'No gateway would, or could: nothing left, nothing is in flight, and nothing more is tried.',
  z.object({ ...ofDisbursement, failure_code: z.string(), blame, attempts: z.number().int() }),
);

export const disbursementReturned = defineEvent(
  'routing.disbursement_returned.v1',
  'disbursement',
  'What had been given back or paid out came back to our account at the gateway.',
  z.object({ ...byAttempt, amount, currency }),
);

export const disbursementDuplicated = defineEvent(
  'routing.disbursement_duplicated.v1',
  'disbursement',
  'A second attempt turned out to have paid although another had already: the receiver has it twice, and somebody must get it back.',
  z.object({ ...byAttempt, amount, currency, gateway_fee: amount }),
);

export const disbursementRecovered = defineEvent(
  'routing.disbursement_recovered.v1',
  'disbursement',
  'What a second attempt had paid came back to our account at the gateway: the receiver has once what they were to get.',
  z.object({ ...byAttempt, amount, currency }),
);

export const disbursementQuarantined = defineEvent(
  'routing.disbursement_quarantined.v1',
  'disbursement',
  'A gateway paid, but not what was asked: `paid_amount` and `paid_currency` are what it reports. It stays as it is until an operator decides.',
  z.object({
    ...byAttempt,
    paid_amount: amount,
    paid_currency: currency,
    gateway_fee: amount,
    reason: z.enum(['amount', 'currency', 'reference']),
  }),
);

/**
 * Lines or settlements in one event: some 12 KB, so that a full batch of a consumer (250) stays at 3 MB. One page of a gateway may be several
 * of these.
 */
export const MAX_LISTED = 50;
/** Any currency that a gateway may name, also those that we do not book. */
const namedCurrency = z.string().min(1).max(16);
/** What a gateway calls something, or what it was given as our reference. */
const gatewayText = z.string().max(200);

/** One transaction in a gateway's own books. It names no person. */
export const listedLine = z.object({
  id: gatewayText,
  reference: gatewayText.nullable(),
  kind: z.enum(['charge', 'refund', 'payout', 'payout_return']),
  status: z.enum(['succeeded', 'failed', 'pending', 'reversed']),
  amount,
  /** What the gateway kept; null where the line does not say. */
  fee: amount.nullable(),
  currency: namedCurrency,
  occurred_at: timestamp,
});
export type ListedLine = z.infer<typeof listedLine>;

/** What a gateway pays to the bank in one sum. `net` may be below zero: then it is owed to the gateway. */
export const listedSettlement = z.object({
  id: gatewayText,
  status: z.enum(['settled', 'pending', 'failed']),
  currency: namedCurrency,
  gross: z.number().int(),
  fees: z.number().int(),
  net: z.number().int(),
  settled_at: timestamp.nullable(),
  /** What the gateway says that the bank calls it. */
  bank_reference: gatewayText.nullable(),
});
export type ListedSettlement = z.infer<typeof listedSettlement>;

/** `page` counts from 0, without gaps; pages may be heard in any order. `told_at`: when the gateway was asked for the first. */
const ofPage = { listing_id: uuid, page: z.number().int().min(0), told_at: timestamp };

export const transactionsListed = defineEvent(
  'routing.transactions_listed.v1',
  'listing',
  "A page of a gateway's own books, as it was asked for.",
  z.object({ ...ofPage, lines: z.array(listedLine).max(MAX_LISTED) }),
);

export const settlementsListed = defineEvent(
  'routing.settlements_listed.v1',
  'listing',
  'A page of what a gateway has paid or will pay to the bank, as it was asked for.',
  z.object({ ...ofPage, settlements: z.array(listedSettlement).max(MAX_LISTED) }),
);

export const balancesListed = defineEvent(
  'routing.balances_listed.v1',
  'listing',
  'What a gateway says that can be paid out of our account there, by currency. Whether it contains what was collected and is not settled yet differs from gateway to gateway.',
  z.object({
    ...ofPage,
    balances: z.array(z.object({ currency: namedCurrency, available: z.number().int() })).max(MAX_LISTED),
  }),
);

export const listingEnded = defineEvent(
  'routing.listing_ended.v1',
  'listing',
  "A listing was read to its end, in so many pages; or there is none: the gateway's API has no such list (`not_supported`), or it could not be read for long (`failed`, and `code` says why). `covers`: what would be in it; that something else is not says nothing.",
  z.object({
    listing_id: uuid,
    outcome: z.enum(['complete', 'not_supported', 'failed']),
    code: z.string().nullable(),
    pages: z.number().int().min(0),
    covers: z.array(z.enum(['payment', 'refund', 'payout'])),
    told_at: timestamp.nullable(),
  }),
);

/** Of one network at one account; of a network that fails at every gateway, the account's fields are null. */
const ofBreaker = {
  gateway_account_id: uuid.nullable(),
  gateway: z.string().nullable(),
  account: z.string().nullable(),
  livemode: z.boolean().nullable(),
  /** `GHS/mobile_money/mtn`, `NGN/card`; of refunds and payouts `GHS/payout/mobile_money/mtn`, `NGN/refund`. */
  network: z.string(),
  opened_at: timestamp,
};

export const breakerOpened = defineEvent(
  'routing.breaker_opened.v1',
  'breaker',
  'A network at a gateway account, or wherever it is reached, fails, and is shut out but for probes. Told once, whichever process sees it first, when it has been so for some seconds.',
  z.object(ofBreaker),
);

export const breakerClosed = defineEvent(
  'routing.breaker_closed.v1',
  'breaker',
  'What was shut out has worked again for a minute.',
  z.object({ ...ofBreaker, closed_at: timestamp }),
);

export const routingEvents = [
  attemptStarted,
  attemptUpdated,
  attemptConcluded,
  paymentRouted,
  paymentExhausted,
  surplusCaptured,
  attemptQuarantined,
  disbursementAttempted,
  disbursementSucceeded,
  disbursementFailed,
  disbursementReturned,
  disbursementDuplicated,
  disbursementRecovered,
  disbursementQuarantined,
  transactionsListed,
  settlementsListed,
  balancesListed,
  listingEnded,
  breakerOpened,
  breakerClosed,
] as const;
