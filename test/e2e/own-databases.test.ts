/** Modules in databases of their own: what a payment sets off crosses from one to the next, and each keeps its rows to itself. */
import type { TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { proveBooks } from './support/books.js';
import { describeInEachMode } from './support/modes.js';
import { pay, untilTold } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;
const CONSUMER = 'ledger.book_collections';

describeInEachMode('An installation with the ledger and notifications in databases of their own', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ ...mode, ownDatabases: ['ledger', 'notification'] });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  /** Which of the tables hold rows. */
  const filled = async (database: TestDatabase): Promise<readonly string[]> => {
    const tables = [
      'payments.payment',
      'idempotency.key',
      'routing.attempt',
      'ledger.transfer',
      'notification.delivery',
    ];
    const counts = tables.map((table) => database.query(`SELECT 1 FROM ${table} LIMIT 1`));
    const rows = await Promise.all(counts);
    return tables.filter((_, index) => (rows[index]?.length ?? 0) > 0);
  };

  it(
    'takes a payment, books it and tells the merchant, each in its own place',
    async () => {
      const payments = await Promise.all([pay(system), pay(system), pay(system)]);
      expect(payments.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
      for (const { id } of payments) await untilTold(system, id, ['payment.succeeded']);
      await proveBooks(system);
      expect(await filled(system.database)).toEqual(['payments.payment', 'idempotency.key', 'routing.attempt']);
      expect(await filled(system.databaseOf('ledger'))).toEqual(['ledger.transfer']);
      expect(await filled(system.databaseOf('notification'))).toEqual(['notification.delivery']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'loses nothing with Redis',
    async () => {
      const payments = await Promise.all(Array.from({ length: 10 }, () => pay(system)));
      await system.redis?.flush();
      await proveBooks(system);
      for (const { id } of payments) await untilTold(system, id, ['payment.succeeded']);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'shows what could not be booked among the dead letters, and replays it',
    async () => {
      const ledger = system.databaseOf('ledger');
      await ledger.query('ALTER FUNCTION ledger.post_transfers RENAME TO post_transfers_mislaid');
      await pay(system);
      await eventually(async () =>
        expect(await ledger.query('SELECT 1 FROM messaging.delivery WHERE attempts > 0')).toHaveLength(1),
      );
      await ledger.query('UPDATE messaging.delivery SET attempts = 1000, next_attempt_at = now()');
      await eventually(async () => {
        const listed = await system.admin.get(`/admin/v1/dead_letters?consumer=${CONSUMER}`);
        expect(listed.body).toMatchObject({ total: 1, data: [{ type: 'payments.payment_succeeded.v1' }] });
      });
      await ledger.query('ALTER FUNCTION ledger.post_transfers_mislaid RENAME TO post_transfers');
      const replay = await system.admin.post('/admin/v1/dead_letters/replay', { consumer: CONSUMER });
      expect([replay.status, replay.body]).toEqual([202, { object: 'replay', replayed: 1 }]);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it('says of each process whether the databases of its modules answer, and how each outbox goes', async () => {
    const { url } = system.programOf('ledger');
    const ready = (await (await fetch(`${url}/readyz`)).json()) as { checks: Record<string, string> };
    expect(ready.checks).toMatchObject({ database: 'ok', database_ledger: 'ok' });
    const metrics = await (await fetch(`${url}/metrics`)).text();
    for (const outbox of ['main', 'ledger', 'notification'])
      expect(metrics).toMatch(new RegExp(`^sankofa_outbox_lag_seconds\\{outbox="${outbox}"\\} \\d`, 'm'));
    expect(metrics).toContain(`sankofa_courier_lag_seconds{outbox="main",consumer="${CONSUMER}"}`);
  });
});
