/**
 * Finds what the queue lost. Everything the relay dispatched longer ago than the lease must have an inbox row or a row in
 * messaging.delivery; what has neither is noted there and dispatched again, under a new job id. So emptying Redis loses
 * nothing. It also dispatches noted events whose time has come. Runs beside the leading relay.
 */
import { crashPoint } from '../crash-points/crash-points.js';
import type { Database } from '../database/database.js';
import { statement, type Queryable } from '../database/tx.js';
import { describeError } from '../errors/describe.js';
import type { Logger } from '../observability/logger.js';
import { IntervalTask } from '../queue/interval-task.js';
import { MAX_CARRIED_JOBS, optionsOf, type BatchJob, type Queues } from '../queue/queues.js';
import type { ConsumerDefinition } from './consumer.js';
import type { Courier } from './courier.js';
import { batchJobs } from './jobs.js';
import type { Position } from './positions.js';
import type { Relay } from './relay.js';
import { jobsForDue, moveStrays, sweepElsewhere } from './sweep-elsewhere.js';

/** A consumer in another database than the outbox that is swept. */
export interface ConsumerElsewhere {
  /** Its database, under the kernel's role. */
  readonly database: Queryable;
  readonly courier: Pick<Courier, 'dispatchedBefore'>;
}

export interface SweeperOptions {
  readonly database: Database;
  readonly relay: Pick<Relay, 'isLeader' | 'dispatchedBefore'>;
  /** All there are: any of them may listen to this outbox. */
  readonly consumers: readonly ConsumerDefinition[];
  readonly queues: Queues;
  readonly logger: Logger;
  /** How long an event may be on its way before it is looked for. */
  readonly leaseMs: number;
  /** By name, those of the consumers that live in another database. */
  readonly elsewhere?: ReadonlyMap<string, ConsumerElsewhere>;
  /** The other databases, under the kernel's role: what is due here may have been published there. */
  readonly others?: readonly Queryable[];
  observe?(consumer: string, missed: number): void;
}

/** Events examined per statement: a bounded piece of work. */
const WINDOW = 5_000;
/** Noted events dispatched per consumer and run. */
const DUE_LIMIT = 1_000;
/**
 * While a consumer has a backlog its events are late, not lost; only after this long are they looked for all the same. Jobs that wait for
 * their next try are no backlog: they are due within seconds, unless a process whose clock was wrong has said when.
 */
const BUSY_LEASE_MS = 600_000;

const sweepStatement = statement(
  'messaging.sweep',
  `WITH progress AS (
     SELECT COALESCE((SELECT xid FROM messaging.consumer_progress WHERE consumer = $1), '0'::xid8) AS xid,
            COALESCE((SELECT seq FROM messaging.consumer_progress WHERE consumer = $1), 0) AS seq
   ), seen AS MATERIALIZED (
     SELECT id, xid, seq, created_at FROM messaging.outbox
      WHERE (xid, seq) > (SELECT xid, seq FROM progress) AND (xid, seq) <= ($3::xid8, $4::bigint) AND type = ANY($2)
      ORDER BY xid, seq LIMIT ${WINDOW}
   ), missed AS (
     INSERT INTO messaging.delivery (consumer, event_id, event_created_at, attempts, next_attempt_at)
     SELECT $1, id, created_at, 0, now() FROM seen
      WHERE NOT EXISTS (SELECT FROM messaging.inbox i WHERE i.consumer = $1 AND i.event_id = seen.id AND i.event_created_at = seen.created_at)
     ON CONFLICT DO NOTHING RETURNING 1
   ), reached AS (
     -- A full window ends at its last event; otherwise everything up to the bound has been seen.
     SELECT CASE WHEN count(*) = ${WINDOW} THEN (array_agg(xid ORDER BY xid DESC, seq DESC))[1] ELSE $3::xid8 END AS xid,
            CASE WHEN count(*) = ${WINDOW} THEN (array_agg(seq ORDER BY xid DESC, seq DESC))[1] ELSE $4::bigint END AS seq,
            COALESCE(max(created_at), now() - make_interval(secs => $5)) AS created_at,
            count(*) AS examined
       FROM seen
   ), advanced AS (
     INSERT INTO messaging.consumer_progress AS p (consumer, xid, seq, event_created_at)
     SELECT $1, xid, seq, created_at FROM reached
     ON CONFLICT (consumer) DO UPDATE SET xid = EXCLUDED.xid, seq = EXCLUDED.seq, event_created_at = EXCLUDED.event_created_at, updated_at = now()
       WHERE (p.xid, p.seq) <= (EXCLUDED.xid, EXCLUDED.seq)
     RETURNING 1
   )
   SELECT (SELECT examined FROM reached)::int AS examined, (SELECT count(*) FROM missed)::int AS missed`,
);

