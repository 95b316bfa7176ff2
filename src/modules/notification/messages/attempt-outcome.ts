/** What can come of an attempt, and what is done then. */
import type { KindPolicy } from './message-kinds.js';

export type AttemptOutcome =
  | { readonly kind: 'sent'; readonly providerId: string | undefined }
  /** For good: it would be refused again. */
  | { readonly kind: 'refused'; readonly error: string }
  /** It surely did not leave us, and might later. */
  | { readonly kind: 'not_sent'; readonly error: string; readonly retryAfterMs?: number | undefined }
  /** It may have been taken, and may not. */
  | { readonly kind: 'unknown'; readonly error: string };

export type Verdict =
  | { readonly state: 'sent' }
  | { readonly state: 'failed' }
  | { readonly state: 'abandoned' }
  | { readonly state: 'queued'; readonly delayMs: number };

/** The first pause is up to this long, each further one up to twice as long as the one before. */
const FIRST_PAUSE_MS = 10_000;
/** Longer ones would miss the hour in which somebody has put things right. */
const LONGEST_PAUSE_MS = 900_000;

/**
 * @param attempts this one included
 * @param leftMs until it is of no use any more
 * @param random 0 to 1: full jitter, so that what failed together does not come back together
 */
export function judge(
  outcome: AttemptOutcome,
  {
    promise,
    attempts,
    leftMs,
    pauseShare,
    random = Math.random(),
  }: Pick<KindPolicy, 'promise'> & {
    readonly attempts: number;
    readonly leftMs: number;
    readonly pauseShare: number;
    readonly random?: number;
  },
): Verdict {
  if (outcome.kind === 'sent') return { state: 'sent' };
  if (outcome.kind === 'refused') return { state: 'failed' };
  if (outcome.kind === 'unknown' && promise === 'at_most_once') return { state: 'abandoned' };
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
  const asked = outcome.kind === 'not_sent' ? (outcome.retryAfterMs ?? 0) : 0;
  const delayMs = Math.round(Math.max(longest * random, asked) * pauseShare);
  return delayMs >= leftMs ? { state: 'abandoned' } : { state: 'queued', delayMs };
}
