/** Proofs over the whole ledger, for operators. */
import { Injectable } from '@nestjs/common';
import { Databases } from '../../../kernel/database/databases.js';
import type { Database } from '../../../kernel/database/database.js';
import type { Tx } from '../../../kernel/database/tx.js';

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
  readonly pendingDebits: bigint;
  readonly pendingCredits: bigint;
}

/** How many accounts, transfers and holds are contradicted, by entries and by holds: 0 each, or there is a fault. */
export interface Proof {
  readonly entries: bigint;
  readonly holds: bigint;
}

export interface TrialBalance {
  readonly asOf: Date;
  /** Every account, by currency and mode. */
  readonly accounts: readonly TotalsRow[];
  /** Absent when it was not asked for. */
  readonly proof?: Proof;
}

const TOTALS = `SELECT id, merchant_id AS "merchantId", livemode, currency, kind, qualifier, normal_side AS "normalSide",
    debits_posted AS debits, credits_posted AS credits,
    debits_pending AS "pendingDebits", credits_pending AS "pendingCredits"
  FROM ledger.account WHERE $1::boolean IS NULL OR livemode = $1 ORDER BY currency, livemode, kind, merchant_id NULLS FIRST, qualifier`;

/**
 * Accounts whose totals, version, any running balance differ from what their entries add up to, or whose entries were not booked in
 * their order; and transfers that do not have exactly one entry on each side, of their amount and on their accounts (none for those that
 * move nothing). Entries of no account count as well.
 */
const DISAGREEMENTS = `WITH replayed AS (
    SELECT account_id, account_version, direction, amount, balance, row_number() OVER w AS n,
      booked_at >= coalesce(lag(booked_at) OVER w, booked_at) AS in_time,
      sum(CASE direction WHEN 'debit' THEN amount ELSE -amount END) OVER w AS running
    FROM ledger.entry WINDOW w AS (PARTITION BY account_id ORDER BY account_version)
  ), summed AS (
    SELECT r.account_id, coalesce(sum(r.amount) FILTER (WHERE r.direction = 'debit'), 0) AS debits,
      coalesce(sum(r.amount) FILTER (WHERE r.direction = 'credit'), 0) AS credits, count(*) AS entries,
      bool_and(r.n = r.account_version AND r.in_time AND r.balance = CASE a.normal_side WHEN 'debit' THEN r.running ELSE -r.running END) AS in_step
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
    WHERE CASE WHEN t.phase IN ('pending', 'void', 'expire') THEN e.entries IS NOT NULL
      ELSE e.entries IS DISTINCT FROM 2 OR e.debited IS DISTINCT FROM t.debit_account_id::text OR e.credited IS DISTINCT FROM t.credit_account_id::text
        OR e.least IS DISTINCT FROM t.amount OR e.most IS DISTINCT FROM t.amount END
  ) AS count`;

/**
 * Accounts whose pending totals are not what holds and pending transfers make of them; pending transfers that ended twice, or with more
 * than was held, or are not among the open ones until they end; transfers of which more was reversed than they moved; and holds that ended as posted without transfers of their amount, or
 * have some although they still wait. (One that was voided or refused has transfers if the money left all the same.)
 */
