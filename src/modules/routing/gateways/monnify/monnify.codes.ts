/**
 * What Monnify's statuses and codes mean (PROVIDERS 4.5, 4.6, 4.9, 4.10). Sources: developers.monnify.com, the status lists of Monnify's own .NET and
 * Node.js libraries, and its support pages on R and D codes. `99` says nothing: it comes with every kind of trouble.
 */
import type { Blame } from '../../../../contracts/shared.js';
import { CUSTOMER_REFUSAL, UNLISTED_REFUSAL, type Refusal } from '../outcomes.js';

/**
 * Collections in which money came and it is not what was to be paid. Reported with the figures that they have, so that comparing them with
 * what we asked finds the difference.
 */
export const MONNIFY_OTHER_AMOUNT: ReadonlySet<string> = new Set(['OVERPAID', 'PARTIALLY_PAID', 'UNDERPAID']);

/** Collections that ended without money. `FAILED` comes without a reason. */
export const MONNIFY_REFUSALS: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ['ABANDONED', CUSTOMER_REFUSAL],
  ['CANCELLED', CUSTOMER_REFUSAL],
  ['EXPIRED', CUSTOMER_REFUSAL],
  ['FAILED', UNLISTED_REFUSAL],
]);

/** Payouts on their way; the last three wait for the merchant, at Monnify. */
export const MONNIFY_PAYOUT_WAITING: ReadonlySet<string> = new Set([
  'PENDING',
  'AWAITING_PROCESSING',
  'IN_PROGRESS',
  'PENDING_AUTHORIZATION',
  'PENDING_BATCH_AUTHORIZATION',
  'OTP_EMAIL_DISPATCH_FAILED',
]);

export const MONNIFY_PAYOUT_DONE: ReadonlySet<string> = new Set(['SUCCESS', 'COMPLETED']);

/** Payouts that ended without money leaving. `EXPIRED`: nobody of the merchant authorised it, so nobody else is to pay it either. */
export const MONNIFY_PAYOUT_REFUSALS: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ['FAILED', UNLISTED_REFUSAL],
  ['EXPIRED', { blame: 'merchant', retryable: false }],
]);

/**
 * Codes with which a request is refused unexecuted, and whom it is to be blamed on: R3 more than was paid, R4 below the smallest refund,
 * R5 too little in our wallet. D07: a payout of the same amount to the same destination less than two minutes ago. It says nothing about
 * which one that was: after an unanswered call it may have been this very payout, so it is about the request alone (`not_sent`), never
 * the end of the payout.
 */
export const MONNIFY_REFUSED_REQUESTS: ReadonlyMap<string, Blame> = new Map<string, Blame>([
  ['R3', 'merchant'],
  ['R4', 'merchant'],
  ['R5', 'merchant'],
  ['D07', 'gateway'],
]);

/** A used refundReference. */
export const MONNIFY_DUPLICATE_REFUND = 'R9';

/** How a used reference is refused is not documented beyond its being refused; these are the words that such answers have elsewhere. */
export function isDuplicate(message: string | undefined): boolean {
  return /duplicate.*reference|reference.*(duplicate|already|exists|been used)/i.test(message ?? '');
}

/** An unknown reference, told otherwise than by HTTP 404: not documented either. */
export function isNotFound(message: string | undefined): boolean {
  return /not found|no transaction|does not exist|could not find/i.test(message ?? '');
}
