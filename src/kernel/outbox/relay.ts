/**
 * Reads committed events in (xid, seq) order and hands them to the consumers' queues. One leader per outbox: whoever
 * holds the advisory lock on its own connection. Two leaders for a moment (a frozen process that wakes) do no harm:
 * events are then dispatched twice and applied once.
 *
 * Only rows below the oldest transaction still running are read. Identity values are given out before commit, so a
 * reader that went by `seq` alone would step over a row that commits late; below that horizon nothing can appear any more.
 * PostgreSQL counts transactions per server; those of its other databases cannot write into this outbox and are looked past.
 */
import pg from 'pg';
import type { Logger } from '../observability/logger.js';
import { crashPoint } from '../crash-points/crash-points.js';
import { describeError } from '../errors/describe.js';
import type { Queues } from '../queue/queues.js';
import type { BackgroundTask } from '../queue/background-tasks.js';
import { PLANNER_SETTINGS, roleOf } from '../database/database.js';
import { statement, type Statement } from '../database/tx.js';
import type { ConsumerDefinition } from './consumer.js';
import { batchJobs } from './jobs.js';
import { Overflow } from './overflow.js';
import { Checkpoints, savePositionStatement, type Position } from './positions.js';
import { relayWake } from './relay-wake.js';

/** Most events read at once: bounds memory, and the work repeated after a crash. */
const READ_LIMIT = 4_000;
/**
 * After events have been dispatched those that follow are given time to gather, in ms. What comes after a quiet moment goes out at once;
 * when much comes, it goes in few jobs, each of which costs every consumer a transaction and the queue three commands.
 */
const GATHER_MS = 25;
/** A wake may come a moment before the horizon passes the commit, so the first looks follow quickly; then ever slower. */
const FIRST_PAUSE_MS = 1;
/** How often an idle relay looks for commits of other processes, which cannot wake it. */
const IDLE_PAUSE_MS = 25;
/** How often an idle relay asks whose the transactions are that it waits for, in ms: that takes a look at the locks of the whole server. */
const LOOK_PAST_OTHERS_MS = 250;
const RETRY_PAUSE_MS = 300;
const LEADER_RETRY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Lock and cursor have one name in every database, which has one outbox, whatever a process's settings call it. */
const LOCK = 'sankofa.relay.main';
export const RELAY_CURSOR = 'main';
/**
 * PostgreSQL ends a relay's session that has asked for nothing for so long, in ms. A relay looks every few milliseconds, so its process is
 * frozen, and its lock would keep every other from leading for as long as that lasts.
 */
const IDLE_SESSION_TIMEOUT_MS = 10_000;

/** @param horizon an SQL expression of type xid8: events of this transaction and of later ones are left for later */
function readBelow(name: string, horizon: string): Statement {
  return statement(
    name,
    `SELECT id, type, xid::text AS xid, seq, created_at FROM messaging.outbox
      WHERE (xid, seq) > ($1::xid8, $2::bigint) AND xid < ${horizon}
      ORDER BY outbox.xid, seq LIMIT ${READ_LIMIT}`,
  );
}

const readStatement = readBelow('messaging.read', 'pg_snapshot_xmin(pg_current_snapshot())');

/**
 * The snapshot is older than the look at the locks, so whoever ended in between counts as one of ours. Prepared transactions have no
 * process, and count as ours too.
 */
const readPastOthersStatement = readBelow(
  'messaging.read_past_others',
  `(SELECT coalesce(min(running), pg_snapshot_xmax(pg_current_snapshot()))
      FROM pg_snapshot_xip(pg_current_snapshot()) AS running
     WHERE NOT EXISTS (
       SELECT FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
          AND l.transactionid = running::xid AND a.datname <> current_database()))`,
);

interface Row {
  readonly id: string;
  readonly type: string;
  readonly xid: string;
  readonly seq: string;
  readonly created_at: Date;
}

