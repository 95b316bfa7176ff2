/**
 * Consumes what routing tells of gateways' books. Pages come in any order, and one may come twice: each is kept once, and a listing is whole
 * when its end has said how many there are and as many are in. Of a listing that is over, nothing is kept.
 */
import {
  balancesListed,
  listingEnded,
  settlementsListed,
  transactionsListed,
  type ListedLine,
} from '../../../contracts/routing.events.js';
import { groupBy } from '../../../kernel/collections/group-by.js';
import type { Tx } from '../../../kernel/database/tx.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { LineIds, stagedLine } from '../lines/line.js';
import { stageLines } from '../lines/lines.store.js';
import { releaseWaiting } from '../runs/runs.store.js';
import { giveUpListing } from './ask-for-listing.js';
import { latest, lineOf, ordinalOf, type ToldSettlement } from './listed.js';
import { keepPages, lockOpen, noteEnd, noteHeard, type HeardPage, type OpenListing } from './listings.store.js';
import { keepBalances, type ToldBalance } from '../safeguarding/gateway-balances.store.js';
import { upsertSettlements } from '../settlements/settlements.store.js';

interface Page extends HeardPage {
  readonly lines: readonly ListedLine[];
  readonly settlements: readonly ToldSettlement[];
  readonly balances: readonly ToldBalance[];
}

const EMPTY = { lines: [], settlements: [], balances: [] } as const;

type End = PayloadOf<typeof listingEnded>;

export interface KeepListingsOptions {
  /** Told after the commit. Must not throw. */
  onHeard(): void;
  onEnded(listing: OpenListing, outcome: 'not_supported' | 'failed', code: string | null): void;
}

export class KeepListings implements EventHandler {
  constructor(private readonly options: KeepListingsOptions) {}

  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const pages = events.flatMap(pageIn);
    const ends = events.flatMap(endIn);
    const ids = [...new Set([...pages.map(({ listingId }) => listingId), ...ends.map((end) => end.listing_id)])];
    const open = new Map((await lockOpen(tx, ids)).map((listing) => [listing.id, listing]));
    await this.keep(
      tx,
      open,
      pages.filter(({ listingId }) => open.has(listingId)),
    );
    for (const end of ends) {
      const listing = open.get(end.listing_id);
      if (listing !== undefined) await this.end(tx, listing, end);
    }
    tx.afterCommit(() => this.options.onHeard());
  }

  private async keep(tx: Tx, open: ReadonlyMap<string, OpenListing>, pages: readonly Page[]): Promise<void> {
    const known = new Map(pages.map((page) => [keyOf(page), page]));
    const fresh = (
      await keepPages(
        tx,
        [...known.values()].map(({ listingId, page }) => ({ listingId, page })),
      )
    ).flatMap((each) => known.get(keyOf(each)) ?? []);
    for (const [listingId, heard] of groupBy(fresh, (page) => page.listingId)) {
      const account = open.get(listingId)?.gatewayAccountId;
      if (account === undefined) continue;
      // A line of a listing has the gateway's id, so that its own does not depend on those before it.
      const lineIds = new LineIds(account);
      for (const { page, lines } of heard)
        await stageLines(
          tx,
          listingId,
          lines.map((line, index) => stagedLine(lineOf(line, ordinalOf(page, index)), lineIds)),
        );
    }
    await upsertSettlements(
      tx,
      latest(
        fresh.flatMap(({ settlements }) => settlements),
        (id) => open.get(id)?.gatewayAccountId,
      ),
    );
    await keepBalances(
      tx,
      fresh.flatMap(({ listingId, balances }) => {
        const gatewayAccountId = open.get(listingId)?.gatewayAccountId;
        return gatewayAccountId === undefined ? [] : balances.map((each) => ({ ...each, gatewayAccountId }));
      }),
    );
    await noteHeard(
      tx,
      [...groupBy(fresh, (page) => page.listingId)].map(([id, heard]) => ({
        id,
        pages: heard.length,
        items: heard.reduce((sum, page) => sum + page.lines.length + page.settlements.length + page.balances.length, 0),
      })),
    );
  }

  private async end(tx: Tx, listing: OpenListing, end: End): Promise<void> {
    const { outcome, code } = end;
    if (outcome === 'complete') return noteEnd(tx, listing.id, { ...end, toldAt: end.told_at });
    await giveUpListing(tx, listing, outcome, code);
    await releaseWaiting(tx, listing.id);
    tx.afterCommit(() => this.options.onEnded(listing, outcome, code));
  }
}

const keyOf = ({ listingId, page }: HeardPage): string => `${listingId} ${page}`;

function pageIn({ type, payload }: StoredEvent): readonly Page[] {
  if (type === transactionsListed.type) {
    const { listing_id: listingId, page, lines } = payload as PayloadOf<typeof transactionsListed>;
    return [{ ...EMPTY, listingId, page, lines }];
  }
  if (type === settlementsListed.type) {
    const { listing_id: listingId, page, told_at, settlements } = payload as PayloadOf<typeof settlementsListed>;
    const told = settlements.map((each) => ({ ...each, listingId, toldAt: told_at }));
    return [{ ...EMPTY, listingId, page, settlements: told }];
  }
  if (type === balancesListed.type) {
    const { listing_id: listingId, page, told_at: toldAt, balances } = payload as PayloadOf<typeof balancesListed>;
    return [{ ...EMPTY, listingId, page, balances: balances.map((each) => ({ ...each, toldAt })) }];
  }
  return [];
}

function endIn({ type, payload }: StoredEvent): readonly End[] {
  return type === listingEnded.type ? [payload as End] : [];
}
