/**
 * What Hubtel's response codes and statuses mean (PROVIDERS 6.6, 6.10). Sources: copies of its Direct Receive Money and Direct Send Money
 * documents. `0000` in the answer to a question only says that the question worked.
 */
import type { Blame } from '../../../../contracts/shared.js';
import { CUSTOMER_REFUSAL, type Refusal } from '../outcomes.js';

export const HUBTEL_OK = '0000';
/** Taken; the customer has it on the handset, and a callback is to follow. */
export const HUBTEL_PENDING = '0001';

/** The payment failed, finally. 2001: on the payer's side (no funds, no approval, wrong PIN). */
export const HUBTEL_REFUSALS: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([['2001', CUSTOMER_REFUSAL]]);

/**
 * The request was refused unexecuted. 4000: a field is wrong; 4070, 4101, 4103: the account, or what it is allowed, is not set up (these
 * four from memory); 4075: the prepaid deposit that payouts come from is too low.
 * 5000 (an internal error) and 3050 (no meaning found) are not among them: they end as unknown.
 */
export const HUBTEL_REFUSED_REQUESTS: ReadonlyMap<string, Blame> = new Map<string, Blame>([
  ['4000', 'merchant'],
  ['4070', 'merchant'],
  ['4075', 'merchant'],
  ['4101', 'merchant'],
  ['4103', 'merchant'],
]);

/** How a used ClientReference is refused is not documented; these are the words that such answers have elsewhere. */
export function isDuplicate(message: string | undefined): boolean {
  return /duplicate.*reference|reference.*(duplicate|already|exists|been used)/i.test(message ?? '');
}

/** An unknown reference, told otherwise than by HTTP 404: not documented either. */
export function isNotFound(message: string | undefined): boolean {
  return /not found|no transaction|does not exist/i.test(message ?? '');
}
