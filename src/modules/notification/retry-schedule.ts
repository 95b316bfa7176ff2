/** When a delivery is tried again, and how long an endpoint is left in peace. Pure. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * Pause before each attempt, in milliseconds; the first is immediate. 75 hours in all, so that an outage over a weekend
 * is survived. From the Standard Webhooks specification's recommended schedule, with a fast second try for blips.
 */
export const SCHEDULE_MS: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

/** Deliveries that failed together must not come back together: each pause varies by this share either way. */
const JITTER = 0.1;

/** An endpoint asking for longer is asked again after an hour: a wrong Retry-After must not silence a merchant for days. */
const MAX_RETRY_AFTER_MS = HOUR;
/** Shorter pauses would not be a rest at all. */
const MIN_RETRY_AFTER_MS = SECOND;

/** Statuses that say "too much" or "nobody is behind this proxy": more requests would only make it worse. */
const THROTTLING_STATUSES: ReadonlySet<number> = new Set([429, 502, 504]);

/** The `Gone` status: the merchant wants no more webhooks at this address. */
export const GONE = 410;

/**
 * Milliseconds until the next attempt, after `attempts` have failed.
 * @param random uniform in [0, 1)
 * @returns undefined when the schedule is used up.
 */
export function nextDelayMs(attempts: number, random: () => number = Math.random): number | undefined {
  const base = SCHEDULE_MS[attempts];
  return base === undefined ? undefined : Math.round(base * (1 - JITTER + 2 * JITTER * random()));
}

/**
 * Reads a Retry-After header (RFC 9110, 10.2.3): seconds or an HTTP date.
 * @returns milliseconds from `now`, bounded; undefined when absent or not understood.
 */
export function parseRetryAfter(value: string | undefined, now: Date): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  let ms: number;
  if (/^\d{1,10}$/.test(text)) ms = Number(text) * SECOND;
  else if (/^[A-Z][a-z]{2,8},? /.test(text)) ms = Date.parse(text) - now.getTime();
  else return undefined;
  if (Number.isNaN(ms)) return undefined;
  return Math.min(Math.max(ms, MIN_RETRY_AFTER_MS), MAX_RETRY_AFTER_MS);
}

export interface Throttle {
  /** Undefined: the endpoint named no time, so the pause follows from how long it has been failing already. */
  readonly ms: number | undefined;
}

/** Whether this answer asks us to leave the endpoint in peace, and for how long if it says so. */
export function throttleOf(httpStatus: number | undefined, retryAfterMs: number | undefined): Throttle | undefined {
  if (httpStatus === undefined || (httpStatus >= 200 && httpStatus < 300)) return undefined;
  if (retryAfterMs === undefined && !THROTTLING_STATUSES.has(httpStatus)) return undefined;
  return { ms: retryAfterMs };
}

/** What became of one attempt. */
export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly delayMs: number }
  | { readonly kind: 'abandoned' }
  /** The endpoint wants no more: this delivery fails and the endpoint is disabled. */
  | { readonly kind: 'gone' };

/**
 * @param attempt.attempts how many there have been, this one included.
 * @param attempt.pauseShare share of the usual pause that is waited; a Retry-After is kept in full. Default 1.
 */
export function judge(
  attempt: {
    readonly httpStatus: number | undefined;
    readonly retryAfterMs: number | undefined;
    readonly attempts: number;
    readonly pauseShare?: number;
  },
  random: () => number = Math.random,
): Verdict {
  const { httpStatus, retryAfterMs = 0 } = attempt;
  if (httpStatus !== undefined && httpStatus >= 200 && httpStatus < 300) return { kind: 'delivered' };
  if (httpStatus === GONE) return { kind: 'gone' };
  const delayMs = nextDelayMs(attempt.attempts, random);
  if (delayMs === undefined) return { kind: 'abandoned' };
  return { kind: 'retry', delayMs: Math.max(Math.round(delayMs * (attempt.pauseShare ?? 1)), retryAfterMs) };
}
