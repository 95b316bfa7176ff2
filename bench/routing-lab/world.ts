/** Simulated gateways: what an attempt comes to, and when that is known. The truth is here; routers see only outcomes. */
import { between, betweenOrders, type Range } from './chance.js';
import {
  DAY,
  HOUR,
  MINUTE,
  SECOND,
  TRAFFIC,
  type Base,
  type Network,
  type Scenario,
  type Trouble,
} from './scenario.js';

/** How an attempt ended, as an adapter would tell. */
export interface Outcome {
  readonly kind: 'succeeded' | 'customer_declined' | 'refused' | 'vague' | 'no_answer';
  /** Until it was known, in ms. */
  readonly tookMs: number;
}

/** The share of customers who fail by their own fault on an ordinary day. */
const CUSTOMERS_FAIL = 0.1;
/** How a failing gateway fails when it is not down: most refuse with a reason, some vaguely, some do not answer. */
const REFUSES = 0.7;
const VAGUE = 0.2;
/** A customer needs some seconds for the prompt; a refusal comes at once; silence lasts as long as we wait (STANDARDS 2). */
const APPROVAL_MS: Range = [4 * SECOND, 30 * SECOND];
const REFUSAL_MS: Range = [200, 2 * SECOND];
const SILENCE_MS = 35 * SECOND;
/** By day: most payments come in the afternoon, a ninth as many at night. */
const BUSIEST_HOUR = 15;
const SWING = 0.8;

export class World {
  readonly troubles: readonly Trouble[];
  readonly base: Base;
  readonly gateways: readonly string[];
  private readonly paymentsPerMs: number;

  constructor(scenario: Scenario, random: () => number) {
    this.base = scenario.base(random);
    this.gateways = Object.keys(this.base);
    this.troubles = scenario.troubles(random);
    this.paymentsPerMs = (scenario.paymentsPerDay * betweenOrders(TRAFFIC, random)) / DAY;
  }

  /** When the next payment comes: a Poisson process with a day's rhythm. */
  nextArrival(nowMs: number, random: () => number): number {
    const rhythm = 1 + SWING * Math.cos((2 * Math.PI * (nowMs / HOUR - BUSIEST_HOUR)) / 24);
    return nowMs - Math.log(1 - random()) / (this.paymentsPerMs * rhythm);
  }

  /** How often this gateway succeeds now, customers apart. */
  success(gateway: string, network: Network, nowMs: number): number {
    let success = this.base[gateway]?.[network] ?? 0;
    for (const trouble of this.troubles)
      if (strikes(trouble, gateway, network, nowMs)) success *= leftOf(trouble, nowMs);
    return success;
  }

  /** That of the best of them. */
  bestSuccess(network: Network, nowMs: number, of: readonly string[] = this.gateways): number {
    return Math.max(...of.map((gateway) => this.success(gateway, network, nowMs)));
  }

  /** @param random the payment's own chance: whoever routes it, the same customer pays */
  attempt(gateway: string, network: Network, nowMs: number, random: () => number): Outcome {
    if (random() < this.success(gateway, network, nowMs)) {
      const kind = random() < this.customersFail(nowMs) ? 'customer_declined' : 'succeeded';
      return { kind, tookMs: between(APPROVAL_MS, random) };
    }
    const hangs = this.troubles.some((trouble) => trouble.hangs === true && strikes(trouble, gateway, network, nowMs));
    const roll = hangs ? 1 : random();
    if (roll < REFUSES) return { kind: 'refused', tookMs: between(REFUSAL_MS, random) };
    if (roll < REFUSES + VAGUE && !this.isDown(gateway, network, nowMs))
      return { kind: 'vague', tookMs: between(REFUSAL_MS, random) };
    if (!hangs && this.isDown(gateway, network, nowMs)) return { kind: 'refused', tookMs: between(REFUSAL_MS, random) };
    return { kind: 'no_answer', tookMs: SILENCE_MS };
  }

  customersFail(nowMs: number): number {
    const trouble = this.troubles.find(
      (each) => each.kind === 'customers' && nowMs >= each.fromMs && nowMs < each.toMs,
    );
    return trouble?.left ?? CUSTOMERS_FAIL;
  }

  /** Whether it is so bad that a router is right to avoid it, now or a moment ago. */
  isTroubled(gateway: string, network: Network, nowMs: number): boolean {
    return this.troubles.some(
      (trouble) =>
        trouble.kind !== 'customers' &&
        concerns(trouble, gateway, network) &&
        nowMs >= trouble.fromMs &&
        nowMs < trouble.toMs + GRACE_MS,
    );
  }

  private isDown(gateway: string, network: Network, nowMs: number): boolean {
    return this.success(gateway, network, nowMs) === 0;
  }
}

/** What was sent before the end of a trouble is heard of after it. */
const GRACE_MS = MINUTE;

export function concerns(trouble: Trouble, gateway: string, network: Network): boolean {
  return (
    trouble.kind !== 'customers' &&
    (trouble.gateway === undefined || trouble.gateway === gateway) &&
    (trouble.network === undefined || trouble.network === network)
  );
}

function strikes(trouble: Trouble, gateway: string, network: Network, nowMs: number): boolean {
  return nowMs >= trouble.fromMs && nowMs < trouble.toMs && concerns(trouble, gateway, network);
}

/**
 * A decay goes down for its first half and up for its second; everything else is at its worst at once.
 * @param beganMs when it began, where that is only supposed
 */
export function leftOf(trouble: Trouble, nowMs: number, beganMs = trouble.fromMs): number {
  if (trouble.kind !== 'decay') return trouble.left;
  const through = (nowMs - beganMs) / (trouble.toMs - trouble.fromMs);
  return 1 - (1 - trouble.left) * (1 - Math.abs(2 * through - 1));
}
