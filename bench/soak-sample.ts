/** What the program, its PostgreSQL and its Redis hold at one moment of the soak. */
import { Redis } from 'ioredis';
import { readMetrics } from './metrics-page.js';
import { queryOnce } from './scratch-database.js';
import type { RunningApp } from './stage.js';

export interface SoakSample {
  /** By the clock of the machine, in ms since the epoch. */
  readonly at: number;
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly eventLoopP99Ms: number;
  readonly fileDescriptors: number;
  readonly databaseConnections: number;
  /** Undefined without Redis. */
  readonly redis: { readonly keys: number; readonly bytes: number } | undefined;
  readonly tables: readonly TableSample[];
}

export interface TableSample {
  readonly name: string;
  readonly inserted: number;
  readonly live: number;
  readonly dead: number;
  /** With indexes and TOAST. */
  readonly bytes: number;
}

const MS_PER_SECOND = 1_000;

export async function takeSample(app: RunningApp, databaseUrl: string, redis: Redis | undefined): Promise<SoakSample> {
  const page = await readMetrics(app);
  return {
    at: Date.now(),
    residentBytes: app.memory()?.now ?? Number.NaN,
    heapBytes: page.get('nodejs_heap_size_used_bytes') ?? Number.NaN,
    eventLoopP99Ms: (page.get('nodejs_eventloop_lag_p99_seconds') ?? Number.NaN) * MS_PER_SECOND,
    fileDescriptors: page.get('process_open_fds') ?? Number.NaN,
    databaseConnections: await connections(databaseUrl),
    redis: redis && (await inRedis(redis)),
    tables: await tables(databaseUrl),
  };
}

async function connections(databaseUrl: string): Promise<number> {
  const rows = await queryOnce<{ count: number }>(
    databaseUrl,
    'SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  return rows[0]?.count ?? Number.NaN;
}

/** By schema and table; the partitions of one table together. */
function tables(databaseUrl: string): Promise<TableSample[]> {
  return queryOnce<TableSample & Record<string, unknown>>(
    databaseUrl,
    `SELECT coalesce(i.inhparent, t.relid)::regclass::text AS name, sum(t.n_tup_ins)::float8 AS inserted,
            sum(t.n_live_tup)::float8 AS live, sum(t.n_dead_tup)::float8 AS dead, sum(pg_total_relation_size(t.relid))::float8 AS bytes
       FROM pg_stat_user_tables t LEFT JOIN pg_inherits i ON i.inhrelid = t.relid
      GROUP BY 1 ORDER BY 1`,
  );
}

async function inRedis(redis: Redis): Promise<{ keys: number; bytes: number }> {
  const [keys, memory] = await Promise.all([redis.dbsize(), redis.info('memory')]);
  return { keys, bytes: Number(/used_memory:(\d+)/.exec(memory)?.[1]) };
}
