/** For callers who wait (`Prefer: wait`): told at once by this process's own consumer, and by a poll of what other processes did. */
import { describeError } from '../../kernel/errors/describe.js';
import type { Logger } from '../../kernel/observability/logger.js';

/** One query for all who wait; often enough that waiting in another process than the worker costs little. */
const POLL_MS = 40;
/** Things of one kind that may be waited for at once in one process; beyond it callers are answered 202 at once. */
const MAX_WAITING = 5_000;

type Resolve<T> = (settled: T | undefined) => void;

export interface OutcomesOptions<T> {
  /** For the log: `payments`. */
  readonly what: string;
  readonly logger: Logger;
  isSettled(thing: T): boolean;
  /** Those of these ids that are settled. */
  findSettled(ids: readonly string[]): Promise<readonly T[]>;
}

/** The outcomes of one kind of thing: payments, refunds or payouts. */
export class Outcomes<T extends { readonly id: string }> {
  private readonly waiting = new Map<string, Set<Resolve<T>>>();
  private polling = false;
  private draining = false;

  constructor(private readonly options: OutcomesOptions<T>) {}

  /** It, once it is settled, or undefined when `timeoutMs` have passed. */
  wait(id: string, timeoutMs: number): Promise<T | undefined> {
    if (this.draining || this.waiting.size >= MAX_WAITING) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiters = this.waiting.get(id) ?? new Set<Resolve<T>>();
      const finish: Resolve<T> = (settled) => {
        clearTimeout(timer);
        waiters.delete(finish);
        if (waiters.size === 0) this.waiting.delete(id);
        resolve(settled);
      };
      const timer = setTimeout(finish, timeoutMs, undefined);
      waiters.add(finish);
      this.waiting.set(id, waiters);
      if (!this.polling) void this.poll();
    });
  }

  /** What a commit of this process has moved. */
  settled(moved: readonly T[]): void {
    for (const thing of moved) {
      if (this.options.isSettled(thing)) for (const finish of this.waiting.get(thing.id) ?? []) finish(thing);
    }
  }

  /** Answers everybody with what is known: the process is about to stop. */
  drain(): void {
    this.draining = true;
    for (const waiters of [...this.waiting.values()]) for (const finish of [...waiters]) finish(undefined);
  }

  private async poll(): Promise<void> {
    this.polling = true;
    while (this.waiting.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      try {
        this.settled(await this.options.findSettled([...this.waiting.keys()]));
      } catch (error) {
        this.options.logger.warn(
          { error: describeError(error) },
          `looking for the outcome of ${this.options.what} failed and will be tried again`,
        );
      }
    }
    this.polling = false;
  }
}
