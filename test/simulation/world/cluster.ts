/**
 * A PostgreSQL of the simulator's own, with the settings that production has (fsync, synchronous_commit). As root on Linux its data
 * lie on a small file system of their own, so that the disk can be full without filling anybody else's.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../src/kernel/embedded/embedded-postgres.js';

export interface Cluster {
  /** A superuser's URL, past the proxy. */
  readonly url: string;
  readonly port: number;
  query<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** A connection of its own, for what holds locks. The caller ends it. */
  connect(): Promise<pg.Client>;
  /** `fast`: in order. `crash`: at once (SIGQUIT), and it recovers from its log. */
  restart(how: 'fast' | 'crash'): Promise<void>;
  /** Whether {@link fillDisk} can do anything here. */
  readonly hasOwnDisk: boolean;
  /** Leaves no space until {@link freeDisk}. */
  fillDisk(): void;
  freeDisk(): Promise<void>;
  /** The server's log so far. */
  log(): string;
  stop(): Promise<void>;
}

/** The log may grow to max_wal_size before it is recycled; a run writes a tenth of that. */
const DISK_SIZE = '1g';
const RESTART_TRIES = 20;
const RESTART_PAUSE_MS = 500;
const BALLAST_CHUNK = 1 << 20;

export async function startCluster(folder: string): Promise<Cluster> {
  const dataDir = path.join(folder, 'postgres');
  mkdirSync(dataDir);
  const hasOwnDisk = process.platform === 'linux' && process.getuid?.() === 0 && mountDisk(dataDir);
  // As root, PostgreSQL runs as another user, which has to walk through.
  chmodSync(dataDir, 0o711);
  let server: EmbeddedPostgres = await startEmbeddedPostgres({ dataDir });
  const url = server.url;
  let pool = createPool(url);
  const ballast = path.join(dataDir, 'ballast');
  const startAgain = async (): Promise<void> => {
    for (let tries = 1; ; tries += 1) {
      try {
        server = await startEmbeddedPostgres({ dataDir });
        break;
      } catch (error) {
        if (tries === RESTART_TRIES) throw error;
        await sleep(RESTART_PAUSE_MS);
      }
    }
    pool = createPool(url);
  };
  const restart = async (how: 'fast' | 'crash'): Promise<void> => {
    await pool.end();
    if (how === 'crash') process.kill(server.pid, 'SIGQUIT');
    await server.stop();
    await startAgain();
  };
  return {
    url,
    port: Number(new URL(url).port),
    query: async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await pool.query<Row>(sql, [...values])).rows,
    connect: async () => {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      await client.connect();
      return client;
    },
    restart,
    hasOwnDisk,
    fillDisk: () => fill(dataDir, ballast),
    freeDisk: async () => {
      rmSync(ballast, { force: true });
      // Without space for its log the server gives up altogether, and recovers from it only if it could.
      const alive = await pool.query('SELECT 1').then(
        () => true,
        () => isRunning(server.pid),
      );
      if (alive) return;
      await pool.end();
      await server.stop().catch(() => undefined);
      await startAgain();
    },
    log: () => {
      const file = path.join(dataDir, 'postgres', 'postgres.log');
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    },
    stop: async () => {
      await pool.end().catch(() => undefined);
      await server.stop().catch(() => undefined);
      if (hasOwnDisk) spawnSync('umount', ['-l', dataDir]);
    },
  };
}

function createPool(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 4, application_name: 'simulator' });
  pool.on('error', () => undefined);
  return pool;
}

function mountDisk(at: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_SIZE},mode=0711`, 'tmpfs', at]).status === 0;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function fill(disk: string, file: string): void {
  const { bavail, bsize } = statfsSync(disk);
  const chunk = Buffer.alloc(BALLAST_CHUNK);
  try {
    for (let left = bavail * bsize; left > 0; left -= BALLAST_CHUNK) writeFileSync(file, chunk, { flag: 'a' });
  } catch {
    // Full, which is what was wanted.
  }
}
