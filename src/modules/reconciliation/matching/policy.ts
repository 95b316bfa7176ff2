/** What is usual, so that it is no break. */
import type { RecordKind } from '../records/record.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/**
 * How long gateways usually take from a request to its end, in ms. Charges: a customer has an hour at the most generous page. Payouts: instant
 * transfers that hang are settled by the next banking day. Refunds: to cards up to ten working days (Paystack's own word).
 */
export const USUAL_MS: Readonly<Record<RecordKind, number>> = {
  payment: HOUR_MS,
  payout: 2 * DAY_MS,
  refund: 14 * DAY_MS,
};

/**
 * How long our own parts may take to hear of each other, in ms: routing asks a gateway that keeps silent after 5 minutes at the latest, then
 * after 15; the outbox takes seconds, and catches up within minutes.
 */
export const OUR_LAG_MS = 20 * MINUTE_MS;

/**
 * Clocks differ, and a gateway may note a transaction when it begins or when it ends. A record is missed in a gateway's books only where they
 * cover this much around it, in ms.
 */
export const AROUND_MS = 10 * MINUTE_MS;

/** A span of time that a gateway's books were read for. */
export interface Coverage {
  readonly from: number;
  readonly to: number;
}

/** As joined spans, in order. What was read before a window had ended covers it only up to then. */
export function coverageOf(windows: readonly (Coverage & { readonly toldAt: number })[]): readonly Coverage[] {
  return joinSpans(windows.map(({ from, to, toldAt }) => ({ from, to: Math.min(to, toldAt) })));
}

/** In order; those that follow one another without a gap are one. */
export function joinSpans(spans: readonly Coverage[]): readonly Coverage[] {
  const joined: Coverage[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const last = joined.at(-1);
    if (last === undefined || span.from > last.to) joined.push({ from: span.from, to: span.to });
    else joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
  }
  return joined;
}