export interface RelayOptions {
  readonly databaseUrl: string;
  /** Which outbox, for logs. */
  readonly name: string;
  /** Those that live in this database; {@link Courier} sees to the others. */
  readonly consumers: readonly ConsumerDefinition[];
  readonly queues: Queues;
  readonly logger: Logger;
  /** Given by tests, which cannot wait for the usual time. */
  readonly idleSessionTimeoutMs?: number;
  /** Jobs that may wait for a consumer; given by tests, which fill less than the usual queue. */
  readonly maxWaitingJobs?: number;
  observe?(events: number): void;
}

export class Relay implements BackgroundTask {
  readonly name = 'outbox relay';
  private stopped = true;
  private loop: Promise<void> = Promise.resolve();
  private endPause: (() => void) | undefined;
  /** Ends a pause that a commit may end. */
  private wakeUp: (() => void) | undefined;
  private signalled = false;
  private unsubscribe: (() => void) | undefined;
  private leading = false;
  private reached: Position | undefined;
  private readonly checkpoints = new Checkpoints();
  private readonly listeners: (() => void)[] = [];
  private progressedAt = Date.now();
  /** By performance.now(). */
  private lookPastOthersAt = 0;
  private readonly consumersOf = new Map<string, string[]>();
  private readonly overflow: Overflow;

  constructor(private readonly options: RelayOptions) {
    const { consumers, queues, logger, maxWaitingJobs } = options;
    this.overflow = new Overflow({
      consumers,
      queues,
      ...(maxWaitingJobs === undefined ? {} : { maxWaitingJobs }),
      onChange: (consumer, isBehind) =>
        logger.warn(
          { consumer },
          isBehind ? "a consumer's queue is full; events wait in the outbox" : 'a consumer has caught up',
        ),
    });
    for (const consumer of options.consumers) {
      for (const type of consumer.types)
        this.consumersOf.set(type, [...(this.consumersOf.get(type) ?? []), consumer.name]);
    }
  }

  get isLeader(): boolean {
    return this.leading;
  }

  /** When this relay last knew that it had dispatched all there was. */
  get lastProgressAt(): number {
    return this.progressedAt;
  }

  /** The newest position that was dispatched to a consumer at least `ageMs` ago by this leader. */
  dispatchedBefore(consumer: string, ageMs: number): Position | undefined {
    return (this.overflow.checkpointsOf(consumer) ?? this.checkpoints).before(ageMs);
  }

  /** Whether events wait in the outbox because a consumer's queue is full. */
  isBehind(consumer: string): boolean {
    return this.overflow.has(consumer);
  }

  /** How far this leader has dispatched; undefined while it does not lead. */
  get position(): Position | undefined {
    return this.reached;
  }

