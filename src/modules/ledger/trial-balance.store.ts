/** Proofs over the whole ledger, for operators. */
import { Injectable } from '@nestjs/common';
import { Databases } from '../../kernel/database/databases.js';
import type { Database } from '../../kernel/database/database.js';
import type { Tx } from '../../kernel/database/tx.js';

export interface TotalsRow {
  readonly id: string;
  readonly merchantId: string | null;
  readonly livemode: boolean;
  readonly currency: string;
  readonly kind: string;
  readonly qualifier: string;
  readonly normalSide: string;
  readonly debits: bigint;
  readonly credits: bigint;
}

export interface TrialBalance {
  readonly asOf: Date;
  /** Every account, by currency and mode. */
  readonly accounts: readonly TotalsRow[];
  /** Whether the entries tell the same story as the accounts; absent when it was not asked. */
  readonly entriesAgree?: boolean;
}

const TOTALS = `SELECT id, merchant_id AS "merchantId", livemode, currency, kind, qualifier, normal_side AS "normalSide",
    debits_posted AS debits, credits_posted AS credits
  FROM ledger.account WHERE $1::boolean IS NULL OR livemode = $1 ORDER BY currency, livemode, kind, merchant_id NULLS FIRST, qualifier`;

/**
 * Accounts whose totals, version, or any running balance differ from what their entries add up to, and transfers that do
 * not have exactly one entry on each side, of their amount and on their accounts. Entries of no account count as well.
 */
const DISAGREEMENTS = `WITH replayed AS (
    SELECT account_id, account_version, direction, amount, balance, row_number() OVER w AS n,
      sum(CASE direction WHEN 'debit' THEN amount ELSE -amount END) OVER w AS running
    FROM ledger.entry WINDOW w AS (PARTITION BY account_id ORDER BY account_version)
  ), summed AS (
    SELECT r.account_id, coalesce(sum(r.amount) FILTER (WHERE r.direction = 'debit'), 0) AS debits,
      coalesce(sum(r.amount) FILTER (WHERE r.direction = 'credit'), 0) AS credits, count(*) AS entries,
      bool_and(r.n = r.account_version AND r.balance = CASE a.normal_side WHEN 'debit' THEN r.running ELSE -r.running END) AS in_step
    FROM replayed r LEFT JOIN ledger.account a ON a.id = r.account_id GROUP BY r.account_id
  )
  SELECT (
    SELECT count(*) FROM ledger.account a FULL JOIN summed s ON s.account_id = a.id
    WHERE a.debits_posted IS DISTINCT FROM coalesce(s.debits, 0) OR a.credits_posted IS DISTINCT FROM coalesce(s.credits, 0)
      OR a.version IS DISTINCT FROM coalesce(s.entries, 0) OR s.in_step IS FALSE
  ) + (
    SELECT count(*) FROM ledger.transfer t FULL JOIN (
      SELECT transfer_id, count(*) AS entries,
        min(account_id::text) FILTER (WHERE direction = 'debit') AS debited, min(account_id::text) FILTER (WHERE direction = 'credit') AS credited,
        min(amount) AS least, max(amount) AS most
      FROM ledger.entry GROUP BY transfer_id
    ) e ON e.transfer_id = t.id
    WHERE e.entries IS DISTINCT FROM 2 OR e.debited IS DISTINCT FROM t.debit_account_id::text OR e.credited IS DISTINCT FROM t.credit_account_id::text
      OR e.least IS DISTINCT FROM t.amount OR e.most IS DISTINCT FROM t.amount
  ) AS count`;

@Injectable()
export class TrialBalanceStore {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('ledger');
  }

  /**
   * All totals of one moment. With `verify`, reads every entry of the same moment too: for operators and tests, minutes on
   * a large ledger, and cut off by the statement timeout there.
   * @param livemode undefined for both
   */
  read(options: { livemode?: boolean; verify: boolean }): Promise<TrialBalance> {
    return this.database.transaction(async (tx) => {
      // One snapshot for all statements, so that totals and entries are of the same moment.
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
      const accounts = await tx.query<TotalsRow>(TOTALS, [options.livemode ?? null]);
      const [clock] = await tx.query<{ now: Date }>('SELECT now() AS now');
      if (clock === undefined) throw new Error('The database did not tell the time');
      return {
        asOf: clock.now,
        accounts,
        ...(options.verify ? { entriesAgree: (await countDisagreements(tx)) === 0n } : {}),
      };
    });
  }
}

/** How many accounts and transfers are contradicted by their entries: 0, or there is a fault. */
export async function countDisagreements(tx: Tx): Promise<bigint> {
  const [row] = await tx.query<{ count: bigint }>(DISAGREEMENTS);
  if (row === undefined) throw new Error('The self-check gave no answer');
  return row.count;
}
