/** The SQL of inbound webhooks: stored as received, unique per account and event. */
import type { Database } from '../../kernel/database/database.js';
import { statement } from '../../kernel/database/tx.js';
import { ATTEMPT, PAYMENT, toAttemptOfPayment, type AttemptOfPayment, type AttemptRow } from './attempt-rows.store.js';

export type WebhookGrade = 'authenticated' | 'weakly_authenticated' | 'unauthenticated';

export interface InboundWebhook {
  readonly id: string;
  readonly gateway: string;
  readonly gatewayAccountId: string;
  readonly dedupeKey: string;
  readonly eventType: string;
  /** As the webhook has it. */
  readonly reference: string | null;
  /** The attempt it would name, if the reference has our plain form. */
  readonly hintedAttemptId: string | null;
  readonly handles: Readonly<Record<string, string>>;
  /** What is noted when it turns out to be about no attempt. */
  readonly outcomeOfNothing: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly grade: WebhookGrade;
}

/** A stored webhook that is to be acted upon, with the attempt it is about. */
export interface StoredWebhook {
  readonly id: string;
  readonly gateway: string;
  readonly eventType: string;
  readonly grade: WebhookGrade;
  readonly handles: Readonly<Record<string, string>>;
  /** It was delivered before. */
  readonly isRepeat: boolean;
  /** Another delivery of an event that somebody is still working on. */
  readonly inOtherHands: boolean;
  /** Undefined: it is about nothing of ours. */
  readonly target: AttemptOfPayment | undefined;
}

interface Row extends AttemptRow {
  readonly webhookId: string;
  readonly webhookGateway: string;
  readonly isRepeat: boolean;
  readonly eventType: string;
  readonly grade: WebhookGrade;
  readonly webhookHandles: Record<string, string>;
  readonly webhookAccountId: string;
  readonly dedupeKey: string;
  readonly inOtherHands: boolean;
}

/** A worker takes over a webhook whose receiver has not finished with it by then. Longer than a query and its recording take. */
const TAKE_OVER_AFTER_SECONDS = 30;

/**
 * An attempt belongs to a webhook only if it went through the same gateway account: one merchant's gateway cannot speak
 * about another's attempts. What belongs to nothing is stored as done, to be looked at. Orange names a payment by the token alone that it gave
 * us with the link, which only the two of us know; `max`, because a gateway that gave one token twice must not fail everybody's batch.
 */
const storeSql = statement(
  'routing.store_webhooks',
  `WITH input AS (
     SELECT t.*, COALESCE(
       (SELECT a.id FROM routing.attempt a WHERE a.id = t.hint AND a.gateway_account_id = t.account),
       (SELECT a.id FROM routing.attempt a WHERE a.gateway = t.gateway AND a.reference = t.reference AND a.gateway_account_id = t.account),
       (SELECT max(a.id::text)::uuid FROM routing.attempt a WHERE a.gateway_account_id = t.account AND a.handles ? 'notif_token'
          AND a.handles ->> 'notif_token' = t.handles ->> 'notif_token')) AS attempt_id
     FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::jsonb[], $9::jsonb[], $10::bytea[], $11::text[],
         $12::text[])
       AS t(id, gateway, account, dedupe_key, event_type, reference, hint, handles, headers, body, grade, of_nothing)
   ), stored AS (
     INSERT INTO routing.gateway_webhook AS w (id, gateway, gateway_account_id, dedupe_key, event_type, reference, handles, headers, body, grade, attempt_id,
       process_after, processed_at, outcome)
     SELECT id, gateway, account, dedupe_key, event_type, reference, handles, headers, body, grade, attempt_id,
       CASE WHEN attempt_id IS NOT NULL THEN now() + interval '${TAKE_OVER_AFTER_SECONDS} s' END,
       CASE WHEN attempt_id IS NULL THEN now() END,
       CASE WHEN attempt_id IS NULL THEN of_nothing END
     FROM input ORDER BY account, dedupe_key
     ON CONFLICT (gateway_account_id, dedupe_key) DO UPDATE SET deliveries = w.deliveries + 1
     RETURNING w.*, w.xmax <> 0 AS is_repeat, w.xmax <> 0 AND w.processed_at IS NULL AS in_other_hands
   )
   SELECT s.id AS "webhookId", s.gateway AS "webhookGateway", s.event_type AS "eventType", s.grade, s.handles AS "webhookHandles", s.gateway_account_id AS "webhookAccountId",
     s.dedupe_key AS "dedupeKey", s.in_other_hands AS "inOtherHands", s.is_repeat AS "isRepeat", ${ATTEMPT}, ${PAYMENT}
   FROM stored s LEFT JOIN routing.attempt a ON a.id = s.attempt_id LEFT JOIN routing.payment p ON p.payment_id = a.payment_id`,
);

