/**
 * What Wave's codes mean. Sources: docs.wave.com's checkout and payout pages (PROVIDERS 8.6, 8.10, 8.13). A session has two statuses:
 * whether it is closed, and whether money came; only both together are a payment.
 */
import { CUSTOMER_REFUSAL, type Refusal } from '../outcomes.js';

/** The wallet that is to receive, or to pay out, cannot: ours, so another gateway can help. */
const byAccount: Refusal = { blame: 'merchant', retryable: true };

/** `last_payment_error` of a session that expired without a payment. While the session is open these are not final. */
export const WAVE_REFUSALS: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ['insufficient-funds', CUSTOMER_REFUSAL],
  ['blocked-account', CUSTOMER_REFUSAL],
  ['payer-mobile-mismatch', CUSTOMER_REFUSAL],
  // Our own wallet has reached what its papers allow.
  ['kyb-limits-exceeded', byAccount],
  // Nobody paid in time.
  ['expired', CUSTOMER_REFUSAL],
  ['cancelled', CUSTOMER_REFUSAL],
]);

/** `payout_error` of a failed payout. The other codes of a payout are not in any document that we have. */
export const WAVE_PAYOUT_REFUSALS: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ['insufficient-funds', byAccount],
  ['kyb-limits-exceeded', byAccount],
]);

/** Error codes for what is not there. */
export const WAVE_NO_SESSION = 'checkout-session-not-found';

/** The same Idempotency-Key with another body: the first one was taken, and has to be asked about. */
export const WAVE_KEY_REUSED = 'idempotency-mismatch';

/** The code of a payment whose reference was paid under several sessions. People have to give the others back. */
export const WAVE_PAID_TWICE = 'succeeded_more_than_once';
