/** Everything about one payment, from everybody who knows of it: what one reads to understand a broken invariant. */
import { encodeId } from '../../src/kernel/ids/ids.js';
import type { Evidence } from './oracle/evidence.js';

export async function describeTrail(evidence: Evidence, paymentId: string): Promise<string> {
  const { accepted, attemptsOf, charges, world } = evidence;
  const publicId = encodeId('payment', paymentId);
  const attempts = attemptsOf.get(paymentId) ?? [];
  const told = world.merchants.flatMap(({ receiver, taken }, index) =>
    receiver.deliveries
      .filter(({ body }) => body.includes(publicId))
      .map((delivery) => ({
        at: delivery.receivedAt,
        merchant: index + 1,
        taken: taken.has(delivery),
        id: delivery.headers['webhook-id'],
        type: (JSON.parse(delivery.body) as { type: string }).type,
      })),
  );
  const rows = async (title: string, sql: string): Promise<string> =>
    section(title, await evidence.query(sql, [paymentId]));
  return [
    `trail of ${publicId} (${paymentId})`,
    section(
      'requests',
      accepted
        .filter(({ uuid }) => uuid === paymentId)
        .map(({ entry }) => ({
          merchant: entry.merchant + 1,
          key: entry.key,
          body: entry.body,
          answers: entry.accepted,
        })),
    ),
    await rows('payment', 'SELECT * FROM payments.payment WHERE id = $1'),
    await rows(
      'key',
      'SELECT key, status, fence, locked_until, created_at FROM idempotency.key WHERE resource_id = $1',
    ),
    await rows('payment in routing', 'SELECT state, created_at FROM routing.payment WHERE payment_id = $1'),
    await rows(
      'attempts',
      `SELECT sequence, id, gateway, reference, status, version, outcome_code, blame, captured_amount, captured_currency, checks, not_found_count, resend_count,
              interrupted, acknowledged, late, sent_at, send_lease_until, next_check_at, created_at, concluded_at, case_opened_at
         FROM routing.attempt WHERE payment_id = $1 ORDER BY sequence`,
    ),
    section(
      'charges in the sandbox',
      attempts.flatMap(({ reference }) => charges.get(reference) ?? []),
    ),
    await rows(
      'events',
      `SELECT o.xid::text, o.seq, o.type, o.created_at, o.payload->'attempt'->>'status' AS attempt, o.payload->'attempt'->>'outcome_code' AS outcome,
              (SELECT string_agg(i.consumer || ' ' || i.processed_at::text, ', ') FROM messaging.inbox i WHERE i.event_id = o.id) AS applied,
              (SELECT string_agg(d.consumer || ' tries ' || d.attempts || ' next ' || coalesce(d.next_attempt_at::text, '-') || ' ' || coalesce(d.last_error, ''), ', ')
                 FROM messaging.delivery d WHERE d.event_id = o.id) AS noted
         FROM messaging.outbox o WHERE o.aggregateid = $1::uuid::text OR o.payload->>'subject_id' = $1::uuid::text ORDER BY o.xid, o.seq`,
    ),
    await rows(
      'gateway webhooks',
      `SELECT w.gateway, w.event_type, w.grade, w.deliveries, w.received_at, w.process_after, w.processed_at, w.outcome
         FROM routing.gateway_webhook w JOIN routing.attempt a ON a.id = w.attempt_id WHERE a.payment_id = $1 ORDER BY w.received_at`,
    ),
    await rows(
      'transfers',
      `SELECT t.kind, t.amount, t.created_at, d.kind AS debit, c.kind AS credit, d.currency FROM ledger.transfer t
         JOIN ledger.account d ON d.id = t.debit_account_id JOIN ledger.account c ON c.id = t.credit_account_id WHERE t.subject_id = $1 ORDER BY t.created_at`,
    ),
    await rows(
      'webhooks to the merchant',
      `SELECT e.type, e.created_at, d.status, d.attempts, d.claims, d.next_attempt_at, d.last_error, d.last_attempt_at FROM messaging.outbox o
         JOIN notification.event e ON e.source_event_id = o.id LEFT JOIN notification.delivery d ON d.event_id = e.id WHERE o.aggregateid = $1::uuid::text`,
    ),
    section('arrived at the merchant', told),
  ].join('\n');
}

function section(title: string, rows: readonly object[]): string {
  return [
    `  ${title}:`,
    ...(rows.length === 0 ? ['    nothing'] : rows.map((row) => `    ${JSON.stringify(row)}`)),
  ].join('\n');
}
