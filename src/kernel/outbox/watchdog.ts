/**
 * Ends the process when due work stands and nothing completes. Queue workers have been seen to die silently after an
 * outage of their store; a process that then looks healthy is worse than one that is restarted by its supervisor.
 */
import { Injectable } from '@nestjs/common';
import { describeError } from '../errors/describe.js';
import type { Logger } from '../observability/logger.js';
import { IntervalTask } from '../queue/interval-task.js';
import type { Queues } from '../queue/queues.js';

/** Longer than any healthy batch (statements end after 30 s) and than BullMQ's recovery of stalled jobs. */
const STUCK_AFTER_MS = 150_000;
const EVERY_MS = 10_000;
/** Looks that lie further apart than so many intervals: the store did not answer or this process was frozen, and nothing could complete. */
const MISSED_LOOKS = 3;

/** When each consumer of this process last finished a batch. */
@Injectable()
export class WorkLedger {
  private readonly completedAt = new Map<string, number>();

  completed(consumer: string): void {
    this.completedAt.set(consumer, Date.now());
  }

  lastCompletion(consumer: string): number {
    return this.completedAt.get(consumer) ?? 0;
  }
}

export interface WatchdogOptions {
  /** Consumers with a worker in this process. */
  readonly consumers: readonly string[];
  readonly queues: Queues;
  readonly work: WorkLedger;
  readonly logger: Logger;
  readonly stuckAfterMs?: number;
  /** Pause between looks; given by tests, with a `stuckAfterMs` of theirs. */
  readonly everyMs?: number;
  /** Ends the process; given so that tests can watch it. */
  readonly giveUp: (consumer: string) => void;
}

export class Watchdog extends IntervalTask {
  constructor(options: WatchdogOptions) {
    const everyMs = options.everyMs ?? EVERY_MS;
    const waitingSince = new Map<string, number>();
    let lookedAt = Date.now();
    super({
      name: 'watchdog',
      everyMs,
      logger: options.logger,
      run: async () => {
        await watch(options, waitingSince, () => {
          const now = Date.now();
          if (now - lookedAt > everyMs * MISSED_LOOKS) waitingSince.clear();
          lookedAt = now;
          return now;
        });
      },
    });
  }
}

/** @param look the time, called when a store has answered; forgets what was waiting when the one before is too long ago */
async function watch(options: WatchdogOptions, waitingSince: Map<string, number>, look: () => number): Promise<void> {
  for (const consumer of options.consumers) {
    let waiting: number;
    try {
      const counts = await options.queues.get(consumer)?.getJobCounts('waiting');
      waiting = counts?.['waiting'] ?? 0;
    } catch (error) {
      // The store itself is away: a restart would not help, and the time does not count.
      options.logger.debug({ error: describeError(error) }, 'the watchdog cannot see the queue');
      waitingSince.clear();
      return;
    }
    const now = look();
    if (waiting === 0) {
      waitingSince.delete(consumer);
      continue;
    }
    const since = Math.max(waitingSince.get(consumer) ?? now, options.work.lastCompletion(consumer));
    waitingSince.set(consumer, since);
    if (now - since > (options.stuckAfterMs ?? STUCK_AFTER_MS)) {
      options.logger.error(
        { consumer, waiting, seconds: Math.round((now - since) / 1_000) },
        'due work stands and nothing completes; ending the process',
      );
      options.giveUp(consumer);
    }
  }
}