  /** `listener` is called whenever {@link position} has moved. */
  onAdvance(listener: () => void): void {
    this.listeners.push(listener);
  }

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.unsubscribe = relayWake.onSignal(() => {
      this.signalled = true;
      this.wakeUp?.();
    });
    this.loop = this.runUntilStopped();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.unsubscribe?.();
    this.endPause?.();
    await this.loop;
  }

  private async runUntilStopped(): Promise<void> {
    while (!this.stopped) {
      const client = new pg.Client({
        connectionString: this.options.databaseUrl,
        application_name: `sankofa relay ${this.options.name}`,
        // The cursor may be forgotten in a crash of the server: its events are then dispatched twice and applied once.
        options: `-c role=${roleOf('kernel')} ${PLANNER_SETTINGS} -c synchronous_commit=off -c idle_session_timeout=${this.options.idleSessionTimeoutMs ?? IDLE_SESSION_TIMEOUT_MS}`,
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        keepAlive: true,
      });
      client.on('error', () => undefined);
      try {
        await client.connect();
        await this.leadWhileConnected(client);
      } catch (error) {
        if (!this.stopped)
          this.options.logger.warn(
            { error: describeError(error) },
            'the relay lost its database connection and will try again',
          );
      } finally {
        this.leading = false;
        this.reached = undefined;
        this.checkpoints.clear();
        this.overflow.clear();
        await client.end().catch(() => undefined);
      }
      if (!this.stopped) await this.pause(LEADER_RETRY_MS);
    }
  }

  private async leadWhileConnected(client: pg.Client): Promise<void> {
    while (!this.stopped) {
      const { rows } = await client.query<{ got: boolean }>(
        'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got',
        [LOCK],
      );
      if (rows[0]?.got === true) break;
      await this.pause(LEADER_RETRY_MS);
    }
    if (this.stopped) return;
    this.leading = true;
    this.options.logger.info({ outbox: this.options.name }, 'this process relays the outbox');
    let position = await this.loadPosition(client);
    this.advance(position);
    await this.overflow.load(client);
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.stopped) {
      this.signalled = false;
      const rows = await this.read(client, position);
      const last = rows.at(-1);
      if (last !== undefined) {
        crashPoint('outbox.before_dispatch');
        if (!(await this.taken(() => this.dispatch(client, rows, position)))) {
          await this.pause(RETRY_PAUSE_MS);
          continue;
        }
        this.options.observe?.(rows.length);
        crashPoint('outbox.after_dispatch');
        position = { xid: last.xid, seq: BigInt(last.seq) };
        await this.savePosition(client, position);
        this.advance(position);
        crashPoint('outbox.after_cursor');
        pauseMs = FIRST_PAUSE_MS;
      }
      let more = rows.length === READ_LIMIT;
      await this.taken(async () => {
        more = (await this.overflow.refill(client, position)) || more;
      });
      this.progressedAt = Date.now();
      this.checkpoints.add(position);
      if (more) continue;
      if (last === undefined) {
        if (this.signalled) pauseMs = FIRST_PAUSE_MS;
        await this.sleep(pauseMs);
        pauseMs = Math.min(pauseMs * 2, IDLE_PAUSE_MS);
      } else await this.pause(GATHER_MS);
    }
  }

  private async read(client: pg.Client, position: Position): Promise<Row[]> {
    const values = [position.xid, position.seq];
    const { rows } = await client.query<Row>({ ...readStatement, values });
    if (rows.length > 0 || performance.now() < this.lookPastOthersAt) return rows;
    const past = await client.query<Row>({ ...readPastOthersStatement, values });
    if (past.rows.length === 0) this.lookPastOthersAt = performance.now() + LOOK_PAST_OTHERS_MS;
    return past.rows;
  }

  /** @param before the position before the first of them */
  private async dispatch(client: pg.Client, rows: readonly Row[], before: Position): Promise<void> {
    const perConsumer = new Map<string, Row[]>();
    for (const row of rows) {
      for (const consumer of this.consumersOf.get(row.type) ?? []) {
        const list = perConsumer.get(consumer);
        if (list === undefined) perConsumer.set(consumer, [row]);
        else list.push(row);
      }
    }
    const jobs = new Map([...perConsumer].map(([consumer, events]) => [consumer, batchJobs(events, false)]));
    await this.overflow.add(client, jobs, before);
  }

  /** False when the queue's store would not take jobs: nothing is lost, the same events are read again. */
  private async taken(add: () => Promise<void>): Promise<boolean> {
    try {
      await add();
      return true;
    } catch (error) {
      this.options.logger.warn(
        { error: describeError(error) },
        'the queue did not take jobs; the relay will try again',
      );
      return false;
    }
  }

  private async loadPosition(client: pg.Client): Promise<Position> {
    const { rows } = await client.query<{ xid: string; seq: string }>(
      `INSERT INTO messaging.relay_cursor AS c (name, xid, seq) VALUES ($1, '0', 0)
       ON CONFLICT (name) DO UPDATE SET updated_at = now() RETURNING c.xid::text AS xid, c.seq`,
      [RELAY_CURSOR],
    );
    return { xid: rows[0]?.xid ?? '0', seq: BigInt(rows[0]?.seq ?? 0) };
  }

  private async savePosition(client: pg.Client, position: Position): Promise<void> {
    await client.query({ ...savePositionStatement, values: [RELAY_CURSOR, position.xid, position.seq] });
  }

  private advance(position: Position): void {
    this.reached = position;
    for (const listener of this.listeners) listener();
  }

  /** Until a commit wakes it. */
  private async sleep(ms: number): Promise<void> {
    if (this.signalled) return;
    this.wakeUp = () => this.endPause?.();
    await this.pause(ms);
    this.wakeUp = undefined;
  }

  private pause(ms: number): Promise<void> {
    if (this.stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
