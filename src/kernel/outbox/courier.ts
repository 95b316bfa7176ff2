/**
 * Brings events to one consumer in another database. Works beside the leading relay of the publisher's outbox and behind it: what
 * the relay has read is committed and in order. With a cursor of its own, so that a consumer whose database is away holds up
 * nobody else, and its events wait in the outbox and not in the queue, whose store is to hold little of what they say.
 */
import type { Queue } from 'bullmq';
import type { Database } from '../database/database.js';
import { statement } from '../database/tx.js';
import type { Logger } from '../observability/logger.js';
import type { BackgroundTask } from '../queue/background-tasks.js';
import { IntervalTask } from '../queue/interval-task.js';
import { CARRIED_JOB_OPTIONS, MAX_CARRIED_JOBS, type BatchJob, type CarriedEvent } from '../queue/queues.js';
import { CARRIED_COLUMNS } from './carried-events.js';
import type { ConsumerDefinition } from './consumer.js';
import { carriedJobs, JOB_EVENTS } from './jobs.js';
import { Checkpoints, isBefore, type Position } from './positions.js';
import type { Relay } from './relay.js';

export interface CourierOptions {
  /** The publisher's database, under the kernel's role. */
  readonly database: Database;
  readonly relay: Pick<Relay, 'position' | 'onAdvance'>;
  readonly consumer: ConsumerDefinition;
  readonly queue: Queue<BatchJob>;
  readonly logger: Logger;
}

/** The relay says when there is something to do; this is for a queue that was full, and costs nothing when there is nothing. */
const EVERY_MS = 50;

/** Where it goes on: behind what it has dispatched, and behind what the sweeper has seen applied or noted (a module that moved). */
const loadStatement = statement(
  'messaging.courier_load',
  `INSERT INTO messaging.relay_cursor AS c (name, xid, seq)
   SELECT $1, COALESCE(p.xid, '0'::xid8), COALESCE(p.seq, 0)
     FROM (SELECT) one LEFT JOIN messaging.consumer_progress p ON p.consumer = $1
   ON CONFLICT (name) DO UPDATE SET updated_at = now(),
     xid = CASE WHEN (EXCLUDED.xid, EXCLUDED.seq) > (c.xid, c.seq) THEN EXCLUDED.xid ELSE c.xid END,
     seq = CASE WHEN (EXCLUDED.xid, EXCLUDED.seq) > (c.xid, c.seq) THEN EXCLUDED.seq ELSE c.seq END
   RETURNING c.xid::text AS xid, c.seq`,
);

const readStatement = statement(
  'messaging.courier_read',
  `SELECT ${CARRIED_COLUMNS}, outbox.xid::text AS xid, seq FROM messaging.outbox
    WHERE (outbox.xid, seq) > ($2::xid8, $3::bigint) AND (outbox.xid, seq) <= ($4::xid8, $5::bigint) AND type = ANY($1)
    ORDER BY outbox.xid, seq LIMIT ${JOB_EVENTS}`,
);

const saveStatement = statement(
  'messaging.courier_save',
  // As the relay's: only forward, and without waiting for the disk.
  `UPDATE messaging.relay_cursor SET xid = $2::xid8, seq = $3, updated_at = now()
    WHERE name = $1 AND (xid, seq) < ($2::xid8, $3::bigint) RETURNING set_config('synchronous_commit', 'off', true)`,
);

export class Courier implements BackgroundTask {
  readonly name: string;
  private readonly task: IntervalTask;
  private readonly checkpoints = new Checkpoints();
  private position: Position | undefined;

  constructor(private readonly options: CourierOptions) {
    this.name = `courier to ${options.consumer.name}`;
    this.task = new IntervalTask({
      name: this.name,
      everyMs: EVERY_MS,
      logger: options.logger,
      run: () => this.carry(),
    });
    options.relay.onAdvance(() => this.task.poke());
  }

  start(): void {
    this.task.start();
  }

  stop(): Promise<void> {
    return this.task.stop();
  }

  /** As of the relay: the newest position that was dispatched at least `ageMs` ago. */
  dispatchedBefore(ageMs: number): Position | undefined {
    return this.checkpoints.before(ageMs);
  }

  private async carry(): Promise<{ again: boolean }> {
    const bound = this.options.relay.position;
    if (bound === undefined) {
      this.position = undefined;
      this.checkpoints.clear();
      return { again: false };
    }
    this.position ??= await this.load();
    if (isBefore(this.position, bound)) {
      if (await this.isFull()) return { again: false };
      this.position = await this.dispatch(this.position, bound);
    }
    this.checkpoints.add(this.position);
    return { again: isBefore(this.position, bound) };
  }

  private async isFull(): Promise<boolean> {
    const counts = await this.options.queue.getJobCounts('waiting', 'active', 'delayed');
    return Object.values(counts).reduce((sum, count) => sum + count, 0) >= MAX_CARRIED_JOBS;
  }

  /** @returns how far it has come. */
  private async dispatch(position: Position, bound: Position): Promise<Position> {
    const { database, consumer, queue } = this.options;
    const rows = await database.query<CarriedEvent & { readonly xid: string; readonly seq: bigint }>(readStatement, [
      consumer.types,
      position.xid,
      position.seq,
      bound.xid,
      bound.seq,
    ]);
    const last = rows.at(-1);
    if (last !== undefined) {
      const events = rows.map(({ xid: _xid, seq: _seq, ...event }) => event);
      const jobs = carriedJobs(events, false);
      await queue.addBulk(jobs.map((data) => ({ name: 'batch', data, opts: CARRIED_JOB_OPTIONS })));
    }
    const reached = last === undefined || rows.length < JOB_EVENTS ? bound : { xid: last.xid, seq: last.seq };
    await database.query(saveStatement, [consumer.name, reached.xid, reached.seq]);
    return reached;
  }

  private async load(): Promise<Position> {
    const rows = await this.options.database.query<{ xid: string; seq: bigint }>(loadStatement, [
      this.options.consumer.name,
    ]);
    return { xid: rows[0]?.xid ?? '0', seq: rows[0]?.seq ?? 0n };
  }
}
