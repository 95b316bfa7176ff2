import { seededRandom } from './seeded-random.js';

/** Faults that strike any request to the gateway. */
export const REQUEST_FAULTS = ['down', 'refuse', 'slow'] as const;

/** Faults that strike only requests that create a charge, a refund or a payout. */
export const CREATE_FAULTS = [
  'timeout_before_charge',
  'timeout_after_charge',
  'error_5xx_before',
  'error_5xx_after_charge',
  'garbage',
  'decline',
  'no_webhook',
  'duplicate_webhook',
  'late_webhook',
  'forged_webhook',
  'wrong_amount',
  'late_success',
  'approve_after',
  'returned',
] as const;

/** What a request creates. */
export type Created = 'charge' | 'refund' | 'payout';

/** What a create fault can be aimed at. */
export const FAULT_TARGETS = ['charge', 'refund', 'payout', 'any'] as const;

export type FaultTarget = (typeof FAULT_TARGETS)[number];

export const FAULT_NAMES = [...REQUEST_FAULTS, ...CREATE_FAULTS] as const;

export type RequestFault = (typeof REQUEST_FAULTS)[number];
export type CreateFault = (typeof CREATE_FAULTS)[number];
export type FaultName = (typeof FAULT_NAMES)[number];

/** The delays a fault has when it is posted without `ms`. Milliseconds. */
export const DEFAULT_MS: Readonly<Partial<Record<FaultName, number>>> = {
  // Long enough that a client with a deadline of one or two seconds gives up, short enough for a test to wait for.
  slow: 3_000,
  // Later than a client that asks by itself would wait before its first question.
  late_webhook: 5_000,
  // Long enough for the client to have read the failure first.
  late_success: 3_000,
  // Never: an approval that is put off without a time does not come.
  approve_after: 0,
  // Long enough for the client to have read the success first.
  returned: 2_000,
};

export interface FaultOrder {
  /** A gateway's name, or "*" for all of them, which then share one sequence of decisions. */
  readonly gateway: string;
  readonly fault: FaultName;
  /** 0 to 1. */
  readonly rate: number;
  readonly seed: number;
  /** The fault begins after that many further create requests of those it is aimed at. */
  readonly after: number;
  /** What it is aimed at; see `targetOf` for what stands where nothing does. */
  readonly on?: FaultTarget;
  readonly ms?: number;
  /** The provider's own decline code, for `decline` and for the failure that `late_success` reports first. */
  readonly code?: string;
}

/** @returns what the order strikes: unaimed, a create fault strikes charges, `returned` payouts, and a request fault everything. */
export function targetOf({ fault, on }: Pick<FaultOrder, 'fault' | 'on'>): FaultTarget {
  if (on !== undefined) return on;
  if (REQUEST_FAULTS.some((name) => name === fault)) return 'any';
  return fault === 'returned' ? 'payout' : 'charge';
}

/** A fault in force, with its own generator and its counters. */
export class Fault {
  /** Requests it struck. */
  hits = 0;
  /** Requests it was drawn for. */
  decisions = 0;
  private readonly random: () => number;
  private waitFor: number;

  constructor(readonly order: FaultOrder) {
    this.random = seededRandom(order.seed);
    this.waitFor = order.after;
  }

  /** Whether it is aimed at requests that create this. */
  isAimedAt(created: Created): boolean {
    const target = targetOf(this.order);
    return target === 'any' || target === created;
  }

  get begun(): boolean {
    return this.waitFor <= 0;
  }

  /** Counts down `after`; called once per create request. */
  countCreate(): void {
    if (this.waitFor > 0) this.waitFor -= 1;
  }

  /** Draws once; a fault that has not begun draws nothing, so that `after` does not change the decisions that follow. */
  decide(): boolean {
    if (!this.begun) return false;
    this.decisions += 1;
    return this.random() < this.order.rate;
  }

  get ms(): number {
    return this.order.ms ?? DEFAULT_MS[this.order.fault] ?? 0;
  }

  describe(): Record<string, unknown> {
    const { order, hits, decisions, begun } = this;
    const ms = order.ms ?? DEFAULT_MS[order.fault];
    return { ...order, ...(ms === undefined ? {} : { ms }), begun, decisions, hits };
  }
}

