/**
 * Finding our refund among those that a gateway lists. Paystack and Flutterwave take no reference with a refund: one whose answer was
 * lost can only be found by what we wrote into its note, or by what it looks like.
 */
import type { RefundQuery } from './gateway-parts.js';

/**
 * How far a gateway's clock may be behind ours: a refund that it dates up to so much before our request can be ours. Clocks kept by NTP
 * differ by less than a second; five minutes also cover one that is not kept, and no two refunds of a charge are told apart by time
 * alone in that span, since the known ones are excluded by id.
 */
const CLOCK_TOLERANCE_MS = 300_000;

/** A refund of the right charge, as a gateway lists it. */
export interface ListedRefund {
  readonly id: string;
  readonly amountMinor: bigint | undefined;
  /** What was noted when it was made; ours begins with the reference. */
  readonly notes: readonly (string | undefined)[];
  readonly requestedAt: Date | undefined;
}

export type RefundMatch<Refund> =
  | { readonly kind: 'found'; readonly refund: Refund }
  /** Nothing in the list can be it. */
  | { readonly kind: 'none' }
  /** More than one can be it. */
  | { readonly kind: 'ambiguous' };

/**
 * The refund that was asked for: the one that has its reference in a note; else the only one of the same amount that is not
 * accounted for, is not another one of ours, and was not made before ours was asked for. Taking no notice of a candidate would end in paying
 * twice, so one without a readable amount or date stays a candidate.
 */
export function findRefund<Refund extends ListedRefund>(
  listed: readonly Refund[],
  query: RefundQuery,
): RefundMatch<Refund> {
  const named = listed.filter(({ notes }) => referenceNoted(notes, query.charge.reference) === query.reference);
  if (named.length > 0) return onlyOne(named);
  const earliest = query.requestedAt.getTime() - CLOCK_TOLERANCE_MS;
  return onlyOne(
    listed.filter(
      ({ id, amountMinor, notes, requestedAt }) =>
        referenceNoted(notes, query.charge.reference) === undefined &&
        !query.knownIds.includes(id) &&
        (amountMinor === undefined || amountMinor === query.amountMinor) &&
        (requestedAt === undefined || requestedAt.getTime() >= earliest),
    ),
  );
}

/** The reference of ours in a refund's notes. The charge's is no answer: gateways write notes of their own that name it. */
export function referenceNoted(notes: readonly (string | undefined)[], chargeReference: string): string | undefined {
  for (const note of notes) {
    for (const [reference] of (note ?? '').matchAll(/(?<![0-9a-zA-Z])[0-9a-f]{32}(?![0-9a-zA-Z])/g)) {
      if (reference !== chargeReference) return reference;
    }
  }
  return undefined;
}

function onlyOne<Refund>(candidates: readonly Refund[]): RefundMatch<Refund> {
  const [first] = candidates;
  if (first === undefined) return { kind: 'none' };
  return candidates.length === 1 ? { kind: 'found', refund: first } : { kind: 'ambiguous' };
}
