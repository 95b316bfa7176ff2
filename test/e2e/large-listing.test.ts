/** A gateway's list of many pages: read, told and taken in within a time and a memory that its length does not decide. */
import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { describeWithRedis } from '../support/redis-suites.js';
import { askForRun, untilKnown, untilRun } from './support/books-proxy.js';
import { sandboxTotals } from './support/books.js';
import { ONE_PROCESS, sizeFrom } from './support/modes.js';
import { pay } from './support/payments.js';
import { aMoment, startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
/** 20,000 is the size that the promise is made for; everyday runs have some pages. */
const LINES = sizeFrom('E2E_LISTING', 1_000);
/** Fifty lines a page, each of which takes its call, as long a pause, and a commit. */
const WITHIN_MS = 60_000 + LINES * 10;
/** Pages are read one by one: what is in memory is some of them, whatever the list's length. */
const MAX_GROWTH_MB = 200;
const AT_A_TIME = 50;

describeWithRedis(`A list of ${LINES} lines, ${ONE_PROCESS.name}`, () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem(ONE_PROCESS);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  const charge = async (): Promise<void> => {
    const response = await fetch(`${String(system.sandbox.gateways['paystack'])}/charge`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_test_sandbox_paystack', 'content-type': 'application/json' },
      body: JSON.stringify({
        email: 'somebody@example.com',
        amount: 7_700,
        currency: 'GHS',
        reference: randomUUID(),
        mobile_money: { phone: '0241234567', provider: 'mtn' },
      }),
    });
    if (!response.ok) throw new Error(`the sandbox said ${response.status}`);
    await response.body?.cancel();
  };

  const memoryMb = async (): Promise<number> => {
    const metrics = await (await fetch(`${system.programOf('routing').url}/metrics`)).text();
    return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]) / 1_048_576;
  };

  it(
    'is taken in as a whole',
    async () => {
      await pay(system);
      await untilKnown(system, 'paystack', 1);
      await system.sandbox.setFault({ gateway: 'paystack', fault: 'no_webhook' });
      for (let made = 1; made < LINES; made += AT_A_TIME)
        await Promise.all(Array.from({ length: Math.min(AT_A_TIME, LINES - made) }, charge));
      await eventually(async () =>
        expect((await sandboxTotals(system)).find(({ gateway }) => gateway === 'paystack')?.count).toBe(LINES),
      );
      const before = await memoryMb();
      let most = before;
      let isWatching = true;
      const watched = (async () => {
        while (isWatching) {
          most = Math.max(most, await memoryMb());
          await aMoment(250);
        }
      })();
      const startedAt = performance.now();
      const asked = await askForRun(system, 'paystack');
      const run = await untilRun(system, asked, 'succeeded', WITHIN_MS);
      const seconds = (performance.now() - startedAt) / 1_000;
      isWatching = false;
      await watched;
      process.stdout.write(`${JSON.stringify({ lines: LINES, seconds, memoryMb: before, mostMemoryMb: most })}\n`);
      expect(run).toMatchObject({
        listing: { status: 'complete', pages_in: Math.ceil(LINES / 50), lines_in: LINES },
        counts: { records: 1, lines: LINES, matched: 1 },
      });
      expect(most - before).toBeLessThan(MAX_GROWTH_MB);
    },
    START_TIMEOUT_MS + 2 * WITHIN_MS,
  );
});
