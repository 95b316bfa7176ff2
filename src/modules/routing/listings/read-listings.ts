/**
 * Reads gateways' own books for reconciliation, page by page, behind everything else that an account is asked for: one listing per
 * account at a time, one call at a time, with a pause as long as the call took, and none while payments wait for the account. Books have
 * connections of their own, and how they fare is no evidence about charges: no breaker hears of it.
 *
 * A page is announced in the transaction that moves the cursor. A process that dies leaves a lease, and whoever takes the listing up
 * next asks for the page at the cursor again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../../kernel/database/database.js';
import { describeError } from '../../../kernel/errors/describe.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import type { NewEvent } from '../../../kernel/outbox/event.js';
import type { BackgroundTask } from '../../../kernel/queue/background-tasks.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import type { GatewayAccounts } from '../gateway-accounts.js';
import type { GatewayAccount, GatewayAdapter } from '../gateways/gateway-adapter.js';
import type { BooksQuery, GatewayBooks, GatewayFloat, Page } from '../gateways/gateway-parts.js';
import { failed, type Failed } from '../gateways/pages.js';
import { announcedEnd, announcedPages, type ReadPage } from './announce.js';
import { pauseAfterFailure, type Listing, type ListingEnd, type ListingSchedule } from './listing.js';
import { advanceListing, claimListing, endListing, LostListing, postponeListing } from './listings.store.js';

export interface ReadListingsOptions {
  readonly database: Database;
  readonly accounts: Pick<GatewayAccounts, 'byId'>;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly logger: Logger;
  readonly schedule: ListingSchedule;
  readonly readTimeoutMs: number;
  /** Pause between looks, in ms. */
  readonly pollEveryMs?: number;
  /** Whether calls for payments, refunds or payouts wait for the account in this process. */
  isBusy(accountId: string): boolean;
  onCall(gateway: string, what: Listing['what'], outcome: 'page' | 'failed', seconds: number): void;
  onEnded(gateway: string, what: Listing['what'], outcome: ListingEnd): void;
}

/** A listing is begun late by at most this, in ms; an idle look costs one index probe. */
const POLL_EVERY_MS = 1_000;
/** Accounts whose books a process reads at once: pages of up to 4 MB are in memory for each. */
const AT_ONCE = 4;
/** What a page may take beyond its call, in ms: being written down, twice. */
const LEASE_MARGIN_MS = 15_000;
/** The pause after a call is as long as it took, and no longer than this, in ms. */
const LONGEST_BREATH_MS = 1_000;
/** A million lines at fifty a page: beyond it the gateway leads us in a circle. */
const MAX_CALLS = 20_000;

/** What a call for a page came to. */
type Answer = { readonly kind: 'page'; readonly events: readonly NewEvent[]; readonly next: string | null } | Failed;

/** Asks for the page at the listing's cursor. */
type Book = (listing: Listing) => Promise<Answer>;

export class ReadListings implements BackgroundTask {
  readonly name = 'routing.read_listings';
  private readonly loop: IntervalTask;
  private readonly inHand = new Set<Promise<void>>();
  private stopping = new AbortController();

  constructor(private readonly options: ReadListingsOptions) {
    this.loop = new IntervalTask({
      name: this.name,
      everyMs: Math.min(options.pollEveryMs ?? POLL_EVERY_MS, POLL_EVERY_MS),
      logger: options.logger,
      run: () => this.run(),
    });
  }

  start(): void {
    this.stopping = new AbortController();
    this.loop.start();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop.stop();
    await Promise.all(this.inHand);
  }

  poke(): void {
    this.loop.poke();
  }

  /** One look: takes up what is due, as far as there are hands. */
  async run(): Promise<void> {
    while (this.inHand.size < AT_ONCE && !this.stopping.signal.aborted) {
      const listing = await claimListing(this.options.database, this.leaseMs);
      if (listing === undefined) return;
      const reading = this.read(listing).finally(() => {
        this.inHand.delete(reading);
        this.loop.poke();
      });
      this.inHand.add(reading);
    }
  }

  /** Until what was in hand is read, given back or given up: for tests. */
  async settled(): Promise<void> {
    await Promise.all(this.inHand);
  }

  private get leaseMs(): number {
    return this.options.readTimeoutMs + LEASE_MARGIN_MS;
  }

  /** Never rejects: what cannot be written down now is taken up again when the lease has run out. */
  private async read(listing: Listing): Promise<void> {
    try {
      await this.readOn(listing);
    } catch (error) {
      const about = { listing: listing.id, gatewayAccountId: listing.gatewayAccountId, error: describeError(error) };
      if (error instanceof LostListing) this.options.logger.info(about, 'a listing was withdrawn, or taken over');
      else this.options.logger.warn(about, 'a listing could not be read on');
    }
  }

