/**
 * Chooses a gateway for an attempt by what it is worth: `p * (value - fee) - latency - cost of an unknown outcome`, all in shares of the
 * amount. How sure one is of p decides how often a seemingly worse one is tried (see `pick.ts`).
 */
import { GatewayHealth } from './gateway-health.js';
import { draw, probabilitiesOf, type Worth } from './pick.js';
import type { Evidence } from './evidence.js';
import { CallCosts } from './call-costs.js';
import type { Segment } from './segment.js';
import type { BreakerState } from './sequential-breaker.js';
import { SuccessEstimates, type Belief } from './success-estimates.js';

/** What things are worth, in shares of a payment's amount. */
export interface Values {
  /** A payment that succeeds: our margin, and the customer who stays. */
  readonly success: number;
  /** An attempt whose outcome is not known: the customer waits for minutes or hours, and no other gateway may be tried. */
  readonly unknown: number;
  /** A second that the customer waits. */
  readonly second: number;
  /** The least probability of every healthy candidate: who is never tried is never known. */
  readonly exploration: number;
}

/** A tenth: a gateway that is a point dearer must bring ten points more. An unknown loses half of that besides the payment. */
export const DEFAULT_VALUES: Values = { success: 0.1, unknown: 0.05, second: 0.0002, exploration: 0.01 };

export interface Candidate {
  readonly segment: Segment;
  /** What the gateway would keep, as a share of the amount. */
  readonly feeShare: number;
}

/** One candidate as it was seen when the choice was made. */
export interface Assessment {
  readonly segment: Segment;
  readonly state: BreakerState;
  readonly success: Belief;
  readonly feeShare: number;
  readonly unknownShare: number;
  readonly seconds: number;
  readonly worth: Worth;
  /** How probable it was that this one is chosen. */
  readonly propensity: number;
}

/** How an attempt ended, as far as it concerns the gateway. */
export interface Ended {
  readonly evidence: Evidence | undefined;
  /** The gateway did not say; it had to be asked later. */
  readonly wasUnknown: boolean;
  readonly startedAtMs: number;
}

export interface SmartChoice {
  readonly index: number;
  /** `matched`: by worth. `probe`: to see whether it works again. `last_resort`: all are open, and not trying is a certain failure. */
  readonly because: 'matched' | 'probe' | 'last_resort';
  readonly assessments: readonly Assessment[];
}

/**
 * Beliefs are taken for surer than they are by this factor when gateways are matched: what is at stake is the difference of a point or
 * two for some days, not for ever, and by then the world has changed.
 */
const DOUBT = 0.5;
/**
 * A probe that is due is made with a probability of sqrt(gap / n): `gap` is what a payment gains there when it works, n how many payments have
 * been sent elsewhere since. It balances a failed attempt against being late to notice that it works again, for outages of which one
 * knows only how long they have lasted. The gap is taken to be at least this, so that a mediocre gateway is seen to come back as well.
 */
const LEAST_GAP = 0.01;
const MOST_PROBE_SHARE = 0.5;

export class SmartRouter {
  private readonly estimates = new SuccessEstimates();
  private readonly costs = new CallCosts();
  readonly health = new GatewayHealth({
    usual: (segment, nowMs) => this.estimates.usual(segment, nowMs),
    onOutage: (segments) => {
      for (const segment of segments) this.estimates.forgetFall(segment);
    },
  });

  /** @param random gives numbers from 0 to below 1 */
  constructor(private readonly random: () => number = Math.random) {}

  /**
   * @param candidates at least one
   * @returns which, and why; takes the place of the probe if it is one
   */
  choose(candidates: readonly Candidate[], values: Values, nowMs: number): SmartChoice {
    const seen = candidates.map((candidate) => this.look(candidate, values, nowMs));
    const propensities = this.propensitiesOf(seen, values, nowMs);
    const assessments = seen.map((each, index) => ({ ...each, propensity: propensities[index] ?? 0 }));
    if (!propensities.some((propensity) => propensity > 0)) return this.lastResort(assessments, nowMs);
    const index = draw(propensities, this.random);
    for (const [at, { state, segment }] of seen.entries())
      if (state !== 'closed' && at !== index) this.health.passOver(segment, nowMs);
    const chosen = assessments[index];
    if (chosen === undefined || chosen.state === 'closed') return { index, because: 'matched', assessments };
    this.health.beginProbe(chosen.segment, nowMs);
    return { index, because: 'probe', assessments };
  }

