/** A gateway's own books that reconciliation asked for, and when they are asked for again. */
import type { ListedKind } from '../../../contracts/reconciliation.events.js';
import type { EventHeaders } from '../../../kernel/outbox/event.js';

export interface ListingRequest {
  readonly id: string;
  readonly gatewayAccountId: string;
  readonly what: ListedKind;
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** The event that asked for it. */
  readonly causedBy: string;
  readonly headers: EventHeaders;
}

/** One that a process has taken up. */
export interface Listing extends ListingRequest {
  /** The gateway's, of the page that is read next. */
  readonly cursor: string | null;
  /** Pages of the gateway that were read. */
  readonly calls: number;
  /** Pages that were announced. */
  readonly pages: number;
  /** Failed calls since the last page. */
  readonly tries: number;
  readonly fence: bigint;
  /** When the first page was asked for. */
  readonly askedAt: Date;
  /** When the last page came, or it was first taken up. */
  readonly progressAt: Date;
}

export type ListingEnd = 'complete' | 'not_supported' | 'failed';

export interface ListingSchedule {
  /** The pause after a call that failed, in ms; twice as long after each further one. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** The pause where the account has no room for books, in ms. */
  readonly busyPauseMs: number;
  /** A listing that stands still for so long is given up, in ms. */
  readonly patienceMs: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Nobody waits for books but a run of the night; a gateway's maintenance takes up to some hours of it. */
export const LISTING_SCHEDULE: ListingSchedule = {
  firstPauseMs: 5 * SECOND_MS,
  longestPauseMs: 5 * MINUTE_MS,
  busyPauseMs: 5 * SECOND_MS,
  patienceMs: 4 * HOUR_MS,
};

/** The same schedule with every pause at a share of its length. */
export function shortenedListing(schedule: ListingSchedule, share: number): ListingSchedule {
  return {
    firstPauseMs: schedule.firstPauseMs * share,
    longestPauseMs: schedule.longestPauseMs * share,
    busyPauseMs: schedule.busyPauseMs * share,
    patienceMs: schedule.patienceMs * share,
  };
}

/** Part of a pause that is random, so that listings which failed together do not come again together. */
const JITTER = 0.2;

/**
 * The pause before the next call, in ms: never shorter than the gateway wants it.
 * @param tries failed calls before this one
 * @param random from 0 to 1; a parameter so that tests can do without chance
 */
export function pauseAfterFailure(
  { firstPauseMs, longestPauseMs }: ListingSchedule,
  tries: number,
  retryAfterMs = 0,
  random: number = Math.random(),
): number {
  const ours = Math.min(longestPauseMs, firstPauseMs * 2 ** tries) * (1 - JITTER * random);
  return Math.round(Math.max(ours, retryAfterMs));
}
