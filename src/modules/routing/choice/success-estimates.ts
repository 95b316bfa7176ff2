/**
 * What is believed about each segment: its own attempts, shrunk towards its gateway account, which is shrunk towards all. A segment
 * that was hardly used is believed to be like the gateway's others, with all the doubt that is due. A trouble at one of them makes one at the
 * others more probable, and so does its end.
 */
import { DecayedCounts, type Counts } from './decayed-counts.js';
import type { Evidence } from './evidence.js';
import { SuccessEstimate } from './success-estimate.js';
import { segmentKey, type Segment } from './segment.js';

/** A probability and how sure of it one is. */
export interface Belief {
  readonly mean: number;
  readonly standardDeviation: number;
}

/** It is as usual, or in trouble. */
export interface SegmentBelief {
  readonly usual: Belief;
  readonly inTrouble: Belief;
  /** How probable that is. */
  readonly trouble: number;
}

const NOTHING: Counts = { successes: 0, failures: 0 };

/** As many attempts the level above counts for (DESIGN 6). */
const PRIOR_STRENGTH = 20;
/** What gateways are like before anything is known. */
const PRIOR_MEAN = 0.9;
const OF_ACCOUNT = { halfLifeMs: 14 * 86_400_000, maxWeight: 2_000 };
/** How probable a trouble is where one has just become probable for another network of the same gateway. */
const SHARED = 0.2;
/** How probable it still is where it has just ended for another. */
const ENDS_SHARED = 0.5;
/** What a breaker says that tripped. */
const TRIPPED = 0.9;

interface Account {
  readonly counts: DecayedCounts;
  readonly segments: Map<string, SuccessEstimate>;
}

export class SuccessEstimates {
  private readonly accounts = new Map<string, Account>();

  observe(segment: Segment, evidence: Evidence, startedAtMs: number, nowMs: number): void {
    const account = this.accountOf(segment.accountId);
    const estimate = estimateIn(account, segment);
    const before = estimate.troubleAt(nowMs);
    estimate.observe(evidence, this.usual(segment, nowMs), startedAtMs, nowMs);
    const after = estimate.troubleAt(nowMs);
    if (before < 0.5 && after >= 0.5) this.tellOthers(account, estimate, SHARED, 1, nowMs);
    else if (before >= 0.5 && after < 0.5) this.tellOthers(account, estimate, 0, ENDS_SHARED, nowMs);
  }

  /** These were found to be down. */
  tripped(segments: readonly Segment[], nowMs: number): void {
    for (const segment of segments) estimateIn(this.accountOf(segment.accountId), segment).suspect(TRIPPED, 1, nowMs);
  }

  /** What they failed of late was not theirs to fail. */
  acquit(segments: readonly Segment[], nowMs: number): void {
    for (const segment of segments) this.find(segment)?.acquit(nowMs);
  }

  /** What would have to be remembered. */
  countsOf(segment: Segment, nowMs: number): Counts {
    return this.find(segment)?.usualCounts(nowMs) ?? NOTHING;
  }

  countsOfAccount(accountId: string, nowMs: number): Counts {
    return this.accounts.get(accountId)?.counts.at(nowMs) ?? NOTHING;
  }

  troubleOf(segment: Segment, nowMs: number): number {
    return this.find(segment)?.troubleAt(nowMs) ?? 0;
  }

  troubleCountsOf(segment: Segment, nowMs: number): Counts {
    return this.find(segment)?.troubleCounts(nowMs) ?? NOTHING;
  }

  remember(segment: Segment, usual: Counts, inTrouble: Counts, trouble: number, nowMs: number): void {
    estimateIn(this.accountOf(segment.accountId), segment).remember(usual, inTrouble, trouble, nowMs);
  }

  rememberAccount(accountId: string, counts: Counts, nowMs: number): void {
    this.accountOf(accountId).counts.restore({ ...counts, atMs: nowMs });
  }

  belief(segment: Segment, nowMs: number): SegmentBelief {
    const estimate = this.find(segment);
    const usual = shrunk(estimate?.usualCounts(nowMs), this.usualOfAccount(segment.accountId, nowMs));
    if (estimate === undefined) return { usual, inTrouble: usual, trouble: 0 };
    const { mean, strength } = estimate.inTrouble(nowMs);
    return {
      usual,
      inTrouble: { mean, standardDeviation: deviation(mean, strength) },
      trouble: estimate.troubleAt(nowMs),
    };
  }

  /** How often it succeeds in ordinary times. */
  usual(segment: Segment, nowMs: number): number {
    return shrunk(this.find(segment)?.usualCounts(nowMs), this.usualOfAccount(segment.accountId, nowMs)).mean;
  }

  private tellOthers(account: Account, told: SuccessEstimate, least: number, most: number, nowMs: number): void {
    for (const other of account.segments.values()) if (other !== told) other.suspect(least, most, nowMs);
  }

  private usualOfAccount(accountId: string, nowMs: number): number {
    return shrunk(this.accounts.get(accountId)?.counts.at(nowMs), PRIOR_MEAN).mean;
  }

  private find(segment: Segment): SuccessEstimate | undefined {
    return this.accounts.get(segment.accountId)?.segments.get(segmentKey(segment));
  }

  private accountOf(accountId: string): Account {
    let account = this.accounts.get(accountId);
    if (account === undefined) {
      account = { counts: new DecayedCounts(OF_ACCOUNT), segments: new Map() };
      this.accounts.set(accountId, account);
    }
    return account;
  }
}

function estimateIn({ counts, segments }: Account, segment: Segment): SuccessEstimate {
  const key = segmentKey(segment);
  let estimate = segments.get(key);
  if (estimate === undefined) {
    estimate = new SuccessEstimate((usual, nowMs) => counts.addAll(usual, nowMs));
    segments.set(key, estimate);
  }
  return estimate;
}

/** Mean and deviation of the Beta distribution that the prior and the counts make. */
function shrunk(counts: Counts | undefined, prior: number): Belief {
  const { successes, failures } = counts ?? NOTHING;
  const strength = successes + failures + PRIOR_STRENGTH;
  const mean = (successes + PRIOR_STRENGTH * prior) / strength;
  return { mean, standardDeviation: deviation(mean, strength) };
}

function deviation(mean: number, strength: number): number {
  return Math.sqrt((mean * (1 - mean)) / (strength + 1));
}
