/** The same program without Redis: its queues on PostgreSQL, idempotency with one tier. The main roads must be open. */
import { randomUUID } from 'node:crypto';

import { proveBooks } from './support/books.js';
import { makeOrders, payThroughCrash, proveNothingLostOrDoubled, quietWithinMs } from './support/crash.js';
import { ON_POSTGRESQL, sizeFrom } from './support/modes.js';
import { mobileMoney, mobileMoneyFrom, pay, read, untilTold } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;
const PAYMENTS = sizeFrom('E2E_PAYMENTS', 120);

describe(`A payment, ${ON_POSTGRESQL.name}`, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(ON_POSTGRESQL);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  it(
    'succeeds while its client waits, is booked, and is told to the merchant',
    async () => {
      const payment = await pay(system);
      expect(payment).toMatchObject({ status: 'succeeded', gateway: 'paystack' });
      await untilTold(system, payment.id, ['payment.succeeded']);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'goes through the next gateway when one is down, and nowhere else when the customer declines',
    async () => {
      await system.sandbox.setFault({ gateway: 'paystack', fault: 'down' });
      expect(await pay(system)).toMatchObject({ status: 'succeeded', gateway: 'flutterwave' });
      await system.sandbox.clearFaults();
      const declined = await pay(system, mobileMoneyFrom('9902'));
      expect(declined.status).toBe('failed');
      expect((await read(system, declined.id)).attempts).toHaveLength(1);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'is one, however often it is sent at once',
    async () => {
      const body = mobileMoney();
      const idempotencyKey = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => system.merchant.post('/v1/payments', body, { idempotencyKey })),
      );
      const others = answers.filter(({ status }) => status !== 409);
      expect(new Set(others.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
      const query = new URLSearchParams({ reference: String(body['reference']) });
      const found = await system.merchant.get<{ data: unknown[] }>(`/v1/payments?${query.toString()}`);
      expect(found.body.data).toHaveLength(1);
    },
    TEST_TIMEOUT_MS,
  );
});

describe(`A program killed in the middle of many payments, ${ON_POSTGRESQL.name}`, () => {
  it(
    'loses nothing and doubles nothing',
    async () => {
      const system = await startSystem(ON_POSTGRESQL);
      try {
        const orders = makeOrders(PAYMENTS);
        await proveNothingLostOrDoubled(system, orders, await payThroughCrash(system, orders));
      } finally {
        await system.close();
      }
    },
    START_TIMEOUT_MS + 2 * quietWithinMs(PAYMENTS),
  );
});
