import type { CustomerAction, GatewaySettlement, GatewayTransaction } from '../gateway-parts.js';
import { UNLISTED_REFUSAL, type Refusal } from '../outcomes.js';

/**
 * What Paystack's codes and texts mean. `failed` is final whatever the reason (PROVIDERS 1.10); the reason, in
 * `gateway_response` or in the message of an HTTP 400, is the bank's or network's free text: see `processor-texts.ts`.
 */

/** Statuses that are not final (PROVIDERS 1.10 and the table of 1.3): `abandoned` is one of them, it can still be paid. */
export const PAYSTACK_WAITING: ReadonlySet<string> = new Set([
  'pending',
  'processing',
  'ongoing',
  'queued',
  'abandoned',
  'send_pin',
  'send_otp',
  'send_phone',
  'send_birthday',
  'send_address',
  'open_url',
  'pay_offline',
  'pending_bank_transfer',
]);

/**
 * What the customer is asked for (PROVIDERS 1.3). An address (`send_address`) is not among them: it belongs to raw cards, which never reach us.
 */
export const PAYSTACK_ASKS: ReadonlyMap<string, CustomerAction['type']> = new Map<string, CustomerAction['type']>([
  ['send_otp', 'otp'],
  ['send_pin', 'pin'],
  ['send_phone', 'phone'],
  ['send_birthday', 'birthday'],
]);

/** How a repeated reference is refused: HTTP 400 with this code, or with one of the older texts (PROVIDERS 1.9). */
export function isDuplicate(code: string | undefined, message: string | undefined): boolean {
  return code === 'duplicate_reference' || /^duplicate (transaction reference|charge request)/i.test(message ?? '');
}

/** Verify answers HTTP 400 (or 404) with this text for a reference that it does not know (PROVIDERS 1.13). */
export function isNotFound(code: string | undefined, message: string | undefined): boolean {
  return code === 'transaction_not_found' || /transaction reference not found/i.test(message ?? '');
}

/** How a transfer's used reference is refused: with the same code, or with this text (PROVIDERS 1.9). */
export function isDuplicateTransfer(code: string | undefined, message: string | undefined): boolean {
  return code === 'duplicate_reference' || /reference already exists|provide a unique reference/i.test(message ?? '');
}

/** Verifying a transfer's reference that it does not know: HTTP 404 with this text (PROVIDERS 1.13). */
export function isTransferNotFound(code: string | undefined, message: string | undefined): boolean {
  return code === 'transfer_not_found' || /transfer (was )?not found/i.test(message ?? '');
}

/** A code that was typed wrongly and may be typed again; the wordings are from memory. */
export function isWrongEntry(code: string | undefined, message: string | undefined): boolean {
  return (
    code === 'invalid_otp' ||
    /\b(invalid|incorrect|wrong)\b.*\b(otp|pin|token|birthday|phone)\b|\b(otp|pin|token)\b.*\b(invalid|incorrect|wrong|expired)\b/i.test(
      message ?? '',
    )
  );
}

/** Transfers that are not final (PROVIDERS 1.10): `received` waits for our approval address, `otp` for a code that somebody of ours has to type. */
export const PAYSTACK_TRANSFER_WAITING: ReadonlySet<string> = new Set(['pending', 'received', 'otp', 'processing']);

/** Final ends of a transfer with which nothing left our balance (PROVIDERS 1.10). */
export const PAYSTACK_TRANSFER_REFUSALS: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  // Without a reason. It is over and nothing left, so another road is worth a try.
  ['failed', { blame: 'ambiguous', retryable: true }],
  // Our own side said no: the approval address refused it, or nobody typed the code in time. That no holds for every gateway.
  ['rejected', { blame: 'merchant', retryable: false }],
  ['abandoned', { blame: 'merchant', retryable: false }],
  // Paystack does not let it go, for a reason that it keeps; where risk may be the reason, no other road is tried unasked.
  ['blocked', { blame: 'gateway', retryable: false }],
]);

/** Refunds that are not final (PROVIDERS 1.5); `needs-attention` waits for the customer's bank details. */
export const PAYSTACK_REFUND_WAITING: ReadonlySet<string> = new Set(['pending', 'processing', 'needs-attention']);

/** A refund that failed is back in our balance, and only this gateway could have made it. */
export const PAYSTACK_REFUND_FAILED: Refusal = UNLISTED_REFUSAL;

/** Statuses of listed transactions (PROVIDERS 1.10). Those that are not final, `abandoned` among them, are all pending to the books. */
export const PAYSTACK_LINE_STATUSES: ReadonlyMap<string, GatewayTransaction['status']> = new Map<
  string,
  GatewayTransaction['status']
>([
  ...[...PAYSTACK_WAITING].map((status) => [status, 'pending'] as const),
  ['success', 'succeeded'],
  ['failed', 'failed'],
  ['reversed', 'reversed'],
]);

/** Statuses of settlements (PROVIDERS 1.7). */
export const PAYSTACK_SETTLEMENT_STATUSES: ReadonlyMap<string, GatewaySettlement['status']> = new Map<
  string,
  GatewaySettlement['status']
>([
  ['success', 'settled'],
  ['processing', 'pending'],
  ['pending', 'pending'],
  ['failed', 'failed'],
]);
