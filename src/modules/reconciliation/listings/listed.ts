/** What routing tells of a gateway's books, as lines and settlements are kept. Pure. */
import { MAX_LISTED, type ListedLine, type ListedSettlement } from '../../../contracts/routing.events.js';
import type { IncomingLine } from '../lines/line.js';

/** Where a line stands in its listing, whatever the order in which pages are heard. */
export function ordinalOf(page: number, index: number): number {
  return page * MAX_LISTED + index;
}

/** Listings name no settlement and no further handles: what identifies a line there is its id and our reference. */
export function lineOf(listed: ListedLine, ordinal: number): IncomingLine {
  const { id, reference, kind, status, currency, occurred_at } = listed;
  const amountMinor = BigInt(listed.amount);
  const feeMinor = listed.fee === null ? null : BigInt(listed.fee);
  return {
    line: ordinal,
    id,
    reference,
    handles: {},
    kind,
    status,
    amountMinor,
    feeMinor,
    // What a charge brings us; of money that goes out, gateways differ in whether the fee is within it.
    netMinor: kind === 'charge' && feeMinor !== null ? amountMinor - feeMinor : null,
    currency,
    occurredAt: new Date(occurred_at),
    settlementId: null,
    description: null,
  };
}

/** A settlement as one listing tells it. */
export interface ToldSettlement extends ListedSettlement {
  readonly listingId: string;
  readonly toldAt: string;
}

/** One entry per settlement and account: what was told last. */
export function latest(
  told: readonly ToldSettlement[],
  accountOf: (listingId: string) => string | undefined,
): readonly ToldSettlement[] {
  const newest = new Map<string, ToldSettlement>();
  for (const each of told) {
    const key = JSON.stringify([accountOf(each.listingId), each.id]);
    const known = newest.get(key);
    if (known === undefined || known.toldAt <= each.toldAt) newest.set(key, each);
  }
  return [...newest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}
