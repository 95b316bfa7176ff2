/** The hot SQL: storing events with their deliveries, claiming what is due, recording what came of it. All set-based. */
import type { Database } from '../../kernel/database/database.js';
import { statement, type Queryable, type Tx } from '../../kernel/database/tx.js';
import { VALID_SECRETS, type KeptSecret } from './endpoint-secrets.store.js';
import type { MerchantEvent } from './merchant-event.js';

/** An endpoint as the sender needs it. */
export interface SendTarget {
  readonly endpointId: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly url: string;
  /** Wanted event names; empty means all. */
  readonly events: readonly string[];
  /** Valid signing secrets, newest first. */
  readonly secrets: readonly KeptSecret[];
  /** How long it must be left in peace, in milliseconds; 0 when it need not. */
  readonly throttledMs: number;
}

/**
 * Of a delivery that is looked up by its id. Not `=`, for which the index of all that is pending would do too: a plan from when little was
 * pending would read all of it, however much that is by now.
 */
export const IS_PENDING = "d.status IS NOT DISTINCT FROM 'pending'";

const targetsStatement = statement(
  'notification.targets',
  `SELECT p.id AS "endpointId", p.merchant_id AS "merchantId", p.livemode, p.url, p.events, ${VALID_SECRETS} AS secrets,
     coalesce(ceil(extract(epoch FROM greatest(p.throttled_until - now(), interval '0')) * 1000), 0)::integer AS "throttledMs"
   FROM notification.endpoint p
   JOIN (SELECT DISTINCT * FROM unnest($1::uuid[], $2::boolean[]) AS w (merchant_id, livemode)) w
     ON w.merchant_id = p.merchant_id AND w.livemode = p.livemode
   WHERE p.status = 'enabled'`,
);

/** The enabled endpoints of the merchants that these events belong to. */
export function findTargets(
  db: Queryable,
  events: readonly Pick<MerchantEvent, 'merchantId' | 'livemode'>[],
): Promise<SendTarget[]> {
  return db.query<SendTarget>(targetsStatement, [
    events.map((event) => event.merchantId),
    events.map((event) => event.livemode),
  ]);
}

export interface NewDelivery {
  readonly id: string;
  readonly eventId: string;
  readonly endpointId: string;
  /** 1 when this process takes it at once (then `dueMs` is the length of its lease), else 0. */
  readonly claims: 0 | 1;
  readonly dueMs: number;
}

const storeStatement = statement(
  'notification.store_events',
  `WITH stored AS (
     INSERT INTO notification.event (id, source_event_id, type, merchant_id, livemode, body, created_at, subject)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::boolean[], $6::text[], $7::timestamptz[], $8::text[])
     ON CONFLICT ON CONSTRAINT event_of_source DO NOTHING
     RETURNING id)
   INSERT INTO notification.delivery (id, event_id, endpoint_id, claims, next_attempt_at)
   SELECT d.id, d.event_id, d.endpoint_id, d.claims, now() + d.due_ms * interval '1 millisecond'
   FROM unnest($9::uuid[], $10::uuid[], $11::uuid[], $12::integer[], $13::integer[]) AS d (id, event_id, endpoint_id, claims, due_ms)
   JOIN stored ON stored.id = d.event_id
   RETURNING id`,
);

/**
 * Stores events and their deliveries. An event whose source is stored already is left as it is, with its deliveries.
 * @returns ids of the deliveries that were stored
 */
export async function storeEvents(
  tx: Tx,
  events: readonly MerchantEvent[],
  deliveries: readonly NewDelivery[],
): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(storeStatement, [
    events.map((event) => event.id),
    events.map((event) => event.sourceEventId),
    events.map((event) => event.type),
    events.map((event) => event.merchantId),
    events.map((event) => event.livemode),
    events.map((event) => event.body),
    events.map((event) => event.createdAt),
    events.map((event) => event.subject),
    deliveries.map((delivery) => delivery.id),
    deliveries.map((delivery) => delivery.eventId),
    deliveries.map((delivery) => delivery.endpointId),
    deliveries.map((delivery) => delivery.claims),
    deliveries.map((delivery) => delivery.dueMs),
  ]);
  return new Set(rows.map((row) => row.id));
}

/** What the sender holds under a lease. */
export interface ClaimedRow {
  readonly deliveryId: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly claims: number;
  /** Attempts before this one. */
  readonly attempts: number;
  readonly merchantId: string;
  readonly url: string;
  /** Valid signing secrets, newest first. */
  readonly secrets: readonly KeptSecret[];
  readonly body: string;
  readonly eventCreatedAt: Date;
}

/**
 * Walks the endpoints that have something pending, not the deliveries (one index probe per endpoint), so that an endpoint
 * with a hundred thousand waiting costs no more than one with a single delivery and cannot hide the others. Endpoints in
 * random order, so that no one is always last when the limit is reached. Deliveries another process is claiming are skipped.
 * Secrets come with the first delivery of each endpoint: sealed they are long, and the same for all.
 */
