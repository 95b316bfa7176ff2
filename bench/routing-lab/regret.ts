/** What a router's choices cost, in payments: how much more often the best gateway would have succeeded at that moment, as it really was. */
import { DAY, type Network, type Scenario } from './scenario.js';
import type { World } from './world.js';

/** Regret of first attempts by when it came about; `retries` is that of later attempts, and not part of the sum. */
export interface Regret {
  /** Before anything went wrong: not knowing yet who is best. */
  learning: number;
  /** Sent into a trouble. */
  struck: number;
  /** Sent to another one than the best while a trouble lasted. */
  elsewhere: number;
  /** After the first trouble, while nothing was wrong. */
  after: number;
  retries: number;
}

/** Points of the curve over a run. */
export const CURVE_POINTS = 48;

export class RegretMeter {
  readonly parts: Regret = { learning: 0, struck: 0, elsewhere: 0, after: 0, retries: 0 };
  /** Regret of first attempts that came in each of {@link CURVE_POINTS} equal parts of the run. */
  readonly curve: number[] = Array.from({ length: CURVE_POINTS }, () => 0);
  private readonly firstTroubleMs: number;
  private readonly pointMs: number;

  constructor(
    private readonly world: World,
    scenario: Scenario,
  ) {
    this.firstTroubleMs = Math.min(...world.troubles.map(({ fromMs }) => fromMs));
    this.pointMs = (scenario.days * DAY) / CURVE_POINTS;
  }

  first(gateway: string, network: Network, nowMs: number): void {
    const { world, parts, curve } = this;
    const regret = world.bestSuccess(network, nowMs) - world.success(gateway, network, nowMs);
    const point = Math.floor(nowMs / this.pointMs);
    curve[point] = (curve[point] ?? 0) + regret;
    if (nowMs < this.firstTroubleMs) parts.learning += regret;
    else if (world.isTroubled(gateway, network, nowMs)) parts.struck += regret;
    else if (world.gateways.some((each) => world.isTroubled(each, network, nowMs))) parts.elsewhere += regret;
    else parts.after += regret;
  }

  retry(gateway: string, left: readonly string[], network: Network, nowMs: number): void {
    this.parts.retries += this.world.bestSuccess(network, nowMs, left) - this.world.success(gateway, network, nowMs);
  }
}
