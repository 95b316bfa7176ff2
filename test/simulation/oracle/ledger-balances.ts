import type { Invariant } from './invariant.js';

/** Per currency the ledger sums to zero and every entry balances. */
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
    ];
  },
};
