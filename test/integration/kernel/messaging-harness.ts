/** The outbox's machinery without the app around it: relay, sweeper, queues and workers over one test consumer. */
import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { pino } from 'pino';
import { readEnv } from '../../../src/config/env.js';
import { Database } from '../../../src/kernel/database/database.js';
import type { Tx } from '../../../src/kernel/database/tx.js';
import type { Logger } from '../../../src/kernel/observability/logger.js';
import { appendEvents } from '../../../src/kernel/outbox/append.js';
import type { ConsumerDefinition } from '../../../src/kernel/outbox/consumer.js';
import { deliverBatch } from '../../../src/kernel/outbox/deliver-batch.js';
import type { NewEvent, StoredEvent } from '../../../src/kernel/outbox/event.js';
import { Relay } from '../../../src/kernel/outbox/relay.js';
import { Sweeper } from '../../../src/kernel/outbox/sweeper.js';
import { queueOptions, workerConnection } from '../../../src/kernel/queue/queue-backend.js';
import type { BatchJob, Queues } from '../../../src/kernel/queue/queues.js';

export const TYPE = 'tests.thing_happened.v1';
export const CONSUMER: ConsumerDefinition = { name: 'tests.count_things', module: 'payments', types: [TYPE] };
export const OTHER_CONSUMER: ConsumerDefinition = { name: 'tests.copy_things', module: 'ledger', types: [TYPE] };

const LEASE_MS = 400;

export function thing(payload: Readonly<Record<string, unknown>> = {}): NewEvent {
  return {
    id: randomUUID(),
    type: TYPE,
    aggregateType: 'thing',
    aggregateId: 'a',
    merchantId: null,
    payload,
    headers: { correlation_id: 'test' },
  };
}

/** Effects are counted in a table by the consumer's own transaction, so a second application would be seen. */
export const EFFECTS_SQL = `
  CREATE TABLE payments.effect (consumer text, event_id uuid, applied_at timestamptz DEFAULT clock_timestamp());
  GRANT ALL ON payments.effect TO sankofa_payments;`;

export interface Messaging {
  readonly database: Database;
  readonly kernel: Database;
  readonly queues: Queues;
  readonly relay: Relay;
  append(events: readonly NewEvent[]): Promise<void>;
  /** Resolves when they are connected, as the app does before it lets them run. */
  startWorkers(): Promise<void>;
  stopWorkers(): Promise<void>;
  /** Another relay on the same outbox. */
  secondRelay(): Relay;
  close(): Promise<void>;
}

const logger = pino({ level: 'silent' }) as unknown as Logger;

export async function startMessaging(options: {
  databaseUrl: string;
  redisUrl?: string;
  poison?: (event: StoredEvent) => boolean;
}): Promise<Messaging> {
  const env = readEnv({
    DATABASE_URL: options.databaseUrl,
    QUEUE_PREFIX: `t${randomUUID().slice(0, 8)}`,
    ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
  });
  const consumers = [CONSUMER, OTHER_CONSUMER];
  const database = new Database({ url: options.databaseUrl, owner: 'payments', poolSize: 8 });
  const kernel = new Database({ url: options.databaseUrl, owner: 'kernel', poolSize: 4 });
  const bull = queueOptions(env);
  const queues: Queues = new Map(
    consumers.map((consumer) => [consumer.name, new Queue<BatchJob>(consumer.name, bull)]),
  );
  for (const queue of queues.values()) {
    queue.on('error', () => undefined);
    await queue.waitUntilReady();
  }
  const makeRelay = (): Relay =>
    new Relay({ databaseUrl: options.databaseUrl, name: 'main', consumers, queues, logger });
  const relay = makeRelay();
  const sweeper = new Sweeper({ database: kernel, relay, consumers, queues, logger, leaseMs: LEASE_MS });
  let workers: Worker[] = [];

  const handle =
    (consumer: ConsumerDefinition) =>
    async (tx: Tx, events: readonly StoredEvent[]): Promise<void> => {
      if (events.some((event) => options.poison?.(event) ?? false)) throw new Error('this event cannot be handled');
      await tx.query('INSERT INTO payments.effect (consumer, event_id) SELECT $1, unnest($2::uuid[])', [
        consumer.name,
        events.map((event) => event.id),
      ]);
    };

  relay.start();
  sweeper.start();
  return {
    database,
    kernel,
    queues,
    relay,
    append: (events) => database.transaction((tx) => appendEvents(tx, events)),
    startWorkers: async () => {
      workers = consumers.map((definition) => {
        const registration = { definition, database, handler: { handle: handle(definition) } };
        const worker = new Worker<BatchJob>(
          definition.name,
          async (job) => void (await deliverBatch(registration, job.data)),
          { ...bull, connection: workerConnection(bull, env), concurrency: 2, autorun: false },
        );
        worker.on('error', () => undefined);
        return worker;
      });
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
      for (const worker of workers) void worker.run();
    },
    stopWorkers: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      workers = [];
    },
    secondRelay: makeRelay,
    close: async () => {
      await sweeper.stop();
      await relay.stop();
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await database.close();
      await kernel.close();
    },
  };
}