const HOLDS_DISAGREE = `WITH waiting AS (
    SELECT t.* FROM ledger.transfer t
    WHERE t.phase = 'pending' AND NOT EXISTS (SELECT FROM ledger.transfer e WHERE e.pending_id = t.id)
  ), part AS (
    SELECT debit_account_id AS account_id, amount - second_amount AS debits, 0 AS credits FROM ledger.hold WHERE state = 'pending'
    UNION ALL SELECT second_debit_account_id, second_amount, 0 FROM ledger.hold WHERE state = 'pending' AND second_amount > 0
    UNION ALL SELECT credit_account_id, 0, amount FROM ledger.hold WHERE state = 'pending'
    UNION ALL SELECT debit_account_id, amount, 0 FROM waiting
    UNION ALL SELECT credit_account_id, 0, amount FROM waiting
  ), held AS (
    SELECT account_id, sum(debits) AS debits, sum(credits) AS credits FROM part GROUP BY account_id
  ), drawn AS (
    SELECT subject_id, kind, credit_account_id, sum(amount) AS amount FROM ledger.transfer
    WHERE kind IN ('refund', 'payout') AND phase = 'single' GROUP BY 1, 2, 3
  )
  SELECT (
    SELECT count(*) FROM ledger.account a FULL JOIN held ON held.account_id = a.id
    WHERE a.debits_pending IS DISTINCT FROM coalesce(held.debits, 0) OR a.credits_pending IS DISTINCT FROM coalesce(held.credits, 0)
  ) + (
    SELECT count(*) FROM ledger.hold h FULL JOIN drawn d ON d.subject_id = h.subject_id AND d.kind = h.kind AND d.credit_account_id = h.credit_account_id
    WHERE h.state IS NULL OR CASE h.state WHEN 'posted' THEN d.amount IS DISTINCT FROM h.amount WHEN 'pending' THEN d.amount IS NOT NULL
      ELSE d.amount IS NOT NULL AND d.amount <> h.amount END
  ) + (
    SELECT count(*) FROM waiting w FULL JOIN ledger.open_pending o ON o.transfer_id = w.id
    WHERE w.id IS NULL OR o.transfer_id IS NULL OR o.expires_at IS DISTINCT FROM w.expires_at
  ) + (
    SELECT count(*) FROM (
      SELECT pending_id, sum(amount) AS amount, count(*) AS ends FROM ledger.transfer WHERE pending_id IS NOT NULL GROUP BY pending_id
    ) e LEFT JOIN ledger.transfer t ON t.id = e.pending_id WHERE t.phase IS DISTINCT FROM 'pending' OR e.ends > 1 OR e.amount > t.amount
  ) + (
    SELECT count(*) FROM (
      SELECT reverses_id, sum(amount) AS amount FROM ledger.transfer WHERE reverses_id IS NOT NULL GROUP BY reverses_id
    ) r LEFT JOIN ledger.transfer t ON t.id = r.reverses_id WHERE t.phase IN ('single', 'post') IS NOT TRUE OR r.amount > t.amount
  ) AS count`;

/**
 * What had been booked on each account before a moment, as one column of a trial balance has it: on the debit side or on the credit side.
 * What was pending then is not known any more. A look into every account, twenty into a large one.
 */
const BALANCES_BEFORE = `SELECT id, merchant_id AS "merchantId", livemode, currency, kind, qualifier, normal_side AS "normalSide",
    greatest(net, 0) AS debits, greatest(-net, 0) AS credits, 0::bigint AS "pendingDebits", 0::bigint AS "pendingCredits"
  FROM (
    SELECT a.*, coalesce(CASE a.normal_side WHEN 'debit' THEN e.balance ELSE -e.balance END, 0) AS net
    FROM ledger.account a LEFT JOIN ledger.entry e ON e.account_id = a.id AND e.account_version = ledger.version_before(a.id, $2::timestamptz)
    WHERE $1::boolean IS NULL OR a.livemode = $1
  ) s ORDER BY currency, livemode, kind, merchant_id NULLS FIRST, qualifier`;

@Injectable()
export class TrialBalanceStore {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('ledger');
  }

  /**
   * All totals of one moment. With `verify`, reads every entry and hold of the same moment too: for operators and tests, minutes on
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
        ...(options.verify ? { proof: await prove(tx) } : {}),
      };
    });
  }

  /**
   * What was booked before a moment. A batch has one booked time, so it is in it as a whole or not at all.
   * @param livemode undefined for both
   */
  async readBefore(moment: string, livemode: boolean | undefined): Promise<TrialBalance> {
    const accounts = await this.database.query<TotalsRow>(BALANCES_BEFORE, [livemode ?? null, moment]);
    return { asOf: new Date(moment), accounts };
  }
}

/** Only within one snapshot are the answers of one moment. */
async function prove(tx: Tx): Promise<Proof> {
  return { entries: await count(tx, DISAGREEMENTS), holds: await count(tx, HOLDS_DISAGREE) };
}

/** How many accounts, transfers and holds are contradicted by entries or holds: 0, or there is a fault. */
export async function countDisagreements(tx: Tx): Promise<bigint> {
  const { entries, holds } = await prove(tx);
  return entries + holds;
}

async function count(tx: Tx, sql: string): Promise<bigint> {
  const [row] = await tx.query<{ count: bigint }>(sql);
  if (row === undefined) throw new Error('The self-check gave no answer');
  return row.count;
}
