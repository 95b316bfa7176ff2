/**
 * Which gateway accounts work for what, as this process knows: each process needs its own few failures to learn that a gateway is
 * down, which costs a few quick failovers. By the process's own clock.
 */
import { Injectable } from '@nestjs/common';
import { SmartRouter } from './choice/choose.js';
import { evidenceOf } from './choice/evidence.js';
import type { Segment } from './choice/segment.js';
import type { BreakerState } from './choice/sequential-breaker.js';
import type { MoneyOutOutcome } from './gateways/gateway-parts.js';

@Injectable()
export class Breakers {
  private readonly router = new SmartRouter();

  state(segment: Segment): BreakerState {
    return this.router.health.state(segment, performance.now());
  }

  /** The worst of an account: its own breaker, or that of a network there. */
  accountState(accountId: string): BreakerState {
    return this.router.health.accountState(accountId, performance.now());
  }

  /** Whether it fails wherever it is reached, so that no other gateway would help. */
  isNetworkDown(network: string): boolean {
    return this.router.health.isNetworkDown(network, performance.now());
  }

  /** Whether a new attempt may go there; takes the place of the probe when one is due. */
  admit(segment: Segment): boolean {
    const nowMs = performance.now();
    const { health } = this.router;
    if (health.state(segment, nowMs) === 'closed') return true;
    if (!health.mayProbe(segment, nowMs)) return false;
    health.beginProbe(segment, nowMs);
    return true;
  }

  /** When it will be tried again: for choosing among those that are all open. */
  opensUntil(segment: Segment): number {
    return this.router.health.opensUntil(segment, performance.now());
  }

  /** `startedAtMs` is the `performance.now()` of the call's start. */
  observe(segment: Segment, outcome: MoneyOutOutcome, startedAtMs: number): void {
    const ended = { evidence: evidenceOf(outcome), wasUnknown: outcome.kind === 'unknown', startedAtMs };
    this.router.observe(segment, ended, performance.now());
  }
}
