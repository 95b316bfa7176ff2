/**
 * The sweeper's work where a consumer lives in another database than the outbox: what was published here is compared with the
 * inbox there, a window at a time; and what is to be tried again there is fetched from wherever it was published.
 */
import { randomBytes } from 'node:crypto';
import type { Database } from '../database/database.js';
import { statement, type Queryable } from '../database/tx.js';
import type { BatchJob } from '../queue/queues.js';
import { fetchEvents } from './carried-events.js';
import { batchJobs, carriedJobs, rangeOf } from './jobs.js';
import type { Position } from './positions.js';

const candidatesStatement = statement(
  'messaging.sweep_candidates',
  `WITH progress AS (
     SELECT COALESCE((SELECT xid FROM messaging.consumer_progress WHERE consumer = $1), '0'::xid8) AS xid,
            COALESCE((SELECT seq FROM messaging.consumer_progress WHERE consumer = $1), 0) AS seq
   )
   SELECT id, xid::text AS xid, seq, created_at::text AS created_at FROM messaging.outbox
    WHERE (outbox.xid, seq) > (SELECT xid, seq FROM progress) AND (outbox.xid, seq) <= ($3::xid8, $4::bigint) AND type = ANY($2)
    ORDER BY outbox.xid, seq LIMIT $5`,
);

const noteMissingStatement = statement(
  'messaging.note_missing',
  `INSERT INTO messaging.delivery (consumer, event_id, event_created_at, attempts, next_attempt_at)
   SELECT $1, e.id, e.created_at, 0, now() FROM unnest($2::uuid[], $3::timestamptz[]) AS e(id, created_at)
    WHERE NOT EXISTS (SELECT FROM messaging.inbox i WHERE i.consumer = $1 AND i.event_id = e.id AND i.event_created_at = e.created_at)
   ON CONFLICT DO NOTHING RETURNING 1`,
);

const advanceStatement = statement(
  'messaging.sweep_advance',
  `INSERT INTO messaging.consumer_progress AS p (consumer, xid, seq, event_created_at)
   VALUES ($1, $2::xid8, $3, COALESCE($4::timestamptz, now() - make_interval(secs => $5)))
   ON CONFLICT (consumer) DO UPDATE SET xid = EXCLUDED.xid, seq = EXCLUDED.seq, event_created_at = EXCLUDED.event_created_at, updated_at = now()
     WHERE (p.xid, p.seq) <= (EXCLUDED.xid, EXCLUDED.seq)`,
);

export interface ElsewhereSweep {
  /** Where the events were published. */
  readonly outbox: Queryable;
  /** Where the consumer lives. */
  readonly inbox: Queryable;
  readonly consumer: { readonly name: string; readonly types: readonly string[] };
  /** What was dispatched up to here must have arrived. */
  readonly bound: Position;
  readonly leaseMs: number;
  /** Most events examined. */
  readonly window: number;
}

/**
 * Notes what is missing there, then advances the progress here: after a crash in between the same window is looked at again, and
 * nothing is noted twice.
 */
export async function sweepElsewhere(sweep: ElsewhereSweep): Promise<{ examined: number; missed: number }> {
  const { consumer, bound, window } = sweep;
  const rows = await sweep.outbox.query<{ id: string; xid: string; seq: bigint; created_at: string }>(
    candidatesStatement,
    [consumer.name, consumer.types, bound.xid, bound.seq, window],
  );
  let missed = 0;
  if (rows.length > 0) {
    const times = rows.map((row) => row.created_at);
    const noted = await sweep.inbox.query(noteMissingStatement, [consumer.name, rows.map((row) => row.id), times]);
    missed = noted.length;
  }
  const last = rows.at(-1);
  const reached = last !== undefined && rows.length === window ? last : bound;
  await sweep.outbox.query(advanceStatement, [
    consumer.name,
    reached.xid,
    reached.seq,
    last?.created_at ?? null,
    sweep.leaseMs / 1_000,
  ]);
  return { examined: rows.length, missed };
}

