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
