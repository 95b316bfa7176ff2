/**
 * What MTN MoMo's codes mean. Sources: the error code pages of momodeveloper.mtn.com and PROVIDERS 3.10 and 3.13. A request to
 * pay that is `FAILED` is final whatever its reason; the reason says whose fault it was.
 */
import { CUSTOMER_REFUSAL, type Refusal } from '../outcomes.js';

const byAccount: Refusal = { blame: 'merchant', retryable: true };

/** Reasons of a FAILED request to pay. A map, since codes come from outside and every object has a `constructor`. */
export const MTN_REFUSALS: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ['APPROVAL_REJECTED', CUSTOMER_REFUSAL],
  ['EXPIRED', CUSTOMER_REFUSAL],
  ['PAYER_NOT_FOUND', CUSTOMER_REFUSAL],
  ['NOT_ENOUGH_FUNDS', CUSTOMER_REFUSAL],
  ['PAYER_LIMIT_REACHED', CUSTOMER_REFUSAL],
  ['LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED', CUSTOMER_REFUSAL],
  // The customer did not approve in about five minutes.
  ['COULD_NOT_PERFORM_TRANSACTION', CUSTOMER_REFUSAL],
  ['PAYER_DELAYED', CUSTOMER_REFUSAL],
  // Our own wallet at MTN is not allowed or not known: another gateway has another one.
  ['PAYEE_NOT_FOUND', byAccount],
  ['PAYEE_NOT_ALLOWED_TO_RECEIVE', byAccount],
  ['NOT_ALLOWED', byAccount],
  ['NOT_ALLOWED_TARGET_ENVIRONMENT', byAccount],
  ['INVALID_CALLBACK_URL_HOST', byAccount],
  ['INVALID_CURRENCY', byAccount],
  ['TRANSFER_TYPE_UNKNOWN', { blame: 'gateway', retryable: true }],
  ['SERVICE_UNAVAILABLE', { blame: 'network', retryable: true }],
  // MTN's catch-all: no funds in some markets, an unreachable wallet platform or a denied service in others.
  ['INTERNAL_PROCESSING_ERROR', { blame: 'ambiguous', retryable: true }],
]);

/**
 * Codes that say with HTTP 500 that the request was wrong: nothing was done (PROVIDERS 3.13). INTERNAL_PROCESSING_ERROR, which
 * comes with 500 too, is not among them: it says nothing about what was done.
 */
export const MTN_CALLER_ERRORS: ReadonlySet<string> = new Set([
  'NOT_ALLOWED',
  'NOT_ALLOWED_TARGET_ENVIRONMENT',
  'INVALID_CALLBACK_URL_HOST',
  'INVALID_CURRENCY',
]);

/**
 * Reasons of a FAILED refund or transfer: the same table with the sides turned round. The payer is our own wallet now, and the payee the
 * customer.
 */
export const MTN_MONEY_OUT_REFUSALS: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ...MTN_REFUSALS,
  ['NOT_ENOUGH_FUNDS', byAccount],
  ['PAYER_LIMIT_REACHED', byAccount],
  ['PAYER_NOT_FOUND', byAccount],
  ['LOW_BALANCE_OR_PAYEE_LIMIT_REACHED_OR_NOT_ALLOWED', { blame: 'ambiguous', retryable: true }],
  // Nobody was asked to approve a payout, so these say nothing about a person.
  ['APPROVAL_REJECTED', { blame: 'ambiguous', retryable: false }],
  ['EXPIRED', { blame: 'gateway', retryable: true }],
  ['COULD_NOT_PERFORM_TRANSACTION', { blame: 'gateway', retryable: true }],
  ['PAYER_DELAYED', { blame: 'gateway', retryable: true }],
  ['PAYEE_NOT_FOUND', CUSTOMER_REFUSAL],
  ['PAYEE_NOT_ALLOWED_TO_RECEIVE', CUSTOMER_REFUSAL],
]);
