import type { Evidence } from './evidence.js';
import { TOOK_MONEY, type Invariant, type Violation } from './invariant.js';
import { cannotBeAsked } from './open-questions.js';

interface Booked {
  readonly payment_id: string;
  readonly currency: string;
  readonly booked: string;
}

/** Our net per payment is what the sandbox's own books say that its gateways took for it, attempt by attempt. */
export const booksAgree: Invariant = {
  name: 'books_agree',
  async check(evidence) {
    const booked = await evidence.query<Booked & Record<string, unknown>>(
      `SELECT t.subject_id AS payment_id, d.currency, sum(t.amount)::text AS booked FROM ledger.transfer t JOIN ledger.account d ON d.id = t.debit_account_id
        WHERE t.kind IN ('collection', 'suspense_capture') GROUP BY 1, 2`,
    );
    return [...strangeCharges(evidence), ...wrongAttempts(evidence), ...wrongBookings(evidence, booked)];
  },
};

/** Money that was taken under a reference that no attempt of ours has. */
function strangeCharges({ attempts, charges }: Evidence): readonly Violation[] {
  const known = new Set(attempts.map(({ reference }) => reference));
  return [...charges.keys()]
    .filter((reference) => !known.has(reference))
    .map((reference) => ({
      text: `${charges.get(reference)?.[0]?.gateway} took money under ${reference}, which is no attempt of ours`,
    }));
}

function wrongAttempts({ attempts, charges }: Evidence): readonly Violation[] {
  return attempts.flatMap((attempt) => {
    const taken = (charges.get(attempt.reference) ?? []).filter(({ gateway }) => gateway === attempt.gateway);
    const sum = taken.reduce((total, { amount }) => total + amount, 0);
    const believed = TOOK_MONEY.has(attempt.status) ? Number(attempt.captured_amount) : 0;
    if (sum === believed || cannotBeAsked(attempt)) return [];
    const text = `attempt ${attempt.sequence} at ${attempt.gateway} is ${attempt.status} with ${believed}; the gateway took ${sum} under ${attempt.reference}`;
    return [{ text, paymentId: attempt.payment_id }];
  });
}

function wrongBookings({ attempts, charges }: Evidence, booked: readonly Booked[]): readonly Violation[] {
  const expected = new Map<string, number>();
  for (const attempt of attempts) {
    const { payment_id: id, reference } = attempt;
    if (cannotBeAsked(attempt)) continue;
    for (const { currency, amount } of charges.get(reference) ?? []) {
      const key = `${id} ${currency}`;
      expected.set(key, (expected.get(key) ?? 0) + amount);
    }
  }
  const ours = new Map(booked.map((row) => [`${row.payment_id} ${row.currency}`, Number(row.booked)]));
  return [...new Set([...expected.keys(), ...ours.keys()])].flatMap((key) => {
    const [paymentId = '', currency = ''] = key.split(' ');
    const theirs = expected.get(key) ?? 0;
    const mine = ours.get(key) ?? 0;
    if (theirs === mine) return [];
    return [{ text: `the ledger holds ${mine} ${currency} for it, the gateways took ${theirs}`, paymentId }];
  });
}
