/**
 * Chooses a gateway for an attempt by what it is worth: `p * (value - fee) - latency - cost of an unknown outcome`, all in shares of the
 * amount. How sure one is of p decides how often a seemingly worse one is tried (see `pick.ts`).
 */
import { GatewayHealth } from './gateway-health.js';
import type { Memory } from './memory.js';
import { draw, probabilitiesOf, type Worth, type WorthPart } from './pick.js';
import type { Evidence } from './evidence.js';
import { CallCosts } from './call-costs.js';
import type { Segment } from './segment.js';
import type { BreakerState } from './sequential-breaker.js';
import { SuccessEstimates, type Belief, type SegmentBelief } from './success-estimates.js';

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
export const DEFAULT_VALUES: Values = { success: 0.1, unknown: 0.05, second: 0.0002, exploration: 0.005 };

export interface Candidate {
  readonly segment: Segment;
  /** What the gateway would keep, as a share of the amount. */
  readonly feeShare: number;
}

/** One candidate as it is seen at a moment. */
export interface Look extends SegmentBelief {
  readonly segment: Segment;
  readonly state: BreakerState;
  /** Half-open, and no probe is on its way: the next attempt may be one. */
  readonly mayProbe: boolean;
  /** On the whole: as usual or in trouble. */
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

/** Beliefs are taken for surer than they are by this factor: what is at stake is a point or two for some days, not for ever. */
const DOUBT = 0.7;
/** What is more probably in trouble than not is not explored, only matched: what it would teach is that it is still in trouble. */
const MOST_TROUBLE_TO_EXPLORE = 0.5;

/** Less than this changes nothing that could be seen. */
export const NO_TROUBLE = 1e-4;

export class SmartRouter {
  private readonly estimates = new SuccessEstimates();
  private readonly costs = new CallCosts();
  readonly health = new GatewayHealth({
    usual: (segment, nowMs) => this.estimates.usual(segment, nowMs),
    onOutage: (segments, nowMs) => this.estimates.tripped(segments, nowMs),
    onNetworkDown: (segments, nowMs) => this.estimates.acquit(segments, nowMs),
  });

  /** @param random gives numbers from 0 to below 1 */
  constructor(private readonly random: () => number = Math.random) {}

  /**
   * @param candidates at least one
   * @returns which, and why; takes the place of the probe if it is one
   */
  choose(candidates: readonly Candidate[], values: Values, nowMs: number): SmartChoice {
    const looks = this.look(candidates, values, nowMs);
    const propensities = this.propensitiesOf(looks, values);
    const assessments = looks.map((each, index) => ({ ...each, propensity: propensities[index] ?? 0 }));
    if (!propensities.some((propensity) => propensity > 0)) return this.lastResort(assessments, nowMs);
    const index = draw(propensities, this.random);
    const chosen = assessments[index];
    if (chosen === undefined || chosen.state === 'closed') return { index, because: 'matched', assessments };
    this.health.beginProbe(chosen.segment, nowMs);
    return { index, because: 'probe', assessments };
  }

  /** How candidates are seen now. Changes nothing. */
  look(candidates: readonly Candidate[], values: Values, nowMs: number): Look[] {
    return candidates.map((candidate) => this.lookAt(candidate, values, nowMs));
  }

  /**
   * How probable each is to be chosen by worth; all 0 where none may be tried. Changes nothing.
   * @param looks made with the same values
   */
  propensitiesOf(looks: readonly Look[], values: Values): number[] {
    return matchedShares(looks, values);
  }

  /** What is known now, for another process to begin with. */
  memory(nowMs: number): Memory {
    const known = this.health.known();
    const accounts = [...new Set(known.map(({ accountId }) => accountId))];
    const networks = [...new Set(known.map(({ network }) => network))];
    return {
      segments: known.map((segment) => ({
        ...segment,
        ...this.health.segmentHealth(segment, nowMs),
        counts: this.estimates.countsOf(segment, nowMs),
        ...this.estimates.troubleOf(segment, nowMs),
        costs: this.costs.of(segment),
      })),
      accounts: accounts.map((accountId) => ({
        accountId,
        counts: this.estimates.countsOfAccount(accountId, nowMs),
        ...this.estimates.troubleOfAccount(accountId, nowMs),
        ...this.health.accountHealth(accountId, nowMs),
      })),
      networks: networks.map((network) => ({ network, ...this.health.networkHealth(network, nowMs) })),
    };
  }

