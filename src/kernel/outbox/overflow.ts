/**
 * Consumers whose queues are full. What comes for them stays in the outbox, and a cursor of their own says from where; as their
 * queue empties they are given more of it, until they have caught up with the relay. The other consumers notice nothing of it, and the queue's
 * store holds no more than a bounded number of jobs of any consumer, however long that is away.
 */
import type pg from 'pg';
import { statement } from '../database/tx.js';
import { JOB_OPTIONS, MAX_WAITING_JOBS, type BatchJob, type Queues } from '../queue/queues.js';
import type { ConsumerDefinition } from './consumer.js';
import { batchJobs, JOB_EVENTS } from './jobs.js';
import { Checkpoints, isBefore, savePositionStatement, type Position } from './positions.js';

/** A consumer that is behind gets more when no more than this share of what may wait for it does: so it always has something to do. */
const REFILL_SHARE = 0.5;
/** Most events read for a consumer at once. */
const READ_LIMIT = 16 * JOB_EVENTS;

const fallBehindStatement = statement(
  'messaging.fall_behind',
  'INSERT INTO messaging.relay_cursor (name, xid, seq) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING',
);

const readBehindStatement = statement(
  'messaging.read_behind',
  `SELECT id, xid::text AS xid, seq, created_at FROM messaging.outbox
    WHERE (xid, seq) > ($2::xid8, $3::bigint) AND (xid, seq) <= ($4::xid8, $5::bigint) AND type = ANY($1)
    ORDER BY outbox.xid, seq LIMIT ${READ_LIMIT}`,
);

interface QueueLength {
  /** What it was when it was last asked for. */
  counted: number;
  /** Jobs added since. */
  added: number;
}

export interface OverflowOptions {
  readonly consumers: readonly ConsumerDefinition[];
  readonly queues: Queues;
  /** Jobs that may wait for a consumer. Default {@link MAX_WAITING_JOBS}; tests fill less. */
  readonly maxWaitingJobs?: number;
  /** Told when a consumer's queue has become full, and when it has caught up. */
  onChange(consumer: string, isBehind: boolean): void;
}

export class Overflow {
  /** Those that are behind, and how far events have been dispatched to them. */
  private readonly behind = new Map<string, Position>();
  private readonly lengths = new Map<string, QueueLength>();
  /** Of all that have ever been behind while this relay led: when they had been given what. */
  private readonly checkpoints = new Map<string, Checkpoints>();

  private readonly maxWaiting: number;

  constructor(private readonly options: OverflowOptions) {
    this.maxWaiting = options.maxWaitingJobs ?? MAX_WAITING_JOBS;
  }

  /** Those that were behind when the last relay stopped leading. */
  async load(client: pg.Client): Promise<void> {
    this.clear();
    const names = this.options.consumers.map(({ name }) => name);
    const { rows } = await client.query<{ name: string; xid: string; seq: string }>(
      'SELECT name, xid::text AS xid, seq FROM messaging.relay_cursor WHERE name = ANY($1)',
      [names],
    );
    for (const { name, xid, seq } of rows) this.fallBehind(name, { xid, seq: BigInt(seq) });
  }

  clear(): void {
    this.behind.clear();
    this.lengths.clear();
    this.checkpoints.clear();
  }

  has(consumer: string): boolean {
    return this.behind.has(consumer);
  }

  /**
   * Adds jobs to the queues of their consumers. One whose queue is full gets none: it is behind from here on.
   * @param before the position before the first of the events
   * @throws what the queue or the database throws; some of the jobs may have been added then
   */
  async add(client: pg.Client, jobs: ReadonlyMap<string, readonly BatchJob[]>, before: Position): Promise<void> {
    const upToDate = [...jobs].filter(([consumer]) => !this.behind.has(consumer));
    const full = await Promise.all(upToDate.map(([consumer, more]) => this.isFull(consumer, more.length)));
    // Before anything is added: whoever leads next must know of it, should this process end in between.
    for (const [consumer] of upToDate.filter((_, index) => full[index])) {
      await client.query({ ...fallBehindStatement, values: [consumer, before.xid, before.seq] });
      this.fallBehind(consumer, before);
      this.options.onChange(consumer, true);
    }
    await Promise.all(
      upToDate.filter((_, index) => full[index] !== true).map(([consumer, more]) => this.enqueue(consumer, more)),
    );
  }

