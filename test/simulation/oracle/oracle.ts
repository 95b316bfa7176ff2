/** Judges the world from outside, after quiet. */
import { booksAgree } from './books-agree.js';
import { clearingAgrees } from './clearing-agrees.js';
import { eventsAppliedOnce } from './events-applied-once.js';
import type { Evidence } from './evidence.js';
import { everyDisbursementEnds } from './every-disbursement-ends.js';
import { everyPaymentEnds } from './every-payment-ends.js';
import { givenUpRightly } from './given-up-rightly.js';
import { holdsKept, holdsNotReleased } from './holds-kept.js';
import type { Invariant, Violation } from './invariant.js';
import { ledgerBalances } from './ledger-balances.js';
import { moneyOutAgrees } from './money-out-agrees.js';
import { moneyOutIsTold } from './money-out-is-told.js';
import { noDeadlock } from './no-deadlock.js';
import { noDoubleCharge } from './no-double-charge.js';
import { nothingOverdrawn } from './nothing-overdrawn.js';
import { oneWinner } from './one-winner.js';
import { paidOnce } from './paid-once.js';
import { refundsWithinCaptures } from './refunds-within-captures.js';
import { sameKeySameBytes } from './same-key-same-bytes.js';
import { everythingSettles, settledOnce } from './settled-once.js';
import { tenantsApart } from './tenants-apart.js';
import { twoPeopleHold } from './two-people-hold.js';
import { webhooksDelivered } from './webhooks-delivered.js';

/** In the order in which they are reported: what costs a customer money comes first. */
export const INVARIANTS: readonly Invariant[] = [
  noDoubleCharge,
  paidOnce,
  holdsNotReleased,
  oneWinner,
  givenUpRightly,
  ledgerBalances,
  settledOnce,
  tenantsApart,
  sameKeySameBytes,
  noDeadlock,
  refundsWithinCaptures,
  booksAgree,
  moneyOutAgrees,
  moneyOutIsTold,
  clearingAgrees,
  holdsKept,
  nothingOverdrawn,
  everythingSettles,
  twoPeopleHold,
  everyPaymentEnds,
  everyDisbursementEnds,
  eventsAppliedOnce,
  webhooksDelivered,
];

/**
 * What no patience heals: once broken, broken for ever. The others may only say that something is still under way, for as long as
 * there is time for it.
 */
const PERMANENT: ReadonlySet<Invariant> = new Set([
  noDoubleCharge,
  paidOnce,
  holdsNotReleased,
  ledgerBalances,
  settledOnce,
  tenantsApart,
  sameKeySameBytes,
  noDeadlock,
]);

export interface Broken {
  readonly invariant: string;
  readonly isPermanent: boolean;
  readonly violations: readonly Violation[];
}

/** @returns the first broken one, or undefined when all hold */
export async function judge(evidence: Evidence): Promise<Broken | undefined> {
  for (const invariant of INVARIANTS) {
    const violations = await invariant.check(evidence);
    if (violations.length > 0) return { invariant: invariant.name, isPermanent: PERMANENT.has(invariant), violations };
  }
  return undefined;
}