const claimStatement = statement(
  'notification.claim',
  `WITH RECURSIVE waiting (endpoint_id) AS (
     (SELECT endpoint_id FROM notification.delivery WHERE status = 'pending' ORDER BY endpoint_id LIMIT 1)
     UNION ALL
     SELECT (SELECT d.endpoint_id FROM notification.delivery d WHERE d.status = 'pending' AND d.endpoint_id > w.endpoint_id ORDER BY d.endpoint_id LIMIT 1)
     FROM waiting w WHERE w.endpoint_id IS NOT NULL),
   open AS MATERIALIZED (
     SELECT p.id, coalesce(lane.room, $3::integer) AS room
     FROM waiting w
     CROSS JOIN LATERAL (SELECT * FROM notification.endpoint p WHERE p.id = w.endpoint_id LIMIT 1) p
     LEFT JOIN unnest($1::uuid[], $2::integer[]) AS lane (endpoint_id, room) ON lane.endpoint_id = p.id
     WHERE p.status = 'enabled' AND (p.throttled_until IS NULL OR p.throttled_until <= now()) AND coalesce(lane.room, $3::integer) > 0
     ORDER BY random()),
   picked AS MATERIALIZED (
     SELECT due.id FROM open
     CROSS JOIN LATERAL (
       SELECT d.id FROM notification.delivery d
       WHERE d.endpoint_id = open.id AND d.status = 'pending' AND d.next_attempt_at <= now()
       ORDER BY d.next_attempt_at LIMIT open.room FOR UPDATE SKIP LOCKED) AS due
     LIMIT $4::integer),
   claimed AS (
     UPDATE notification.delivery d SET claims = d.claims + 1, next_attempt_at = now() + $5::integer * interval '1 millisecond'
     FROM picked WHERE d.id = picked.id
     RETURNING d.id, d.event_id, d.endpoint_id, d.claims, d.attempts)
   SELECT c.id AS "deliveryId", c.endpoint_id AS "endpointId", c.event_id AS "eventId", c.claims, c.attempts,
     p.merchant_id AS "merchantId", p.url, CASE WHEN c.nth = 1 THEN ${VALID_SECRETS} END AS secrets, e.body, e.created_at AS "eventCreatedAt"
   FROM (SELECT *, row_number() OVER (PARTITION BY endpoint_id) AS nth FROM claimed) c JOIN notification.event e ON e.id = c.event_id
   CROSS JOIN LATERAL (SELECT * FROM notification.endpoint p WHERE p.id = c.endpoint_id LIMIT 1) p`,
);

export interface ClaimOptions {
  /** Endpoints this process knows, with how many deliveries it has room for. */
  readonly endpointIds: readonly string[];
  readonly rooms: readonly number[];
  /** Room for any other endpoint. */
  readonly defaultRoom: number;
  readonly limit: number;
  readonly leaseMs: number;
}

export async function claimDue(db: Queryable, options: ClaimOptions): Promise<ClaimedRow[]> {
  const rows = await db.query<Omit<ClaimedRow, 'secrets'> & { secrets: KeptSecret[] | null }>(claimStatement, [
    options.endpointIds,
    options.rooms,
    options.defaultRoom,
    options.limit,
    options.leaseMs,
  ]);
  const secrets = new Map<string, readonly KeptSecret[]>();
  for (const row of rows) if (row.secrets !== null) secrets.set(row.endpointId, row.secrets);
  return rows.map((row) => ({ ...row, secrets: secrets.get(row.endpointId) ?? [] }));
}

const releaseStatement = statement(
  'notification.release',
  `UPDATE notification.delivery d SET next_attempt_at = now() + r.delay_ms * interval '1 millisecond'
   FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS r (id, claims, delay_ms)
   WHERE d.id = r.id AND d.claims = r.claims AND ${IS_PENDING}`,
);

/** Gives up leases on deliveries that were not sent; they are due again after `delayMs`. */
export async function release(
  db: Queryable,
  rows: readonly { deliveryId: string; claims: number; delayMs: number }[],
): Promise<void> {
  await db.query(releaseStatement, [
    rows.map((row) => row.deliveryId),
    rows.map((row) => row.claims),
    rows.map((row) => row.delayMs),
  ]);
}

const orphansStatement = statement(
  'notification.fail_orphans',
  `WITH RECURSIVE waiting (endpoint_id) AS (
     (SELECT endpoint_id FROM notification.delivery WHERE status = 'pending' ORDER BY endpoint_id LIMIT 1)
     UNION ALL
     SELECT (SELECT d.endpoint_id FROM notification.delivery d WHERE d.status = 'pending' AND d.endpoint_id > w.endpoint_id ORDER BY d.endpoint_id LIMIT 1)
     FROM waiting w WHERE w.endpoint_id IS NOT NULL),
   orphans AS MATERIALIZED (
     SELECT d.id, p.status FROM waiting w
     JOIN notification.endpoint p ON p.id = w.endpoint_id AND p.status <> 'enabled'
     CROSS JOIN LATERAL (
       SELECT d.id FROM notification.delivery d WHERE d.endpoint_id = p.id AND d.status = 'pending' LIMIT $1::integer FOR UPDATE SKIP LOCKED) AS d
     LIMIT $1::integer)
   UPDATE notification.delivery d SET status = 'failed', next_attempt_at = NULL, last_error = 'endpoint_' || orphans.status
   FROM orphans WHERE d.id = orphans.id RETURNING d.id`,
);

/** Fails deliveries that wait for an endpoint which is disabled or deleted. @returns how many, at most `limit` */
export async function failOrphans(db: Queryable, limit: number): Promise<number> {
  return (await db.query(orphansStatement, [limit])).length;
}

const backlogStatement = statement(
  'notification.backlog',
  `SELECT count(*)::integer AS due FROM (
     SELECT FROM notification.delivery WHERE status = 'pending' AND next_attempt_at <= now() LIMIT $1::integer) AS due`,
);

/** How many deliveries are due and held by nobody, counted up to `limit` so that a scrape stays cheap. */
export async function countDue(db: Database, limit: number): Promise<number> {
  const [row] = await db.query<{ due: number }>(backlogStatement, [limit]);
  return row?.due ?? 0;
}
