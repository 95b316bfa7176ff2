import { setTimeout as sleep } from 'node:timers/promises';
import { BullModule, getQueueToken } from '@nestjs/bullmq';
import {
  Global,
  Inject,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import type { Queue } from 'bullmq';
import type { Env } from '../config/env.js';
import { AccessGuard } from './access/access.guard.js';
import { CredentialCache } from './access/credential-cache.js';
import { ProjectCredentials } from './access/project-credentials.js';
import { People } from './access/people.js';
import { SessionCache } from './access/session-cache.js';
import { Admission } from './admission/admission.js';
import { Approvals } from './approvals/approvals.js';
import { AuditTrail } from './audit/audit-trail.js';
import { Databases } from './database/databases.js';
import { homesByUrl, type DatabaseHome } from './database/homes.js';
import { ProblemFilter } from './http/problem.filter.js';
import { ProblemsController } from './http/problems.controller.js';
import { IdempotencyCache } from './idempotency/idempotency-cache.js';
import { IdempotencyKeys } from './idempotency/idempotency-keys.js';
import { ENV, HOMES } from './kernel.tokens.js';
import { Changes } from './live/changes.js';
import { LiveController } from './live/live.controller.js';
import { Health } from './observability/health.js';
import { Logger } from './observability/logger.js';
import { Metrics } from './observability/metrics.js';
import { OperationsController } from './observability/operations.controller.js';
import { ConsumerRegistry, type ConsumerDefinition } from './outbox/consumer.js';
import { consumerProcessor, type ConsumerProcessor } from './outbox/consumer-processor.js';
import { DeadLettersController } from './outbox/dead-letters.controller.js';
import { registerOutboxMetrics } from './outbox/outbox-metrics.js';
import { outboxesOf } from './outbox/outbox-tasks.js';
import { Watchdog, WorkLedger } from './outbox/watchdog.js';
import { BackgroundTasks } from './queue/background-tasks.js';
import { queueOptions, workerConnection } from './queue/queue-backend.js';
import { QUEUES, type BatchJob, type Queues } from './queue/queues.js';
import { Vault } from './secrets/vault.js';

export interface KernelOptions {
  readonly env: Env;
  /** The databases there are. Default: as the settings have it, without asking the servers which of them are the same. */
  readonly homes?: readonly DatabaseHome[];
  /** Every consumer there is, hosted here or not: the relay dispatches to all of them. */
  readonly consumers: readonly ConsumerDefinition[];
  /** The consumer that keeps the kernel's access projection. */
  readonly accessConsumer: ConsumerDefinition;
  /** Consumers whose module this process hosts. */
  readonly hosted: readonly ConsumerDefinition[];
  /** Ends the process when the watchdog finds it stuck. */
  readonly giveUp: (reason: string) => void;
}

/** A batch of events takes tens of milliseconds, a second when the machine is busy. */
const CONSUMERS_FIRST_MS = 2_000;

const OPTIONS = Symbol('KERNEL_OPTIONS');
const PROCESSORS = Symbol('PROCESSORS');

/** A process whose role is `http` opens no queue at all: it writes to the outbox and answers. */
const hasWorkers = (env: Env): boolean => env.role !== 'http';

const EVERYWHERE: readonly Provider[] = [
  Logger,
  Metrics,
  Databases,
  Health,
  BackgroundTasks,
  ConsumerRegistry,
  WorkLedger,
  Admission,
  CredentialCache,
  ProjectCredentials,
  SessionCache,
  AuditTrail,
  Approvals,
  People,
  IdempotencyCache,
  IdempotencyKeys,
  Vault,
  Changes,
];

/** What every module stands on. Global, so that feature modules import nothing. */
@Global()
@Module({})
export class KernelModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    @Inject(OPTIONS) private readonly options: KernelOptions,
    @Inject(QUEUES) private readonly queues: Queues,
    @Inject(HOMES) private readonly homes: readonly DatabaseHome[],
    @Inject(PROCESSORS) private readonly processors: readonly ConsumerProcessor[],
    private readonly databases: Databases,
    private readonly registry: ConsumerRegistry,
    private readonly projectCredentials: ProjectCredentials,
    private readonly tasks: BackgroundTasks,
    private readonly work: WorkLedger,
    private readonly logger: Logger,
    private readonly metrics: Metrics,
  ) {}

  static forRoot(options: KernelOptions): DynamicModule {
    const { env } = options;
    const bull = queueOptions(env);
    const connection = workerConnection(bull, env);
    const consumers = hasWorkers(env) ? [options.accessConsumer, ...options.hosted] : [];
    const processorClasses = consumers.map((consumer) => consumerProcessor(consumer, connection));
    const queueNames = hasWorkers(env) ? options.consumers.map((consumer) => consumer.name) : [];
    return {
      module: KernelModule,
      imports: hasWorkers(env)
        ? [BullModule.forRoot(bull), BullModule.registerQueue(...queueNames.map((name) => ({ name })))]
        : [],
      controllers: [OperationsController, ProblemsController, DeadLettersController, LiveController],
      providers: [
        { provide: OPTIONS, useValue: options },
        { provide: ENV, useValue: env },
        { provide: HOMES, useValue: options.homes ?? homesByUrl(env) },
        ...EVERYWHERE,
        { provide: APP_FILTER, useClass: ProblemFilter },
        { provide: APP_GUARD, useClass: AccessGuard },
        ...processorClasses,
        {
          provide: PROCESSORS,
          useFactory: (...processors: ConsumerProcessor[]) => processors,
          inject: processorClasses,
        },
        {
          provide: QUEUES,
          inject: queueNames.map((name) => getQueueToken(name)),
          useFactory: (...queues: Queue<BatchJob>[]): Queues => new Map(queues.map((queue) => [queue.name, queue])),
        },
      ],
      exports: [ENV, HOMES, QUEUES, ...EVERYWHERE],
    };
  }

  /** After every module's onModuleInit: handlers and tasks are registered, work may begin. */
  async onApplicationBootstrap(): Promise<void> {
    if (!hasWorkers(this.options.env)) return;
    this.registry.register(this.options.accessConsumer, this.databases.of('kernel'), this.projectCredentials);
    for (const queue of this.queues.values()) {
      queue.on('error', (error) =>
        this.logger.debug({ queue: queue.name, error: error.message }, 'a queue has trouble with its store'),
      );
    }
    this.registerOutboxes();
    this.tasks.register(
      new Watchdog({
        consumers: this.processors.map((processor) => processor.consumer),
        queues: this.queues,
        work: this.work,
        logger: this.logger,
        giveUp: (consumer) => this.options.giveUp(`nothing completes for ${consumer}`),
      }),
    );
    // BullMQ's PostgreSQL store remembers a first connection that failed, and a worker then asks again and again without ever
    // pausing, which stops the whole process: better not to start. On Redis it connects whenever Redis is there.
    if (this.options.env.redisUrl === undefined) {
      await Promise.all([
        ...[...this.queues.values()].map((queue) => queue.waitUntilReady()),
        ...this.processors.map((processor) => processor.ready()),
      ]);
    }
    this.tasks.start();
    for (const processor of this.processors) processor.run();
  }

  /**
   * Stops taking work and waits for what is in flight; the HTTP server closes after this, and the pools last (main.ts). First the
   * consumers: what they hand on when they commit, tasks still do. They are not waited for longer than a batch takes, since a queue
   * whose store is away may never close.
   */
  async beforeApplicationShutdown(): Promise<void> {
    const closed = Promise.all(this.processors.map((processor) => processor.close()));
    await Promise.race([closed, sleep(CONSUMERS_FIRST_MS, undefined, { ref: false })]);
    await Promise.all([closed, this.tasks.stop()]);
  }

  /** Whatever modules it hosts, a process with workers is ready to relay every outbox: whichever holds the lock does. */
  private registerOutboxes(): void {
    const { queues, logger, metrics } = this;
    const { env, consumers } = this.options;
    const outboxes = outboxesOf(this.homes, { env, consumers, databases: this.databases, queues, logger, metrics });
    for (const task of outboxes.flatMap(({ tasks }) => tasks)) this.tasks.register(task);
    registerOutboxMetrics(metrics, outboxes, queues);
  }
}
