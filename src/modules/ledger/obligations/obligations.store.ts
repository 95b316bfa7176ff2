/** What is owed, and what gateways should hold. */
import type { Queryable } from '../../../kernel/database/tx.js';
import type { Currency } from '../../../kernel/money/money.js';

interface Unit {
  readonly livemode: boolean;
  readonly currency: Currency;
}

/** In minor units. */
export interface Owed extends Unit {
  readonly merchants: bigint;
  readonly customers: bigint;
  /** Of both, what is held for refunds and payouts. */
  readonly onItsWay: bigint;
}

/** In minor units. */
export interface Clearing extends Unit {
  readonly gatewayAccountId: string;
  readonly balance: bigint;
  /** What came in lately. */
  readonly captured: bigint;
}

export interface Obligations {
  readonly owed: readonly Owed[];
  readonly clearing: readonly Clearing[];
}

/*
 * One statement, so that both parts are of one moment. Every account of merchants is added up, as none may be left out. What one merchant owes us is
 * nobody else's money: each counts by itself, and not below zero. What clearing accounts took in lately: the days that are rolled up, and the entries
 * that are not.
 */
const OBLIGATIONS = `
  WITH by_merchant AS (
    SELECT livemode, currency, greatest(sum(credits_posted - debits_posted), 0) AS owed
      FROM ledger.account WHERE kind IN ('merchant_pending', 'merchant_available', 'merchant_rolling_reserve', 'merchant_reserved')
     GROUP BY livemode, currency, merchant_id
  ), owed (livemode, currency, merchants, customers, on_its_way) AS (
    SELECT livemode, currency, sum(owed), 0, 0 FROM by_merchant GROUP BY livemode, currency
    UNION ALL
    SELECT livemode, currency, 0, greatest(coalesce(sum(credits_posted - debits_posted) FILTER (WHERE kind <> 'merchant_reserved'), 0), 0),
      coalesce(sum(credits_pending) FILTER (WHERE kind <> 'suspense'), 0)
      FROM ledger.account WHERE kind IN ('suspense', 'customer_reserved', 'merchant_reserved') GROUP BY livemode, currency
  ), clearing (gateway_account_id, livemode, currency, balance, captured) AS (
    SELECT a.qualifier, a.livemode, a.currency, a.debits_posted - a.credits_posted,
      coalesce((SELECT sum(d.debits) FROM ledger.day_total d WHERE d.account_id = a.id AND d.effective_on >= $1::date), 0)
      + coalesce((SELECT sum(e.amount) FROM ledger.entry e
          WHERE e.account_id = a.id AND e.direction = 'debit' AND e.effective_on >= $1::date
            AND e.account_version > coalesce((SELECT r.account_version FROM ledger.rolled_up r WHERE r.account_id = a.id), 0)), 0)
      FROM ledger.account a WHERE a.kind = 'gateway_clearing'
  )
  SELECT NULL AS "gatewayAccountId", livemode, currency, sum(merchants)::bigint AS merchants, sum(customers)::bigint AS customers, sum(on_its_way)::bigint AS "onItsWay",
      NULL::bigint AS balance, NULL::bigint AS captured FROM owed GROUP BY livemode, currency
  UNION ALL
  SELECT gateway_account_id, livemode, currency, NULL, NULL, NULL, balance::bigint, captured::bigint FROM clearing
  ORDER BY currency, livemode, "gatewayAccountId"`;

type Row = (Owed & { readonly gatewayAccountId: null }) | Clearing;

/** @param capturedSince an effective day, `2026-11-27` */
export async function readObligations(queryable: Queryable, capturedSince: string): Promise<Obligations> {
  const rows = await queryable.query<Row>(OBLIGATIONS, [capturedSince]);
  return {
    owed: rows.flatMap((row) => (row.gatewayAccountId === null ? [row] : [])),
    clearing: rows.flatMap((row) => (row.gatewayAccountId === null ? [] : [row])),
  };
}
