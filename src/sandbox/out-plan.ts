import { planCharge } from './charge-plan.js';
import type { Struck } from './faults.js';
import type { OutPlan } from './movements.js';

/** The reasons for which money does not go out; each gateway has words of its own for them. */
export interface OutDeclineCodes {
  /** The receiver cannot be paid: no such account, or none that may receive. */
  readonly unpayable: string;
  /** The bank or the operator did not answer in time. */
  readonly expired: string;
}

/** The one magic ending that means nothing for a payout: nobody is asked who could refuse. */
const REFUSING_CUSTOMER = '9902';

/**
 * The same faults and magic numbers as for a charge, read for money that goes out: `decline` and the ending 9901 mean that
 * the receiver cannot be paid. A forged webhook is planned for charges only.
 */
export function planOut(struck: Struck, phone: string | undefined, codes: OutDeclineCodes): OutPlan {
  const { unpayable, expired } = codes;
  const magic = phone?.endsWith(REFUSING_CUSTOMER) === true ? undefined : phone;
  const plan = planCharge(struck, magic, { insufficientFunds: unpayable, customerRejected: unpayable, expired });
  const returned = struck.get('returned');
  return returned === undefined ? plan : { ...plan, returnsAfterMs: returned.ms };
}
