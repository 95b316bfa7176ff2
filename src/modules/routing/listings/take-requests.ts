/** Consumes listing_requested and listing_withdrawn: writes down what is to be read. */
import { listingRequested, type listingWithdrawn } from '../../../contracts/reconciliation.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import type { EventHandler } from '../../../kernel/outbox/consumer.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import type { ListingRequest } from './listing.js';
import { cancelListings, insertListings } from './listings.store.js';

export class TakeListingRequests implements EventHandler {
  constructor(private readonly onTaken: () => void) {}

  /** Requests first: one that is withdrawn in the same batch is never begun. A withdrawal that is heard before its request saves nothing and harms nothing. */
  async handle(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
    const requests = events.filter(({ type }) => type === listingRequested.type);
    const withdrawals = events.filter(({ type }) => type !== listingRequested.type);
    await insertListings(tx, requests.map(requestOf));
    await cancelListings(
      tx,
      withdrawals.map(({ payload }) => (payload as PayloadOf<typeof listingWithdrawn>).listing_id),
    );
    tx.afterCommit(this.onTaken);
  }
}

function requestOf({ id, headers, payload }: StoredEvent): ListingRequest {
  const { listing_id, gateway_account_id, what, from, to } = payload as PayloadOf<typeof listingRequested>;
  return {
    id: listing_id,
    gatewayAccountId: gateway_account_id,
    what,
    from: new Date(from),
    to: new Date(to),
    causedBy: id,
    headers,
  };
}
