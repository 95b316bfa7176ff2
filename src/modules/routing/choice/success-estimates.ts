/**
 * What is believed about each segment: its own attempts, shrunk towards its gateway account, which is shrunk towards all. A segment
 * that was hardly used is believed to be like the gateway's others, with all the doubt that is due.
 */
import { SuccessEstimate } from './success-estimate.js';
import { segmentKey, type Segment } from './segment.js';

/** A probability and how sure of it one is. */
export interface Belief {
  readonly mean: number;
  readonly standardDeviation: number;
}

interface Counts {
  readonly successes: number;
  readonly failures: number;
}

const NOTHING: Counts = { successes: 0, failures: 0 };

/** As many attempts the level above counts for (DESIGN 6). */
const PRIOR_STRENGTH = 20;
/** What gateways are like before anything is known. */
const PRIOR_MEAN = 0.9;

export class SuccessEstimates {
  private readonly segments = new Map<string, SuccessEstimate>();
  private readonly accounts = new Map<string, SuccessEstimate>();

  observe(segment: Segment, worked: boolean, weight: number, nowMs: number): void {
    estimateIn(this.segments, segmentKey(segment)).observe(worked, weight, nowMs);
    estimateIn(this.accounts, segment.accountId).observe(worked, weight, nowMs);
  }

  /** See {@link SuccessEstimate.forgetFall}. */
  forgetFall(segment: Segment): void {
    this.segments.get(segmentKey(segment))?.forgetFall();
    this.accounts.get(segment.accountId)?.forgetFall();
  }

  /** What would have to be remembered. */
  countsOf(segment: Segment, nowMs: number): Counts {
    return this.segments.get(segmentKey(segment))?.counts(nowMs) ?? NOTHING;
  }

  countsOfAccount(accountId: string, nowMs: number): Counts {
    return this.accounts.get(accountId)?.counts(nowMs) ?? NOTHING;
  }

  remember(segment: Segment, counts: Counts, nowMs: number): void {
    estimateIn(this.segments, segmentKey(segment)).remember(counts, nowMs);
  }

  rememberAccount(accountId: string, counts: Counts, nowMs: number): void {
    estimateIn(this.accounts, accountId).remember(counts, nowMs);
  }

  belief(segment: Segment, nowMs: number): Belief {
    const ofAccount = shrunk(this.accounts.get(segment.accountId)?.counts(nowMs), PRIOR_MEAN);
    return shrunk(this.segments.get(segmentKey(segment))?.counts(nowMs), ofAccount.mean);
  }

  /** How often it succeeded before it began to fail, if it does. */
  usual(segment: Segment, nowMs: number): number {
    const ofAccount = shrunk(this.accounts.get(segment.accountId)?.countsBeforeFall(nowMs), PRIOR_MEAN);
    return shrunk(this.segments.get(segmentKey(segment))?.countsBeforeFall(nowMs), ofAccount.mean).mean;
  }
}

function estimateIn(estimates: Map<string, SuccessEstimate>, key: string): SuccessEstimate {
  let estimate = estimates.get(key);
  if (estimate === undefined) {
    estimate = new SuccessEstimate();
    estimates.set(key, estimate);
  }
  return estimate;
}

/** Mean and deviation of the Beta distribution that the prior and the counts make. */
function shrunk(counts: Counts | undefined, prior: number): Belief {
  const { successes, failures } = counts ?? { successes: 0, failures: 0 };
  const strength = successes + failures + PRIOR_STRENGTH;
  const mean = (successes + PRIOR_STRENGTH * prior) / strength;
  return { mean, standardDeviation: Math.sqrt((mean * (1 - mean)) / (strength + 1)) };
}