  private async readOn(taken: Listing): Promise<void> {
    const { database, accounts, adapters, schedule, isBusy, onCall } = this.options;
    const account = await accounts.byId(taken.gatewayAccountId);
    const adapter = account && adapters.get(account.gateway);
    if (account === undefined || adapter === undefined)
      return this.end(taken, 'unknown', 'failed', account === undefined ? 'unknown_account' : 'unknown_gateway');
    const book = this.bookOf(adapter, account, taken.what);
    if (book === undefined) return this.end(taken, account.gateway, 'not_supported', null);
    const { signal } = this.stopping;
    for (let listing = taken; ;) {
      if (signal.aborted) return postponeListing(database, listing, { pauseMs: 0, failure: null });
      if (isBusy(account.id)) return this.putOff(listing, account.gateway, 'account_busy', schedule.busyPauseMs);
      const startedAt = performance.now();
      const answer = await book(listing).catch((error: unknown) => this.unreadable(listing, error));
      const tookMs = performance.now() - startedAt;
      onCall(account.gateway, listing.what, answer.kind, tookMs / 1_000);
      if (answer.kind === 'failed') {
        const pauseMs = pauseAfterFailure(schedule, listing.tries, answer.retryAfterMs);
        return this.putOff(listing, account.gateway, answer.code, pauseMs);
      }
      const circle = isCircle(listing, answer.next);
      if (circle !== undefined) return this.end(listing, account.gateway, 'failed', circle);
      const pages = answer.events.length;
      await this.keep(listing, answer, adapter.books?.covers ?? []);
      if (answer.next === null) return this.ended(listing, account.gateway, 'complete', null);
      listing = {
        ...listing,
        cursor: answer.next,
        calls: listing.calls + 1,
        pages: listing.pages + pages,
        tries: 0,
        progressAt: new Date(),
      };
      await sleep(Math.min(tookMs, LONGEST_BREATH_MS), undefined, { signal }).catch(() => undefined);
    }
  }

  /** How to ask for a page; undefined where the gateway's API has no such list. */
  private bookOf(adapter: GatewayAdapter, account: GatewayAccount, what: Listing['what']): Book | undefined {
    const [currency] = adapter.capabilities.currencies;
    if (currency === undefined) return undefined;
    const query = ({ from, to, cursor }: Listing): BooksQuery => ({
      from,
      to,
      cursor,
      currency,
      timeoutMs: this.options.readTimeoutMs,
    });
    const { books, float } = adapter;
    if (what === 'balances') return float && ((at) => this.balances(at, account, float));
    if (what === 'transactions') {
      const list = books?.listTransactions?.bind(books);
      return list && (async (at) => told(at, await list(account, query(at)), (items) => ({ what, items })));
    }
    const list = books?.listSettlements?.bind(books);
    return list && (async (at) => told(at, await list(account, query(at)), (items) => ({ what, items })));
  }

  /** All on one page. */
  private async balances(listing: Listing, account: GatewayAccount, float: GatewayFloat): Promise<Answer> {
    const result = await float.balances(account, this.options.readTimeoutMs);
    if (result.kind === 'failed') return failed(result.code);
    return {
      kind: 'page',
      events: announcedPages(listing, { what: 'balances', items: result.balances }),
      next: null,
    };
  }

  /** A page that cannot be told (an amount beyond sense) is as good as none. */
  private unreadable(listing: Listing, error: unknown): Failed {
    this.options.logger.warn({ listing: listing.id, error: describeError(error) }, 'a page of books could not be read');
    return failed('unreadable_page');
  }

  private async keep(
    listing: Listing,
    { events, next }: Extract<Answer, { kind: 'page' }>,
    covers: GatewayBooks['covers'],
  ): Promise<void> {
    await this.options.database.transaction(async (tx) => {
      await advanceListing(tx, listing, { cursor: next, pages: events.length, leaseMs: this.leaseMs });
      await appendEvents(tx, events);
      if (next !== null) return;
      await endListing(tx, listing, 'complete', null);
      const pages = listing.pages + events.length;
      const covered = listing.what === 'transactions' ? covers : [];
      await appendEvents(tx, [announcedEnd(listing, { outcome: 'complete', code: null, pages, covers: covered })]);
    });
  }

  /** Later, from where it is; not at all when it has stood still for too long by then. */
  private async putOff(listing: Listing, gateway: string, code: string, pauseMs: number): Promise<void> {
    const { database, schedule, logger } = this.options;
    const stoodMs = Date.now() - listing.progressAt.getTime() + pauseMs;
    if (stoodMs > schedule.patienceMs) return this.end(listing, gateway, 'failed', code);
    await postponeListing(database, listing, { pauseMs, failure: code === 'account_busy' ? null : code });
    logger.info({ listing: listing.id, gateway, code, pauseMs }, 'a listing is read on later');
  }

  private async end(listing: Listing, gateway: string, outcome: ListingEnd, code: string | null): Promise<void> {
    const end = { outcome, code, pages: listing.pages, covers: [] };
    await this.options.database.transaction(async (tx) => {
      await endListing(tx, listing, outcome, code);
      await appendEvents(tx, [announcedEnd(listing, end)]);
    });
    this.ended(listing, gateway, outcome, code);
  }

  private ended(listing: Listing, gateway: string, outcome: ListingEnd, code: string | null): void {
    this.options.onEnded(gateway, listing.what, outcome);
    this.options.logger[outcome === 'failed' ? 'warn' : 'info'](
      { listing: listing.id, gateway, what: listing.what, outcome, code },
      'a listing has ended',
    );
  }
}

/** Why a listing that says where it goes on would not end; undefined when it may. */
function isCircle(listing: Listing, next: string | null): string | undefined {
  if (next === null) return undefined;
  if (next === listing.cursor) return 'cursor_stands_still';
  return listing.calls + 1 >= MAX_CALLS ? 'too_many_pages' : undefined;
}

/** A gateway's page, as it is announced. */
function told<Item>(listing: Listing, page: Page<Item>, as: (items: readonly Item[]) => ReadPage): Answer {
  if (page.kind === 'failed') return page;
  return { kind: 'page', events: announcedPages(listing, as(page.items)), next: page.next };
}