  /**
   * Gives more to those that are behind and have room.
   * @param bound how far the relay has dispatched
   * @returns whether any of them has room for still more
   * @throws as {@link add}
   */
  async refill(client: pg.Client, bound: Position): Promise<boolean> {
    let again = false;
    for (const [consumer, position] of this.behind) {
      if (
        (await this.count(consumer)) <= this.maxWaiting * REFILL_SHARE &&
        (await this.advance(client, consumer, position, bound))
      )
        again = true;
    }
    for (const [consumer, checkpoints] of this.checkpoints) checkpoints.add(this.behind.get(consumer) ?? bound);
    return again;
  }

  /** As the relay's, for a consumer that is or was behind; `undefined` inside if nothing is that old. */
  checkpointsOf(consumer: string): Checkpoints | undefined {
    return this.checkpoints.get(consumer);
  }

  private fallBehind(consumer: string, position: Position): void {
    this.behind.set(consumer, position);
    this.checkpoints.set(consumer, this.checkpoints.get(consumer) ?? new Checkpoints());
  }

  /** @returns whether there is more for it */
  private async advance(client: pg.Client, consumer: string, position: Position, bound: Position): Promise<boolean> {
    const types = this.options.consumers.find(({ name }) => name === consumer)?.types ?? [];
    const { rows } = await client.query<{ id: string; xid: string; seq: string; created_at: Date }>({
      ...readBehindStatement,
      values: [types, position.xid, position.seq, bound.xid, bound.seq],
    });
    const last = rows.at(-1);
    if (last !== undefined) await this.enqueue(consumer, batchJobs(rows, false));
    if (last === undefined || rows.length < READ_LIMIT) {
      await client.query('DELETE FROM messaging.relay_cursor WHERE name = $1', [consumer]);
      this.behind.delete(consumer);
      this.options.onChange(consumer, false);
      return false;
    }
    const reached = { xid: last.xid, seq: BigInt(last.seq) };
    await client.query({ ...savePositionStatement, values: [consumer, reached.xid, reached.seq] });
    this.behind.set(consumer, reached);
    return isBefore(reached, bound);
  }

  /** Asks only when there may be too many by what has been added: an empty queue costs nothing. */
  private async isFull(consumer: string, more: number): Promise<boolean> {
    const length = this.lengths.get(consumer);
    if (length !== undefined && length.counted + length.added + more <= this.maxWaiting) return false;
    return (await this.count(consumer)) + more > this.maxWaiting;
  }

  private async count(consumer: string): Promise<number> {
    const counts = await this.queueOf(consumer).getJobCounts('waiting', 'active', 'delayed');
    const counted = Object.values(counts).reduce((sum, count) => sum + count, 0);
    this.lengths.set(consumer, { counted, added: 0 });
    return counted;
  }

  private async enqueue(consumer: string, jobs: readonly BatchJob[]): Promise<void> {
    const queue = this.queueOf(consumer);
    const [only, ...more] = jobs;
    if (only !== undefined && more.length === 0) await queue.add('batch', only, JOB_OPTIONS);
    else await queue.addBulk(jobs.map((data) => ({ name: 'batch', data, opts: JOB_OPTIONS })));
    const length = this.lengths.get(consumer);
    if (length !== undefined) length.added += jobs.length;
  }

  private queueOf(consumer: string): NonNullable<ReturnType<Queues['get']>> {
    const queue = this.options.queues.get(consumer);
    if (queue === undefined) throw new Error(`There is no queue for consumer ${consumer}`);
    return queue;
  }
}
