/**
 * What is known of charges, and what is known of refunds and payouts, as one for those who tell and listen. Which of the two an observation is about
 * shows in its network.
 */
import type { Breakers } from '../breakers.js';
import type { WholeMemory } from '../choice/memory.js';
import { isOfDisbursements } from '../disbursement-segment.js';

/** As much as processes tell each other. */
export interface SharedBreakers {
  onObserved: Breakers['onObserved'];
  believe: Breakers['believe'];
  memory(): WholeMemory;
  remember(memory: WholeMemory, atMs: number): void;
}

export function sharedBreakers(charges: Breakers, disbursements: Breakers): SharedBreakers {
  return {
    get onObserved() {
      return charges.onObserved;
    },
    set onObserved(listener) {
      charges.onObserved = listener;
      disbursements.onObserved = listener;
    },
    believe: (segment, ended, endedAtMs) =>
      (isOfDisbursements(segment) ? disbursements : charges).believe(segment, ended, endedAtMs),
    memory: () => ({ ...charges.memory(), disbursements: disbursements.memory() }),
    remember: (memory, atMs) => {
      charges.remember(memory, atMs);
      if (memory.disbursements !== undefined) disbursements.remember(memory.disbursements, atMs);
    },
  };
}
