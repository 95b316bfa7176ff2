import { CONSUMERS } from '../../../src/contracts/consumers.js';
import type { Invariant, Violation } from './invariant.js';

/** What happens at most once to a payment, refund or payout. */
const ONCE = [
  'payments.payment_created.v1',
  'payments.payment_succeeded.v1',
  'payments.payment_failed.v1',
  'routing.payment_routed.v1',
  ...['refund', 'payout'].flatMap((kind) =>
    ['created', 'funded', 'succeeded', 'failed', 'returned'].map((what) => `payments.${kind}_${what}.v1`),
  ),
  'ledger.hold_placed.v1',
  'ledger.hold_refused.v1',
  'ledger.hold_released.v1',
];

/** Every event was applied by each of its consumers, once, or stands as a dead letter; and its effects are there once. */
export const eventsAppliedOnce: Invariant = {
  name: 'events_applied_once',
  async check({ query }) {
    const broken: Violation[] = [];
    for (const { name, types } of CONSUMERS) {
      const rows = await query<{ id: string; type: string; aggregateid: string; applied: number; dead: number }>(
        `SELECT o.id, o.type, o.aggregateid, (SELECT count(*)::int FROM messaging.inbox i WHERE i.consumer = $1 AND i.event_id = o.id) AS applied,
                (SELECT count(*)::int FROM messaging.delivery d WHERE d.consumer = $1 AND d.event_id = o.id) AS dead
           FROM messaging.outbox o WHERE o.type = ANY($2)`,
        [name, types],
      );
      for (const { type, aggregateid: paymentId, applied, dead } of rows) {
        // A dead letter stands in messaging.delivery, and so does one that is still to be tried again.
        if (applied + dead === 1) continue;
        broken.push({
          text: `${type} was applied ${applied} times by ${name} and is noted ${dead} times as not`,
          paymentId,
        });
      }
    }
    const twice = await query<{ type: string; aggregateid: string; count: number }>(
      `SELECT type, aggregateid, count(*)::int FROM messaging.outbox
        WHERE type = ANY($1) GROUP BY 1, 2 HAVING count(*) > 1`,
      [ONCE],
    );
    const repeated = await query<{ type: string; body: string }>(
      `SELECT type, min(body) AS body FROM notification.event GROUP BY type, body::jsonb #>> '{data,id}'
       HAVING count(*) > 1 AND type <> 'payment.requires_action'`,
    );
    return [
      ...broken,
      ...twice.map(({ type, aggregateid: paymentId, count }) => ({
        text: `${type} was announced ${count} times`,
        paymentId,
      })),
      ...repeated.map(({ type, body }) => ({ text: `a merchant is told ${type} by more than one event: ${body}` })),
    ];
  },
};
