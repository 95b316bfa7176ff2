/** A process that leads the outbox and hangs must not keep the others from leading. */
import { pino } from 'pino';
import { Database } from '../../../src/kernel/database/database.js';
import type { Logger } from '../../../src/kernel/observability/logger.js';
import { appendEvents } from '../../../src/kernel/outbox/append.js';
import { Relay } from '../../../src/kernel/outbox/relay.js';
import type { Queues } from '../../../src/kernel/queue/queues.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { CONSUMER, thing } from './messaging-harness.js';

let database: TestDatabase;
let pool: Database;
beforeEach(async () => {
  database = await createTestDatabase();
  pool = new Database({ url: database.url, owner: 'payments', poolSize: 2 });
});
afterEach(async () => {
  await pool.close();
  await database.drop();
});

/** A relay whose queue takes jobs as `add` does. */
function relayWith(add: () => Promise<void>): Relay {
  const queue = { add, addBulk: add, getJobCounts: () => Promise.resolve({}) };
  return new Relay({
    databaseUrl: database.url,
    name: 'main',
    consumers: [CONSUMER],
    queues: new Map([[CONSUMER.name, queue]]) as unknown as Queues,
    logger: pino({ level: 'silent' }) as unknown as Logger,
    idleSessionTimeoutMs: 200,
  });
}

it('another relay leads once the one that hangs has asked for nothing for a while', async () => {
  let letGo = (): void => undefined;
  const hanging = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const hung = relayWith(() => hanging);
  let taken = 0;
  const other = relayWith(() => {
    taken += 1;
    return Promise.resolve();
  });
  hung.start();
  await eventually(() => expect(hung.isLeader).toBe(true));
  other.start();
  try {
    await pool.transaction((tx) => appendEvents(tx, [thing()]));
    await eventually(() => expect([other.isLeader, taken]).toEqual([true, 1]));
  } finally {
    letGo();
    await Promise.all([hung.stop(), other.stop()]);
  }
});
