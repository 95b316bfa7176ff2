import { describeError } from '../errors/describe.js';
import type { Logger } from '../observability/logger.js';
import type { BackgroundTask } from './background-tasks.js';

export interface IntervalTaskOptions {
  readonly name: string;
  /** Pause between the end of one run and the start of the next, with 20% jitter so that replicas do not march in step. */
  readonly everyMs: number;
  readonly logger: Logger;
  /** `again: true` asks for the next run at once: there was more than one run could take. */
  run(): Promise<{ again: boolean } | void>;
}

/** A loop with pauses: the usual {@link BackgroundTask}. A failing run is logged and tried again after the pause. */
export class IntervalTask implements BackgroundTask {
  readonly name: string;
  private stopped = true;
  private timer: NodeJS.Timeout | undefined;
  private wake: (() => void) | undefined;
  private loop: Promise<void> = Promise.resolve();
  private poked = false;

  constructor(private readonly options: IntervalTaskOptions) {
    this.name = options.name;
  }

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.loop = this.runUntilStopped();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.poke();
    await this.loop;
  }

  /** Ends the current pause. */
  poke(): void {
    this.poked = true;
    clearTimeout(this.timer);
    this.wake?.();
  }

  private async runUntilStopped(): Promise<void> {
    while (!this.stopped) {
      this.poked = false;
      let again = false;
      try {
        again = (await this.options.run())?.again ?? false;
      } catch (error) {
        this.options.logger.warn(
          { task: this.name, error: describeError(error) },
          'a background run failed and will be tried again',
        );
      }
      if (!again && !this.poked && !this.stopped) await this.pause();
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      this.timer = setTimeout(resolve, this.options.everyMs * (0.8 + Math.random() * 0.4));
    });
  }
}
