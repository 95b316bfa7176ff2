/**
 * What is believed about each segment: its own attempts, shrunk towards its gateway account, which is shrunk towards all. A segment
 * that was hardly used is believed to be like the gateway's others, with all the doubt that is due. A trouble is the segment's own, or the whole
 * gateway's: for that, what was seen at all its networks counts together, each against what is usual there.
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

/** What is remembered of a trouble: how probable it is, and what was seen since it may have begun. */
export interface KnownTrouble {
  readonly trouble: number;
  readonly inTrouble: Counts;
}

const NOTHING: Counts = { successes: 0, failures: 0 };

/** As many attempts the level above counts for (DESIGN 6). */
const PRIOR_STRENGTH = 20;
/** What gateways are like before anything is known. */
const PRIOR_MEAN = 0.9;
const OF_ACCOUNT = { halfLifeMs: 14 * 86_400_000, maxWeight: 2_000 };
/** Before anything is seen, a trouble of the whole gateway is so many times as probable as one of a segment's own. */
const WHOLE = 0.5;
/** How probable a segment's own may still be when that of the whole gateway has just ended, which most of what it failed was due to. */
const LEFT_OF_WHOLE = 0.5;
/** What a breaker says that tripped. */
const TRIPPED = 0.9;

interface Account {
  readonly counts: DecayedCounts;
  /** Of its networks together; what is usual is not learned here. */
  readonly whole: SuccessEstimate;
  readonly segments: Map<string, SuccessEstimate>;
}

export class SuccessEstimates {
  private readonly accounts = new Map<string, Account>();

  observe(segment: Segment, evidence: Evidence, startedAtMs: number, nowMs: number): void {
    const account = this.accountOf(segment.accountId);
    const usual = this.usual(segment, nowMs);
    estimateIn(account, segment).observe(evidence, usual, startedAtMs, nowMs);
    const was = account.whole.troubleAt(nowMs);
    account.whole.observe(evidence, usual, startedAtMs, nowMs);
    if (was < 0.5 || account.whole.troubleAt(nowMs) >= 0.5) return;
    for (const each of account.segments.values()) each.relieve(LEFT_OF_WHOLE, nowMs);
  }

  /** These were found to be down. */
  tripped(segments: readonly Segment[], nowMs: number): void {
    for (const segment of segments) estimateIn(this.accountOf(segment.accountId), segment).suspect(TRIPPED, nowMs);
  }

  /** What they failed of late was not theirs to fail. */
  acquit(segments: readonly Segment[], nowMs: number): void {
    for (const segment of segments) {
      this.find(segment)?.acquit(nowMs);
      this.accounts.get(segment.accountId)?.whole.acquit(nowMs);
    }
  }

  /** What would have to be remembered. */
  countsOf(segment: Segment, nowMs: number): Counts {
    return this.find(segment)?.usualCounts(nowMs) ?? NOTHING;
  }

  countsOfAccount(accountId: string, nowMs: number): Counts {
    return this.accounts.get(accountId)?.counts.at(nowMs) ?? NOTHING;
  }

  /** Of the segment's own. */
  troubleOf(segment: Segment, nowMs: number): KnownTrouble {
    return knownOf(this.find(segment), nowMs);
  }

  /** Of the whole account's. */
  troubleOfAccount(accountId: string, nowMs: number): KnownTrouble {
    return knownOf(this.accounts.get(accountId)?.whole, nowMs);
  }

  remember(segment: Segment, usual: Counts, { inTrouble, trouble }: KnownTrouble, nowMs: number): void {
    estimateIn(this.accountOf(segment.accountId), segment).remember(usual, inTrouble, trouble, nowMs);
  }

  rememberAccount(accountId: string, usual: Counts, { inTrouble, trouble }: KnownTrouble, nowMs: number): void {
    const account = this.accountOf(accountId);
    account.counts.restore({ ...usual, atMs: nowMs });
    account.whole.remember(NOTHING, inTrouble, trouble, nowMs);
  }

  belief(segment: Segment, nowMs: number): SegmentBelief {
    const account = this.accounts.get(segment.accountId);
    const own = account?.segments.get(segmentKey(segment));
    const usual = shrunk(own?.usualCounts(nowMs), this.usualOfAccount(segment.accountId, nowMs));
    if (account === undefined) return { usual, inTrouble: usual, trouble: 0 };
    return { usual, ...either(own, account.whole, nowMs) };
  }

  /** How often it succeeds in ordinary times. */
  usual(segment: Segment, nowMs: number): number {
    return shrunk(this.find(segment)?.usualCounts(nowMs), this.usualOfAccount(segment.accountId, nowMs)).mean;
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
      account = { counts: new DecayedCounts(OF_ACCOUNT), whole: new SuccessEstimate(), segments: new Map() };
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

function knownOf(estimate: SuccessEstimate | undefined, nowMs: number): KnownTrouble {
  return { trouble: estimate?.troubleAt(nowMs) ?? 0, inTrouble: estimate?.troubleCounts(nowMs) ?? NOTHING };
}

/** A trouble of its own, or of the whole gateway: they exclude each other, so that their odds add up. */
function either(
  own: SuccessEstimate | undefined,
  whole: SuccessEstimate,
  nowMs: number,
): Pick<SegmentBelief, 'inTrouble' | 'trouble'> {
  const ofWhole = inTroubleOf(whole, nowMs);
  const wholeOdds = WHOLE * oddsOf(whole.troubleAt(nowMs));
  const ofOwn = own === undefined ? ofWhole : inTroubleOf(own, nowMs);
  const ownOdds = own === undefined ? 0 : oddsOf(own.troubleAt(nowMs));
  const odds = ownOdds + wholeOdds;
  const share = ownOdds / odds;
  const mixed = (one: number, other: number): number => share * one + (1 - share) * other;
  return {
    trouble: odds / (1 + odds),
    inTrouble: {
      mean: mixed(ofOwn.mean, ofWhole.mean),
      standardDeviation: mixed(ofOwn.standardDeviation, ofWhole.standardDeviation),
    },
  };
}

function inTroubleOf(estimate: SuccessEstimate, nowMs: number): Belief {
  const { mean, strength } = estimate.inTrouble(nowMs);
  return { mean, standardDeviation: deviation(mean, strength) };
}

function oddsOf(probability: number): number {
  return probability / (1 - probability);
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
