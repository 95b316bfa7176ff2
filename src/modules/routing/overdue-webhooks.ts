/**
 * Asks about attempts whose webhook should have come by now. In the memory of the process that sent them, as haste only: what must not be forgotten
 * is the schedule's (`resolve-unknowns.ts`), which goes on as if nothing had been asked here.
 */
import type { Database } from '../../kernel/database/database.js';
import { earliestUuid } from '../../kernel/ids/ids.js';
import type { Logger } from '../../kernel/observability/logger.js';
import type { BackgroundTask } from '../../kernel/queue/background-tasks.js';
import { IntervalTask } from '../../kernel/queue/interval-task.js';
import type { PaymentMethod } from '../../contracts/shared.js';
import type { AttemptOfPayment } from './attempt-rows.store.js';
import type { AttemptQueries } from './query-attempts.js';
import { RetryBudgets } from './retry-budgets.js';
import { findWithoutEnd, readLags } from './webhook-lags.store.js';
import { WebhookLags } from './webhook-lags.js';

export interface OverdueWebhooksOptions {
  readonly database: Database;
  readonly queries: Pick<AttemptQueries, 'query' | 'saturated'>;
  readonly logger: Logger;
  /** A webhook has not come in its usual time. */
  onOverdue(gateway: string): void;
  /** Pause between looks, in ms. */
  readonly pollEveryMs?: number;
  /** How long a webhook is left to be acted upon before it is learned from, in ms. */
  readonly learnAfterMs?: number;
}

export interface Sent {
  readonly attemptId: string;
  readonly accountId: string;
  readonly method: PaymentMethod['type'];
  /** `performance.now()` when its charge was sent. */
  readonly sentAtMs: number;
}

interface Watched extends Sent {
  dueAtMs: number;
  questions: number;
}

/** A question is late by at most this, in ms. */
const POLL_EVERY_MS = 250;
/** What came since is learned this often, in ms. */
const LEARN_EVERY_MS = 5_000;
const LEARN_AFTER_MS = 5_000;
/** Rows read when a process starts, and each time after that: the newest ones say how it is now. */
const LEARNED_AT_FIRST = 5_000;
const LEARNED_AT_ONCE = 500;
/** Attempts watched in one process, at 200 bytes each; those beyond have the schedule. */
const MAX_WATCHED = 20_000;
/** Attempts whose rows are read in one look. */
const BATCH = 250;
/** Questions about one attempt, each after twice the time of the one before: it may be the customer who takes long. */
const MAX_QUESTIONS = 3;
/** A check of the schedule that is as near as this, in ms, will do. */
const CHECK_IS_NEAR_MS = 500;
/** Webhooks of one attempt beyond the first are no lag of it; they come within seconds of each other, so so many attempts are enough to know. */
const MAX_SEEN = 10_000;

export class OverdueWebhooks implements BackgroundTask {
  readonly name = 'routing.overdue_webhooks';
  readonly lags = new WebhookLags();
  private readonly watched = new Map<string, Watched>();
  /** The first question takes the place of the one that the webhook would have set off; further ones are paid from here. */
  private readonly budgets = new RetryBudgets();
  private readonly inHand = new Set<Promise<unknown>>();
  private readonly seen = new Set<string>();
  private learnedUpTo = earliestUuid(0);
  private learnAt = Number.NEGATIVE_INFINITY;
  private readonly loop: IntervalTask;

  constructor(private readonly options: OverdueWebhooksOptions) {
    this.loop = new IntervalTask({
      name: this.name,
      everyMs: options.pollEveryMs ?? POLL_EVERY_MS,
      logger: options.logger,
      run: () => this.run(),
    });
  }

  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
    await Promise.allSettled(this.inHand);
  }

  /** A charge was sent and has no end yet. */
  watch(sent: Sent): void {
    const overdueAfterMs = this.lags.overdueAfterMs(sent.accountId, sent.method);
    if (overdueAfterMs === undefined || this.watched.size >= MAX_WATCHED) return;
    this.budgets.sent(sent.accountId);
    this.watched.set(sent.attemptId, { ...sent, dueAtMs: sent.sentAtMs + overdueAfterMs, questions: 0 });
  }

  /** It has ended. */
  unwatch(attemptId: string): void {
    this.watched.delete(attemptId);
  }

  /** One look. */
  async run(): Promise<{ again: boolean }> {
    await this.learn();
    const now = performance.now();
    const busy = new Set(this.options.queries.saturated());
    const due: Watched[] = [];
    for (const each of this.watched.values()) {
      if (each.dueAtMs > now || busy.has(each.accountId)) continue;
      due.push(each);
      if (due.length === BATCH) break;
    }
    if (due.length === 0) return { again: false };
    const found = await findWithoutEnd(
      this.options.database,
      due.map((each) => each.attemptId),
    );
    const waiting = new Map(found.map((each) => [each.attempt.id, each]));
    for (const each of due) {
      const target = waiting.get(each.attemptId);
      if (target === undefined) this.unwatch(each.attemptId);
      else this.consider(each, target, now);
    }
    return { again: due.length === BATCH };
  }

  private consider(watched: Watched, target: AttemptOfPayment, now: number): void {
    const { attemptId, accountId } = watched;
    if (watched.questions === 0) this.options.onOverdue(target.attempt.gateway);
    const checkInMs = (target.attempt.nextCheckAt?.getTime() ?? Number.POSITIVE_INFINITY) - Date.now();
    const isChecked = checkInMs > 0 && checkInMs <= CHECK_IS_NEAR_MS;
    if (!isChecked && (watched.questions === 0 || this.budgets.take(accountId))) {
      const question = this.options.queries
        .query(target, { source: 'question' })
        .finally(() => this.inHand.delete(question));
      this.inHand.add(question);
    }
    watched.questions += 1;
    watched.dueAtMs = now + (now - watched.sentAtMs);
    if (watched.questions === MAX_QUESTIONS) this.unwatch(attemptId);
  }

  /** What all processes have received, so that one that receives none knows it too, and a restart forgets nothing. */
  private async learn(): Promise<void> {
    const now = performance.now();
    if (now < this.learnAt) return;
    const isFirst = this.learnAt === Number.NEGATIVE_INFINITY;
    const upTo = earliestUuid(Date.now() - (this.options.learnAfterMs ?? LEARN_AFTER_MS));
    const limit = isFirst ? LEARNED_AT_FIRST : LEARNED_AT_ONCE;
    const lags = await readLags(this.options.database, this.learnedUpTo, upTo, limit);
    this.learnedUpTo = upTo;
    this.learnAt = now + Math.min(LEARN_EVERY_MS, this.options.learnAfterMs ?? LEARN_EVERY_MS);
    for (const lag of lags) {
      if (this.seen.has(lag.attemptId)) continue;
      this.seen.add(lag.attemptId);
      this.lags.add(lag);
    }
    // Sets keep their order: the oldest go.
    for (const id of this.seen) {
      if (this.seen.size <= MAX_SEEN) break;
      this.seen.delete(id);
    }
  }
}
