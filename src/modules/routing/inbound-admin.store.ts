/** Webhooks for operators: those that contradict, belong to nothing, or led to a quarantine. */
import type { Database } from '../../kernel/database/database.js';

export const DOUBTS = ['contradicted', 'unmatched', 'quarantined'] as const;
export type Doubt = (typeof DOUBTS)[number];

/** Literals, as in the condition of the index `gateway_webhook_doubtful`: a list that is passed cannot be seen to be inside of it. */
const OUTCOMES: Readonly<Record<Doubt, string>> = {
  contradicted: `'contradicted_pending', 'contradicted_declined', 'contradicted_not_found', 'contradicted_returned'`,
  unmatched: `'unmatched'`,
  quarantined: `'quarantined'`,
};

export interface WebhookFilter {
  /** Undefined: every doubt. `all`: those too that nobody doubts. */
  readonly doubt: Doubt | 'all' | undefined;
  readonly gateway: string | undefined;
  /** Older than this one. */
  readonly before: string | undefined;
  /** Newer than this one; not together with `before`. */
  readonly after: string | undefined;
  readonly limit: number;
}

export interface WebhookRow {
  readonly id: string;
  readonly gateway: string;
  readonly accountName: string;
  readonly eventType: string;
  readonly reference: string | null;
  readonly grade: string;
  readonly attemptId: string | null;
  /** Of the attempt that it is about: at what, and its id. */
  readonly kind: string | null;
  readonly paymentId: string | null;
  readonly outcome: string | null;
  readonly deliveries: number;
  readonly receivedAt: Date;
  readonly processedAt: Date | null;
}

const COLUMNS = `w.id, w.gateway, g.name AS "accountName", w.event_type AS "eventType", w.reference, w.grade, w.attempt_id AS "attemptId",
  a.kind, a.payment_id AS "paymentId", w.outcome, w.deliveries, w.received_at AS "receivedAt", w.processed_at AS "processedAt"`;
const JOINS = `JOIN routing.gateway_account g ON g.id = w.gateway_account_id LEFT JOIN routing.attempt a ON a.id = w.attempt_id`;

/** The newest first; a page after a cursor is read upwards, nearest first. */
export function listWebhooks(database: Database, filter: WebhookFilter): Promise<WebhookRow[]> {
  const { doubt } = filter;
  const doubts = doubt === undefined ? DOUBTS : DOUBTS.filter((each) => each === doubt);
  const isDoubtful = `w.outcome IN (${doubts.map((each) => OUTCOMES[each]).join(', ')})`;
  return database.query<WebhookRow>(
    `SELECT ${COLUMNS} FROM routing.gateway_webhook w ${JOINS}
     WHERE ${doubt === 'all' ? 'true' : isDoubtful} AND ($1::text IS NULL OR w.gateway = $1)
       AND ($2::uuid IS NULL OR w.id < $2) AND ($3::uuid IS NULL OR w.id > $3)
     ORDER BY w.id ${filter.after === undefined ? 'DESC' : 'ASC'} LIMIT $4`,
    [filter.gateway ?? null, filter.before ?? null, filter.after ?? null, filter.limit],
  );
}

export interface WholeWebhookRow extends WebhookRow {
  readonly handles: unknown;
  readonly headers: unknown;
  readonly body: Buffer;
}

/** Any webhook, with what was received. */
export async function findWebhook(database: Database, id: string): Promise<WholeWebhookRow | undefined> {
  const rows = await database.query<WholeWebhookRow>(
    `SELECT ${COLUMNS}, w.handles, w.headers, w.body FROM routing.gateway_webhook w ${JOINS} WHERE w.id = $1`,
    [id],
  );
  return rows[0];
}
