/** What is compared: everything that chooses a gateway for an attempt and may learn from outcomes. */
import type { Network } from './scenario.js';
import type { Outcome } from './world.js';

export interface Question {
  readonly network: Network;
  /** Not tried for this payment yet. */
  readonly candidates: readonly string[];
  readonly nowMs: number;
}

export interface Router {
  /** Whether it shuts gateways out, so that it can do so wrongly; one that only ranks them avoids all but the best. */
  readonly hasBreakers: boolean;
  choose(question: Question): string;
  observe(gateway: string, network: Network, outcome: Outcome, startedAtMs: number, nowMs: number): void;
  /** What this gateway refused vaguely another one took. Left out by those who do not ask whose fault a refusal was. */
  observeTakenElsewhere?(gateway: string, network: Network, startedAtMs: number, nowMs: number): void;
  /** Whether an ordinary payment would not be sent there first. */
  avoids(gateway: string, network: Network, nowMs: number): boolean;
  /** Whether another gateway should still be tried for a payment on this network. */
  goesOn(network: Network, nowMs: number): boolean;
}
