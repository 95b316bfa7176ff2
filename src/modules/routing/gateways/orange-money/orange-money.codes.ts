/**
 * What Orange Money Web Payment's statuses mean (PROVIDERS 7.10). Sources: a third party's SDK and handler code; Orange's own pages were not at
 * hand. `FAILED` comes without a reason.
 */
import { CUSTOMER_REFUSAL, UNLISTED_REFUSAL, type Refusal } from '../outcomes.js';

/** The link is made and not followed yet; the customer confirmed and it is in process. */
export const ORANGE_WAITING: ReadonlySet<string> = new Set(['INITIATED', 'PENDING']);

export const ORANGE_REFUSALS: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ['FAILED', UNLISTED_REFUSAL],
  // Nobody paid while the link lived.
  ['EXPIRED', CUSTOMER_REFUSAL],
]);

/** Orange can only be asked with the token that it gave us, and the answer that had it never came. It proves nothing. */
export const ORANGE_NO_TOKEN = 'pay_token_unknown';

/** How a used order_id is refused is not documented; these are the words that such answers have elsewhere. */
export function isDuplicate(message: string | undefined): boolean {
  return /duplicate.*order|order.*(duplicate|already|exists|been used)/i.test(message ?? '');
}
