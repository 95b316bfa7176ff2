/**
 * Group commit. Callers submit one item each and get one answer each; in between, everything that waits goes to the
 * database together. Self-clocking, no timer: while `concurrency` flushes are in flight, callers queue; when one
 * returns, all that waited (up to `maxBatch`) go in the next. Idle, an item leaves at once; busy, hundreds share a commit.
 */
import { DomainError } from '../errors/domain-error.js';

export interface BatcherOptions<Item, Answer> {
  /** For metrics. */
  readonly name: string;
  /** Most items in one flush: bounds the size of a statement and how long its locks are held. */
  readonly maxBatch: number;
  /** Flushes in flight at once. One keeps batches large; two let the next be prepared while one commits. */
  readonly concurrency: number;
  /** Most items waiting; beyond it callers are told `service.overloaded` at once instead of waiting for nothing. */
  readonly maxWaiting: number;
  /** Answers in the order of the items. Throwing fails every item of the flush, unless `splitOn` says otherwise. */
  flush(items: readonly Item[]): Promise<readonly Answer[]>;
  /**
   * Whether a failure may be the fault of single items: the flush is then halved and tried again until those stand alone, so that one
   * bad item does not take the others with it. Only for flushes that do all or nothing.
   */
  splitOn?(error: unknown): boolean;
  /** Told the size of each flush and how long it took. */
  observe?(size: number, seconds: number): void;
}

/**
 * Callers who are told in one turn of the event loop. What each does next (an answer over HTTP, a call to a gateway) takes some tens of
 * microseconds: hundreds at once would hold up everybody else for tens of milliseconds.
 */
const TOLD_PER_TURN = 32;

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export class Batcher<Item, Answer> {
  private waiting: Waiting<Item, Answer>[] = [];
  private inFlight = 0;
  /** Batches that are written, and whose callers have not all been told. */
  private telling = 0;
  private scheduled = false;
  private idleWaiters: (() => void)[] = [];

  constructor(private readonly options: BatcherOptions<Item, Answer>) {}

  get depth(): number {
    return this.waiting.length;
  }

  submit(item: Item): Promise<Answer> {
    if (this.waiting.length >= this.options.maxWaiting) {
      return Promise.reject(new DomainError('service.overloaded', { retryAfterSeconds: 1 }));
    }
    return new Promise<Answer>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.schedule();
    });
  }

  /** Resolves when nothing waits, nothing is in flight, and all have been told: the last step of a graceful shutdown. */
  drained(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  /** One turn of the event loop later, so that requests parsed from the same socket reads share the first flush too. */
  private schedule(): void {
    if (this.scheduled || this.inFlight >= this.options.concurrency) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      while (this.waiting.length > 0 && this.inFlight < this.options.concurrency) void this.flushNext();
    });
  }

  private async flushNext(): Promise<void> {
    const batch = this.waiting.splice(0, this.options.maxBatch);
    this.inFlight += 1;
    const startedAt = performance.now();
    try {
      await this.settle(batch);
    } finally {
      this.inFlight -= 1;
      this.options.observe?.(batch.length, (performance.now() - startedAt) / 1_000);
      if (this.waiting.length > 0) this.schedule();
      else this.wakeIdle();
    }
  }

  private get isIdle(): boolean {
    return this.waiting.length === 0 && this.inFlight === 0 && this.telling === 0;
  }

  private wakeIdle(): void {
    if (!this.isIdle) return;
    const waiters = this.idleWaiters;
    this.idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  /** The next flush does not wait for it. */
  private tell(batch: readonly Waiting<Item, Answer>[], answers: readonly Answer[], from: number): void {
    const to = from + TOLD_PER_TURN;
    for (const [index, each] of batch.slice(from, to).entries()) each.resolve(answers[from + index] as Answer);
    if (to < batch.length) setImmediate(() => this.tell(batch, answers, to));
    else {
      this.telling -= 1;
      this.wakeIdle();
    }
  }

  /** Never rejects: the callers are told. */
  private async settle(batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.options.flush(batch.map((each) => each.item));
      if (answers.length !== batch.length)
        throw new Error(`${this.options.name}: ${answers.length} answers for ${batch.length} items`);
      this.telling += 1;
      this.tell(batch, answers, 0);
    } catch (error) {
      if (batch.length > 1 && this.options.splitOn?.(error) === true) {
        const middle = Math.ceil(batch.length / 2);
        await this.settle(batch.slice(0, middle));
        await this.settle(batch.slice(middle));
      } else {
        for (const each of batch) each.reject(error);
      }
    }
  }
}
