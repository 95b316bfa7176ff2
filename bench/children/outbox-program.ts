/**
 * A process as a worker is, with the real relay, queue and delivery, and one consumer whose effect is a row per event,
 * written set-based. It appends events as a module does, and sees when their effect has been committed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { readEnv } from '../../src/config/env.js';
import { Database } from '../../src/kernel/database/database.js';
import type { Tx } from '../../src/kernel/database/tx.js';
import { newUuid } from '../../src/kernel/ids/ids.js';
import { Logger } from '../../src/kernel/observability/logger.js';
import { appendEvents } from '../../src/kernel/outbox/append.js';
import type { ConsumerDefinition, ConsumerRegistration } from '../../src/kernel/outbox/consumer.js';
import { deliverBatch } from '../../src/kernel/outbox/deliver-batch.js';
import type { NewEvent, StoredEvent } from '../../src/kernel/outbox/event.js';
import { Relay } from '../../src/kernel/outbox/relay.js';
import { queueOptions, workerConnection } from '../../src/kernel/queue/queue-backend.js';
import type { BatchJob } from '../../src/kernel/queue/queues.js';
import { Latencies } from './latencies.js';

export interface OutboxInput {
  readonly databaseUrl: string;
  /** Without it BullMQ runs on PostgreSQL. */
  readonly redisUrl: string | undefined;
  readonly queuePrefix: string;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly idleEvents: number;
}

export interface OutboxResult {
  readonly eventsPerSecond: number;
  readonly idleP50Ms: number | null;
  readonly idleP99Ms: number | null;
  readonly idleMeasured: number;
}

const TYPE = 'bench.thing_happened.v1';
const CONSUMER: ConsumerDefinition = { name: 'bench.note_things', module: 'payments', types: [TYPE] };
/** As the app's own workers have it. */
const CONCURRENCY = 2;
/** One transaction of a busy module. */
const APPEND_BATCH = 500;
/** Events appended but not yet applied: the relay always finds something, and a backlog does not grow for ever. */
const MAX_AHEAD = 8_000;
/** Between two single events: longer than the relay's slowest poll, so that each finds everything asleep. */
const IDLE_PAUSE_MS = 30;
const EFFECT_TIMEOUT_MS = 10_000;

/** Counts effects when their transaction has committed. */
class Effects {
  applied = 0;
  private onApplied: (() => void) | undefined;

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    await tx.query('INSERT INTO payments.bench_effect (event_id) SELECT unnest($1::uuid[])', [
      events.map((event) => event.id),
    ]);
    tx.afterCommit(() => {
      this.applied += events.length;
      this.onApplied?.();
    });
  }

  /** Resolves when this many have been applied in all. */
  until(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`only ${this.applied} of ${count} effects came in time`)),
        EFFECT_TIMEOUT_MS,
      );
      const look = (): void => {
        if (this.applied < count) return;
        clearTimeout(timer);
        this.onApplied = undefined;
        resolve();
      };
      this.onApplied = look;
      look();
    });
  }
}

function thing(): NewEvent {
  return {
    id: newUuid(),
    type: TYPE,
    aggregateType: 'thing',
    aggregateId: newUuid(),
    merchantId: null,
    // About as large as an event of a payment.
    payload: { amount: 1_500, currency: 'GHS', reference: 'order-0123456789ab-1', description: 'x'.repeat(300) },
    headers: { correlation_id: 'req_00000000000000000000000000' },
  };
}

export async function run(input: OutboxInput): Promise<OutboxResult> {
  const env = readEnv({
    DATABASE_URL: input.databaseUrl,
    QUEUE_PREFIX: input.queuePrefix,
    LOG_LEVEL: 'error',
    ...(input.redisUrl === undefined ? {} : { REDIS_URL: input.redisUrl }),
  });
  const database = new Database({ url: input.databaseUrl, owner: 'payments', poolSize: env.databasePoolSize });
  const bull = queueOptions(env);
  const queue = new Queue<BatchJob>(CONSUMER.name, bull);
  await queue.waitUntilReady();
  const relay = new Relay({
    databaseUrl: input.databaseUrl,
    name: 'main',
    consumers: [CONSUMER],
    queues: new Map([[CONSUMER.name, queue]]),
    logger: new Logger(env),
  });
  const effects = new Effects();
  const registration: ConsumerRegistration = { definition: CONSUMER, database, handler: effects };
  const worker = new Worker<BatchJob>(CONSUMER.name, async (job) => void (await deliverBatch(registration, job.data)), {
    ...bull,
    connection: workerConnection(bull, env),
    concurrency: CONCURRENCY,
  });
  relay.start();
  await worker.waitUntilReady();
  const eventsPerSecond = await measureThroughput(database, effects, input);
  const idle = await measureIdle(database, effects, input.idleEvents);
  await relay.stop();
  await worker.close();
  await queue.close();
  await database.close();
  return {
    eventsPerSecond,
    idleP50Ms: idle.percentile(0.5),
    idleP99Ms: idle.percentile(0.99),
    idleMeasured: idle.count,
  };
}

async function measureThroughput(
  database: Database,
  effects: Effects,
  { warmUpMs, measureMs }: OutboxInput,
): Promise<number> {
  let running = true;
  let appended = 0;
  const produce = async (): Promise<void> => {
    while (running) {
      if (appended - effects.applied >= MAX_AHEAD) {
        await effects.until(appended - MAX_AHEAD + APPEND_BATCH);
        continue;
      }
      const events = Array.from({ length: APPEND_BATCH }, thing);
      await database.transaction((tx) => appendEvents(tx, events));
      appended += events.length;
    }
  };
  const producing = produce();
  await Promise.race([sleep(warmUpMs), producing]);
  const before = effects.applied;
  const startedAt = performance.now();
  await Promise.race([sleep(measureMs), producing]);
  const perSecond = (effects.applied - before) / ((performance.now() - startedAt) / 1_000);
  running = false;
  await producing;
  await effects.until(appended);
  return perSecond;
}

/** From the moment the appending transaction has committed to the moment the effect's has. */
async function measureIdle(database: Database, effects: Effects, count: number): Promise<Latencies> {
  const latencies = new Latencies();
  for (let each = 0; each < count; each += 1) {
    await sleep(IDLE_PAUSE_MS);
    const wanted = effects.applied + 1;
    await database.transaction((tx) => appendEvents(tx, [thing()]));
    const committedAt = performance.now();
    await effects.until(wanted);
    latencies.add(performance.now() - committedAt);
  }
  return latencies;
}
