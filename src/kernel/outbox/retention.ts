/** Makes the partitions of the days to come, and drops those that nobody needs any more. Also forgets expired idempotency keys and sessions. */
import type { Database } from '../database/database.js';
import type { Logger } from '../observability/logger.js';
import { IntervalTask } from '../queue/interval-task.js';
import type { ConsumerDefinition } from './consumer.js';

/** Events stay for three days at least: as long as anybody may have to look at them or replay them. */
const KEEP_EVENTS_HOURS = 72;
/** Idempotency keys are kept for at least 72 hours; see ECOSYSTEM, API conventions. */
const KEEP_KEYS_HOURS = 72;
/** Sessions are kept a while after they are over: what of them arrives late opens nothing then. */
const KEEP_SESSIONS_HOURS = 48;
/** Expired keys deleted per statement, so that no delete runs long. */
const KEYS_PER_DELETE = 10_000;
const EVERY_MS = 3_600_000;

export interface RetentionOptions {
  readonly database: Database;
  /** The other databases: events of this one may still be wanted there, and this one's inbox tells what of theirs was applied. */
  readonly others?: readonly Database[];
  readonly consumers: readonly ConsumerDefinition[];
  readonly logger: Logger;
  readonly isLeader: () => boolean;
}

export class Retention extends IntervalTask {
  constructor(options: RetentionOptions) {
    super({ name: 'outbox retention', everyMs: EVERY_MS, logger: options.logger, run: () => keepHouse(options) });
  }
}

export async function keepHouse(options: RetentionOptions): Promise<void> {
  const { database, consumers, logger } = options;
  await database.query('SELECT messaging.ensure_partitions()');
  if (!options.isLeader()) return;
  let deleted: number;
  do {
    const expired = await database.query(
      `DELETE FROM idempotency.key WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM idempotency.key WHERE created_at < now() - make_interval(hours => $1) LIMIT ${KEYS_PER_DELETE})) RETURNING 1`,
      [KEEP_KEYS_HOURS],
    );
    deleted = expired.length;
  } while (deleted === KEYS_PER_DELETE);
  await database.query('DELETE FROM access.session WHERE expires_at < now() - make_interval(hours => $1)', [
    KEEP_SESSIONS_HOURS,
  ]);
  // Last, since it is what may fail: it gives up when a partition is in use for long, or when a database does not answer.
  const horizons = await Promise.all([database, ...(options.others ?? [])].map((each) => horizonOf(each, consumers)));
  const horizon = earliest(horizons);
  if (horizon === null) return;
  // A statement of its own: no partition can be dropped by the statement that reads them.
  const [{ dropped } = { dropped: 0 }] = await database.query<{ dropped: number }>(
    'SELECT messaging.drop_partitions_before($1) AS dropped',
    [horizon],
  );
  if (dropped > 0)
    logger.info({ partitions: dropped }, 'dropped partitions of the outbox and inbox that every consumer is past');
}

/**
 * Up to where a database and all that was published in it can do without what lies before: older than the retention, behind every
 * event that still waits or lies dead, and behind whatever the sweeper has not yet seen applied for every consumer. That is told
 * by position, not by time: while the relay stands still, consumers have nothing to do and yet are not past anything.
 * @returns null when nothing may be dropped.
 */
async function horizonOf(database: Database, consumers: readonly ConsumerDefinition[]): Promise<Date | null> {
  const rows = await database.query<{ horizon: Date | null }>(
    `WITH horizon AS (
       SELECT LEAST(
         now() - make_interval(hours => $2),
         (SELECT min(event_created_at) FROM messaging.delivery),
         -- A consumer that was never swept holds everything.
         (SELECT CASE WHEN count(*) < cardinality($1::text[]) THEN '-infinity'::timestamptz ELSE min(event_created_at) END
            FROM messaging.consumer_progress WHERE consumer = ANY($1)),
         (SELECT min(created_at) FROM messaging.outbox
           WHERE (xid, seq) > (SELECT xid, seq FROM messaging.consumer_progress WHERE consumer = ANY($1) ORDER BY xid, seq LIMIT 1))) AS at)
     SELECT CASE WHEN isfinite(at) THEN at END AS horizon FROM horizon`,
    [consumers.map((consumer) => consumer.name), KEEP_EVENTS_HOURS],
  );
  return rows[0]?.horizon ?? null;
}

/** The outboxes of all databases share their inboxes, so what one of them still needs is kept in all. */
function earliest(horizons: readonly (Date | null)[]): Date | null {
  const known = horizons.filter((horizon) => horizon !== null);
  if (known.length < horizons.length) return null;
  return new Date(Math.min(...known.map((horizon) => horizon.getTime())));
}
