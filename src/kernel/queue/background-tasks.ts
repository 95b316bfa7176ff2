import { Injectable } from '@nestjs/common';
import { describeError } from '../errors/describe.js';
import { Logger } from '../observability/logger.js';

/** Work that goes on by itself: pollers, sweepers, timers. */
export interface BackgroundTask {
  readonly name: string;
  /** Begins. Must not throw; failures are the task's own to log and try again. */
  start(): void;
  /** Takes nothing new, waits for what is in flight. */
  stop(): Promise<void>;
}

/**
 * Modules register their tasks at boot; the kernel starts them where the process's role has workers, and stops them
 * before the database pools close.
 */
@Injectable()
export class BackgroundTasks {
  private readonly tasks: BackgroundTask[] = [];
  private running = false;

  constructor(private readonly logger: Logger) {}

  register(task: BackgroundTask): void {
    this.tasks.push(task);
    if (this.running) task.start();
  }

  start(): void {
    this.running = true;
    for (const task of this.tasks) task.start();
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    this.running = false;
    await Promise.all(
      this.tasks.map((task) =>
        task.stop().catch((error: unknown) => {
          this.logger.error({ task: task.name, error: describeError(error) }, 'a background task did not stop cleanly');
        }),
      ),
    );
  }
}
