/**
 * Who is sent to next. Every endpoint has a lane of its own: a queue and a bound on requests in flight. A free place goes
 * to the lane with the fewest in flight, and no lane may have more than a quarter of what is still free (the dynamic
 * thresholds of Choudhury and Hahne, IEEE/ACM ToN 6(2), 1998): forty endpoints that never answer leave a tenth of the places
 * open, and one that answers fast lives well on that. Pure bookkeeping: no timers, no I/O.
 */

export interface LaneLimits {
  /** Requests in flight over all endpoints: sockets and memory of this process. */
  readonly maxInFlight: number;
  /** Requests in flight to one endpoint that is well. */
  readonly maxPerLane: number;
  /** Deliveries waiting in memory for one endpoint; the rest waits in PostgreSQL. */
  readonly maxQueuedPerLane: number;
  /** Deliveries waiting in memory over all endpoints. */
  readonly maxQueued: number;
  /** No more is queued for an endpoint than it is expected to take in this time. */
  readonly maxWaitMs: number;
}

interface Lane<Item> {
  readonly endpointId: string;
  queue: Item[];
  inFlight: number;
  /** Between 1 and maxPerLane: halved by a failure, raised by one by a success. */
  limit: number;
  /** Down to one place, and the last attempt failed. */
  failing: boolean;
  /** Moving average of an attempt's time. */
  latencyMs: number;
  /** More is waiting in PostgreSQL. */
  overflowed: boolean;
  lastUsedAt: number;
}

/** Of the places still free, the part that one lane may have. */
const FREE_SHARE = 0.25;
/** Of all places, the part beyond which endpoints that keep failing get none: hundreds of dead ones must not crowd out the living. */
const FAILING_SHARE = 0.5;
/** Weight of the newest attempt in the moving average: the last ten or so count. */
const LATENCY_WEIGHT = 0.1;
/** What an endpoint that we know nothing about is assumed to take. */
const ASSUMED_LATENCY_MS = 50;
/** What is remembered about an endpoint that is not well is forgotten after this time without a delivery. */
const FORGET_AFTER_MS = 600_000;

export class DeliveryLanes<Item extends { readonly endpointId: string }> {
  private readonly lanes = new Map<string, Lane<Item>>();
  /** Lanes with something to send and a free place, by how many they have in flight; each set in order of arrival. */
  private readonly ready: Set<Lane<Item>>[];
  /** Ready lanes that keep failing: they come last. */
  private readonly readyFailing = new Set<Lane<Item>>();
  private totalInFlight = 0;
  private totalQueued = 0;

  constructor(private readonly limits: LaneLimits) {
    this.ready = Array.from({ length: limits.maxPerLane }, () => new Set<Lane<Item>>());
  }

  get inFlight(): number {
    return this.totalInFlight;
  }

  get queued(): number {
    return this.totalQueued;
  }

  /** How many more deliveries this endpoint may have in memory. */
  room(endpointId: string): number {
    const lane = this.lanes.get(endpointId);
    const free = this.limits.maxQueued - this.totalQueued;
    return Math.max(
      0,
      Math.min(
        free,
        lane === undefined ? this.allowance(this.limits.maxPerLane, ASSUMED_LATENCY_MS) : this.roomOf(lane),
      ),
    );
  }

  /** Room for a new delivery ahead of nobody: none while older ones wait in PostgreSQL. */
  roomForNew(endpointId: string): number {
    return this.lanes.get(endpointId)?.overflowed === true ? 0 : this.room(endpointId);
  }

  /** Endpoints about which something is known, with the room each has. */
  rooms(): { endpointIds: string[]; rooms: number[] } {
    const lanes = [...this.lanes.values()];
    return {
      endpointIds: lanes.map((lane) => lane.endpointId),
      rooms: lanes.map((lane) => Math.max(0, this.roomOf(lane))),
    };
  }

  /** Room of an endpoint about which nothing is known. */
  get defaultRoom(): number {
    return this.allowance(this.limits.maxPerLane, ASSUMED_LATENCY_MS);
  }

  markOverflowed(endpointId: string, overflowed: boolean): void {
    if (overflowed) this.laneOf(endpointId).overflowed = true;
    else {
      const lane = this.lanes.get(endpointId);
      if (lane !== undefined) lane.overflowed = false;
    }
  }

  /** Whether the endpoint has more in PostgreSQL and room for at least half of what it may have here. */
  wantsMore(endpointId: string): boolean {
    const lane = this.lanes.get(endpointId);
    return (
      lane !== undefined &&
      lane.overflowed &&
      lane.queue.length * 2 <= this.allowance(lane.limit, lane.latencyMs) &&
      this.room(endpointId) > 0
    );
  }

