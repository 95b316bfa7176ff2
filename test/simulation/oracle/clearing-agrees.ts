import type { AttemptRow, Evidence } from './evidence.js';
import { believedOf, isOpen, movedFor } from './money-out-evidence.js';
import type { Invariant } from './invariant.js';
import { cannotBeAsked } from './open-questions.js';

interface Clearing {
  readonly account: string;
  readonly currency: string;
  readonly owed: string;
}

/**
 * What each gateway account owes us is what the sandbox's books make of it: charges, less refunds and payouts, with what came back. Fees are
 * left out on both sides, and so is what has been settled, and what nobody knows yet.
 */
export const clearingAgrees: Invariant = {
  name: 'clearing_agrees',
  async check(evidence) {
    const rows = await evidence.query<Clearing & Record<string, unknown>>(
      `SELECT a.qualifier AS account, a.currency, sum(CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END)::text AS owed
         FROM ledger.account a JOIN ledger.entry e ON e.account_id = a.id JOIN ledger.transfer t ON t.id = e.transfer_id
        WHERE a.kind = 'gateway_clearing' AND t.kind NOT LIKE '%fee' AND t.kind <> 'bank_receipt' GROUP BY 1, 2`,
    );
    const ours = new Map(rows.map(({ account, currency, owed }) => [`${account} ${currency}`, Number(owed)]));
    const theirs = booksByAccount(evidence);
    return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((key) => {
      const [mine, gateways] = [ours.get(key) ?? 0, theirs.get(key) ?? 0];
      return mine === gateways
        ? []
        : [{ text: `gateway account ${key}: the ledger says that it owes ${mine}, its books say ${gateways}` }];
    });
  },
};

function booksByAccount({ attempts, charges, moneyOut }: Evidence): ReadonlyMap<string, number> {
  const totals = new Map<string, number>();
  const add = ({ gateway_account_id: account }: AttemptRow, currency: string, amount: number): void => {
    const key = `${account} ${currency}`;
    totals.set(key, (totals.get(key) ?? 0) + amount);
  };
  // Refunds that nobody knows of yet cannot be told from others of the same charge: then the whole charge's are taken as we know them.
  const captures = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  const openRefundsOf = new Set(
    moneyOut.disbursements
      .filter(({ id, kind }) => kind === 'refund' && (moneyOut.attemptsOf.get(id) ?? []).some(isOpen))
      .map(({ captured_by: id }) => id),
  );
  for (const attempt of attempts) {
    if (cannotBeAsked(attempt)) continue;
    for (const { amount, currency } of charges.get(attempt.reference) ?? []) add(attempt, currency, amount);
    if (openRefundsOf.has(attempt.id)) continue;
    for (const { amount, currency } of moneyOut.givenBack.get(attempt.reference) ?? []) add(attempt, currency, -amount);
  }
  for (const { id, captured_by: capturedBy, currency, kind } of moneyOut.disbursements) {
    const capture = captures.get(capturedBy ?? '');
    if (kind === 'refund' && capture !== undefined && openRefundsOf.has(capturedBy))
      for (const attempt of moneyOut.attemptsOf.get(id) ?? []) add(capture, currency, -believedOf(attempt));
    if (kind !== 'payout') continue;
    for (const attempt of (moneyOut.attemptsOf.get(id) ?? []).filter((each) => !isOpen(each)))
      for (const line of movedFor(moneyOut, attempt))
        add(attempt, line.currency, line.kind === 'payout' ? -line.amount : line.amount);
  }
  return totals;
}
