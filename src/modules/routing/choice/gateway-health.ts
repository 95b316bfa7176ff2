/**
 * Who is down: one network at one gateway, a whole gateway, or a network wherever it is reached. What fails at every gateway is not the
 * gateways' fault, and trying the next one would only make the customer refuse or pay twice.
 */
import { DecayedCounts } from './decayed-counts.js';
import type { Evidence } from './evidence.js';
import { segmentKey, type Segment } from './segment.js';
import { SequentialBreaker, type BreakerProgress, type BreakerState, type Norm } from './sequential-breaker.js';

export interface GatewayHealthOptions {
  /** How often a segment succeeds when it is well, as believed. */
  usual(segment: Segment, nowMs: number): number;
  /** Told when these turn out to be down. */
  onOutage(segments: readonly Segment[], nowMs: number): void;
  /** Told when the network that these have in common turns out to be down: what they failed was not their fault. */
  onNetworkDown(segments: readonly Segment[], nowMs: number): void;
}

/** What is known of a segment, and would have to be remembered. */
export interface SegmentHealth {
  readonly isDown: boolean;
  /** Of the test whether it is. */
  readonly progress: BreakerProgress;
}

/** The same of a part. */
export interface PartHealth extends SegmentHealth {
  /** Decayed, over {@link TRAFFIC}. */
  readonly traffic: { readonly successes: number; readonly failures: number };
}

/** Traffic is counted over some hours, so that a pay day's is noticed the same day. */
const TRAFFIC = { halfLifeMs: 6 * 3_600_000, maxWeight: Number.POSITIVE_INFINITY };
const WEEK_MS = 7 * 86_400_000;
/** What all decayed counts come to with one observation a millisecond: the time that they stand for. */
const TRAFFIC_WINDOW_MS = TRAFFIC.halfLifeMs / Math.LN2;

interface Part {
  readonly breaker: SequentialBreaker;
  readonly traffic: DecayedCounts;
  readonly segments: Map<string, Segment>;
}

export class GatewayHealth {
  private readonly segments = new Map<string, SequentialBreaker>();
  private readonly accounts = new Map<string, Part>();
  private readonly networks = new Map<string, Part>();

  constructor(private readonly options: GatewayHealthOptions) {}

  /** Of a segment: its own, or its gateway account's where that is worse. */
  state(segment: Segment, nowMs: number): BreakerState {
    const own = this.segments.get(segmentKey(segment))?.stateAt(nowMs) ?? 'closed';
    const ofAccount = this.accounts.get(segment.accountId)?.breaker.stateAt(nowMs) ?? 'closed';
    if (own === 'open' || ofAccount === 'open') return 'open';
    return own === 'half_open' || ofAccount === 'half_open' ? 'half_open' : 'closed';
  }

  /** The worst of an account. */
  accountState(accountId: string, nowMs: number): BreakerState {
    const account = this.accounts.get(accountId);
    const states = [...(account?.segments.values() ?? [])].map((segment) => this.state(segment, nowMs));
    if (states.includes('open')) return 'open';
    return states.includes('half_open') ? 'half_open' : 'closed';
  }

  /** Whether the network fails wherever it is reached. */
  isNetworkDown(network: string, nowMs: number): boolean {
    return (this.networks.get(network)?.breaker.stateAt(nowMs) ?? 'closed') !== 'closed';
  }

  /** Every segment of which anything was observed. */
  known(): Segment[] {
    return [...this.accounts.values()].flatMap(({ segments }) => [...segments.values()]);
  }

  /** Of the segment alone, whatever its account's is. */
  segmentHealth(segment: Segment, nowMs: number): SegmentHealth {
    return shownBy(this.segments.get(segmentKey(segment)) ?? new SequentialBreaker(), nowMs);
  }

  accountHealth(accountId: string, nowMs: number): PartHealth {
    return healthOf(partIn(this.accounts, accountId), nowMs);
  }

  networkHealth(network: string, nowMs: number): PartHealth {
    return healthOf(partIn(this.networks, network), nowMs);
  }

  rememberSegment(segment: Segment, health: SegmentHealth, nowMs: number): void {
    const key = segmentKey(segment);
    partIn(this.accounts, segment.accountId).segments.set(key, segment);
    partIn(this.networks, segment.network).segments.set(key, segment);
    const breaker = new SequentialBreaker();
    rememberBreaker(breaker, health, nowMs);
    this.segments.set(key, breaker);
  }

  rememberAccount(accountId: string, health: PartHealth, nowMs: number): void {
    rememberPart(partIn(this.accounts, accountId), health, nowMs);
  }

