/** Ours: the very code that routes payments, behind the laboratory's questions. */
import { DEFAULT_VALUES, SmartRouter } from '../../src/modules/routing/choice/choose.js';
import { evidenceOf, GATEWAYS_AFTER_ALL } from '../../src/modules/routing/choice/evidence.js';
import type { GatewayOutcome } from '../../src/modules/routing/gateways/gateway-outcome.js';
import { SECOND, type Network } from './scenario.js';
import type { Question, Router } from './router.js';
import type { Outcome } from './world.js';

const DECLINED = { kind: 'declined', code: 'laboratory', retryable: true, handles: {} } as const;

/** A customer who takes longer than this, half of those who fail, has let the prompt expire; a quicker one has no funds. */
const PATIENCE_MS = 17 * SECOND;

/** As an adapter would tell it. */
function toldOf({ kind, tookMs }: Outcome): GatewayOutcome {
  return kind === 'customer_declined' && tookMs > PATIENCE_MS ? expired : told[kind];
}

const expired: GatewayOutcome = { ...DECLINED, code: 'EXPIRED', blame: 'customer', retryable: false };
const told: Readonly<Record<Outcome['kind'], GatewayOutcome>> = {
  succeeded: {
    kind: 'succeeded',
    amountMinor: 1_000n,
    currency: 'GHS',
    reference: 'laboratory',
    feeMinor: null,
    code: 'laboratory',
    handles: {},
  },
  customer_declined: { ...DECLINED, code: 'NOT_ENOUGH_FUNDS', blame: 'customer', retryable: false },
  refused: { ...DECLINED, blame: 'gateway' },
  vague: { ...DECLINED, blame: 'ambiguous' },
  no_answer: { kind: 'unknown', code: 'laboratory' },
};

/** All gateways keep the same here: what is compared is finding the one that works. */
const FEE_SHARE = 0.015;

export class Smart implements Router {
  readonly hasBreakers = true;
  readonly router: SmartRouter;

  constructor(
    random: () => number,
    private readonly evidence: typeof evidenceOf = evidenceOf,
  ) {
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
    const evidence = this.evidence(toldOf(outcome));
    const ended = { evidence, wasUnknown: outcome.kind === 'no_answer', startedAtMs };
    this.router.observe({ accountId, network }, ended, nowMs);
  }

  observeTakenElsewhere(accountId: string, network: Network, startedAtMs: number, nowMs: number): void {
    const ended = { evidence: GATEWAYS_AFTER_ALL, wasUnknown: false, startedAtMs };
    this.router.observe({ accountId, network }, ended, nowMs);
  }

  avoids(accountId: string, network: Network, nowMs: number): boolean {
    return this.router.health.state({ accountId, network }, nowMs) !== 'closed';
  }

  goesOn(network: Network, nowMs: number): boolean {
    return !this.router.health.isNetworkDown(network, nowMs);
  }
}
