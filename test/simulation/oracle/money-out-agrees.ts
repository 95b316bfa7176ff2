import { groupBy } from '../../../src/kernel/collections/group-by.js';
import type { AttemptRow, Evidence } from './evidence.js';
import {
  believedOf,
  heldOf,
  isOpen,
  netPaid,
  sumOf,
  type DisbursementRow,
  type MoneyOut,
} from './money-out-evidence.js';
import type { Invariant, Violation } from './invariant.js';

/**
 * What we believe went out is what the sandbox's books say: payout by payout, and for refunds charge by charge, as not every gateway takes a
 * reference for one. What nobody knows yet may have left or not, and is held.
 */
export const moneyOutAgrees: Invariant = {
  name: 'money_out_agrees',
  check(evidence) {
    const { moneyOut } = evidence;
    return [
      ...strangePayouts(moneyOut),
      ...moneyOut.attempts.filter(({ kind }) => kind === 'payout').flatMap((attempt) => wrongPayout(moneyOut, attempt)),
      ...wrongRefunds(evidence),
      ...wrongBookings(moneyOut),
      ...surplusKept(evidence),
    ];
  },
};

function strangePayouts({ attempts, paid }: MoneyOut): readonly Violation[] {
  const known = new Set(attempts.map(({ reference }) => reference));
  return [...paid.keys()]
    .filter((reference) => !known.has(reference))
    .map((reference) => ({
      text: `${paid.get(reference)?.[0]?.gateway} paid out under ${reference}, which is no attempt of ours`,
    }));
}

function wrongPayout(moneyOut: MoneyOut, attempt: AttemptRow): readonly Violation[] {
  if (isOpen(attempt)) return [];
  const [net, believed] = [netPaid(moneyOut, attempt), believedOf(attempt)];
  if (net === believed) return [];
  const text = `attempt ${attempt.sequence} at ${attempt.gateway} at payout ${attempt.payment_id} is ${attempt.status} with ${believed}; the gateway's net is ${net} under ${attempt.reference}`;
  return [{ text }];
}

function wrongRefunds({ moneyOut, attempts }: Evidence): readonly Violation[] {
  const referenceOf = new Map(attempts.map(({ id, reference }) => [id, reference]));
  const byCharge = groupBy(
    moneyOut.disbursements.filter(({ kind }) => kind === 'refund'),
    ({ captured_by: id }) => referenceOf.get(id ?? '') ?? '',
  );
  return [...new Set([...byCharge.keys(), ...moneyOut.givenBack.keys()])].flatMap((reference) => {
    const tried = (byCharge.get(reference) ?? []).flatMap(({ id }) => moneyOut.attemptsOf.get(id) ?? []);
    const given = sumOf(moneyOut.givenBack.get(reference) ?? []);
    const sure = tried.reduce((sum, attempt) => sum + believedOf(attempt), 0);
    const perhaps = (byCharge.get(reference) ?? [])
      .filter(({ id }) => (moneyOut.attemptsOf.get(id) ?? []).some(isOpen))
      .reduce((sum, { amount }) => sum + Number(amount), 0);
    if (given >= sure && given <= sure + perhaps) return [];
    const payment = attempts.find((each) => each.reference === reference)?.payment_id;
    const text = `of the charge ${reference} ${given} was given back; we believe ${sure}, and perhaps ${perhaps} more`;
    return [{ text, ...(payment === undefined ? {} : { paymentId: payment }) }];
  });
}

/** Out of what the gateway owes us, exactly once, when it went; into it again when it came back. */
function wrongBookings({ disbursements, booked, attemptsOf }: MoneyOut): readonly Violation[] {
  const amounts = new Map(booked.map(({ subject_id: id, kind, amount }) => [`${id} ${kind}`, Number(amount)]));
  const paidAs = ({ id }: DisbursementRow, as: string): number =>
    (attemptsOf.get(id) ?? []).reduce((sum, each) => sum + (each.status === as ? believedOf(each) : 0), 0);
  const bookedAs = ({ id, kind }: DisbursementRow, what: string): number => amounts.get(`${id} ${kind}_${what}`) ?? 0;
  const wrong = (row: DisbursementRow, what: string, expected: number): readonly Violation[] => {
    const actual = bookedAs(row, what);
    return actual === expected
      ? []
      : [{ text: `${row.kind} ${row.id} is ${row.status}, and ${actual} of ${row.amount} is booked as ${what}` }];
  };
  return disbursements.flatMap((row) => [
    ...wrong(row, 'sent', row.succeeded ? Number(row.amount) : 0),
    ...wrong(row, 'returned', row.status === 'returned' ? heldOf(row) : 0),
    ...wrong(row, 'platform_fee', row.succeeded ? Number(row.platform_fee) : 0),
    ...wrong(row, 'platform_fee_returned', row.status === 'returned' ? Number(row.platform_fee) : 0),
    ...wrong(row, 'duplicated', paidAs(row, 'surplus') + bookedAs(row, 'recovered')),
    ...wrong(row, 'quarantined', paidAs(row, 'quarantined')),
  ]);
}

/** A second capture of a payment is the customer's: it is on its way back by itself, once. */
function surplusKept({ attempts, moneyOut }: Evidence): readonly Violation[] {
  const back = groupBy(
    moneyOut.disbursements.filter(({ source }) => source === 'surplus'),
    ({ captured_by: id }) => id ?? '',
  );
  return attempts
    .filter(({ id, status }) => status === 'surplus' && back.get(id)?.length !== 1)
    .map(({ id, gateway, payment_id: paymentId }) => ({
      text: `the surplus capture at ${gateway} has ${back.get(id)?.length ?? 0} refunds`,
      paymentId,
    }));
}
