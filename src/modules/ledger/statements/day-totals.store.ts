/** Totals by effective day. */
import { statement, type Queryable } from '../../../kernel/database/tx.js';

const rollUpStatement = statement('ledger.roll_up', 'SELECT ledger.roll_up($1) AS taken');

/** @returns how many accounts it took; as many as it may when there are more */
export async function rollUp(db: Queryable, most: number): Promise<number> {
  const [row] = await db.query<{ taken: number }>(rollUpStatement, [most]);
  return row?.taken ?? 0;
}

export interface Totals {
  readonly debits: bigint;
  readonly credits: bigint;
}

/** The days that are rolled up, and the entries that are not; in one snapshot, so that none is in both or in neither. */
const totalsStatement = statement(
  'ledger.totals_by_day',
  `WITH mark AS MATERIALIZED (
     SELECT coalesce((SELECT account_version FROM ledger.rolled_up WHERE account_id = $1), 0) AS version
   ), part AS (
     SELECT sum(debits) AS debits, sum(credits) AS credits FROM ledger.day_total WHERE account_id = $1 AND effective_on <= $2::date
     UNION ALL
     SELECT sum(amount) FILTER (WHERE direction = 'debit'), sum(amount) FILTER (WHERE direction = 'credit') FROM ledger.entry
      WHERE account_id = $1 AND account_version > (SELECT version FROM mark) AND effective_on <= $2::date
   )
   SELECT coalesce(sum(debits), 0)::bigint AS debits, coalesce(sum(credits), 0)::bigint AS credits FROM part`,
);

/** @param day YYYY-MM-DD in UTC; what is effective on it counts */
export async function totalsByDay(db: Queryable, accountId: string, day: string): Promise<Totals> {
  const [row] = await db.query<Totals>(totalsStatement, [accountId, day]);
  return row ?? { debits: 0n, credits: 0n };
}