  /** Begins with what another process knew at `atMs`, by this process's clock. Only for a router that has observed nothing. */
  remember(memory: Memory, atMs: number): void {
    for (const { accountId, network, counts, costs, trouble, inTrouble, ...health } of memory.segments) {
      const segment = { accountId, network };
      this.estimates.remember(segment, counts, { trouble, inTrouble }, atMs);
      this.costs.remember(segment, costs);
      this.health.rememberSegment(segment, health, atMs);
    }
    for (const { accountId, counts, trouble, inTrouble, ...health } of memory.accounts) {
      this.estimates.rememberAccount(accountId, counts, { trouble, inTrouble }, atMs);
      this.health.rememberAccount(accountId, health, atMs);
    }
    for (const { network, ...health } of memory.networks) this.health.rememberNetwork(network, health, atMs);
  }

  /**
   * Takes note of how an attempt ended.
   * @param ended.evidence undefined: nothing can be told from it
   */
  observe(segment: Segment, ended: Ended, nowMs: number): void {
    const { evidence, startedAtMs } = ended;
    if (evidence === undefined) {
      // Only a probe learns from it. Nothing is kept of segments that callers invent and gateways refuse.
      if (this.health.state(segment, nowMs) !== 'closed' || this.health.isNetworkDown(segment.network, nowMs))
        this.health.observe(segment, evidence, startedAtMs, nowMs);
      return;
    }
    if (evidence.worked || !this.health.isNetworkDown(segment.network, nowMs))
      this.estimates.observe(segment, evidence, startedAtMs, nowMs);
    if (evidence.isAddition === true) return;
    this.costs.observe(segment, (nowMs - startedAtMs) / 1_000, ended.wasUnknown);
    this.health.observe(segment, evidence, startedAtMs, nowMs);
  }

  private lookAt(candidate: Candidate, values: Values, nowMs: number): Look {
    const { segment, feeShare } = candidate;
    const believed = this.estimates.belief(segment, nowMs);
    const { unknownShare, seconds } = this.costs.of(segment);
    const { usual, inTrouble, trouble } = believed;
    const state = this.health.state(segment, nowMs);
    const mayProbe = state === 'half_open' && this.health.mayProbe(segment, nowMs);
    const worth = worthOf(believed, { feeShare, unknownShare, seconds }, values);
    const success = altogether(believed);
    return { segment, feeShare, usual, inTrouble, trouble, success, unknownShare, seconds, state, mayProbe, worth };
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

/** What an attempt is worth, in shares of the amount: as usual, or as in trouble. */
export function worthOf(
  { usual, inTrouble, trouble }: SegmentBelief,
  { feeShare, unknownShare, seconds }: Pick<Look, 'feeShare' | 'unknownShare' | 'seconds'>,
  values: Values,
): Worth {
  const gain = values.success - feeShare;
  const cost = seconds * values.second + unknownShare * values.unknown;
  const part = ({ mean, standardDeviation }: Belief, share: number): WorthPart => ({
    share,
    mean: mean * gain - cost,
    standardDeviation: DOUBT * standardDeviation * Math.abs(gain),
  });
  return trouble < NO_TROUBLE ? [part(usual, 1)] : [part(usual, 1 - trouble), part(inTrouble, trouble)];
}

/** How probable each of those that may be tried is to be taken by worth; 0 for the others. */
export function matchedShares(
  looks: readonly Pick<Look, 'state' | 'mayProbe' | 'worth' | 'trouble'>[],
  values: Values,
): number[] {
  const eligible = looks.filter(({ state, mayProbe }) => state === 'closed' || mayProbe);
  const shares = probabilitiesOf(
    eligible.map(({ worth }) => worth),
    eligible.map(({ trouble }) => (trouble < MOST_TROUBLE_TO_EXPLORE ? values.exploration : 0)),
  );
  let next = 0;
  return looks.map(({ state, mayProbe }) => {
    if (state !== 'closed' && !mayProbe) return 0;
    next += 1;
    return shares[next - 1] ?? 0;
  });
}

/** Mean and deviation of what may be as usual or in trouble. */
function altogether({ usual, inTrouble, trouble }: SegmentBelief): Belief {
  const mean = (1 - trouble) * usual.mean + trouble * inTrouble.mean;
  const square =
    (1 - trouble) * (usual.standardDeviation ** 2 + usual.mean ** 2) +
    trouble * (inTrouble.standardDeviation ** 2 + inTrouble.mean ** 2);
  return { mean, standardDeviation: Math.sqrt(Math.max(0, square - mean ** 2)) };
}
