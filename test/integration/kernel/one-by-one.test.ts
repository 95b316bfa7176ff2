/** Two batches about the same things in opposite orders, as two processes take them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../../src/kernel/database/database.js';
import type { Tx } from '../../../src/kernel/database/tx.js';
import { appendEvents } from '../../../src/kernel/outbox/append.js';
import { deliverBatch, type BatchResult } from '../../../src/kernel/outbox/deliver-batch.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { CONSUMER, thing } from './messaging-harness.js';

/** Long enough for the other batch to lock its first thing. */
const WORK_MS = 100;

let testDatabase: TestDatabase;
let database: Database;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  await testDatabase.query(
    'CREATE TABLE payments.thing (id int PRIMARY KEY, times int DEFAULT 0); GRANT ALL ON payments.thing TO sankofa_payments; INSERT INTO payments.thing VALUES (1), (2)',
  );
  database = new Database({ url: testDatabase.url, owner: 'payments', poolSize: 4 });
});
afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

/** Locks what each event is about when it comes to it. */
async function lockEach(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
  for (const { payload } of events) {
    const { id } = payload as { readonly id: number };
    await tx.query('UPDATE payments.thing SET times = times + 1 WHERE id = $1', [id]);
    await sleep(WORK_MS);
  }
}

async function deliverCrosswise(handler: { readonly isOneByOne?: boolean }): Promise<readonly BatchResult[]> {
  const batches = [
    [1, 2],
    [2, 1],
  ].map((ids) => ids.map((id) => thing({ id })));
  await database.transaction((tx) => appendEvents(tx, batches.flat()));
  const [from, to] = [new Date(Date.now() - 60_000), new Date(Date.now() + 60_000)];
  const registration = { definition: CONSUMER, database, handler: { ...handler, handle: lockEach } };
  return Promise.all(
    batches.map((events) =>
      deliverBatch(registration, {
        ids: events.map(({ id }) => id),
        from: from.toISOString(),
        to: to.toISOString(),
        again: false,
      }),
    ),
  );
}

describe('Batches that lock the same in opposite orders', () => {
  it('wait for each other for ever where they share a transaction', async () => {
    await expect(deliverCrosswise({})).rejects.toMatchObject({ code: '40P01' });
  });

  it('do not where each event is alone', async () => {
    expect(await deliverCrosswise({ isOneByOne: true })).toEqual([
      { applied: 2, failed: 0, abandoned: 0 },
      { applied: 2, failed: 0, abandoned: 0 },
    ]);
    expect(await testDatabase.query('SELECT times FROM payments.thing')).toEqual([{ times: 2 }, { times: 2 }]);
  });
});
