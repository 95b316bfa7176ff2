/** Whether the disk of PostgreSQL has room for what a measurement puts there. */
import { statfs } from 'node:fs/promises';
import { BenchError } from '../bench-error.js';
import { queryOnce } from '../scratch-database.js';
import type { Stage } from '../stage.js';

/** What copies of a payment take, indexes included. */
const BYTES_PER_PAYMENT = 5_200;
/** Left to others, to the log, and to what is measured. */
const RESERVE_BYTES = 5 * 2 ** 30;

/** @returns one line when there is too little; undefined when there is enough, or when it cannot be seen */
export async function lackOfDisk(stage: Stage, payments: number): Promise<string | undefined> {
  const free = await freeBytes(stage);
  if (free === undefined) {
    stage.say('  the disk of PostgreSQL cannot be seen from here: whether there is room is not checked');
    return undefined;
  }
  const wanted = payments * BYTES_PER_PAYMENT + RESERVE_BYTES;
  if (payments === 0 || free >= wanted) return undefined;
  return `${payments.toLocaleString('en-US')} payments want ${gibibytes(wanted)} GiB of the disk of PostgreSQL, which has ${gibibytes(free)} free`;
}

/** Others may fill the disk as well. @throws {BenchError} long before PostgreSQL would stop for want of room for its log */
export async function mustHaveRoom(stage: Stage): Promise<void> {
  const free = await freeBytes(stage);
  if (free !== undefined && free < RESERVE_BYTES / 2) throw new BenchError('The disk of PostgreSQL is running full');
}

function gibibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 30);
}

async function freeBytes({ services }: Stage): Promise<number | undefined> {
  const { adminUrl } = services.postgres;
  if (!['127.0.0.1', 'localhost', '[::1]', ''].includes(new URL(adminUrl).hostname)) return undefined;
  try {
    const [row] = await queryOnce<{ data_directory: string }>(adminUrl, 'SHOW data_directory');
    const disk = await statfs(row?.data_directory ?? '');
    return disk.bavail * disk.bsize;
  } catch {
    // Its folder is not ours to see, or we are not told of it.
    return undefined;
  }
}
