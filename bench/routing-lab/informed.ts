/**
 * Knows everything but when a trouble begins: how good each gateway is when it is well, whom the next trouble strikes, how hard, how it runs and how
 * long it lasts. From what it sees at the gateway that is to be struck it computes how probable each beginning is, and takes the gateway that then
 * succeeds most often. No router that has to learn all this can cost much less.
 */
import { MINUTE, type Network, type Trouble } from './scenario.js';
import type { Question, Router } from './router.js';
import { concerns, leftOf, type Outcome, type World } from './world.js';

/** Between beginnings that are told apart. */
const STEP_MS = 5 * MINUTE;

interface Suspect {
  readonly trouble: Trouble;
  readonly beginsMs: readonly number[];
  /** How probable each beginning is; sums up to 1. */
  weights: number[];
}

export class Informed implements Router {
  readonly hasBreakers = false;
  private readonly suspects: readonly Suspect[];

  constructor(private readonly world: World) {
    this.suspects = world.troubles
      .filter(({ kind }) => kind !== 'customers')
      .map((trouble) => {
        const [earliest, latest] = trouble.couldBeginMs;
        const count = Math.ceil((latest - earliest) / STEP_MS) + 1;
        const beginsMs = Array.from({ length: count }, (_, index) => earliest + index * STEP_MS);
        return { trouble, beginsMs, weights: beginsMs.map(() => 1 / count) };
      });
  }

  choose({ candidates, network, nowMs }: Question): string {
    const believed = candidates.map((gateway) => this.believed(gateway, network, nowMs));
    return candidates[believed.indexOf(Math.max(...believed))] ?? '';
  }

  observe(gateway: string, network: Network, outcome: Outcome, startedAtMs: number): void {
    const suspect = this.suspectAt(gateway, network, startedAtMs);
    if (suspect === undefined) return;
    const { trouble, beginsMs, weights } = suspect;
    const worked = outcome.kind === 'succeeded' || outcome.kind === 'customer_declined';
    const usual = this.usual(gateway, network);
    const posterior = weights.map((weight, index) => {
      const success = usual * leftAt(trouble, beginsMs[index] ?? 0, startedAtMs);
      return weight * (worked ? success : 1 - success);
    });
    const sum = posterior.reduce((total, each) => total + each, 0);
    // What no beginning explains (a moment between two of them) teaches nothing.
    if (sum > 0) suspect.weights = posterior.map((each) => each / sum);
  }

  avoids(gateway: string, network: Network, nowMs: number): boolean {
    return this.choose({ candidates: this.world.gateways, network, nowMs }) !== gateway;
  }

  goesOn(network: Network, nowMs: number): boolean {
    return this.world.gateways.some((gateway) => this.believed(gateway, network, nowMs) > 0.05);
  }

  private believed(gateway: string, network: Network, nowMs: number): number {
    const usual = this.usual(gateway, network);
    const suspect = this.suspectAt(gateway, network, nowMs);
    if (suspect === undefined) return usual;
    const { trouble, beginsMs, weights } = suspect;
    let left = 0;
    for (const [index, weight] of weights.entries())
      if (weight > 0) left += weight * leftAt(trouble, beginsMs[index] ?? 0, nowMs);
    return usual * left;
  }

  private usual(gateway: string, network: Network): number {
    return this.world.base[gateway]?.[network] ?? 0;
  }

  /** Troubles do not overlap, so there is at most one. */
  private suspectAt(gateway: string, network: Network, nowMs: number): Suspect | undefined {
    return this.suspects.find(
      ({ trouble, beginsMs }) =>
        concerns(trouble, gateway, network) &&
        nowMs >= (beginsMs[0] ?? 0) &&
        nowMs < (beginsMs.at(-1) ?? 0) + trouble.toMs - trouble.fromMs,
    );
  }
}

function leftAt(trouble: Trouble, beginsMs: number, nowMs: number): number {
  const isOn = nowMs >= beginsMs && nowMs < beginsMs + trouble.toMs - trouble.fromMs;
  return isOn ? leftOf(trouble, nowMs, beginsMs) : 1;
}
