/** What is asked of a gateway's own books, and for how long an answer is waited for. Pure. */
import type { ListedKind } from '../../../contracts/reconciliation.events.js';
import { NEIGHBOURHOOD_MS } from '../matching/leftovers.js';
import { AROUND_MS, USUAL_MS } from '../matching/policy.js';

export const LISTING_STATES = ['asked', 'complete', 'not_supported', 'failed', 'canceled'] as const;
export type ListingState = (typeof LISTING_STATES)[number];

export interface Window {
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

export interface NewListing extends Window {
  readonly id: string;
  readonly what: ListedKind;
  readonly gatewayAccountId: string;
  readonly gateway: string;
  readonly livemode: boolean;
  /** The how manieth try it is. */
  readonly asks: number;
}

export interface ListingPatience {
  /** After so long without a word from any listing of an account, its oldest are asked for again, in ms. */
  readonly silenceMs: number;
  /** So many times in all; then the run goes ahead without. */
  readonly asks: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Routing goes on asking a gateway for four hours, and then says that it failed. Who hears nothing for longer has lost a request or an answer, or
 * routing is away.
 */
export const LISTING_PATIENCE: ListingPatience = { silenceMs: 5 * HOUR_MS, asks: 2 };

/**
 * Beyond a run's window its listing reaches as far as what is compared by resemblance, and as far as a charge that begins at its last moment takes
 * to end, as a rule.
 */
const MARGIN_MS = Math.max(NEIGHBOURHOOD_MS, USUAL_MS.payment + AROUND_MS);

/** Settlements of the last two weeks are asked for every day: what was pending may be paid by now, after weekends and holidays too. */
const SETTLEMENTS_MS = 14 * DAY_MS;

/** What of a gateway's books a run needs; undefined where nothing of it has happened yet. No book tells the future. */
export function transactionsFor({ from, to }: Window, now: Date): Window | undefined {
  return upTo(now, from.getTime() - MARGIN_MS, to.getTime() + MARGIN_MS);
}

/** The settlements that a run's window may be paid out in, and those before of which more may be known. */
export function settlementsFor({ to }: Window, now: Date): Window | undefined {
  return upTo(now, Math.min(to.getTime(), now.getTime()) - SETTLEMENTS_MS, to.getTime() + SETTLEMENTS_MS);
}

function upTo(now: Date, fromMs: number, toMs: number): Window | undefined {
  const endMs = Math.min(toMs, now.getTime());
  return endMs > fromMs ? { from: new Date(fromMs), to: new Date(endMs) } : undefined;
}
