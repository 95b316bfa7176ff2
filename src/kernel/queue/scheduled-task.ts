import { Queue, Worker, type QueueOptions, type RepeatOptions } from 'bullmq';
import type { Env } from '../../config/env.js';
import { describeError } from '../errors/describe.js';
import type { Logger } from '../observability/logger.js';
import type { BackgroundTask } from './background-tasks.js';
import { IntervalTask } from './interval-task.js';
import { queueOptions, workerConnection } from './queue-backend.js';

export interface ScheduledTaskOptions {
  readonly env: Env;
  /** `<module>.<what it does>`; also the name of its queue and its scheduler. */
  readonly name: string;
  /** A cron pattern, by UTC; or every so many ms. */
  readonly repeat: Pick<RepeatOptions, 'pattern'> | Pick<RepeatOptions, 'every'>;
  readonly logger: Logger;
  /**
   * Called once per occasion, by one of the processes that run the task, as far as the queue can promise that: what it does must be safe to do
   * twice.
   */
  run(): Promise<void>;
}

/** How often the schedule is written again, in ms: the queue's store may have lost it. */
const RESTATE_EVERY_MS = 600_000;
/** An occasion that fails is tried again, over a quarter of an hour. */
const JOB_OPTIONS = {
  attempts: 8,
  backoff: { type: 'exponential', delay: 5_000 },
  removeOnComplete: true,
  removeOnFail: { count: 50 },
} as const;

/** Work by the clock: a BullMQ job scheduler, on whichever store the queues are. Replicas share one schedule. */
export class ScheduledTask implements BackgroundTask {
  readonly name: string;
  private queue: Queue | undefined;
  private worker: Worker | undefined;
  private readonly stating: IntervalTask;

  constructor(private readonly options: ScheduledTaskOptions) {
    this.name = options.name;
    this.stating = new IntervalTask({
      name: options.name,
      everyMs: RESTATE_EVERY_MS,
      logger: options.logger,
      run: () => this.state(),
    });
  }

  start(): void {
    if (this.queue !== undefined) return;
    const { env, name, logger } = this.options;
    const options: QueueOptions = queueOptions(env);
    this.queue = new Queue(name, options);
    this.worker = new Worker(name, () => this.options.run(), {
      ...options,
      connection: workerConnection(options, env),
      concurrency: 1,
      autorun: false,
    });
    const trouble = (error: Error): void =>
      logger.debug({ task: name, error: error.message }, 'a schedule has trouble with its store');
    this.queue.on('error', trouble);
    this.worker.on('error', trouble);
    this.worker.on('failed', (_, error) =>
      logger.warn({ task: name, error: describeError(error) }, 'scheduled work failed and will be tried again'),
    );
    this.stating.start();
    this.worker.run().catch((error: unknown) => {
      logger.error({ task: name, error: describeError(error) }, 'a schedule ended');
    });
  }

  async stop(): Promise<void> {
    await this.stating.stop();
    await this.worker?.close();
    await this.queue?.close();
    this.queue = undefined;
    this.worker = undefined;
  }

  /** The same schedule stated again changes nothing. */
  private async state(): Promise<void> {
    const { name, repeat } = this.options;
    const when = 'pattern' in repeat ? { ...repeat, tz: 'UTC' } : repeat;
    await this.queue?.upsertJobScheduler(name, when, { name, opts: JOB_OPTIONS });
  }
}
