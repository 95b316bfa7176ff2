/**
 * Events on their way to a consumer in another database. It cannot read them there, so its jobs carry them: fetched from the
 * publisher's outbox, claimed by inbox rows in the consumer's database.
 */
import { statement, type Queryable, type Tx } from '../database/tx.js';
import type { CarriedEvent } from '../queue/queues.js';
import type { StoredEvent } from './event.js';
import { JOB_EVENTS, rangeOf } from './jobs.js';

/** The time keeps its microseconds: it is part of the inbox row's key, by which the publisher's side looks for it. */
export const CARRIED_COLUMNS = `id, type, aggregatetype AS "aggregateType", aggregateid AS "aggregateId", merchant_id AS "merchantId",
  payload, headers, to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "createdAt"`;

const fetchStatement = statement(
  'messaging.fetch_carried',
  `SELECT ${CARRIED_COLUMNS} FROM messaging.outbox
    WHERE created_at >= $2 AND created_at < $3 AND id = ANY($1::uuid[]) ORDER BY outbox.xid, seq`,
);

/** Those of the wanted events that this outbox holds, in the order they were written. */
export async function fetchEvents(
  outbox: Queryable,
  wanted: readonly { readonly id: string; readonly created_at: Date }[],
): Promise<CarriedEvent[]> {
  const found: CarriedEvent[] = [];
  for (let start = 0; start < wanted.length; start += JOB_EVENTS) {
    const part = wanted.slice(start, start + JOB_EVENTS);
    const { from, to } = rangeOf(part);
    found.push(...(await outbox.query<CarriedEvent>(fetchStatement, [part.map(({ id }) => id), from, to])));
  }
  return found;
}

const claimStatement = statement(
  'messaging.claim_carried',
  `INSERT INTO messaging.inbox (consumer, event_id, event_created_at)
   SELECT $1, id, created_at FROM unnest($2::uuid[], $3::timestamptz[]) AS e(id, created_at) ORDER BY id
   ON CONFLICT DO NOTHING RETURNING event_id`,
);

/** Writes the inbox rows and returns the events that had none yet. */
export async function claimCarried(
  tx: Tx,
  consumer: string,
  events: readonly CarriedEvent[],
): Promise<readonly StoredEvent[]> {
  const rows = await tx.query<{ event_id: string }>(claimStatement, [
    consumer,
    events.map((event) => event.id),
    events.map((event) => event.createdAt),
  ]);
  const claimed = new Set(rows.map((row) => row.event_id));
  return events
    .filter((event) => claimed.has(event.id))
    .map((event) => ({ ...event, createdAt: new Date(event.createdAt) }));
}
