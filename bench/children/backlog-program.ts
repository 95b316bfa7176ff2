/** Appends events while nothing relays or consumes them; then a worker starts, and is watched until the last is applied. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { appendEvents } from '../../src/kernel/outbox/append.js';
import { APPEND_BATCH, openOutboxWorker, thing, type OutboxWorker, type OutboxWorkerInput } from './outbox-worker.js';

export interface BacklogInput extends OutboxWorkerInput {
  readonly redisUrl: string;
  readonly events: number;
  readonly drainTimeoutMs: number;
}

/** What was seen at a moment of the drain. */
export interface BacklogSample {
  /** Since the worker was started. */
  readonly seconds: number;
  readonly waiting: number;
  readonly memoryBytes: number;
  readonly redisBytes: number;
}

export interface BacklogResult {
  readonly appendSeconds: number;
  readonly drainSeconds: number;
  /** The first is from before the worker was started. */
  readonly samples: readonly [BacklogSample, ...BacklogSample[]];
}

/** As many modules append at a time. */
const APPENDERS = 2;
/** Fine enough for a curve, and to see a peak of the memory. */
const SAMPLE_EVERY_MS = 250;

export async function run(input: BacklogInput): Promise<BacklogResult> {
  const worker = await openOutboxWorker(input);
  const redis = new Redis(input.redisUrl, { maxRetriesPerRequest: 1 });
  redis.on('error', () => undefined);
  const appendingSince = performance.now();
  await append(worker, input.events);
  const appendSeconds = (performance.now() - appendingSince) / 1_000;
  const startedAt = performance.now();
  const secondsOfDrain = (): number => (performance.now() - startedAt) / 1_000;
  const look = async (): Promise<BacklogSample> => ({
    seconds: secondsOfDrain(),
    waiting: input.events - worker.effects.applied,
    memoryBytes: process.memoryUsage.rss(),
    redisBytes: await usedBytes(redis),
  });
  const samples: [BacklogSample, ...BacklogSample[]] = [await look()];
  await worker.start();
  const drained = worker.effects.until(input.events, input.drainTimeoutMs).then(secondsOfDrain);
  let drainSeconds: number | undefined;
  while (drainSeconds === undefined) {
    drainSeconds = await Promise.race([drained, sleep(SAMPLE_EVERY_MS, undefined)]);
    samples.push(await look());
  }
  await worker.stop();
  redis.disconnect();
  return { appendSeconds, drainSeconds, samples };
}

async function append({ database }: OutboxWorker, events: number): Promise<void> {
  let left = events;
  const appender = async (): Promise<void> => {
    while (left > 0) {
      const count = Math.min(left, APPEND_BATCH);
      left -= count;
      const batch = Array.from({ length: count }, thing);
      await database.transaction((tx) => appendEvents(tx, batch));
    }
  };
  await Promise.all(Array.from({ length: APPENDERS }, appender));
}

async function usedBytes(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
}
