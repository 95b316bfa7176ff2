/** The routers: ours, and what it is measured against. */
import { Informed } from './informed.js';
import type { Network } from './scenario.js';
import { Smart } from './smart.js';
import type { MakeRouter } from './stretch.js';
import type { Question, Router } from './router.js';
import type { Outcome, World } from './world.js';

/** Always in the same order. */
export class FixedPriority implements Router {
  readonly hasBreakers = false;
  choose({ candidates }: Question): string {
    return candidates[0] ?? '';
  }
  observe(): void {}
  avoids(): boolean {
    return false;
  }
  goesOn(): boolean {
    return true;
  }
}

/** One after the other. */
export class RoundRobin implements Router {
  readonly hasBreakers = false;
  private turn = 0;
  choose({ candidates }: Question): string {
    this.turn += 1;
    return candidates[this.turn % candidates.length] ?? '';
  }
  observe(): void {}
  avoids(): boolean {
    return false;
  }
  goesOn(): boolean {
    return true;
  }
}

/**
 * The success rate over the last 125 outcomes of a gateway and network; the highest is taken, except that
 * one choice in twenty is for exploring the others. Without outcomes a gateway counts as perfect.
 */
export class SlidingWindow implements Router {
  readonly hasBreakers = false;
  private readonly windows = new Map<string, { readonly outcomes: boolean[]; successes: number }>();

  constructor(
    private readonly random: () => number,
    private readonly gateways: readonly string[],
    /** What customers fail by their own fault is left out, which most such routers do not do. */
    private readonly knowsBlame: boolean,
  ) {}

  choose({ candidates, network }: Question): string {
    const best = this.best(candidates, network);
    const others = candidates.filter((each) => each !== best);
    if (others.length > 0 && this.random() < EXPLORATION)
      return others[Math.floor(this.random() * others.length)] ?? best;
    return best;
  }

  observe(gateway: string, network: Network, outcome: Outcome): void {
    if (this.knowsBlame && outcome.kind === 'customer_declined') return;
    const key = `${gateway} ${network}`;
    const window = this.windows.get(key) ?? { outcomes: [], successes: 0 };
    window.outcomes.push(outcome.kind === 'succeeded');
    if (outcome.kind === 'succeeded') window.successes += 1;
    if (window.outcomes.length > WINDOW && window.outcomes.shift() === true) window.successes -= 1;
    this.windows.set(key, window);
  }

  avoids(gateway: string, network: Network): boolean {
    return this.best(this.gateways, network) !== gateway;
  }

  goesOn(): boolean {
    return true;
  }

  private best(candidates: readonly string[], network: Network): string {
    const rates = candidates.map((gateway) => this.rate(gateway, network));
    return candidates[rates.indexOf(Math.max(...rates))] ?? '';
  }

  private rate(gateway: string, network: Network): number {
    const window = this.windows.get(`${gateway} ${network}`);
    return window === undefined ? 1 : window.successes / window.outcomes.length;
  }
}

const WINDOW = 125;
const EXPLORATION = 0.05;

/** Knows the truth. */
export class Oracle implements Router {
  readonly hasBreakers = false;
  constructor(private readonly world: World) {}
  choose({ candidates, network, nowMs }: Question): string {
    const truth = candidates.map((gateway) => this.world.success(gateway, network, nowMs));
    return candidates[truth.indexOf(Math.max(...truth))] ?? '';
  }
  observe(): void {}
  avoids(gateway: string, network: Network, nowMs: number): boolean {
    return this.choose({ candidates: this.world.gateways, network, nowMs }) !== gateway;
  }
  goesOn(network: Network, nowMs: number): boolean {
    return this.world.gateways.some((gateway) => this.world.success(gateway, network, nowMs) > 0);
  }
}

export const ROUTERS: Readonly<Record<string, MakeRouter>> = {
  sankofa: (_world, random) => new Smart(random),
  sliding_window: (world, random) => new SlidingWindow(random, world.gateways, false),
  blame_window: (world, random) => new SlidingWindow(random, world.gateways, true),
  round_robin: () => new RoundRobin(),
  fixed_priority: () => new FixedPriority(),
  informed: (world) => new Informed(world),
  oracle: (world) => new Oracle(world),
};
