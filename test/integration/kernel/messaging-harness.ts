/** The outbox's machinery without the app around it: relay, sweeper, queues and workers over two test consumers. */
import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { pino } from 'pino';
import { readEnv } from '../../../src/config/env.js';
import { Database } from '../../../src/kernel/database/database.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { homesByUrl, homeOf } from '../../../src/kernel/database/homes.js';
import type { Tx } from '../../../src/kernel/database/tx.js';
import type { Logger } from '../../../src/kernel/observability/logger.js';
import { Metrics } from '../../../src/kernel/observability/metrics.js';
import { appendEvents } from '../../../src/kernel/outbox/append.js';
import type { ConsumerDefinition } from '../../../src/kernel/outbox/consumer.js';
import { WORKER_OPTIONS } from '../../../src/kernel/outbox/consumer-processor.js';
import { deliverBatch } from '../../../src/kernel/outbox/deliver-batch.js';
import type { NewEvent, StoredEvent } from '../../../src/kernel/outbox/event.js';
import { outboxesOf } from '../../../src/kernel/outbox/outbox-tasks.js';
import type { Relay } from '../../../src/kernel/outbox/relay.js';
import type { BackgroundTask } from '../../../src/kernel/queue/background-tasks.js';
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
  /** Under the kernel's role, every database: the publisher's first. */
  readonly kernels: readonly Database[];
  readonly queues: Queues;
  readonly relay: Relay;
  append(events: readonly NewEvent[]): Promise<void>;
  /** Resolves when they are connected, as the app does before it lets them run. */
  startWorkers(only?: ConsumerDefinition): Promise<void>;
  stopWorkers(): Promise<void>;
  /** Another relay on the same outbox, with what runs beside it. */
  secondRelay(): { readonly isLeader: boolean; start(): void; stop(): Promise<void> };
  close(): Promise<void>;
}

const logger = pino({ level: 'silent' }) as unknown as Logger;

export async function startMessaging(options: {
  databaseUrl: string;
  /** The database of {@link OTHER_CONSUMER}. Default: the same. */
  otherDatabaseUrl?: string;
  redisUrl?: string;
  poison?: (event: StoredEvent) => boolean;
  maxWaitingJobs?: number;
}): Promise<Messaging> {
  const env = readEnv({
    DATABASE_URL: options.databaseUrl,
    QUEUE_PREFIX: `t${randomUUID().slice(0, 8)}`,
    SWEEP_LEASE_MS: String(LEASE_MS),
    ...(options.otherDatabaseUrl === undefined ? {} : { DATABASE_URL_LEDGER: options.otherDatabaseUrl }),
    ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
  });
  const consumers = [CONSUMER, OTHER_CONSUMER];
  const homes = homesByUrl(env);
  const databases = new Databases(env, logger);
  const database = databases.of('payments');
  const other = new Database({
    url: homeOf(homes, OTHER_CONSUMER.module).url,
    owner: 'payments',
    poolSize: 4,
    onIdleError: () => undefined,
  });
  const bull = queueOptions(env);
  const queues: Queues = new Map(
    consumers.map((consumer) => [consumer.name, new Queue<BatchJob>(consumer.name, bull)]),
  );
  for (const queue of queues.values()) {
    queue.on('error', () => undefined);
    await queue.waitUntilReady();
  }
  const makeOutboxes = (): { relay: Relay; start(): void; stop(): Promise<void> } => {
    const { maxWaitingJobs } = options;
    const outboxes = outboxesOf(homes, {
      ...{ env, databases, consumers, queues, logger, metrics: new Metrics() },
      ...(maxWaitingJobs === undefined ? {} : { maxWaitingJobs }),
    });
    const relay = outboxes[0]?.relay;
    if (relay === undefined) throw new Error('there is no outbox');
    const tasks: readonly BackgroundTask[] = outboxes.flatMap((outbox) => outbox.tasks);
    return {
      relay,
      start: () => tasks.forEach((task) => task.start()),
      stop: async () => void (await Promise.all(tasks.map((task) => task.stop()))),
    };
  };
  const outboxes = makeOutboxes();
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

  outboxes.start();
  return {
    database,
    kernel: databases.of('kernel'),
    kernels: homes.map((home) => databases.at(home)),
    queues,
    relay: outboxes.relay,
    append: (events) => database.transaction((tx) => appendEvents(tx, events)),
    startWorkers: async (only) => {
      const starting = (only === undefined ? consumers : [only]).map((definition) => {
        const registration = {
          definition,
          database: definition === OTHER_CONSUMER ? other : database,
          handler: { handle: handle(definition) },
        };
        const worker = new Worker<BatchJob>(
          definition.name,
          async (job) => void (await deliverBatch(registration, job.data)),
          { ...bull, connection: workerConnection(bull, env), ...WORKER_OPTIONS },
        );
        worker.on('error', () => undefined);
        return worker;
      });
      workers.push(...starting);
      await Promise.all(starting.map((worker) => worker.waitUntilReady()));
      for (const worker of starting) void worker.run();
    },
    stopWorkers: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      workers = [];
    },
    secondRelay: () => {
      const { relay, start, stop } = makeOutboxes();
      return {
        get isLeader() {
          return relay.isLeader;
        },
        start,
        stop,
      };
    },
    close: async () => {
      await outboxes.stop();
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await other.close();
      await databases.close();
    },
  };
}
