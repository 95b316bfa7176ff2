/** PostgreSQL restarts, crashes, runs out of disk, and has no connection left to give. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from '../world/world.js';
import { takingTurns, type FaultPlayer } from './fault-player.js';

/** Backends ended at once, of those that are in the middle of something where there are such. */
const BACKENDS = 6;
/** Where everything goes through: behind these locks the pools' connections are used up one after the other. */
const BUSY_TABLES = ['payments.payment', 'routing.attempt', 'messaging.outbox'] as const;
/** The lock itself must not wait for ever. */
const LOCK_TIMEOUT_MS = 2_000;

/** Two of these at once would undo each other. */
const inTurn = takingTurns();

export const postgresRestart: FaultPlayer = inTurn(async ({ world }) => {
  await world.cluster.restart('fast');
  return true;
});

export const postgresCrash: FaultPlayer = inTurn(async ({ world }) => {
  await world.cluster.restart('crash');
  return true;
});

export const postgresDiskFull: FaultPlayer = inTurn(async ({ world, moment }) => {
  if (!world.cluster.hasOwnDisk) return false;
  world.cluster.fillDisk();
  await sleep(moment.ms);
  await world.cluster.freeDisk();
  return true;
});

export const backendsTerminated: FaultPlayer = inTurn(async ({ world }) => {
  const ended = await world.cluster.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'sankofa%'
      ORDER BY xact_start IS NULL, state = 'idle', random() LIMIT $1`,
    [BACKENDS],
  );
  return ended.length > 0;
});

/** A session for each table: one that waited for the second while it held the first would be in a deadlock of our own making. */
export const poolExhausted: FaultPlayer = inTurn(async ({ world, moment }) => {
  // Settled: as long as one of them is held, it goes on.
  const held = await Promise.allSettled(BUSY_TABLES.map((table) => holdLocked(world, table, moment.ms)));
  return held.some(({ status }) => status === 'fulfilled');
});

async function holdLocked(world: World, table: string, ms: number): Promise<void> {
  const client = await world.cluster.connect();
  try {
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await client.query('BEGIN');
    await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    await sleep(ms);
  } finally {
    await client.end();
  }
}
