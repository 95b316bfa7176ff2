/**
 * What may stay open when everything has come to rest, without anything being lost: the gateway's own answers leave it open. The rest of what
 * is open is a broken invariant.
 */
import type { AcceptedPayment, AttemptRow, Evidence } from './evidence.js';

/** `Unpaid` is Hubtel's word for failures too, and a failed payment leaves Wave's session open to be paid: both are asked until they are a case. */
const FAILURE_IS_NOT_FINAL: ReadonlySet<string> = new Set(['hubtel', 'wave']);
/** Pays into an account as well as on its page, and nobody can be asked to pay before the customer was told where. */
const WITHOUT_HANDSET: ReadonlySet<string> = new Set(['monnify']);

/**
 * Orange answers only who has the token of the payment, and its notices do not name it. A process that died before it wrote the token down,
 * or an answer that never came, leaves a case for people, whatever the gateway took.
 */
export function cannotBeAsked({ gateway, status, has_pay_token: hasToken }: AttemptRow): boolean {
  return gateway === 'orange_money' && status === 'unknown' && !hasToken;
}

/** Whether a payment waits for a customer, as the gateway does: nothing was taken, and the gateway is still asked. */
export function waitsForCustomer(
  { attemptsOf, charges, customers }: Evidence,
  { uuid, publicId, entry }: AcceptedPayment,
): boolean {
  const attempts = attemptsOf.get(uuid) ?? [];
  const live = attempts.find(({ status }) => status === 'pending');
  if (live === undefined || live.next_check_at === null || charges.has(live.reference)) return false;
  if (FAILURE_IS_NOT_FINAL.has(live.gateway)) return true;
  const { reference, method } = entry.body;
  if (customers.dispositionOf(String(reference)) === 'never') return true;
  // Its address may have been lost with the process that was told it: then nobody could go there.
  const needsPage = (method as { type: string }).type === 'card' || WITHOUT_HANDSET.has(live.gateway);
  return needsPage && !customers.hasActed(publicId, live.gateway);
}
