/** The server as a child process: its settings, its port, how it is started, and when it is ready. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Binaries } from './binaries.js';
import { type ClusterHome } from './cluster-home.js';
import { connectionProblem } from './connection-problem.js';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import { readLock } from './postmaster.js';

/** The superuser's name and the database's. */
export const CLUSTER_NAME = 'sankofa';

/** Longest wait for the server to answer: recovery after a crash replays up to a gigabyte of log. */
export const READY_TIMEOUT_MS = 60_000;

/** How often a starting server is asked. */
export const POLL_MS = 50;

/** The server's log starts afresh beyond this size (bytes), since nothing else trims it. */
const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** A URL on this machine; it holds the password, so it is never printed. */
export function urlOf(password: string, port: number, database: string): string {
  return `postgresql://${CLUSTER_NAME}:${password}@127.0.0.1:${port}/${database}`;
}

/**
 * The child gets nothing of our environment: no secret leaks into its /proc entry, and neither the locale nor the time
 * zone of whoever starts it matters. It works from / since the current folder may be closed to its user.
 */
export const QUIET = { cwd: '/', env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' } };

/** Settings on the command line rather than in the cluster, so that a new version's take effect on old data. */
function settings(durable: boolean): string[] {
  const values: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    // A socket's path is limited to 107 bytes, which a deep folder exceeds; TCP with a password needs none.
    unix_socket_directories: '',
    // Six modules with a pool each, the queue's connections, and a bench beside them.
    max_connections: '400',
    // Modest: this runs on a developer's machine beside everything else.
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    // Containers often have 64 MB of /dev/shm, which parallel queries overrun; a file does as well here.
    dynamic_shared_memory_type: 'mmap',
    log_checkpoints: 'off',
  };
  if (!durable) {
    Object.assign(values, { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' });
    // Tests kill programs and start others: what the dead ones had open goes by and by.
    Object.assign(values, { max_connections: '800' });
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

interface StartOptions {
  readonly port: number;
  readonly durable: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Starts the server and waits until it answers.
 * @returns its pid, or the line by which it said why it ended
 * @throws the signal's reason when aborted; nothing is left running then
 */
export async function startServer(
  home: ClusterHome,
  binaries: Binaries,
  options: StartOptions,
): Promise<{ pid: number } | { pid: undefined; complaint: string }> {
  const logFrom = await logSize(home.logFile);
  const child = await spawnServer(home, binaries, options, logFrom > MAX_LOG_BYTES ? 'w' : 'a');
  const ready = await isReady(home, child, options.port, options.signal);
  if (ready && child.pid !== undefined) return { pid: child.pid };
  await endChild(child);
  options.signal?.throwIfAborted();
  return { pid: undefined, complaint: await lastComplaint(home.logFile, logFrom > MAX_LOG_BYTES ? 0 : logFrom) };
}

async function spawnServer(
  home: ClusterHome,
  binaries: Binaries,
  options: StartOptions,
  flags: 'a' | 'w',
): Promise<ChildProcess> {
  // A file rather than a pipe: the server may outlive us, and must not stumble over a closed pipe.
  const log = await open(home.logFile, flags, 0o600);
  try {
    // A session of its own, so that Ctrl-C reaches us alone and the server stops after what uses it has finished.
    const child = spawn(
      binaries.postgres,
      ['-D', home.data, '-p', String(options.port), ...settings(options.durable)],
      {
        ...home.user,
        ...QUIET,
        detached: true,
        stdio: ['ignore', log.fd, log.fd],
      },
    );
    // A failed spawn (no memory, no permission) shows as a missing pid.
    child.on('error', () => undefined);
    child.unref();
    return child;
  } finally {
    await log.close();
  }
}

/** @returns false when the server ended by itself, when the wait is over, or when it was aborted */
async function isReady(home: ClusterHome, child: ChildProcess, port: number, signal?: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (child.pid !== undefined && !hasEnded(child)) {
    if (signal?.aborted === true || Date.now() > deadline) return false;
    const lock = await readLock(home.data);
    if (lock?.pid === child.pid && (await answers(urlOf(home.state.password, port, 'postgres')))) return true;
    await sleep(POLL_MS);
  }
  return false;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** A server that is not ready is ended as a child: it may not have got as far as its lock file. */
async function endChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.ref();
  child.kill('SIGINT');
  // A server in the middle of recovery takes no "fast" for an answer before it is through; "immediate" it does.
  const impatient = setTimeout(() => child.kill('SIGQUIT'), 5_000);
  await ended;
  clearTimeout(impatient);
}

/** Whether the server takes connections with our password. */
export async function answers(url: string): Promise<boolean> {
  return (await connectionProblem(url)) === undefined;
}

/** A port nobody listens on; the preferred one if it is free, so that a noted URL stays true over restarts. */
export async function freePort(preferred: number): Promise<number> {
  for (const wanted of preferred > 0 ? [preferred, 0] : [0]) {
    const server = createServer();
    try {
      server.listen(wanted, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address !== null && typeof address === 'object') return address.port;
    } catch {
      // Taken: the next choice.
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  }
  throw new EmbeddedPostgresError('No free port on 127.0.0.1 for PostgreSQL.');
}

async function logSize(logFile: string): Promise<number> {
  return (await stat(logFile).catch(() => undefined))?.size ?? 0;
}

/** The line by which the server said why it ended, among those since `from` (bytes). */
async function lastComplaint(logFile: string, from: number): Promise<string> {
  const bytes = await readFile(logFile).catch(() => Buffer.alloc(0));
  const lines = bytes.subarray(from).toString('utf8').split('\n');
  // A failed bind is explained by an earlier line than the last.
  const complaint =
    lines.find((line) => /could not bind/.test(line)) ?? lines.findLast((line) => /FATAL|PANIC|could not/.test(line));
  return complaint?.replace(/^.*?(FATAL|PANIC|LOG|WARNING):\s*/, '') ?? 'no reason given';
}
