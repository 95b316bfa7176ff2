/** Ours: the very code that routes payments, behind the laboratory's questions. */
import { AMBIGUOUS_WEIGHT, type Evidence } from '../../src/modules/routing/choice/evidence.js';
import { DEFAULT_VALUES, SmartRouter } from '../../src/modules/routing/choice/choose.js';
import type { Network } from './scenario.js';
import type { Question, Router } from './router.js';
import type { Outcome } from './world.js';

const evidence: Readonly<Record<Outcome['kind'], Evidence | undefined>> = {
  succeeded: { worked: true, weight: 1 },
  customer_declined: undefined,
  refused: { worked: false, weight: 1 },
  vague: { worked: false, weight: AMBIGUOUS_WEIGHT },
  no_answer: { worked: false, weight: 1 },
};

/** All gateways keep the same here: what is compared is finding the one that works. */
const FEE_SHARE = 0.015;

export class Smart implements Router {
  readonly hasBreakers = true;
  readonly router: SmartRouter;

  constructor(random: () => number) {
    this.router = new SmartRouter(random);
  }

  choose({ candidates, network, nowMs }: Question): string {
    const { index } = this.router.choose(
      candidates.map((accountId) => ({ segment: { accountId, network }, feeShare: FEE_SHARE })),
      DEFAULT_VALUES,
      nowMs,
    );
    return candidates[index] ?? '';
  }

  observe(accountId: string, network: Network, outcome: Outcome, startedAtMs: number, nowMs: number): void {
    const ended = { evidence: evidence[outcome.kind], wasUnknown: outcome.kind === 'no_answer', startedAtMs };
    this.router.observe({ accountId, network }, ended, nowMs);
  }

  avoids(accountId: string, network: Network, nowMs: number): boolean {
    return this.router.health.state({ accountId, network }, nowMs) !== 'closed';
  }

  goesOn(network: Network, nowMs: number): boolean {
    return !this.router.health.isNetworkDown(network, nowMs);
  }
}
