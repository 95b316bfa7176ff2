import type { GatewaySettlement, GatewayTransaction } from '../gateway-parts.js';
import { UNLISTED_REFUSAL, type Refusal } from '../outcomes.js';

/**
 * What Flutterwave v3's codes and texts mean. A transaction's `failed` is final (PROVIDERS 2.10); `processor_response`, or the
 * message of an HTTP 400, gives the reason in free text: see `processor-texts.ts`. Version 3 has no error codes, only messages.
 */

/** Statuses that are not final; the second is in published samples of charges that wait for the customer. */
export const FLUTTERWAVE_WAITING: ReadonlySet<string> = new Set(['pending', 'success-pending-validation']);

/** Some charge types refuse a used `tx_ref` (seen by third parties, PROVIDERS 2.9); the others take it twice. */
export function isDuplicate(message: string | undefined): boolean {
  return /duplicate.*(reference|tx_?ref)|(reference|tx_?ref).*(been used|already (been )?used|already exists)/i.test(
    message ?? '',
  );
}

/** Both kinds of verification answer 400 or 404 with this text (PROVIDERS 2.13, from memory). */
export function isNotFound(message: string | undefined): boolean {
  return /no transaction (was )?found/i.test(message ?? '');
}

/** A code that was typed wrongly and may be typed again; the wordings are from memory. */
export function isWrongOtp(message: string | undefined): boolean {
  return /\b(invalid|incorrect|wrong)\b.*\b(otp|token)\b|\b(otp|token)\b.*\b(invalid|incorrect|wrong|expired)\b/i.test(
    message ?? '',
  );
}

/**
 * A transfer's used reference is refused with HTTP 400 (PROVIDERS 2.9, from memory). The wording is not known, so every one is taken that
 * speaks of a reference that is there already: the question that follows a duplicate tells the truth.
 */
export function isDuplicateTransfer(message: string | undefined): boolean {
  return /reference\b.*\b(already|exists?|used|duplicated?)\b|\bduplicated?\b.*\breference|\bunique\b.*\breference|reference\b.*\bunique\b/i.test(
    message ?? '',
  );
}

/** Asking for a transfer by an id that leads nowhere (from memory). */
export function isTransferNotFound(message: string | undefined): boolean {
  return /no transfer|transfer\b.*\bnot (be )?found/i.test(message ?? '');
}

/** Transfers that are not final (PROVIDERS 2.6); unlike those of transactions, their statuses are upper case. */
export const FLUTTERWAVE_TRANSFER_WAITING: ReadonlySet<string> = new Set(['NEW', 'PENDING']);

/** What a refund's status means, by its beginning, since most name the road behind it: `completed-momo`, `pending-momo` (PROVIDERS 2.5). */
export function refundStatus(status: string): 'succeeded' | 'pending' | 'failed' | undefined {
  if (/^completed(-|$)/.test(status)) return 'succeeded';
  if (/^(pending|processing)(-|$)/.test(status)) return 'pending';
  return /^failed(-|$)/.test(status) ? 'failed' : undefined;
}

/** A refund that failed is back in our balance, and only this gateway could have made it. */
export const FLUTTERWAVE_REFUND_FAILED: Refusal = UNLISTED_REFUSAL;

/** Statuses of listed transactions (PROVIDERS 2.10). */
export const FLUTTERWAVE_LINE_STATUSES: ReadonlyMap<string, GatewayTransaction['status']> = new Map<
  string,
  GatewayTransaction['status']
>([
  ...[...FLUTTERWAVE_WAITING].map((status) => [status, 'pending'] as const),
  ['successful', 'succeeded'],
  ['failed', 'failed'],
]);

/** Statuses of settlements (PROVIDERS 2.7). */
export const FLUTTERWAVE_SETTLEMENT_STATUSES: ReadonlyMap<string, GatewaySettlement['status']> = new Map<
  string,
  GatewaySettlement['status']
>([
  ['completed', 'settled'],
  ['pending', 'pending'],
]);
