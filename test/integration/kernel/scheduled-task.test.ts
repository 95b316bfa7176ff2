/** Work by the clock, on both stores that queues may have. */
import { randomBytes } from 'node:crypto';
import { readEnv, type Env } from '../../../src/config/env.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { ScheduledTask } from '../../../src/kernel/queue/scheduled-task.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type TestRedis } from '../../support/redis.js';

const STORES = ['redis', 'postgresql'] as const;

describe.each(STORES)('a scheduled task on %s', (store) => {
  let database: TestDatabase;
  let redis: TestRedis | undefined;
  let env: Env;
  beforeEach(async () => {
    database = await createTestDatabase();
    redis = store === 'redis' ? await startRedis() : undefined;
    env = readEnv({
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      QUEUE_PREFIX: `test-${randomBytes(4).toString('hex')}`,
      ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
    });
  });
  afterEach(async () => {
    await redis?.stop();
    await database.drop();
  });

  it('runs at its times, in one of the processes that have it, and again after it failed', async () => {
    const runs: string[] = [];
    const taskOf = (process: string): ScheduledTask =>
      new ScheduledTask({
        env,
        name: 'test.by_the_clock',
        repeat: { every: 1_000 },
        logger: new Logger({ logLevel: 'silent' }),
        run: () => {
          runs.push(process);
          return runs.length === 1 ? Promise.reject(new Error('not this time')) : Promise.resolve();
        },
      });
    const tasks = [taskOf('one'), taskOf('other')];
    for (const task of tasks) task.start();
    const startedAt = Date.now();
    try {
      await eventually(() => expect(runs.length).toBeGreaterThanOrEqual(3), { timeoutMs: 30_000, everyMs: 50 });
      // Two processes with a schedule each would have run it twice as often.
      expect(runs.length).toBeLessThanOrEqual(2 + Math.ceil((Date.now() - startedAt) / 1_000));
    } finally {
      await Promise.all(tasks.map((task) => task.stop()));
    }
  }, 60_000);
});
