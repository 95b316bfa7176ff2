/**
 * Tells others when a gateway is shut out and when it is let in again. Breakers live in the memory of each process, which hears within seconds what the
 * others saw; a row that changes only where that is news sees to it that one of them tells it.
 */
import { breakerClosed, breakerOpened } from '../../../contracts/routing.events.js';
import type { Database } from '../../../kernel/database/database.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent, type NewEvent } from '../../../kernel/outbox/event.js';
import type { BackgroundTask } from '../../../kernel/queue/background-tasks.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import type { Breakers } from '../breakers.js';
import { segmentKey } from '../choice/segment.js';
import type { GatewayAccounts } from '../gateway-accounts.js';
import type { RoutingAccount } from '../gateway-accounts.store.js';
import { tellClosed, tellOpen, type Told } from './breakers-told.store.js';

export interface TellBreakersOptions {
  readonly database: Database;
  readonly accounts: Pick<GatewayAccounts, 'all'>;
  /** Of charges; of refunds and payouts. */
  readonly breakers: readonly Pick<Breakers, 'known' | 'state' | 'isNetworkDown'>[];
  /** Resolves when this process knows what was known before it began. */
  readonly begun: () => Promise<void>;
  readonly logger: Logger;
  readonly steady?: Steady;
  readonly pollEveryMs?: number;
}

/** For how long something must have been so, in ms, before it is told. */
export interface Steady {
  readonly openMs: number;
  readonly closedMs: number;
}

/** A look costs no query where nothing has changed. */
const POLL_EVERY_MS = 1_000;
/**
 * Open: twice what processes need to hear of each other, so that they agree. Closed: as long as the longest pause before a probe; one that
 * gets through an outage by chance is no end of it.
 */
const STEADY: Steady = { openMs: 3_000, closedMs: 60_000 };

interface Subject {
  readonly key: string;
  /** Null: the network, wherever it is reached. */
  readonly accountId: string | null;
  readonly network: string;
  readonly isOpen: boolean;
}

interface Watched {
  readonly isOpen: boolean;
  readonly sinceMs: number;
  /** A process tells its own changes alone: two that disagree would contradict each other for ever. */
  readonly isTold: boolean;
}

export class TellBreakers implements BackgroundTask {
  readonly name = 'routing.tell_breakers';
  private readonly watched = new Map<string, Watched>();
  private readonly loop: IntervalTask;

  constructor(private readonly options: TellBreakersOptions) {
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

  stop(): Promise<void> {
    return this.loop.stop();
  }

  /** One look. */
  async run(): Promise<void> {
    await this.options.begun();
    const news = this.look(performance.now());
    if (news.length === 0) return;
    const accounts = new Map((await this.options.accounts.all()).map((account) => [account.id, account]));
    const { database, logger } = this.options;
    await database.transaction(async (tx) => {
      const events: NewEvent[] = [];
      // In one order, so that processes that tell the same at once wait for each other and not in a circle.
      for (const subject of news.toSorted((one, other) => (one.key < other.key ? -1 : 1))) {
        const told = subject.isOpen ? await tellOpen(tx, subject.key, subject) : await tellClosed(tx, subject.key);
        const account = subject.accountId === null ? null : accounts.get(subject.accountId);
        if (told !== undefined && account !== undefined) events.push(eventOf(subject, told, account));
      }
      await appendEvents(tx, events);
      tx.afterCommit(() => {
        for (const { type, payload } of events) logger.warn({ breaker: payload }, type);
      });
    });
    for (const { key } of news) {
      const watched = this.watched.get(key);
      if (watched !== undefined) this.watched.set(key, { ...watched, isTold: true });
    }
  }

  /** What has been so for long enough and was not told yet. */
  private look(nowMs: number): Subject[] {
    const { openMs, closedMs } = this.options.steady ?? STEADY;
    return this.subjects().filter(({ key, isOpen }) => {
      const before = this.watched.get(key);
      if (before?.isOpen !== isOpen) {
        this.watched.set(key, { isOpen, sinceMs: nowMs, isTold: false });
        return false;
      }
      return !before.isTold && nowMs - before.sinceMs >= (isOpen ? openMs : closedMs);
    });
  }

  private subjects(): Subject[] {
    return this.options.breakers.flatMap((breakers) => {
      const segments = breakers.known();
      const networks = [...new Set(segments.map(({ network }) => network))];
      return [
        ...segments.map((segment) => ({
          ...segment,
          key: segmentKey(segment),
          isOpen: breakers.state(segment) !== 'closed',
        })),
        ...networks.map((network) => ({
          key: `everywhere ${network}`,
          accountId: null,
          network,
          isOpen: breakers.isNetworkDown(network),
        })),
      ];
    });
  }
}

function eventOf(
  { isOpen, network }: Subject,
  { id, openedAt, closedAt }: Told,
  account: RoutingAccount | null,
): NewEvent {
  const context = { aggregateId: id, merchantId: null, cause: { correlationId: newUuid() } };
  const breaker = {
    gateway_account_id: account?.id ?? null,
    gateway: account?.gateway ?? null,
    account: account?.name ?? null,
    livemode: account?.livemode ?? null,
    network,
    opened_at: openedAt.toISOString(),
  };
  if (isOpen) return newEvent(breakerOpened, context, breaker);
  return newEvent(breakerClosed, context, { ...breaker, closed_at: (closedAt ?? openedAt).toISOString() });
}
