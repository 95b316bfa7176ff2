/** The BullMQ processor of one consumer. Made per consumer, since @nestjs/bullmq finds processors by class. */
import { InjectQueue, Processor, WorkerHost } from '@nestjs/bullmq';
import { Inject, Injectable, type Type } from '@nestjs/common';
import type { Job, Queue, QueueOptions } from 'bullmq';
import { crashPoint } from '../crash-points/crash-points.js';
import { describeError } from '../errors/describe.js';
import { Logger } from '../observability/logger.js';
import { Metrics } from '../observability/metrics.js';
import type { BatchJob } from '../queue/queues.js';
import { ConsumerRegistry, type ConsumerDefinition, type ConsumerRegistration } from './consumer.js';
import { deliverBatch } from './deliver-batch.js';
import { WorkLedger } from './watchdog.js';

/**
 * Batches of one consumer in flight per process: while some commit, the next are prepared. Under load a statement's answer waits
 * for its turn of the event loop, some 30 ms, and a batch has half a dozen of them: with two in flight that was a ceiling.
 */
const CONCURRENCY = 4;
/**
 * How long a job stays a dead process's, in ms: until then its events wait, and customers with them. Short, because a job that is
 * run a second time (its process was only slow) waits for the first at the inbox rows and finds nothing left to do.
 */
const LOCK_MS = 10_000;
/** How every worker is run. */
export const WORKER_OPTIONS = {
  concurrency: CONCURRENCY,
  autorun: false,
  lockDuration: LOCK_MS,
  stalledInterval: LOCK_MS / 2,
} as const;

export abstract class ConsumerProcessor extends WorkerHost {
  abstract readonly consumer: string;
  abstract close(): Promise<void>;
  /** Connected to the queue's store. */
  abstract ready(): Promise<void>;
  abstract run(): void;
}

export function consumerProcessor(
  definition: ConsumerDefinition,
  connection: QueueOptions['connection'],
): Type<ConsumerProcessor> {
  @Processor(definition.name, {
    connection,
    ...WORKER_OPTIONS,
  })
  @Injectable()
  class ProcessorOfOneConsumer extends ConsumerProcessor {
    readonly consumer = definition.name;
    private readonly seconds;
    private readonly events;
    private readonly sizes;

    constructor(
      @Inject(ConsumerRegistry) private readonly registry: ConsumerRegistry,
      @Inject(WorkLedger) private readonly work: WorkLedger,
      @Inject(Logger) private readonly logger: Logger,
      @Inject(Metrics) metrics: Metrics,
      @InjectQueue(definition.name) readonly queue: Queue<BatchJob>,
    ) {
      super();
      this.seconds = metrics.histogram(
        'sankofa_consumer_batch_seconds',
        'Time to apply a batch of events, by consumer',
        ['consumer'],
      );
      this.sizes = metrics.batchSize();
      this.events = metrics.counter('sankofa_consumer_events_total', 'Events by consumer and result', [
        'consumer',
        'result',
      ]);
    }

    async ready(): Promise<void> {
      await this.worker.waitUntilReady();
    }

    /** Starts taking jobs: after every module has registered its handlers. */
    run(): void {
      // Without a listener an 'error' event would end the process; connection trouble is retried by BullMQ itself.
      this.worker.on('error', (error) =>
        this.logger.warn({ consumer: definition.name, error: describeError(error) }, 'a queue worker has trouble'),
      );
      this.worker.run().catch((error: unknown) => {
        this.logger.error({ consumer: definition.name, error: describeError(error) }, 'a queue worker ended');
      });
    }

    /** Takes nothing new and waits for the batches in flight. */
    async close(): Promise<void> {
      await this.worker.close();
    }

    override async process(job: Job<BatchJob>): Promise<void> {
      const registration = this.registration();
      await registration.handler.ready?.();
      const end = this.seconds.startTimer({ consumer: definition.name });
      const result = await deliverBatch(registration, job.data);
      crashPoint('outbox.before_acknowledgement');
      end();
      this.sizes.observe({ batcher: definition.name }, job.data.ids.length);
      this.work.completed(definition.name);
      this.events.inc({ consumer: definition.name, result: 'applied' }, result.applied);
      if (result.failed > 0) this.events.inc({ consumer: definition.name, result: 'failed' }, result.failed);
      if (result.abandoned > 0) {
        this.events.inc({ consumer: definition.name, result: 'abandoned' }, result.abandoned);
        this.logger.error(
          { consumer: definition.name, abandoned: result.abandoned },
          'events were given up on: see the dead letters',
        );
      }
    }

    private registration(): ConsumerRegistration {
      const registration = this.registry.all().find((each) => each.definition.name === definition.name);
      if (registration === undefined) throw new Error(`Nothing is registered for consumer ${definition.name}`);
      return registration;
    }
  }
  Object.defineProperty(ProcessorOfOneConsumer, 'name', { value: `Processor(${definition.name})` });
  return ProcessorOfOneConsumer;
}
