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

/** How a repeated reference is refused: HTTP 400 with this code, or with one of the older texts (PROVIDERS 1.9). */
export function isDuplicate(code: string | undefined, message: string | undefined): boolean {
  return code === 'duplicate_reference' || /^duplicate (transaction reference|charge request)/i.test(message ?? '');
}

/** Verify answers HTTP 400 (or 404) with this text for a reference that it does not know (PROVIDERS 1.13). */
export function isNotFound(code: string | undefined, message: string | undefined): boolean {
  return code === 'transaction_not_found' || /transaction reference not found/i.test(message ?? '');
}