  rememberNetwork(network: string, health: PartHealth, nowMs: number): void {
    rememberPart(partIn(this.networks, network), health, nowMs);
  }

  mayProbe(segment: Segment, nowMs: number): boolean {
    return this.notClosed(segment, nowMs).every((breaker) => breaker.mayProbe(nowMs));
  }

  beginProbe(segment: Segment, nowMs: number): void {
    for (const breaker of this.notClosed(segment, nowMs)) breaker.beginProbe(nowMs);
    const network = this.networks.get(segment.network)?.breaker;
    if (network?.mayProbe(nowMs) === true) network.beginProbe(nowMs);
  }

  /** When it will be tried again: for choosing among those that are all open. */
  opensUntil(segment: Segment, nowMs: number): number {
    return Math.max(Number.NEGATIVE_INFINITY, ...this.notClosed(segment, nowMs).map((breaker) => breaker.opensUntil));
  }

  observe(segment: Segment, evidence: Evidence | undefined, startedAtMs: number, nowMs: number): void {
    const account = partIn(this.accounts, segment.accountId);
    const network = partIn(this.networks, segment.network);
    const key = segmentKey(segment);
    account.segments.set(key, segment);
    network.segments.set(key, segment);
    if (evidence !== undefined) {
      account.traffic.add(evidence.worked, 1, nowMs);
      network.traffic.add(evidence.worked, 1, nowMs);
    }
    const usual = this.options.usual(segment, nowMs);
    const norm = (of: Part, part: string): Norm => ({ usual, weekly: weekly(of.traffic, nowMs), part });

    const wasDown = network.breaker.stateAt(nowMs) !== 'closed';
    if (network.breaker.observe(evidence, norm(network, segment.accountId), startedAtMs, nowMs) === 'tripped') {
      const segments = [...network.segments.values()];
      this.acquit(segments, nowMs);
      this.options.onNetworkDown(segments, nowMs);
      return;
    }
    // While the network is down, failing there is nobody else's fault.
    if (wasDown && evidence?.worked !== true) return;
    let own = this.segments.get(key);
    if (own === undefined) {
      own = new SequentialBreaker();
      this.segments.set(key, own);
    }
    if (own.observe(evidence, norm(account, ''), startedAtMs, nowMs) === 'tripped')
      this.options.onOutage([segment], nowMs);
    // From here on the whole is probed, not each of its parts.
    if (account.breaker.observe(evidence, norm(account, segment.network), startedAtMs, nowMs) === 'tripped') {
      const segments = [...account.segments.values()];
      this.acquit(segments, nowMs);
      this.options.onOutage(segments, nowMs);
    }
  }

  /** Something larger was it, the network or the gateway as a whole: what its segments failed says nothing about each. */
  private acquit(segments: readonly Segment[], nowMs: number): void {
    for (const segment of segments) this.segments.get(segmentKey(segment))?.acquit(nowMs);
  }

  private notClosed(segment: Segment, nowMs: number): SequentialBreaker[] {
    return [this.segments.get(segmentKey(segment)), this.accounts.get(segment.accountId)?.breaker].filter(
      (breaker): breaker is SequentialBreaker => breaker !== undefined && breaker.stateAt(nowMs) !== 'closed',
    );
  }
}

function partIn(parts: Map<string, Part>, key: string): Part {
  let part = parts.get(key);
  if (part === undefined) {
    // One failing network does not make a gateway fail, nor one failing gateway a network.
    part = {
      breaker: new SequentialBreaker({ partsToTrip: 2 }),
      traffic: new DecayedCounts(TRAFFIC),
      segments: new Map(),
    };
    parts.set(key, part);
  }
  return part;
}

function healthOf({ breaker, traffic }: Part, nowMs: number): PartHealth {
  return { ...shownBy(breaker, nowMs), traffic: traffic.at(nowMs) };
}

function rememberPart({ breaker, traffic }: Part, health: PartHealth, nowMs: number): void {
  traffic.restore({ ...health.traffic, atMs: nowMs });
  rememberBreaker(breaker, health, nowMs);
}

function shownBy(breaker: SequentialBreaker, nowMs: number): SegmentHealth {
  return { isDown: breaker.stateAt(nowMs) !== 'closed', progress: breaker.progress };
}

function rememberBreaker(breaker: SequentialBreaker, { isDown, progress }: SegmentHealth, nowMs: number): void {
  if (isDown) breaker.rememberOpen(nowMs);
  else breaker.rememberProgress(progress);
}

function weekly(traffic: DecayedCounts, nowMs: number): number {
  const { successes, failures } = traffic.at(nowMs);
  return ((successes + failures) / TRAFFIC_WINDOW_MS) * WEEK_MS;
}
