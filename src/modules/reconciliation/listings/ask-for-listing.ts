/** Asking for a gateway's own books, as routing hears it; and telling it that they are not wanted any more. */
import { listingRequested, listingWithdrawn } from '../../../contracts/reconciliation.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent } from '../../../kernel/outbox/event.js';
import { abandonSource, insertSource } from '../lines/lines.store.js';
import type { ListingState, NewListing } from './listing.js';
import { closeListing, insertListing } from './listings.store.js';

/** What a listing's source is called. */
const NAME = "the gateway's own list of transactions";

/**
 * Asks, in the caller's transaction. A listing of transactions is a source of lines with the same id, which is empty until it is whole.
 * @param correlationId groups what comes of it
 * @param id of the listing, where the caller has noted it already
 * @returns its id
 */
export async function askForListing(
  tx: Tx,
  about: Omit<NewListing, 'id'>,
  correlationId: string,
  id: string = newUuid(),
): Promise<string> {
  const listing: NewListing = { ...about, id };
  const { what, gatewayAccountId, from, to } = listing;
  await insertListing(tx, listing);
  if (what === 'transactions')
    await insertSource(tx, { ...listing, kind: 'listing', name: NAME, checksum: null, covers: [] });
  await appendEvents(tx, [
    newEvent(
      listingRequested,
      { aggregateId: id, merchantId: null, cause: { correlationId } },
      { listing_id: id, gateway_account_id: gatewayAccountId, what, from: from.toISOString(), to: to.toISOString() },
    ),
  ]);
  return id;
}

/** Ends a listing that brings nothing; its source is given up with it. The caller holds its lock. */
export async function giveUpListing(
  tx: Tx,
  { id, what }: Pick<NewListing, 'id' | 'what'>,
  state: Exclude<ListingState, 'asked' | 'complete'>,
  code: string | null,
): Promise<void> {
  await closeListing(tx, id, state, code);
  if (what === 'transactions') await abandonSource(tx, id, code ?? state);
}

/** Tells routing that it need not read on. */
export async function withdrawListing(tx: Tx, id: string, correlationId: string): Promise<void> {
  const context = { aggregateId: id, merchantId: null, cause: { correlationId } };
  await appendEvents(tx, [newEvent(listingWithdrawn, context, { listing_id: id })]);
}
