/**
 * The breakers of this process, one per gateway account. In memory: each process needs its own three failures to learn that a
 * gateway is down, which costs a few quick failovers. The interface does not say where state lives.
 */
import { Injectable } from '@nestjs/common';
import type { GatewayOutcome } from './gateways/gateway-adapter.js';
import { Breaker, type BreakerState, type Evidence } from './breaker.js';

@Injectable()
export class Breakers {
  private readonly byAccount = new Map<string, Breaker>();

  state(accountId: string): BreakerState {
    return this.byAccount.get(accountId)?.stateAt(performance.now()) ?? 'closed';
  }

  /** Whether a new attempt may go there; takes the place of the probe when one is due. */
  admit(accountId: string): boolean {
    return this.byAccount.get(accountId)?.admit(performance.now()) ?? true;
  }

  /** When it will be tried again, on a clock of this process: for choosing among accounts that are all open. */
  opensUntil(accountId: string): number {
    return this.byAccount.get(accountId)?.opensUntil ?? Number.NEGATIVE_INFINITY;
  }

  /** `startedAtMs` is the `performance.now()` of the call's start. */
  observe(accountId: string, evidence: Evidence, startedAtMs: number): void {
    if (evidence === 'none' && this.state(accountId) === 'closed') return;
    let breaker = this.byAccount.get(accountId);
    if (breaker === undefined) {
      breaker = new Breaker();
      this.byAccount.set(accountId, breaker);
    }
    breaker.observe(evidence, startedAtMs, performance.now());
  }
}

/** What the end of a charge call says about the gateway. A gateway that answers at all about a customer's fault works, but that is not counted. */
export function evidenceOf(outcome: GatewayOutcome): Evidence {
  switch (outcome.kind) {
    case 'succeeded':
      return 'worked';
    case 'unknown':
      return 'failed';
    case 'not_sent':
      if (outcome.blame === 'ambiguous') return 'ambiguous';
      return outcome.blame === 'gateway' ? 'failed' : 'none';
    case 'declined':
      // Banks' vague refusals are no evidence; a mobile network that is down would fail on every gateway.
      return outcome.blame === 'gateway' ? 'failed' : 'none';
    case 'pending':
    case 'duplicate':
    case 'not_found':
      return 'none';
  }
}