  add(item: Item): void {
    const lane = this.laneOf(item.endpointId);
    lane.queue.push(item);
    this.totalQueued += 1;
    this.refresh(lane);
  }

  /** Takes the next delivery to send and counts it as in flight; undefined when there is none or no place is free. */
  next(): Item | undefined {
    const free = this.limits.maxInFlight - this.totalInFlight;
    if (free <= 0) return undefined;
    for (const [inFlight, level] of this.ready.entries()) {
      // The first place is anybody's; what is not admissible here is not with more in flight either.
      if (inFlight > 0 && inFlight >= free * FREE_SHARE) break;
      for (const lane of level) return this.take(lane);
    }
    if (this.totalInFlight < this.limits.maxInFlight * FAILING_SHARE)
      for (const lane of this.readyFailing) return this.take(lane);
    return undefined;
  }

  /** An attempt ended: its place is free again. */
  done(endpointId: string, outcome: { readonly ok: boolean; readonly durationMs: number }): void {
    const lane = this.laneOf(endpointId);
    this.unready(lane);
    lane.latencyMs += (outcome.durationMs - lane.latencyMs) * LATENCY_WEIGHT;
    lane.limit = outcome.ok
      ? Math.min(this.limits.maxPerLane, lane.limit + 1)
      : Math.max(1, Math.floor(lane.limit / 2));
    lane.failing = !outcome.ok && lane.limit === 1;
    this.giveBack(lane);
  }

  /** What {@link next} gave was not sent after all. */
  skipped(endpointId: string): void {
    const lane = this.laneOf(endpointId);
    this.unready(lane);
    this.giveBack(lane);
  }

  /** Takes everything that waits for an endpoint out of memory; it goes back to PostgreSQL. */
  drain(endpointId: string): Item[] {
    const lane = this.lanes.get(endpointId);
    if (lane === undefined) return [];
    this.unready(lane);
    const items = lane.queue;
    lane.queue = [];
    this.totalQueued -= items.length;
    return items;
  }

  drainAll(): Item[] {
    return [...this.lanes.keys()].flatMap((endpointId) => this.drain(endpointId));
  }

  /** Forgets idle lanes, so that memory does not grow with the number of merchants. */
  prune(): void {
    const now = performance.now();
    for (const lane of this.lanes.values()) {
      if (lane.inFlight > 0 || lane.queue.length > 0 || lane.overflowed) continue;
      const well = lane.limit === this.limits.maxPerLane && lane.latencyMs < 1_000;
      if (well || now - lane.lastUsedAt > FORGET_AFTER_MS) this.lanes.delete(lane.endpointId);
    }
  }

  private laneOf(endpointId: string): Lane<Item> {
    let lane = this.lanes.get(endpointId);
    if (lane === undefined) {
      lane = {
        endpointId,
        queue: [],
        inFlight: 0,
        limit: this.limits.maxPerLane,
        failing: false,
        latencyMs: ASSUMED_LATENCY_MS,
        overflowed: false,
        lastUsedAt: 0,
      };
      this.lanes.set(endpointId, lane);
    }
    lane.lastUsedAt = performance.now();
    return lane;
  }

  private roomOf(lane: Lane<Item>): number {
    return this.allowance(lane.limit, lane.latencyMs) - lane.queue.length;
  }

  /** Little's law: what `limit` places serve in the time that a delivery may wait here. */
  private allowance(limit: number, latencyMs: number): number {
    const served = Math.floor((limit * this.limits.maxWaitMs) / Math.max(latencyMs, 1));
    return Math.min(this.limits.maxQueuedPerLane, Math.max(1, served));
  }

  private giveBack(lane: Lane<Item>): void {
    lane.inFlight -= 1;
    this.totalInFlight -= 1;
    this.refresh(lane);
  }

  private take(lane: Lane<Item>): Item {
    const item = lane.queue.shift();
    if (item === undefined) throw new Error('a lane without deliveries was marked ready');
    this.unready(lane);
    lane.inFlight += 1;
    this.totalInFlight += 1;
    this.totalQueued -= 1;
    this.refresh(lane);
    return item;
  }

  private refresh(lane: Lane<Item>): void {
    if (lane.queue.length === 0 || lane.inFlight >= lane.limit) return;
    if (lane.failing) this.readyFailing.add(lane);
    else this.ready[lane.inFlight]?.add(lane);
  }

  /** Before anything changes that decides where a lane stands. */
  private unready(lane: Lane<Item>): void {
    this.ready[lane.inFlight]?.delete(lane);
    this.readyFailing.delete(lane);
  }
}
