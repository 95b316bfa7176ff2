/**
 * Chooses a gateway for an attempt by what it is worth: `p * (value - fee) - latency - cost of an unknown outcome`, all in shares of the
 * amount. How sure one is of p decides how often a seemingly worse one is tried (see `pick.ts`).
 */
import { GatewayHealth } from './gateway-health.js';
import type { Memory } from './memory.js';
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

/** One candidate as it is seen at a moment. */
export interface Look {
  readonly segment: Segment;
  readonly state: BreakerState;
  /** Half-open, and no probe is on its way: the next attempt may be one. */
  readonly mayProbe: boolean;
  readonly success: Belief;
  readonly feeShare: number;
  readonly unknownShare: number;
  readonly seconds: number;
  readonly worth: Worth;
}

/** One candidate as it was seen when the choice was made. */
export interface Assessment extends Look {
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
    const looks = this.look(candidates, values, nowMs);
    const propensities = this.propensitiesOf(looks, values, nowMs);
    const assessments = looks.map((each, index) => ({ ...each, propensity: propensities[index] ?? 0 }));
    if (!propensities.some((propensity) => propensity > 0)) return this.lastResort(assessments, nowMs);
    const index = draw(propensities, this.random);
    this.passOver(
      looks.filter((_, at) => at !== index),
      nowMs,
    );
    const chosen = assessments[index];
    if (chosen === undefined || chosen.state === 'closed') return { index, because: 'matched', assessments };
    this.health.beginProbe(chosen.segment, nowMs);
    return { index, because: 'probe', assessments };
  }

  /** How candidates are seen now. Changes nothing. */
  look(candidates: readonly Candidate[], values: Values, nowMs: number): Look[] {
    return candidates.map((candidate) => this.lookAt(candidate, values, nowMs));
  }

  /** What is known now, for another process to begin with. */
  memory(nowMs: number): Memory {
    const known = this.health.known();
    const accounts = [...new Set(known.map(({ accountId }) => accountId))];
    const networks = [...new Set(known.map(({ network }) => network))];
    return {
      segments: known.map((segment) => ({
        ...segment,
        isDown: this.health.isSegmentDown(segment, nowMs),
        counts: this.estimates.countsOf(segment, nowMs),
        costs: this.costs.of(segment),
      })),
      accounts: accounts.map((accountId) => ({
        accountId,
        counts: this.estimates.countsOfAccount(accountId, nowMs),
        ...this.health.accountHealth(accountId, nowMs),
      })),
      networks: networks.map((network) => ({ network, ...this.health.networkHealth(network, nowMs) })),
    };
  }

  /** Begins with what another process knew at `atMs`, by this process's clock. Only for a router that has observed nothing. */
  remember(memory: Memory, atMs: number): void {
    for (const { accountId, network, isDown, counts, costs } of memory.segments) {
      const segment = { accountId, network };
      this.estimates.remember(segment, counts, atMs);
      this.costs.remember(segment, costs);
      this.health.rememberSegment(segment, isDown, atMs);
    }
    for (const { accountId, counts, ...health } of memory.accounts) {
      this.estimates.rememberAccount(accountId, counts, atMs);
      this.health.rememberAccount(accountId, health, atMs);
    }
    for (const { network, ...health } of memory.networks) this.health.rememberNetwork(network, health, atMs);
  }

  /** An attempt was made elsewhere: those that are shut out are probed the more seldom, the more often that was so. */
  passOver(looks: readonly Look[], nowMs: number): void {
    for (const { state, segment } of looks) if (state !== 'closed') this.health.passOver(segment, nowMs);
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

  private lookAt(candidate: Candidate, values: Values, nowMs: number): Look {
    const { segment, feeShare } = candidate;
    const success = this.estimates.belief(segment, nowMs);
    const { unknownShare, seconds } = this.costs.of(segment);
    const state = this.health.state(segment, nowMs);
    const mayProbe = state === 'half_open' && this.health.mayProbe(segment, nowMs);
    const worth = worthOf({ success, feeShare, unknownShare, seconds }, values);
    return { segment, feeShare, success, unknownShare, seconds, state, mayProbe, worth };
  }

  /**
   * How probable each is to be chosen by worth; all 0 where none may be tried. Changes nothing.
   * @param looks made with the same values
   */
  propensitiesOf(looks: readonly Look[], values: Values, nowMs: number): number[] {
    const matched = matchedShares(looks, values);
    const healthy = looks.filter(({ state }) => state === 'closed');
    if (healthy.length === looks.length) return matched;
    const best = Math.max(...healthy.map(({ worth }) => worth.mean));
    const probes = looks.map((each) =>
      each.mayProbe ? this.probeShare(each, (each.worth.mean - best) / values.success, nowMs) : 0,
    );
    const probing = probes.reduce((sum, share) => sum + share, 0);
    // Where nobody is healthy one of the probes is made for certain.
    const scale = healthy.length === 0 ? 1 / probing : Math.min(1, MOST_PROBE_SHARE / probing);
    const left = probing === 0 ? 1 : 1 - probing * scale;
    return looks.map((each, index) => {
      if (each.state === 'closed') return left * (matched[index] ?? 0);
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

/** What an attempt there is worth, in shares of the amount, and how sure one is of it. */
export function worthOf(
  { success, feeShare, unknownShare, seconds }: Pick<Look, 'success' | 'feeShare' | 'unknownShare' | 'seconds'>,
  values: Values,
): Worth {
  const gain = values.success - feeShare;
  return {
    mean: success.mean * gain - seconds * values.second - unknownShare * values.unknown,
    standardDeviation: DOUBT * success.standardDeviation * Math.abs(gain),
  };
}

/** Among those that are healthy: how probable each is to be taken by worth; 0 for the others. */
export function matchedShares(looks: readonly Pick<Look, 'state' | 'worth'>[], values: Values): number[] {
  const healthy = looks.filter(({ state }) => state === 'closed').map(({ worth }) => worth);
  const shares = probabilitiesOf(healthy, values.exploration);
  let next = 0;
  return looks.map(({ state }) => {
    if (state !== 'closed') return 0;
    next += 1;
    return shares[next - 1] ?? 0;
  });
}
