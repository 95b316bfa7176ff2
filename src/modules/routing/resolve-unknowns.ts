/**
 * Goes back for what got lost: takes attempts whose next look is due, asks their gateways, and hands planned ones that nobody
 * sent to the sender. Any number of processes may do this at once.
 */
import { crashPoint } from '../../kernel/crash-points/crash-points.js';
import type { Database } from '../../kernel/database/database.js';
import { newUuid } from '../../kernel/ids/ids.js';
import type { Logger } from '../../kernel/observability/logger.js';
import type { BackgroundTask } from '../../kernel/queue/background-tasks.js';
import { IntervalTask } from '../../kernel/queue/interval-task.js';
import { claimDue, type Traffic } from './attempt-claims.store.js';
import type { AttemptQueries } from './query-attempts.js';
import type { AttemptSender } from './send-attempts.js';

export interface ResolverOptions {
  readonly database: Database;
  /** Whose attempts it looks after. */
  readonly traffic: Traffic;
  readonly queries: AttemptQueries;
  readonly sender: Pick<AttemptSender, 'offer' | 'saturated'>;
  readonly logger: Logger;
  readonly readTimeoutMs: number;
  /** Pause between looks, in ms. */
  readonly pollEveryMs?: number;
}

/** A check is late by at most this, in ms; an idle look costs one index probe. */
const POLL_EVERY_MS = 500;
const BATCH = 200;
/** Checks in hand at once in one process: a backlog after an outage must not fill the memory. */
const MAX_IN_HAND = 1_000;
/** What a check may take beyond the query itself, in ms: waiting for its lane, and being recorded. */
const LEASE_MARGIN_MS = 15_000;

export class UnknownResolver implements BackgroundTask {
  readonly name: string;
  private readonly inHand = new Set<Promise<unknown>>();
  private readonly loop: IntervalTask;

  constructor(private readonly options: ResolverOptions) {
    this.name = options.traffic === 'payments' ? 'routing.resolve_unknowns' : 'routing.resolve_disbursements';
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
    await this.options.queries.stop();
    await Promise.allSettled(this.inHand);
  }

  /** One look. */
  async run(): Promise<{ again: boolean }> {
    const limit = Math.min(BATCH, MAX_IN_HAND - this.inHand.size);
    if (limit <= 0) return { again: false };
    const { database, traffic, queries, sender, readTimeoutMs } = this.options;
    const token = newUuid();
    // A slow gateway's backlog must not keep the others' checks waiting: its attempts stay where they are until its lane has room.
    const busy = [...new Set([...queries.saturated(), ...sender.saturated()])];
    const due = await claimDue(database, limit, token, readTimeoutMs + LEASE_MARGIN_MS, busy, traffic);
    if (due.length > 0) crashPoint('routing.after_check_claim');
    sender.offer(due.filter(({ attempt }) => attempt.status === 'planned'));
    for (const target of due) {
      if (target.attempt.status === 'planned') continue;
      const check = queries.query(target, { source: 'check', token }).finally(() => this.inHand.delete(check));
      this.inHand.add(check);
    }
    return { again: due.length === limit };
  }
}
