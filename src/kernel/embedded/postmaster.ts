/** A running postmaster, ours or one left by a killed start: found by its lock file, told apart, signalled. */
import { execFile } from 'node:child_process';
import { readFile, readdir, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How often a process or a file is looked at while waiting; cheap, and far below what a person notices. */
const POLL_MS = 50;

/** What PostgreSQL writes into postmaster.pid, of which we need two lines (1 and 4). */
export interface PostmasterLock {
  readonly pid: number;
  /** Absent while the server has only just begun to start. */
  readonly port: number | undefined;
}

/** Reads `postmaster.pid`, or undefined when there is none. */
export async function readLock(data: string): Promise<PostmasterLock | undefined> {
  const text = await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  // A standalone backend writes its pid negated; its lock counts just the same.
  const pid = Math.abs(Number.parseInt(lines[0] ?? '', 10));
  if (!Number.isSafeInteger(pid) || pid === 0) return undefined;
  const port = Number.parseInt(lines[3] ?? '', 10);
  return { pid, port: Number.isSafeInteger(port) && port > 0 ? port : undefined };
}

/**
 * Whether process `pid` is a PostgreSQL serving `data`. After a reboot the number in a stale lock file may belong to
 * any program, and PostgreSQL itself then refuses to start.
 */
export async function isPostmasterOf(pid: number, data: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform === 'linux') return workingDirectoryIs(pid, await realpath(data).catch(() => data));
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes('postgres') && stdout.includes(data);
}

/**
 * Whether any process at all still works on `data`: backends outlive a killed postmaster for a moment, and a second
 * server beside them would destroy the data.
 */
export async function isInUse(data: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const real = await realpath(data).catch(() => data);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of pids) if (await workingDirectoryIs(pid, real)) return true;
  return false;
}

// Every PostgreSQL process changes into PGDATA when it starts and never leaves it. A zombie has no such link.
async function workingDirectoryIs(pid: number, real: string): Promise<boolean> {
  return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === real;
}

/** Whether a process of that number exists, whosever it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Waits until the postmaster is gone. @returns false when it was still there after `timeoutMs` */
export async function waitUntilGone(pid: number, data: string, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (await isPostmasterOf(pid, data)) {
    if (Date.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Two thirds of the 30 s that process managers commonly give: a checkpoint of a busy database takes seconds. */
const FAST_STOP_MS = 20_000;

/** An immediate stop writes nothing; what it leaves is repaired from the write-ahead log at the next start. */
const IMMEDIATE_STOP_MS = 5_000;

/**
 * Stops a postmaster: first "fast" (SIGINT: ends the sessions, writes a checkpoint), then "immediate" (SIGQUIT).
 * @returns false when it did not end
 */
export async function stopPostmaster(pid: number, data: string): Promise<boolean> {
  if (!(await isPostmasterOf(pid, data))) return true;
  signalPostmaster(pid, 'SIGINT');
  if (await waitUntilGone(pid, data, FAST_STOP_MS)) return true;
  signalPostmaster(pid, 'SIGQUIT');
  return waitUntilGone(pid, data, IMMEDIATE_STOP_MS);
}

/** Sends a signal to a process that may have ended meanwhile. */
export function signalPostmaster(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended between the look and the signal.
  }
}
