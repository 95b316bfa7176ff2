import { encodeId } from '../../kernel/ids/ids.js';

/** What something is an attempt at, under its own name: `payment_id`, `refund_id` or `payout_id`. */
export function shownSubject(kind: string, id: string): Record<string, string> {
  if (kind !== 'payment' && kind !== 'refund' && kind !== 'payout') throw new Error(`${kind} is no kind of attempt`);
  return { [`${kind}_id`]: encodeId(kind, id) };
}
