import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** Share of the machine's processor time that is in use during a moment in which the bench does nothing, from 0 to 1. */
export async function busyShare(momentMs: number): Promise<number> {
  const before = totals();
  await sleep(momentMs);
  const after = totals();
  const all = after.all - before.all;
  return all === 0 ? 0 : 1 - (after.idle - before.idle) / all;
}

const AUTOGROUP = '/proc/sys/kernel/sched_autogroup_enabled';

/**
 * Whether this system shares the processors among sessions rather than threads (Linux's autogroup). Each backend of PostgreSQL is a session
 * of its own then and counts as much as the program, its gateways and the load together, and priorities hold only within a session.
 * Undefined where a system does not know of it.
 */
export function sharesBySession(): boolean | undefined {
  try {
    return readFileSync(AUTOGROUP, 'latin1').trim() === '1';
  } catch {
    return undefined;
  }
}

function totals(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((cpu) => cpu.times);
  return {
    idle: times.reduce((sum, time) => sum + time.idle, 0),
    all: times.reduce((sum, time) => sum + time.idle + time.user + time.sys + time.nice + time.irq, 0),
  };
}
