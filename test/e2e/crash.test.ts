/** kill -9 in the middle of many payments, with Redis emptied and away or not: nothing accepted is lost, nothing is charged twice. */
import { makeOrders, payThroughCrash, proveNothingLostOrDoubled, quietWithinMs } from './support/crash.js';
import { describeInEachModeWithRedisControl, sizeFrom } from './support/modes.js';
import { aMoment, startSystem, type System } from './support/system.js';

const REDIS_AWAY_MS = 1_000 * sizeFrom('E2E_REDIS_AWAY_SECONDS', 5);

const START_TIMEOUT_MS = 180_000;

describeInEachModeWithRedisControl('A program killed in the middle of many payments', (mode) => {
  const payments = sizeFrom('E2E_PAYMENTS', mode.split ? 150 : 400);
  const testTimeoutMs = 2 * quietWithinMs(payments) + REDIS_AWAY_MS;
  let system: System;
  beforeEach(async () => {
    system = await startSystem(mode);
  }, START_TIMEOUT_MS);
  afterEach(() => system.close(), START_TIMEOUT_MS);

  it(
    'loses nothing and doubles nothing',
    async () => {
      const orders = makeOrders(payments);
      await proveNothingLostOrDoubled(system, orders, await payThroughCrash(system, orders));
    },
    testTimeoutMs,
  );

  it(
    'loses nothing and doubles nothing when Redis is emptied and away meanwhile',
    async () => {
      const orders = makeOrders(payments);
      let back: Promise<void> | undefined;
      const ids = await payThroughCrash(system, orders, async () => {
        await system.redis?.flush();
        await system.redis?.stop();
        back = aMoment(REDIS_AWAY_MS).then(() => system.redis?.restart());
      });
      await back;
      await proveNothingLostOrDoubled(system, orders, ids);
    },
    testTimeoutMs,
  );
});
