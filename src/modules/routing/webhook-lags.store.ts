/** Reads how late webhooks came, and which attempts still wait for theirs. */
import type { Database } from '../../kernel/database/database.js';
import { statement } from '../../kernel/database/tx.js';
import { ATTEMPT, PAYMENT, toAttemptOfPayment, type AttemptOfPayment, type AttemptRow } from './attempt-rows.store.js';
import type { WebhookLag } from './webhook-lags.js';

// `already_final` is among them: of those that we did not wait for only the quick ones would be left otherwise, so that we would wait
// ever less. By primary keys throughout: ids grow with time.
const readLagsSql = statement(
  'routing.read_lags',
  `SELECT w.attempt_id AS "attemptId", a.gateway_account_id AS "accountId", p.method ->> 'type' AS method,
     (extract(epoch FROM w.received_at - a.sent_at) * 1000)::float8 AS "lagMs"
   FROM (SELECT id, attempt_id, received_at FROM routing.gateway_webhook
     WHERE id >= $1 AND id < $2 AND attempt_id IS NOT NULL AND outcome IN ('succeeded', 'declined', 'already_final') ORDER BY id DESC LIMIT $3) w
   JOIN routing.attempt a ON a.id = w.attempt_id JOIN routing.payment p ON p.payment_id = a.payment_id
   WHERE a.sent_at IS NOT NULL AND w.received_at >= a.sent_at
   ORDER BY w.id`,
);

export interface StoredLag extends WebhookLag {
  readonly attemptId: string;
}

/** The newest webhooks about the ends of charges with ids from `from` up to `to`, the oldest of them first. */
export function readLags(database: Database, from: string, to: string, limit: number): Promise<StoredLag[]> {
  return database.query<StoredLag>(readLagsSql, [from, to, limit]);
}

const findWaitingForWebhooksSql = statement(
  'routing.find_waiting_for_webhooks',
  `SELECT ${ATTEMPT}, ${PAYMENT} FROM routing.attempt a JOIN routing.payment p ON p.payment_id = a.payment_id
   WHERE a.id = ANY($1::uuid[]) AND a.status IN ('sending', 'pending', 'unknown')`,
);

/** Those of the given attempts whose end is not known. */
export async function findWithoutEnd(database: Database, ids: readonly string[]): Promise<AttemptOfPayment[]> {
  const rows = await database.query<AttemptRow>(findWaitingForWebhooksSql, [ids]);
  return rows.map(toAttemptOfPayment);
}