  /**
   * Takes note of how an attempt ended.
   * @param ended.evidence undefined: nothing can be told from it
   */
  observe(segment: Segment, ended: Ended, nowMs: number): void {
    const { evidence, startedAtMs } = ended;
    const isUp = this.health.state(segment, nowMs) === 'closed' && !this.health.isNetworkDown(segment.network, nowMs);
    if (evidence === undefined) {
      // Only a probe learns from it. Nothing is kept of segments that callers invent and gateways refuse.
      if (!isUp) this.health.observe(segment, evidence, startedAtMs, nowMs);
      return;
    }
    this.costs.observe(segment, (nowMs - startedAtMs) / 1_000, ended.wasUnknown);
    if (isUp) this.estimates.observe(segment, evidence.worked, evidence.weight, nowMs);
    this.health.observe(segment, evidence, startedAtMs, nowMs);
  }

  private look(candidate: Candidate, values: Values, nowMs: number): Omit<Assessment, 'propensity'> {
    const { segment, feeShare } = candidate;
    const success = this.estimates.belief(segment, nowMs);
    const { unknownShare, seconds } = this.costs.of(segment);
    const gain = values.success - feeShare;
    return {
      segment,
      feeShare,
      success,
      unknownShare,
      seconds,
      state: this.health.state(segment, nowMs),
      worth: {
        mean: success.mean * gain - seconds * values.second - unknownShare * values.unknown,
        standardDeviation: DOUBT * success.standardDeviation * Math.abs(gain),
      },
    };
  }

  private propensitiesOf(seen: readonly Omit<Assessment, 'propensity'>[], values: Values, nowMs: number): number[] {
    const healthy = seen.filter(({ state }) => state === 'closed');
    const best = Math.max(...healthy.map(({ worth }) => worth.mean));
    const probes = seen.map((each) =>
      each.state === 'half_open' && this.health.mayProbe(each.segment, nowMs)
        ? this.probeShare(each, (each.worth.mean - best) / values.success, nowMs)
        : 0,
    );
    const matched = probabilitiesOf(
      healthy.map(({ worth }) => worth),
      values.exploration,
    );
    const probing = probes.reduce((sum, share) => sum + share, 0);
    // Where nobody is healthy one of the probes is made for certain.
    const scale = healthy.length === 0 ? 1 / probing : Math.min(1, MOST_PROBE_SHARE / probing);
    const left = probing === 0 ? 1 : 1 - probing * scale;
    return seen.map((each, index) => {
      if (each.state === 'closed') return left * (matched[healthy.indexOf(each)] ?? 0);
      return probing === 0 ? 0 : (probes[index] ?? 0) * scale;
    });
  }

  /** @param gap infinite where there is nobody else */
  private probeShare({ segment }: { readonly segment: Segment }, gap: number, nowMs: number): number {
    const passedOver = Math.max(1, this.health.timesPassedOver(segment, nowMs));
    return Math.min(MOST_PROBE_SHARE, Math.sqrt(Math.max(LEAST_GAP, gap) / passedOver));
  }

  /** The one that is due for a probe soonest. */
  private lastResort(assessments: readonly Assessment[], nowMs: number): SmartChoice {
    const dueAt = assessments.map(({ segment }) => this.health.opensUntil(segment, nowMs));
    const index = dueAt.indexOf(Math.min(...dueAt));
    return {
      index,
      because: 'last_resort',
      assessments: assessments.map((each, at) => ({ ...each, propensity: at === index ? 1 : 0 })),
    };
  }
}
