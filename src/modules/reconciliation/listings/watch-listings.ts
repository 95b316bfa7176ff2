/**
 * Takes in listings that are whole, each in one commit with the release of the run that waits for it; asks again for what nobody answers, and in the
 * end lets the run go ahead without.
 */
import type { Database } from '../../../kernel/database/database.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { newId } from '../../../kernel/ids/ids.js';
import type { Logger } from '../../../kernel/observability/logger.js';
import { IntervalTask } from '../../../kernel/queue/interval-task.js';
import { lockStaging, publishLines } from '../lines/lines.store.js';
import { moveWaiting, releaseWaiting } from '../runs/runs.store.js';
import { askForListing, giveUpListing, withdrawListing } from './ask-for-listing.js';
import type { ListingPatience } from './listing.js';
import { closeListing, describeSource, findSilent, findWhole, lockOpen, type OpenListing } from './listings.store.js';

/** Who waits for a listing has waited for the gateway; a second more is nothing, in ms. In the same process the end is heard at once. */
const EVERY_MS = 2_000;

/** What nobody answered. */
const NO_ANSWER = 'no_answer';

export interface WatchListingsOptions {
  readonly database: Database;
  readonly logger: Logger;
  readonly patience: ListingPatience;
  /** Runs may begin. Must not throw. */
  onReleased(): void;
  onEnded(listing: OpenListing, outcome: 'complete' | 'failed', code: string | null): void;
}

export class WatchListings extends IntervalTask {
  constructor(options: WatchListingsOptions) {
    super({
      name: 'reconciliation.watch_listings',
      everyMs: EVERY_MS,
      logger: options.logger,
      run: () => watchListings(options),
    });
  }
}

/** One look. */
export async function watchListings(options: WatchListingsOptions): Promise<{ again: boolean }> {
  const { database, patience } = options;
  const whole = await findWhole(database);
  for (const id of whole) await takeIn(options, id);
  for (const id of await findSilent(database, patience.silenceMs)) await askAgain(options, id);
  return { again: whole.length > 0 };
}

async function takeIn({ database, logger, onReleased, onEnded }: WatchListingsOptions, id: string): Promise<void> {
  const taken = await database.transaction(async (tx) => {
    const listing = await lockIf(tx, id, ({ pages, pagesIn }) => pages !== null && pagesIn >= pages);
    if (listing === undefined) return undefined;
    const published = listing.what === 'transactions' ? await publish(tx, listing) : undefined;
    await closeListing(tx, id, 'complete', null);
    return { listing, published };
  });
  if (taken === undefined) return;
  const { listing, published } = taken;
  logger.info({ listing: id, gateway: listing.gateway, what: listing.what, ...published }, 'a listing was taken in');
  onEnded(listing, 'complete', null);
  if (published !== undefined) onReleased();
}

async function publish(tx: Tx, listing: OpenListing) {
  const isStaging = await lockStaging(tx, listing.id);
  await describeSource(tx, listing);
  const published = isStaging ? await publishLines(tx, listing.id) : undefined;
  await releaseWaiting(tx, listing.id);
  return published;
}

/** As a listing of its own, so that what still comes of the first one is nobody's. */
async function askAgain(options: WatchListingsOptions, id: string): Promise<void> {
  const { database, logger, patience, onReleased, onEnded } = options;
  const lost = await database.transaction(async (tx) => {
    const listing = await lockIf(tx, id, () => true);
    if (listing === undefined) return undefined;
    const correlationId = newId('request');
    await giveUpListing(tx, listing, 'failed', NO_ANSWER);
    await withdrawListing(tx, id, correlationId);
    const isAsked = listing.asks < patience.asks;
    if (isAsked) {
      const next = await askForListing(tx, { ...listing, asks: listing.asks + 1 }, correlationId);
      await moveWaiting(tx, id, next);
    } else await releaseWaiting(tx, id);
    return { listing, isAsked };
  });
  if (lost === undefined) return;
  const { listing, isAsked } = lost;
  const about = { listing: id, gateway: listing.gateway, what: listing.what, asks: listing.asks };
  logger.warn(about, isAsked ? 'a listing was not answered and is asked for again' : 'a listing was given up');
  if (isAsked) return;
  onEnded(listing, 'failed', NO_ANSWER);
  onReleased();
}

async function lockIf(tx: Tx, id: string, isSo: (listing: OpenListing) => boolean): Promise<OpenListing | undefined> {
  const [listing] = await lockOpen(tx, [id]);
  return listing !== undefined && isSo(listing) ? listing : undefined;
}
