/**
 * Nothing may be read past a transaction that can still write into the outbox. PostgreSQL numbers transactions per server: those of other
 * databases on it must not hold this one's events back.
 */
import pg from 'pg';
import { pino } from 'pino';
import { Database } from '../../../src/kernel/database/database.js';
import type { Logger } from '../../../src/kernel/observability/logger.js';
import { appendEvents } from '../../../src/kernel/outbox/append.js';
import { Relay } from '../../../src/kernel/outbox/relay.js';
import type { BatchJob, Queues } from '../../../src/kernel/queue/queues.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { CONSUMER, thing } from './messaging-harness.js';

let database: TestDatabase;
let other: TestDatabase;
let pool: Database;
let relay: Relay;
let dispatched: string[];

beforeEach(async () => {
  [database, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  pool = new Database({ url: database.url, owner: 'payments', poolSize: 2 });
  dispatched = [];
  const add = (_: string, { ids }: BatchJob): Promise<void> => {
    dispatched.push(...ids);
    return Promise.resolve();
  };
  relay = new Relay({
    databaseUrl: database.url,
    name: 'main',
    consumers: [CONSUMER],
    queues: new Map([[CONSUMER.name, { add, getJobCounts: () => Promise.resolve({}) }]]) as unknown as Queues,
    logger: pino({ level: 'silent' }) as unknown as Logger,
  });
  relay.start();
  await eventually(() => expect(relay.isLeader).toBe(true));
});
afterEach(async () => {
  await relay.stop();
  await pool.close();
  await Promise.all([database.drop(), other.drop()]);
});

/** Runs `work` while a transaction that has written is open in a database. */
async function besideTransactionIn({ url }: TestDatabase, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_current_xact_id()');
    await work();
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

it('events go out while a transaction of another database is open', async () => {
  await besideTransactionIn(other, async () => {
    for (let count = 1; count <= 3; count += 1) {
      const event = thing();
      await pool.transaction((tx) => appendEvents(tx, [event]));
      await eventually(() => expect(dispatched).toContain(event.id));
    }
  });
  expect(dispatched).toHaveLength(3);
});

it('events wait for an older transaction of their own database, and for nothing else', async () => {
  const [late, early] = [thing(), thing()];
  let commit = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    commit = resolve;
  });
  await besideTransactionIn(other, async () => {
    let written = (): void => undefined;
    const hasWritten = new Promise<void>((resolve) => {
      written = resolve;
    });
    const open = pool.transaction(async (tx) => {
      await appendEvents(tx, [late]);
      written();
      await gate;
    });
    await hasWritten;
    await pool.transaction((tx) => appendEvents(tx, [early]));
    // Longer than it takes until the relay asks whose the open transactions are.
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(dispatched).toEqual([]);
    commit();
    await open;
    await eventually(() => expect(dispatched).toEqual([late.id, early.id]));
  });
});
