/** What gateways' books say, as events: in pages of a bounded size, without persons. Pure. */
import {
  balancesListed,
  listingEnded,
  MAX_LISTED,
  settlementsListed,
  transactionsListed,
  type ListedLine,
  type ListedSettlement,
} from '../../../contracts/routing.events.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { newEvent, type EventContext, type NewEvent } from '../../../kernel/outbox/event.js';
import type { GatewayBalance, GatewayBooks, GatewaySettlement, GatewayTransaction } from '../gateways/gateway-parts.js';
import type { Listing, ListingEnd } from './listing.js';

/** A page of a gateway's books, whatever it is of. */
export type ReadPage =
  | { readonly what: 'transactions'; readonly items: readonly GatewayTransaction[] }
  | { readonly what: 'settlements'; readonly items: readonly GatewaySettlement[] }
  | { readonly what: 'balances'; readonly items: readonly GatewayBalance[] };

type Announced = Pick<Listing, 'id' | 'causedBy' | 'headers' | 'pages' | 'askedAt'>;

/** As many events as the page needs; none for an empty one. They are numbered from `listing.pages` on. */
export function announcedPages(listing: Announced, page: ReadPage): readonly NewEvent[] {
  const at = (index: number) => ({
    listing_id: listing.id,
    page: listing.pages + index,
    told_at: listing.askedAt.toISOString(),
  });
  const context = contextOf(listing);
  switch (page.what) {
    case 'transactions':
      return chunks(page.items.map(listedLineOf)).map((lines, index) =>
        newEvent(transactionsListed, context, { ...at(index), lines }),
      );
    case 'settlements':
      return chunks(page.items.map(listedSettlementOf)).map((settlements, index) =>
        newEvent(settlementsListed, context, { ...at(index), settlements }),
      );
    case 'balances':
      return chunks(page.items.map(listedBalanceOf)).map((balances, index) =>
        newEvent(balancesListed, context, { ...at(index), balances }),
      );
  }
}

/** @param pages how many were announced */
export function announcedEnd(
  listing: Announced,
  end: {
    readonly outcome: ListingEnd;
    readonly code: string | null;
    readonly pages: number;
    readonly covers: GatewayBooks['covers'];
  },
): NewEvent {
  return newEvent(listingEnded, contextOf(listing), {
    listing_id: listing.id,
    outcome: end.outcome,
    code: end.code,
    pages: end.pages,
    covers: [...end.covers],
    told_at: end.outcome === 'complete' ? listing.askedAt.toISOString() : null,
  });
}

export function listedLineOf(line: GatewayTransaction): ListedLine {
  const { id, reference, kind, status, currency } = line;
  return {
    id,
    reference,
    kind,
    status,
    amount: toJsonAmount(line.amountMinor),
    fee: line.feeMinor === null ? null : toJsonAmount(line.feeMinor),
    currency,
    occurred_at: line.occurredAt.toISOString(),
  };
}

function listedSettlementOf(settlement: GatewaySettlement): ListedSettlement {
  const { id, status, currency } = settlement;
  return {
    id,
    status,
    currency,
    gross: toJsonAmount(settlement.grossMinor),
    fees: toJsonAmount(settlement.feesMinor),
    net: toJsonAmount(settlement.netMinor),
    settled_at: settlement.settledAt?.toISOString() ?? null,
    bank_reference: settlement.bankReference,
  };
}

const listedBalanceOf = ({ currency, availableMinor }: GatewayBalance) => ({
  currency,
  available: toJsonAmount(availableMinor),
});

function contextOf({ id, causedBy, headers }: Announced): EventContext {
  return { aggregateId: id, merchantId: null, cause: { id: causedBy, headers } };
}

function chunks<Item>(items: readonly Item[]): Item[][] {
  const parts: Item[][] = [];
  for (let from = 0; from < items.length; from += MAX_LISTED) parts.push(items.slice(from, from + MAX_LISTED));
  return parts;
}
