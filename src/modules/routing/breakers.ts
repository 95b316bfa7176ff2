/**
 * What this process knows of gateways: which work for what, and how well. What it sees itself it knows at once, what other processes
 * saw within a second or two (`shared/`). By the process's own clock.
 */
import { Injectable } from '@nestjs/common';
import { SmartRouter, type Candidate, type Ended, type Look, type Values } from './choice/choose.js';
import { evidenceOf, GATEWAYS_AFTER_ALL } from './choice/evidence.js';
import type { Memory } from './choice/memory.js';
import type { Segment } from './choice/segment.js';
import type { BreakerState } from './choice/sequential-breaker.js';
import type { MoneyOutOutcome } from './gateways/gateway-parts.js';

@Injectable()
export class Breakers {
  private readonly router = new SmartRouter();
  /** Gives numbers from 0 to below 1: what choices are drawn with. */
  readonly random: () => number = Math.random;
  /** Told of what this process has seen itself. */
  onObserved: ((segment: Segment, ended: Ended, endedAtMs: number) => void) | undefined;

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

  /** How candidates are seen now. Changes nothing. */
  look(candidates: readonly Candidate[], values: Values): Look[] {
    return this.router.look(candidates, values, performance.now());
  }

  /** How probable each is to be chosen by worth. Changes nothing. */
  propensitiesOf(looks: readonly Look[], values: Values): number[] {
    return this.router.propensitiesOf(looks, values);
  }

  /** Takes the place of the one probe. */
  begin(segment: Segment): void {
    this.router.health.beginProbe(segment, performance.now());
  }

  /** When it will be tried again: for choosing among those that are all open. */
  opensUntil(segment: Segment): number {
    return this.router.health.opensUntil(segment, performance.now());
  }

  /** `startedAtMs` is the `performance.now()` of the call's start. */
  observe(segment: Segment, outcome: MoneyOutOutcome, startedAtMs: number): void {
    const nowMs = performance.now();
    const ended = { evidence: evidenceOf(outcome), wasUnknown: outcome.kind === 'unknown', startedAtMs };
    // What nothing can be told from is an answer to a probe; otherwise nobody needs to hear of it.
    if (ended.evidence !== undefined || this.router.health.state(segment, nowMs) !== 'closed')
      this.onObserved?.(segment, ended, nowMs);
    this.router.observe(segment, ended, nowMs);
  }

  /** An ambiguous failure turned out to be the gateway's: another one took the same payment. `startedAtMs` is that of the failed call. */
  blame(segment: Segment, startedAtMs: number): void {
    const nowMs = performance.now();
    const ended = { evidence: GATEWAYS_AFTER_ALL, wasUnknown: false, startedAtMs };
    this.onObserved?.(segment, ended, nowMs);
    this.router.observe(segment, ended, nowMs);
  }

  /** Takes what another process saw for its own; a probe that was made there counts as one that was made here. */
  believe(segment: Segment, ended: Ended, endedAtMs: number): void {
    const { health } = this.router;
    const isEnd = ended.evidence?.isAddition !== true;
    if (isEnd && ended.evidence?.worked !== true && health.mayProbe(segment, ended.startedAtMs))
      health.beginProbe(segment, ended.startedAtMs);
    const evidence = ended.evidence && { ...ended.evidence, isHeard: true };
    this.router.observe(segment, { ...ended, evidence }, endedAtMs);
  }

  memory(): Memory {
    return this.router.memory(performance.now());
  }

  /** Begins with what another process knew. */
  remember(memory: Memory, atMs: number): void {
    this.router.remember(memory, atMs);
  }

  /** Every segment of which anything is known. */
  known(): Segment[] {
    return this.router.health.known();
  }
}
