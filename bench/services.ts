/** The PostgreSQL and the Redis that a run measures on: those it is told of, else private ones that end with it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startEmbeddedPostgres } from '../src/kernel/embedded/embedded-postgres.js';
import { BenchError } from './bench-error.js';
import { freePort } from './free-port.js';

export interface PostgresService {
  /** A URL on which databases may be created. It may hold a password: never printed. */
  readonly adminUrl: string;
  readonly version: string;
  /** What decides its speed, for whoever compares two runs. */
  readonly settings: Readonly<Record<string, string>>;
  /** Connections that a bench may take, with some left for others. */
  readonly spareConnections: number;
}

export interface RedisService {
  readonly url: string;
  readonly version: string;
}

export interface Services {
  readonly postgres: PostgresService;
  /** Undefined: there is none, and what needs one is not measured. */
  readonly redis: RedisService | undefined;
  /** The version of pgbench, where there is one. */
  readonly pgbench: string | undefined;
}

/** Undone in reverse order at the end, whatever happened. */
export type Cleanup = (undo: () => Promise<void> | void) => void;

export interface ServiceOptions {
  readonly cleanup: Cleanup;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const REPORTED_SETTINGS = [
  'fsync',
  'synchronous_commit',
  'shared_buffers',
  'max_wal_size',
  'max_connections',
  'wal_level',
];
/** Left to others on the server, and to ourselves for looking. */
const RESERVED_CONNECTIONS = 8;
/** A private Redis is up in milliseconds; a busy machine may take longer. */
const REDIS_READY_MS = 10_000;

function setting(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

export async function openServices(options: ServiceOptions): Promise<Services> {
  const postgres = await openPostgres(options);
  const redis = await openRedis(options);
  return { postgres, redis, pgbench: programVersion('pgbench') };
}

/** What `<program> --version` says, or undefined when it is not on PATH. */
function programVersion(program: string): string | undefined {
  const { status, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function scratchFolder(cleanup: Cleanup): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'sankofa-bench-'));
  // As root, PostgreSQL runs as another user, which has to walk through.
  chmodSync(folder, 0o711);
  cleanup(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function openPostgres({ cleanup, say, signal }: ServiceOptions): Promise<PostgresService> {
  const given = setting('BENCH_DATABASE_URL') ?? setting('DATABASE_URL');
  if (given !== undefined) return describePostgres(given);
  say('DATABASE_URL is not set: a PostgreSQL of its own is started, with its durable settings');
  const embedded = await startEmbeddedPostgres({ dataDir: scratchFolder(cleanup), log: say, signal });
  cleanup(() => embedded.stop());
  return describePostgres(embedded.url);
}

async function describePostgres(adminUrl: string): Promise<PostgresService> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    // The address is left out: it may hold a password.
    throw new BenchError(
      `The PostgreSQL of DATABASE_URL cannot be used: ${error instanceof Error ? error.message : 'no reason given'}`,
    );
  }
  try {
    const { rows: version } = await client.query<{ server_version: string }>('SHOW server_version');
    const { rows } = await client.query<{ name: string; value: string }>(
      'SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY($1) ORDER BY name',
      [REPORTED_SETTINGS],
    );
    const { rows: free } = await client.query<{ free: number }>(
      `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
              - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int AS free`,
    );
    return {
      adminUrl,
      version: version[0]?.server_version ?? 'unknown',
      settings: Object.fromEntries(rows.map((row) => [row.name, row.value])),
      spareConnections: Math.max(1, (free[0]?.free ?? 0) - RESERVED_CONNECTIONS),
    };
  } finally {
    await client.end();
  }
}

async function openRedis(options: ServiceOptions): Promise<RedisService | undefined> {
  const url = setting('BENCH_REDIS_URL') ?? setting('REDIS_URL') ?? (await startPrivateRedis(options));
  if (url === undefined) return undefined;
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const info = await client.info('server');
    return { url, version: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown' };
  } catch (error) {
    throw new BenchError(
      `The Redis of REDIS_URL cannot be used: ${error instanceof Error ? error.message : 'no reason given'}`,
    );
  } finally {
    client.disconnect();
  }
}

async function startPrivateRedis({ cleanup, say, signal }: ServiceOptions): Promise<string | undefined> {
  if (programVersion('redis-server') === undefined) return undefined;
  say('REDIS_URL is not set: a private redis-server is started');
  const port = await freePort();
  const flags = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    scratchFolder(cleanup),
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const child = spawn('redis-server', [...flags, '--maxmemory-policy', 'noeviction'], { stdio: 'ignore' });
  cleanup(async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  });
  const url = `redis://127.0.0.1:${port}`;
  const deadline = Date.now() + REDIS_READY_MS;
  while (!(await answersPing(url))) {
    signal.throwIfAborted();
    if (Date.now() > deadline) throw new BenchError('The private redis-server did not start');
    await sleep(50);
  }
  return url;
}

async function answersPing(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

/** Forgets everything under a prefix of ours; whatever else the Redis holds stays. */
export async function forgetPrefix(url: string, prefix: string): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: 1 });
  client.on('error', () => undefined);
  try {
    for await (const keys of client.scanStream({ match: `${prefix}:*`, count: 1_000 })) {
      const names = keys as string[];
      if (names.length > 0) await client.unlink(...names);
    }
  } finally {
    client.disconnect();
  }
}