/** The create faults that strike one request. */
export type Struck = ReadonlyMap<CreateFault, Fault>;

const NONE: Struck = new Map();

/** What the board has to know of a gateway. */
interface Struckable {
  readonly name: string;
  readonly moneyOut?: { readonly returnsPayouts: boolean };
}

/**
 * All faults in force. A fault of one gateway's own takes precedence over the same fault of "*", and one aimed at one
 * kind of request over the same fault aimed at any.
 */
export class FaultBoard {
  private readonly faults = new Map<string, Fault>();
  private byGateway = new Map<string, { create: Fault[]; request: Fault[] }>();

  constructor(private readonly gateways: readonly Struckable[]) {}

  put(order: FaultOrder): Fault {
    const fault = new Fault(order);
    this.faults.set(`${order.gateway} ${order.fault} ${targetOf(order)}`, fault);
    this.index();
    return fault;
  }

  /** Removes all faults that match; without arguments, all. Returns how many. */
  remove(gateway?: string, name?: string): number {
    let removed = 0;
    for (const [key, { order }] of this.faults) {
      if (gateway !== undefined && order.gateway !== gateway) continue;
      if (name !== undefined && order.fault !== name) continue;
      this.faults.delete(key);
      removed += 1;
    }
    this.index();
    return removed;
  }

  list(): Fault[] {
    return [...this.faults.values()];
  }

  /** The fault of that name which applies to the gateway and has begun, undecided. */
  active(gateway: string, name: RequestFault): Fault | undefined {
    return this.byGateway.get(gateway)?.request.find((fault) => fault.order.fault === name && fault.begun);
  }

  /**
   * Draws a request fault for one request (or, for a partial `refuse`, one connection).
   *
   * @param created - what the request creates, if anything: an aimed fault strikes nothing else
   */
  strikesRequest(gateway: string, name: RequestFault, created?: Created): Fault | undefined {
    const faults = this.byGateway.get(gateway)?.request;
    if (faults === undefined || faults.length === 0) return undefined;
    let struck: Fault | undefined;
    for (const fault of faults) {
      if (fault.order.fault !== name) continue;
      // Only `slow` can be aimed: a closed door is closed to all.
      const { on } = fault.order;
      if (name === 'slow' && on !== undefined && (created === undefined || !fault.isAimedAt(created))) continue;
      const decided = fault.decide();
      if (decided && struck === undefined) struck = fault;
    }
    if (struck) struck.hits += 1;
    return struck;
  }

  /** Draws every create fault that is aimed at it once for one create request, and counts the request for `after`. */
  strikesCreate(gateway: string, created: Created): Struck {
    const faults = this.byGateway.get(gateway);
    if (faults === undefined) return NONE;
    let struck: Map<CreateFault, Fault> | undefined;
    const aimed = faults.create.filter((fault) => fault.isAimedAt(created));
    for (const fault of aimed) {
      if (!fault.decide()) continue;
      struck ??= new Map();
      const name = fault.order.fault as CreateFault;
      if (!struck.has(name)) struck.set(name, fault);
    }
    for (const fault of aimed) fault.countCreate();
    for (const fault of faults.request) if (fault.isAimedAt(created)) fault.countCreate();
    return struck ?? NONE;
  }

  /** Faults of the gateway's own come first in each list, and aimed ones before those of "any", because the first one that strikes wins. */
  private index(): void {
    this.byGateway = new Map();
    const unaimedLast = (one: Fault, other: Fault): number =>
      Number(targetOf(one.order) === 'any') - Number(targetOf(other.order) === 'any');
    for (const { name, moneyOut } of this.gateways) {
      const own = this.list().filter((fault) => fault.order.gateway === name);
      const common = this.list().filter((fault) => fault.order.gateway === '*');
      const all = [...own.toSorted(unaimedLast), ...common.toSorted(unaimedLast)].filter(
        // Ordered for all gateways, it passes by those whose API could not tell it.
        (fault) => fault.order.fault !== 'returned' || moneyOut?.returnsPayouts === true,
      );
      if (all.length === 0) continue;
      const isRequest = (fault: Fault): boolean => REQUEST_FAULTS.some((request) => request === fault.order.fault);
      this.byGateway.set(name, {
        request: all.filter(isRequest),
        create: all.filter((fault) => !isRequest(fault)),
      });
    }
  }
}