const strayStatement = statement(
  'messaging.stray',
  `SELECT event_id, event_created_at::text AS event_created_at, attempts, next_attempt_at, last_error, abandoned_at
     FROM messaging.delivery WHERE consumer = $1 LIMIT $2`,
);

const adoptStatement = statement(
  'messaging.adopt',
  `INSERT INTO messaging.delivery (consumer, event_id, event_created_at, attempts, next_attempt_at, last_error, abandoned_at)
   SELECT $1, d.* FROM jsonb_to_recordset($2::jsonb)
       AS d(event_id uuid, event_created_at timestamptz, attempts integer, next_attempt_at timestamptz, last_error text, abandoned_at timestamptz)
    WHERE NOT EXISTS (SELECT FROM messaging.inbox i WHERE i.consumer = $1 AND i.event_id = d.event_id AND i.event_created_at = d.event_created_at)
   ON CONFLICT DO NOTHING`,
);

const forgetStatement = statement(
  'messaging.forget',
  'DELETE FROM messaging.delivery WHERE consumer = $1 AND event_id = ANY($2::uuid[])',
);

/**
 * What was noted for a consumer before it moved, or by a process that was not told of its database, stands where nobody looks
 * for it any more: it is brought to where the consumer lives. A crash in between repeats it. Where the two turn out to be one
 * database (findHomes could not ask them), a lock on one side is refused on the other, and nothing is touched.
 * @returns how many there were.
 */
export async function moveStrays(
  from: Database,
  { inbox, consumer }: Pick<ElsewhereSweep, 'inbox' | 'consumer'>,
  limit: number,
): Promise<number> {
  const rows = await from.query<{ event_id: string }>(strayStatement, [consumer.name, limit]);
  if (rows.length === 0) return 0;
  return from.transaction(async (tx) => {
    const key = randomBytes(8).readBigInt64BE().toString();
    await tx.query('SELECT pg_advisory_xact_lock($1::bigint)', [key]);
    const [probe] = await inbox.query<{ got: boolean }>('SELECT pg_try_advisory_xact_lock($1::bigint) AS got', [key]);
    if (probe?.got !== true) return 0;
    await inbox.query(adoptStatement, [consumer.name, JSON.stringify(rows)]);
    await tx.query(forgetStatement, [consumer.name, rows.map((row) => row.event_id)]);
    return rows.length;
  });
}

interface DueEvent {
  readonly id: string;
  readonly created_at: Date;
}

const presentStatement = statement(
  'messaging.present',
  'SELECT id FROM messaging.outbox WHERE created_at >= $2 AND created_at < $3 AND id = ANY($1::uuid[])',
);

/**
 * Jobs for events that are due in a database: by id for those of its own outbox, carried for the others. An outbox that does not
 * answer is passed over: its events stay noted, and come due again.
 * @returns the jobs, and how many events were found nowhere.
 */
export async function jobsForDue(
  home: Queryable,
  others: readonly Queryable[],
  due: readonly DueEvent[],
  onUnreachable: (error: unknown) => void,
): Promise<{ jobs: BatchJob[]; missing: number }> {
  if (due.length === 0) return { jobs: [], missing: 0 };
  const { from, to } = rangeOf(due);
  const rows = await home.query<{ id: string }>(presentStatement, [due.map((event) => event.id), from, to]);
  const here = new Set(rows.map((row) => row.id));
  const jobs = batchJobs(
    due.filter((event) => here.has(event.id)),
    true,
  );
  let wanted = due.filter((event) => !here.has(event.id));
  for (const other of others) {
    if (wanted.length === 0) break;
    try {
      const events = await fetchEvents(other, wanted);
      const found = new Set(events.map((event) => event.id));
      jobs.push(...carriedJobs(events, true));
      wanted = wanted.filter((event) => !found.has(event.id));
    } catch (error) {
      onUnreachable(error);
    }
  }
  return { jobs, missing: wanted.length };
}
