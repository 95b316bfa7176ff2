/**
 * One database connection per module is little, and enough: nothing may ask for a second one while it holds the first. Where
 * something does, that many at once hold all there are, each waits for another, and none moves.
 */
import { proveBooks } from './support/books.js';
import { describeInEachMode } from './support/modes.js';
import { mobileMoney, pay, send, untilStatus, untilTold } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;

describeInEachMode('With one database connection per module', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ ...mode, env: { DATABASE_POOL_SIZE: '1' } });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  it(
    'payments are taken, routed, booked and told of, also those that a dead process left behind',
    async () => {
      await pay(system);
      const accepted = await Promise.all(Array.from({ length: 20 }, () => send(system, mobileMoney(), '')));
      await system.kill9();
      await system.restart();
      for (const { body } of accepted) {
        await untilStatus(system, body.id, 'succeeded', 60_000);
        await untilTold(system, body.id, ['payment.succeeded']);
      }
      await proveBooks(system);
      expect(system.logs()).not.toContain('timeout exceeded when trying to connect');
    },
    TEST_TIMEOUT_MS,
  );
});
