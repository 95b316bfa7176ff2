import { heldOf, isOpen, type DisbursementRow, type HoldRow } from './money-out-evidence.js';
import type { Evidence } from './evidence.js';
import type { Invariant, Violation } from './invariant.js';

/**
 * A hold exists exactly for refunds and payouts that are not final, with their amount and merchant. None is lost, and none is released while
 * the money may have left.
 */
export const holdsKept: Invariant = {
  name: 'holds_kept',
  check(evidence) {
    const { disbursements, holds } = evidence.moneyOut;
    const known = new Set(disbursements.map(({ id }) => id));
    const orphans = [...holds.values()]
      .filter(({ subject_id: id }) => !known.has(id))
      .map(({ kind, subject_id: id, state }) => ({
        text: `a hold of ${kind} ${id} is ${state}, and there is no such`,
      }));
    return [...orphans, ...disbursements.flatMap((row) => wrongHold(evidence, row, holds.get(row.id)))];
  },
};

/** Released too early: no patience heals it. */
export const holdsNotReleased: Invariant = {
  name: 'holds_kept',
  check({ moneyOut }) {
    const { disbursements, holds, attemptsOf } = moneyOut;
    return disbursements.flatMap(({ id, kind }): Violation[] => {
      const state = holds.get(id)?.state;
      const open = (attemptsOf.get(id) ?? []).find(isOpen);
      if (open === undefined || (state !== 'voided' && state !== 'refused')) return [];
      return [{ text: `the hold of ${kind} ${id} is ${state} while its attempt at ${open.gateway} is ${open.status}` }];
    });
  },
};

function wrongHold({ moneyOut }: Evidence, row: DisbursementRow, hold: HoldRow | undefined): readonly Violation[] {
  const { id, kind, status, merchant_id: merchantId, source, failure_code: failure, succeeded } = row;
  const held = String(heldOf(row));
  if (hold === undefined) return [{ text: `${kind} ${id} is ${status} and was never held` }];
  // What goes back of a surplus capture is the customer's and not the merchant's.
  const owner = source === 'surplus' ? null : merchantId;
  if (hold.amount !== held || hold.merchant_id !== owner)
    return [
      { text: `the hold of ${kind} ${id} is of ${hold.amount} for ${hold.merchant_id}, which is not what it is` },
    ];
  const isRight = {
    processing: hold.state === 'pending',
    // Held no more when it had failed first; the money was drawn then, which the books show.
    succeeded: hold.state === 'posted' || hold.state === 'voided',
    returned: hold.state === 'posted' || hold.state === 'voided',
    failed: failure === 'insufficient_funds' ? hold.state !== 'pending' : hold.state === 'voided',
  }[status];
  const drawn = moneyOut.booked.find((each) => each.subject_id === id && each.kind === kind)?.amount ?? '0';
  const expected = succeeded ? held : '0';
  return [
    ...(isRight ? [] : [{ text: `the hold of ${kind} ${id} is ${hold.state} while it is ${status}` }]),
    ...(drawn === expected ? [] : [{ text: `${drawn} left the balance for ${kind} ${id}, not ${expected}` }]),
  ];
}
