/**
 * PostgreSQL started as a child process, for machines that have none: the first start, tests, trials. It listens on
 * 127.0.0.1 only, with a random password, and its data survives. Production sets DATABASE_URL and never comes here.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

import { prepareBinaries } from './binaries.js';
import { type ClusterHome, dataDirectoryOf, openHome, readState, writeState } from './cluster-home.js';
import { ClusterOwner } from './cluster-owner.js';
import { createCluster } from './create-cluster.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { isAlive, isInUse, isPostmasterOf, readLock, signalPostmaster, stopPostmaster } from './postmaster.js';
import { answers, CLUSTER_NAME, freePort, POLL_MS, READY_TIMEOUT_MS, startServer, urlOf } from './server-process.js';

export { EmbeddedPostgresError } from './embedded-postgres-error.js';

/** Tries to start: each failure that another try can cure (a port just taken, a race with another start) costs one. */
const MAX_TRIES = 5;

export interface EmbeddedPostgresOptions {
  /** Holds `postgres.json` and, where possible, the data. Made if missing. */
  readonly dataDir: string;
  /** Receives short lines for a person who waits. */
  readonly log?: (line: string) => void;
  /** Default true. False gives up crash safety for speed, which only data that is thrown away can afford. */
  readonly durable?: boolean;
  /** Ends the start early, leaving nothing running. */
  readonly signal?: AbortSignal;
}

export interface EmbeddedPostgres {
  /** A superuser's URL; it holds the password, so never print it. */
  readonly url: string;
  /** True when a server left running by a killed start was taken over. */
  readonly adopted: boolean;
  readonly pid: number;
  /** Settles when the server has ended, whoever ended it. */
  readonly exited: Promise<void>;
  /** Ends the server and waits for it. May be called again. */
  stop(): Promise<void>;
}

interface Running {
  readonly pid: number;
  readonly port: number;
  readonly adopted: boolean;
}

/**
 * Starts DATA_DIR's cluster (made if missing), or takes over the one that a killed start left running.
 * @throws {EmbeddedPostgresError} with one line that says what is in the way
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const home = await openHome(options.dataDir);
  const running = await runServer(home, options);
  const url = urlOf(home.state.password, running.port, 'postgres');
  const owner = new ClusterOwner(url);
  try {
    if (!(await owner.acquire())) {
      throw new EmbeddedPostgresError(
        `Another process is using the database in ${path.resolve(options.dataDir)}: stop it, or choose another DATA_DIR.`,
      );
    }
  } catch (error) {
    if (!running.adopted && !(error instanceof EmbeddedPostgresError)) await stopPostmaster(running.pid, home.data);
    throw error;
  }
  try {
    options.signal?.throwIfAborted();
    if (running.adopted) options.log?.('PostgreSQL was still running from an earlier start: taken over');
    await createDatabase(url);
    await writeState(home.stateFile, { ...home.state, port: running.port });
  } catch (error) {
    await owner.release();
    await stopPostmaster(running.pid, home.data);
    throw error;
  }
  return handleOn(home, running, owner);
}

/**
 * The URL of DATA_DIR's cluster if it is running now, for a program that runs beside the one that started it
 * (a command line tool); undefined when it is not.
 */
export async function findRunningPostgres(dataDir: string): Promise<string | undefined> {
  const state = await readState(dataDir);
  if (state === undefined) return undefined;
  const data = dataDirectoryOf(dataDir, state);
  const lock = await readLock(data);
  if (lock?.port === undefined || !(await isPostmasterOf(lock.pid, data))) return undefined;
  return urlOf(state.password, lock.port, CLUSTER_NAME);
}

function handleOn(home: ClusterHome, running: Running, owner: ClusterOwner): EmbeddedPostgres {
  let stopping: Promise<void> | undefined;
  let stopped: () => void = () => undefined;
  const exited = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  void untilGone(running.pid, home.data).then(stopped);
  // process.exit from anywhere, or an uncaught error: there is no time left to wait, but enough to tell it to stop.
  const onExit = () => signalPostmaster(running.pid, 'SIGINT');
  process.once('exit', onExit);
  void exited.then(() => process.removeListener('exit', onExit));
  const stop = async () => {
    await owner.release();
    if (!(await stopPostmaster(running.pid, home.data))) {
      throw new EmbeddedPostgresError(`PostgreSQL (process ${running.pid}) does not stop.`);
    }
    stopped();
  };
  return {
    url: urlOf(home.state.password, running.port, CLUSTER_NAME),
    adopted: running.adopted,
    pid: running.pid,
    exited,
    stop: () => (stopping ??= stop()),
  };
}

/** The server is no child of ours when it was adopted, so its end is seen by looking. */
async function untilGone(pid: number, data: string): Promise<void> {
  const lookEveryMs = 500;
  while (await isPostmasterOf(pid, data)) await sleep(lookEveryMs, undefined, { ref: false });
}

async function runServer(home: ClusterHome, options: EmbeddedPostgresOptions): Promise<Running> {
  let preferred = home.state.port;
  let reason = '';
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    options.signal?.throwIfAborted();
    const adopted = await adopt(home, options);
    if (adopted !== undefined) return adopted;
    const binaries = await prepareBinaries(home.user, home.binariesDirectory);
    await createCluster(home, binaries, options);
    const port = await freePort(preferred);
    const started = await startServer(home, binaries, {
      port,
      durable: options.durable ?? true,
      signal: options.signal,
    });
    if (started.pid !== undefined) return { pid: started.pid, port, adopted: false };
    reason = started.complaint;
    // Each of these passes: a port taken meanwhile, another start that was quicker, backends of a killed server.
    if (!/could not bind|could not create any TCP|lock file|shared memory block/.test(reason)) break;
    preferred = 0;
    await sleep(10 * POLL_MS);
  }
  throw new EmbeddedPostgresError(`PostgreSQL did not start: ${reason} (its log: ${home.logFile})`);
}

/** Takes over a server that serves this data already, waiting out its start or its shutdown. */
async function adopt(home: ClusterHome, options: EmbeddedPostgresOptions): Promise<Running | undefined> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (let lock = await readLock(home.data); lock !== undefined; lock = await readLock(home.data)) {
    options.signal?.throwIfAborted();
    if (!(await isPostmasterOf(lock.pid, home.data))) {
      // PostgreSQL clears a dead process's lock itself, but not one whose number now belongs to a stranger.
      // Removing that is safe only while nothing else works on the data.
      if (isAlive(lock.pid) && !(await isInUse(home.data)))
        await rm(path.join(home.data, 'postmaster.pid'), { force: true });
      return undefined;
    }
    if (lock.port !== undefined && (await answers(urlOf(home.state.password, lock.port, 'postgres')))) {
      return { pid: lock.pid, port: lock.port, adopted: true };
    }
    if (Date.now() > deadline) {
      options.log?.('PostgreSQL of an earlier start does not answer: stopping it');
      if (!(await stopPostmaster(lock.pid, home.data))) {
        throw new EmbeddedPostgresError(`PostgreSQL (process ${lock.pid}) neither answers nor stops.`);
      }
      return undefined;
    }
    await sleep(POLL_MS);
  }
  return undefined;
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [CLUSTER_NAME]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${CLUSTER_NAME}`);
  } finally {
    await client.end();
  }
}