function toStored(row: Row): StoredWebhook {
  const {
    webhookId,
    eventType,
    grade,
    webhookHandles,
    webhookAccountId: _,
    dedupeKey: __,
    inOtherHands,
    isRepeat,
    webhookGateway: gateway,
    ...attempt
  } = row;
  // The attempt's columns are null when the webhook is about nothing of ours.
  const target = (attempt.id as string | null) === null ? undefined : toAttemptOfPayment(attempt);
  return { id: webhookId, gateway, eventType, grade, handles: webhookHandles, isRepeat, inOtherHands, target };
}

/** Stores a batch. @returns for each what was stored, in the order given; repeats within the batch share one row. */
export async function storeWebhooks(database: Database, webhooks: readonly InboundWebhook[]): Promise<StoredWebhook[]> {
  const keyOf = (accountId: string, dedupeKey: string): string => `${accountId} ${dedupeKey}`;
  const unique = [...new Map(webhooks.map((each) => [keyOf(each.gatewayAccountId, each.dedupeKey), each])).values()];
  const rows = await database.query<Row>(storeSql, [
    unique.map((each) => each.id),
    unique.map((each) => each.gateway),
    unique.map((each) => each.gatewayAccountId),
    unique.map((each) => each.dedupeKey),
    unique.map((each) => each.eventType),
    unique.map((each) => each.reference),
    unique.map((each) => each.hintedAttemptId),
    unique.map((each) => JSON.stringify(each.handles)),
    unique.map((each) => JSON.stringify(each.headers)),
    unique.map((each) => each.body),
    unique.map((each) => each.grade),
    unique.map((each) => each.outcomeOfNothing),
  ]);
  const byKey = new Map(rows.map((row) => [keyOf(row.webhookAccountId, row.dedupeKey), toStored(row)]));
  return webhooks.map((each) => {
    const stored = byKey.get(keyOf(each.gatewayAccountId, each.dedupeKey));
    if (stored === undefined) throw new Error(`Webhook ${each.id} was not stored`);
    return stored;
  });
}

export interface ProcessedWebhook {
  readonly id: string;
  readonly outcome: string;
}

const markSql = statement(
  'routing.mark_webhooks',
  `UPDATE routing.gateway_webhook w SET processed_at = now(), process_after = NULL, outcome = t.outcome
   FROM (SELECT w.id, t.outcome FROM unnest($1::uuid[], $2::text[]) AS t(id, outcome) JOIN routing.gateway_webhook w ON w.id = t.id
     ORDER BY w.gateway_account_id, w.dedupe_key FOR NO KEY UPDATE OF w) t
   WHERE w.id = t.id`,
);

export async function markWebhooks(database: Database, processed: readonly ProcessedWebhook[]): Promise<void> {
  const latest = new Map(processed.map((each) => [each.id, each.outcome]));
  await database.query(markSql, [[...latest.keys()], [...latest.values()]]);
}

const claimSql = statement(
  'routing.claim_webhooks',
  `WITH due AS (
     SELECT id FROM routing.gateway_webhook WHERE process_after <= now() ORDER BY process_after LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
   ), claimed AS (
     UPDATE routing.gateway_webhook w SET process_after = now() + interval '${TAKE_OVER_AFTER_SECONDS} s' FROM due WHERE w.id = due.id RETURNING w.*
   )
   SELECT s.id AS "webhookId", s.gateway AS "webhookGateway", s.event_type AS "eventType", s.grade, s.handles AS "webhookHandles", s.gateway_account_id AS "webhookAccountId",
     s.dedupe_key AS "dedupeKey", false AS "inOtherHands", true AS "isRepeat", ${ATTEMPT}, ${PAYMENT}
   FROM claimed s LEFT JOIN routing.attempt a ON a.id = s.attempt_id LEFT JOIN routing.payment p ON p.payment_id = a.payment_id`,
);

/** Takes webhooks that their receivers did not finish with. */
export async function claimUnprocessedWebhooks(database: Database, limit: number): Promise<StoredWebhook[]> {
  const rows = await database.query<Row>(claimSql, [limit]);
  return rows.map(toStored);
}

const deleteSql = statement(
  'routing.delete_webhooks',
  `DELETE FROM routing.gateway_webhook WHERE id = ANY(ARRAY(
     SELECT id FROM routing.gateway_webhook WHERE id < $1 AND process_after IS NULL ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED))
   RETURNING 1`,
);

/** Deletes webhooks that were done with and are older than an id. @returns how many */
export async function deleteWebhooksBefore(database: Database, id: string, limit: number): Promise<number> {
  return (await database.query(deleteSql, [id, limit])).length;
}
