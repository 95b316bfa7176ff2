/**
 * What the end of a call says about the gateway that took it. That the customer's account answered (wrong PIN, no funds) says that it was reached.
 * Other faults of customers and our own settings are no evidence either way, and what still waits for the customer is none yet.
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
  /** It is what a failure weighs more than was told when it ended. No other call has ended, and nobody is held to be down for it. */
  readonly isAddition?: boolean;
}

/** What a failure weighs of which it cannot be told who was at fault (DESIGN 6). */
export const AMBIGUOUS_WEIGHT = 0.3;

/** What is added to such a failure when another gateway took the same payment: neither the customer nor the network was at fault. */
export const GATEWAYS_AFTER_ALL: Evidence = { worked: false, weight: 1 - AMBIGUOUS_WEIGHT, isAddition: true };

/**
 * What it weighs that a customer's account answered with a no. It would be as good as a success if gateways always told the truth about whose
 * fault it was: one that calls its own failures the customer's must not look well by it for long.
 */
const ANSWERED: Evidence = { worked: true, weight: 0.5 };

/**
 * Reasons that only the customer's own account or network can have given, in any gateway's writing. Silence is not among them (`EXPIRED`): a prompt that never
 * came looks like a customer who was slow. Nor is what a gateway may refuse by itself (a number that it does not know), and what it
 * gives several meanings (Hubtel's 2001).
 */
const answers: readonly RegExp[] = [
  /(^|_)(insufficient|not_enough|not_sufficient)_(funds?|balance)(_|$)/,
  /^low_balance(_|$)/,
  /(^|_)(incorrect|invalid|wrong)_pin(_|$)/,
  /(^|_)pin_(tries|attempts)_exceeded/,
  /^payer_limit_reached$|^exceeds_withdrawal_limit$/,
  /^approval_rejected$/,
  /(^|_)(declined|rejected)_by_(the_)?(customer|payer|user|cardholder)(_|$)/,
];

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
      if (outcome.kind === 'declined' && outcome.blame === 'customer' && isAnswer(outcome.code)) return ANSWERED;
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

function isAnswer(code: string): boolean {
  const written = code.toLowerCase().replaceAll('-', '_');
  return answers.some((pattern) => pattern.test(written));
}
