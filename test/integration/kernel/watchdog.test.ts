import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { readEnv } from '../../../src/config/env.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { Watchdog, WorkLedger } from '../../../src/kernel/outbox/watchdog.js';
import { queueOptions } from '../../../src/kernel/queue/queue-backend.js';
import type { BatchJob } from '../../../src/kernel/queue/queues.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type TestRedis } from '../../support/redis.js';
import { describeWithRedisControl } from '../../support/redis-suites.js';
import { CONSUMER } from './messaging-harness.js';

const EVERY_MS = 100;
const STUCK_AFTER_MS = 1_500;
/** Long enough that a watchdog which gives up wrongly has had every occasion to. */
const WATCHED_MS = STUCK_AFTER_MS * 2;
const JOB: BatchJob = { ids: ['a'], from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', again: false };

describeWithRedisControl('the watchdog', () => {
  let redis: TestRedis;
  let queue: Queue<BatchJob>;
  let work: WorkLedger;
  let watchdog: Watchdog;
  let givenUp: string[];

  beforeEach(async () => {
    redis = await startRedis();
    const env = readEnv({ DATABASE_URL: 'postgres://127.0.0.1/unused', REDIS_URL: redis.url });
    queue = new Queue<BatchJob>(CONSUMER.name, queueOptions(env));
    queue.on('error', () => undefined);
    await queue.waitUntilReady();
    work = new WorkLedger();
    givenUp = [];
    watchdog = new Watchdog({
      consumers: [CONSUMER.name],
      queues: new Map([[CONSUMER.name, queue]]),
      work,
      logger: new Logger({ logLevel: 'silent' }),
      stuckAfterMs: STUCK_AFTER_MS,
      everyMs: EVERY_MS,
      giveUp: (consumer) => givenUp.push(consumer),
    });
  });
  afterEach(async () => {
    await watchdog.stop();
    await queue.close().catch(() => undefined);
    await redis.stop();
  });

  it('gives up when jobs wait and nothing completes, and not before', async () => {
    await queue.add('batch', JOB);
    const startedAt = performance.now();
    watchdog.start();
    await eventually(() => expect(givenUp).toContain(CONSUMER.name));
    expect(performance.now() - startedAt).toBeGreaterThan(STUCK_AFTER_MS);
  });

  it('gives up when completions have ceased', async () => {
    await queue.add('batch', JOB);
    watchdog.start();
    await whileCompleting(STUCK_AFTER_MS);
    expect(givenUp).toEqual([]);
    await eventually(() => expect(givenUp).toContain(CONSUMER.name));
  });

  it('does not while work completes, however long the queue is', async () => {
    await queue.addBulk(Array.from({ length: 50 }, () => ({ name: 'batch', data: JOB })));
    watchdog.start();
    await whileCompleting(WATCHED_MS);
    expect(givenUp).toEqual([]);
  });

  it('does not while there is nothing to do', async () => {
    watchdog.start();
    await sleep(WATCHED_MS);
    expect(givenUp).toEqual([]);
  });

  it('does not because the store is gone', async () => {
    await queue.add('batch', JOB);
    watchdog.start();
    await sleep(STUCK_AFTER_MS / 2);
    await redis.kill();
    await sleep(WATCHED_MS);
    expect(givenUp).toEqual([]);
  });

  it('does not count the time in which the store was frozen, and watches on afterwards', async () => {
    await queue.add('batch', JOB);
    watchdog.start();
    await sleep(STUCK_AFTER_MS / 3);
    redis.pause();
    await sleep(STUCK_AFTER_MS * 1.5);
    redis.resume();
    await sleep(STUCK_AFTER_MS / 2);
    expect(givenUp).toEqual([]);
    await eventually(() => expect(givenUp).toContain(CONSUMER.name));
  });

  async function whileCompleting(ms: number): Promise<void> {
    const until = performance.now() + ms;
    while (performance.now() < until) {
      work.completed(CONSUMER.name);
      await sleep(EVERY_MS / 2);
    }
  }
});
