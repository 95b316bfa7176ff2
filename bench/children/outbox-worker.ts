/**
 * What makes a process a worker: the real relay, queue and delivery, and one consumer whose effect is a row per event, written
 * set-based. It sees when the effects have been committed.
 */
import { Queue, Worker } from 'bullmq';
import { readEnv } from '../../src/config/env.js';
import { Database } from '../../src/kernel/database/database.js';
import type { Tx } from '../../src/kernel/database/tx.js';
import { newUuid } from '../../src/kernel/ids/ids.js';
import { Logger } from '../../src/kernel/observability/logger.js';
import type { ConsumerDefinition, ConsumerRegistration } from '../../src/kernel/outbox/consumer.js';
import { deliverBatch } from '../../src/kernel/outbox/deliver-batch.js';
import type { NewEvent, StoredEvent } from '../../src/kernel/outbox/event.js';
import { Relay } from '../../src/kernel/outbox/relay.js';
import { queueOptions, workerConnection } from '../../src/kernel/queue/queue-backend.js';
import type { BatchJob } from '../../src/kernel/queue/queues.js';

export interface OutboxWorkerInput {
  readonly databaseUrl: string;
  /** Without it BullMQ runs on PostgreSQL. */
  readonly redisUrl: string | undefined;
  readonly queuePrefix: string;
}

export interface OutboxWorker {
  readonly database: Database;
  readonly effects: Effects;
  /** Until then nothing is relayed and nothing consumed. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

const TYPE = 'bench.thing_happened.v1';
const CONSUMER: ConsumerDefinition = { name: 'bench.note_things', module: 'payments', types: [TYPE] };
/** As the app's own workers have it. */
const CONCURRENCY = 2;
/** One transaction of a busy module. */
export const APPEND_BATCH = 500;
const EFFECT_TIMEOUT_MS = 10_000;

/** Counts effects when their transaction has committed. */
export class Effects {
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
  until(count: number, timeoutMs = EFFECT_TIMEOUT_MS): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`only ${this.applied} of ${count} effects came in time`)),
        timeoutMs,
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

export function thing(): NewEvent {
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

export async function openOutboxWorker(input: OutboxWorkerInput): Promise<OutboxWorker> {
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
    autorun: false,
  });
  return {
    database,
    effects,
    start: async () => {
      relay.start();
      await worker.waitUntilReady();
      // Runs until it is closed.
      void worker.run();
    },
    stop: async () => {
      await relay.stop();
      await worker.close();
      await queue.close();
      await database.close();
    },
  };
}
