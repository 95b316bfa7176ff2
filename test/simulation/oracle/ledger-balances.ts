import type { Invariant } from './invariant.js';

/** Per currency the ledger sums to zero, every entry balances, and what accounts have pending is what is held. */
export const ledgerBalances: Invariant = {
  name: 'ledger_balances',
  async check({ query }) {
    const currencies = await query<{ currency: string; livemode: boolean; difference: string }>(
      `SELECT a.currency, a.livemode, sum(CASE e.direction WHEN 'debit' THEN e.amount ELSE -e.amount END)::text AS difference
         FROM ledger.entry e JOIN ledger.account a ON a.id = e.account_id GROUP BY 1, 2`,
    );
    const transfers = await query<{ id: string; subject_id: string | null }>(
      `SELECT t.id, t.subject_id FROM ledger.transfer t LEFT JOIN ledger.entry e ON e.transfer_id = t.id
        GROUP BY t.id HAVING count(*) FILTER (WHERE e.direction = 'debit' AND e.amount = t.amount AND e.account_id = t.debit_account_id) <> 1
           OR count(*) FILTER (WHERE e.direction = 'credit' AND e.amount = t.amount AND e.account_id = t.credit_account_id) <> 1 OR count(*) <> 2`,
    );
    const accounts = await query<{ kind: string; currency: string }>(
      `SELECT a.kind, a.currency FROM ledger.account a LEFT JOIN ledger.entry e ON e.account_id = a.id GROUP BY a.id
       HAVING coalesce(sum(e.amount) FILTER (WHERE e.direction = 'debit'), 0) <> a.debits_posted
           OR coalesce(sum(e.amount) FILTER (WHERE e.direction = 'credit'), 0) <> a.credits_posted
           OR count(e.account_id) <> a.version`,
    );
    const pending = await query<{ kind: string; currency: string }>(
      `SELECT a.kind, a.currency FROM ledger.account a LEFT JOIN (
         SELECT account_id, sum(debits) AS debits, sum(credits) AS credits FROM (
           SELECT debit_account_id AS account_id, amount - second_amount AS debits, 0 AS credits FROM ledger.hold WHERE state = 'pending'
           UNION ALL SELECT second_debit_account_id, second_amount, 0 FROM ledger.hold WHERE state = 'pending'
           UNION ALL SELECT credit_account_id, 0, amount FROM ledger.hold WHERE state = 'pending') part GROUP BY 1) held ON held.account_id = a.id
        WHERE a.debits_pending <> coalesce(held.debits, 0) OR a.credits_pending <> coalesce(held.credits, 0)`,
    );
    return [
      ...currencies
        .filter(({ difference }) => difference !== '0')
        .map(({ currency, difference }) => ({ text: `debits and credits in ${currency} differ by ${difference}` })),
      ...transfers.map(({ id, subject_id: paymentId }) => ({
        text: `transfer ${id} has not exactly a debit and a credit of its amount`,
        ...(paymentId === null ? {} : { paymentId }),
      })),
      ...accounts.map(({ kind, currency }) => ({
        text: `the balance of ${kind} in ${currency} is not what its entries make`,
      })),
      ...pending.map(({ kind, currency }) => ({ text: `what ${kind} in ${currency} has pending is not what is held` })),
    ];
  },
};
