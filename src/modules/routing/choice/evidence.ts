/**
 * What the end of a call says about the gateway that took it. Customers' faults (wrong PIN, no funds) and our own settings are no
 * evidence either way, and what still waits for the customer is none yet.
 */
import type { Blame } from '../../../contracts/shared.js';
import type { MoneyOutOutcome } from '../gateways/gateway-parts.js';

/** `weight`: from 0 to 1, what it counts. */
export interface Evidence {
  readonly worked: boolean;
  readonly weight: number;
  /**
   * Another process saw it, and told of it a second later: nothing follows from whether it began before the last failure that was seen here. Else
   * its successes would count for nothing where there is much to do, and its failures for all.
   */
  readonly isHeard?: boolean;
}

/** What a failure weighs of which it cannot be told who was at fault (DESIGN 6). */
export const AMBIGUOUS_WEIGHT = 0.3;

const weightOfBlame: Readonly<Record<Blame, number>> = {
  gateway: 1,
  // Failed at the network behind the gateway: it counts here, and whether all gateways fail there is told by the diagnosis.
  network: 1,
  ambiguous: AMBIGUOUS_WEIGHT,
  customer: 0,
  merchant: 0,
};

/** Undefined: none. */
export function evidenceOf(outcome: MoneyOutOutcome): Evidence | undefined {
  switch (outcome.kind) {
    case 'succeeded':
      return { worked: true, weight: 1 };
    case 'unknown':
      return { worked: false, weight: 1 };
    case 'declined':
    case 'not_sent': {
      const weight = weightOfBlame[outcome.blame];
      return weight === 0 ? undefined : { worked: false, weight };
    }
    case 'pending':
    // The gateway paid; that the money came back is the receiver's side.
    case 'returned':
    case 'duplicate':
    case 'not_found':
      return undefined;
  }
}
