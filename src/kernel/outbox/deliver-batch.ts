/**
 * Brings a batch of events to one consumer, each exactly once: inbox rows, the handler's effect and its own events commit
 * together. When a batch fails it is halved until the event that cannot be handled stands alone; that one is noted in
 * messaging.delivery and the others go through. So is one whose events must be alone anyway.
 */
import { crashPoint } from '../crash-points/crash-points.js';
import { codeOf, describeError } from '../errors/describe.js';
import { isTransientDatabaseError } from '../database/sql-state.js';
import { statement, type Tx } from '../database/tx.js';
import type { BatchJob } from '../queue/queues.js';
import { claimCarried } from './carried-events.js';
import type { ConsumerRegistration } from './consumer.js';
import type { EventHeaders, StoredEvent } from './event.js';

/** Pauses before an event that failed is tried again; after the last it is abandoned. About a day in all. */
export const RETRY_DELAYS_SECONDS = [1, 5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800] as const;
/** Enough to see what went wrong; a stack or a statement does not belong in a table. */
const MAX_ERROR_LENGTH = 500;

const claimStatement = statement(
  'messaging.claim',
  `WITH events AS MATERIALIZED (
     SELECT id, type, aggregatetype, aggregateid, merchant_id, payload, headers, created_at, seq
       FROM messaging.outbox
      WHERE created_at >= $3 AND created_at < $4 AND id = ANY($2::uuid[])
   ), claimed AS (
     INSERT INTO messaging.inbox (consumer, event_id, event_created_at)
     SELECT $1, id, created_at FROM events ORDER BY id
     ON CONFLICT DO NOTHING RETURNING event_id
   )
   SELECT events.* FROM events JOIN claimed ON claimed.event_id = events.id ORDER BY events.seq`,
);

const settleStatement = statement(
  'messaging.settle',
  'DELETE FROM messaging.delivery WHERE consumer = $1 AND event_id = ANY($2::uuid[])',
);

/** $1 the consumer, $2 the event, $3 the error, $4 the pauses. */
const noteFailureOf = (source: string): string =>
  `INSERT INTO messaging.delivery AS d (consumer, event_id, event_created_at, attempts, next_attempt_at, last_error)
   SELECT $1, e.id, e.created_at, 1, now() + make_interval(secs => ($4::int[])[1]), $3 FROM ${source}
   ON CONFLICT (consumer, event_id) DO UPDATE
      SET attempts = d.attempts + 1, last_error = EXCLUDED.last_error,
          next_attempt_at = now() + make_interval(secs => ($4::int[])[d.attempts + 1]),
          abandoned_at = CASE WHEN d.attempts >= cardinality($4::int[]) THEN now() END
   RETURNING abandoned_at`;

const noteFailureStatement = statement(
  'messaging.note_failure',
  noteFailureOf('messaging.outbox e WHERE e.created_at >= $5 AND e.created_at < $6 AND e.id = $2'),
);

const noteCarriedFailureStatement = statement(
  'messaging.note_carried_failure',
  noteFailureOf('(SELECT $2::uuid AS id, $5::timestamptz AS created_at) e'),
);

interface OutboxRow {
  readonly id: string;
  readonly type: string;
  readonly aggregatetype: string;
  readonly aggregateid: string;
  readonly merchant_id: string | null;
  readonly payload: unknown;
  readonly headers: EventHeaders;
  readonly created_at: Date;
}

function toEvent(row: OutboxRow): StoredEvent {
  return {
    id: row.id,
    type: row.type,
    aggregateType: row.aggregatetype,
    aggregateId: row.aggregateid,
    merchantId: row.merchant_id,
    payload: row.payload,
    headers: row.headers,
    createdAt: row.created_at,
  };
}

export interface BatchResult {
  /** Events whose effect was applied now. */
  readonly applied: number;
  /** Events noted for another try. */
  readonly failed: number;
  /** Events given up on. */
  readonly abandoned: number;
}

async function applyAll(tx: Tx, registration: ConsumerRegistration, job: BatchJob): Promise<number> {
  const { definition, handler } = registration;
  const events = await claim(tx, definition.name, job);
  crashPoint('outbox.before_effect');
  if (events.length > 0) await handler.handle(tx, events);
  crashPoint('outbox.after_effect');
  if (job.again) await tx.query(settleStatement, [definition.name, job.ids]);
  return events.length;
}

async function claim(tx: Tx, consumer: string, job: BatchJob): Promise<readonly StoredEvent[]> {
  if (job.events !== undefined) return claimCarried(tx, consumer, job.events);
  const rows = await tx.query<OutboxRow>(claimStatement, [consumer, job.ids, job.from, job.to]);
  return rows.map(toEvent);
}

async function noteFailure(registration: ConsumerRegistration, job: BatchJob, error: unknown): Promise<BatchResult> {
  const code = codeOf(error);
  const text = `${code === undefined ? '' : `${code} `}${describeError(error)}`.slice(0, MAX_ERROR_LENGTH);
  const carried = job.events?.[0];
  const rows = await registration.database.query<{ abandoned_at: Date | null }>(
    carried === undefined ? noteFailureStatement : noteCarriedFailureStatement,
    [
      registration.definition.name,
      job.ids[0],
      text,
      RETRY_DELAYS_SECONDS,
      ...(carried === undefined ? [job.from, job.to] : [carried.createdAt]),
    ],
  );
  const abandoned = rows[0]?.abandoned_at != null;
  return { applied: 0, failed: abandoned ? 0 : 1, abandoned: abandoned ? 1 : 0 };
}

/**
 * @throws only for trouble that says nothing about the events (the database is away); the job is then tried again whole.
 */
export async function deliverBatch(registration: ConsumerRegistration, job: BatchJob): Promise<BatchResult> {
  if (registration.handler.isOneByOne === true && job.ids.length > 1) return deliverHalves(registration, job);
  try {
    const applied = await registration.database.transaction((tx) => applyAll(tx, registration, job));
    return { applied, failed: 0, abandoned: 0 };
  } catch (error) {
    if (isTransientDatabaseError(error)) throw error;
    if (job.ids.length === 1) return noteFailure(registration, job, error);
  }
  return deliverHalves(registration, job);
}

async function deliverHalves(registration: ConsumerRegistration, job: BatchJob): Promise<BatchResult> {
  const middle = Math.ceil(job.ids.length / 2);
  const first = await deliverBatch(registration, sliceOf(job, 0, middle));
  const second = await deliverBatch(registration, sliceOf(job, middle));
  return {
    applied: first.applied + second.applied,
    failed: first.failed + second.failed,
    abandoned: first.abandoned + second.abandoned,
  };
}

function sliceOf(job: BatchJob, start: number, end?: number): BatchJob {
  const ids = job.ids.slice(start, end);
  return job.events === undefined ? { ...job, ids } : { ...job, ids, events: job.events.slice(start, end) };
}