const dueStatement = statement(
  'messaging.due',
  `UPDATE messaging.delivery SET next_attempt_at = now() + make_interval(secs => $3)
    WHERE (consumer, event_id) IN (
      SELECT consumer, event_id FROM messaging.delivery
       WHERE consumer = $1 AND next_attempt_at <= now() ORDER BY next_attempt_at LIMIT $2 FOR UPDATE SKIP LOCKED)
   RETURNING event_id AS id, event_created_at AS created_at`,
);

export class Sweeper extends IntervalTask {
  constructor(options: SweeperOptions) {
    super({
      name: 'outbox sweeper',
      // Often enough that a lost job costs little more than the lease itself.
      everyMs: Math.min(1_000, options.leaseMs),
      logger: options.logger,
      run: () => sweepOnce(options),
    });
  }
}

/** One pass over all consumers. `again` when any of them has more to examine. */
export async function sweepOnce(options: SweeperOptions): Promise<{ again: boolean }> {
  if (!options.relay.isLeader) return { again: false };
  let again = false;
  for (const consumer of options.consumers) {
    try {
      if (await sweepConsumer(options, consumer)) again = true;
    } catch (error) {
      // One consumer's trouble (its queue, its rows) must not keep the others from being swept.
      options.logger.warn(
        { consumer: consumer.name, error: describeError(error) },
        'sweeping failed and will be tried again',
      );
    }
  }
  return { again };
}

async function sweepConsumer(options: SweeperOptions, consumer: ConsumerDefinition): Promise<boolean> {
  const queue = options.queues.get(consumer.name);
  if (queue === undefined) return false;
  const elsewhere = options.elsewhere?.get(consumer.name);
  const counts = await queue.getJobCounts('waiting', 'active', 'delayed');
  const jobs = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const isBusy = jobs > (counts['delayed'] ?? 0);
  const ageMs = isBusy ? BUSY_LEASE_MS : options.leaseMs;
  const bound =
    elsewhere === undefined
      ? options.relay.dispatchedBefore(consumer.name, ageMs)
      : elsewhere.courier.dispatchedBefore(ageMs);
  let more = false;
  if (bound !== undefined) {
    const { examined, missed } = await lookForMissed(options, consumer, elsewhere, bound);
    crashPoint('outbox.after_sweep');
    if (missed > 0)
      options.logger.warn(
        { consumer: consumer.name, missed },
        'events had got lost on their way and are dispatched again',
      );
    options.observe?.(consumer.name, missed);
    more = examined === WINDOW;
  }
  // What is due stands in the consumer's database, whose own sweeper dispatches it.
  if (elsewhere !== undefined) {
    const moved = await moveStrays(options.database, { inbox: elsewhere.database, consumer }, DUE_LIMIT);
    return more || moved === DUE_LIMIT;
  }
  const due = await options.database.query<{ id: string; created_at: Date }>(dueStatement, [
    consumer.name,
    DUE_LIMIT,
    options.leaseMs / 1_000,
  ]);
  const again = (options.others ?? []).length > 0 ? await findDue(options, consumer, due, jobs) : batchJobs(due, true);
  if (again.length > 0) {
    await queue.addBulk(again.map((data) => ({ name: 'batch', data, opts: optionsOf(data) })));
    crashPoint('outbox.after_redispatch');
  }
  return more || due.length === DUE_LIMIT;
}

async function lookForMissed(
  options: SweeperOptions,
  consumer: ConsumerDefinition,
  elsewhere: ConsumerElsewhere | undefined,
  bound: Position,
): Promise<{ examined: number; missed: number }> {
  const { database, leaseMs } = options;
  if (elsewhere !== undefined) {
    return sweepElsewhere({ outbox: database, inbox: elsewhere.database, consumer, bound, leaseMs, window: WINDOW });
  }
  const rows = await database.query<{ examined: number; missed: number }>(sweepStatement, [
    consumer.name,
    consumer.types,
    bound.xid,
    bound.seq,
    leaseMs / 1_000,
  ]);
  return rows[0] ?? { examined: 0, missed: 0 };
}

/** With a full queue only what needs no carrying is dispatched; the rest comes due again. */
async function findDue(
  options: SweeperOptions,
  consumer: ConsumerDefinition,
  due: readonly { readonly id: string; readonly created_at: Date }[],
  jobsInQueue: number,
): Promise<readonly BatchJob[]> {
  const { database, others = [], logger } = options;
  const full = jobsInQueue >= MAX_CARRIED_JOBS;
  const { jobs, missing } = await jobsForDue(database, full ? [] : others, due, (error) =>
    logger.warn({ consumer: consumer.name, error: describeError(error) }, 'events cannot be fetched from an outbox'),
  );
  if (missing > 0 && !full)
    logger.warn(
      { consumer: consumer.name, missing },
      'events that are to be tried again are in no outbox that answers',
    );
  return jobs;
}
