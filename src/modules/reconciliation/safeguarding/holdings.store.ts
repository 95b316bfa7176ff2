/** What others hold for us: at gateways beside their balances, and at banks. */
import { statement, type Queryable } from '../../../kernel/database/tx.js';

/** In minor units. */
interface AmountAtGateway {
  readonly gatewayAccountId: string;
  readonly currency: string;
  readonly amount: bigint;
}

/** What has not come in by then is a break, and no money to count on. */
const ARRIVES_WITHIN_DAYS = 7;

const underWayStatement = statement(
  'reconciliation.settlements_under_way',
  `SELECT gateway_account_id AS "gatewayAccountId", currency, sum(net)::bigint AS amount FROM reconciliation.settlement
    WHERE bank_line_id IS NULL AND status = 'settled' AND settled_at > now() - make_interval(days => $1) AND net > 0
    GROUP BY gateway_account_id, currency`,
);

/** Settlements that have left the gateway and are not at the bank. */
export function settlementsUnderWay(queryable: Queryable): Promise<readonly AmountAtGateway[]> {
  return queryable.query<AmountAtGateway>(underWayStatement, [ARRIVES_WITHIN_DAYS]);
}

const deniedStatement = statement(
  'reconciliation.denied_captures',
  `SELECT b.gateway_account_id AS "gatewayAccountId", b.currency, sum(b.amount)::bigint AS amount
     FROM reconciliation.break b JOIN reconciliation.record r ON r.attempt_id = b.attempt_id AND r.attempt_id = b.subject_id
    WHERE b.gateway_account_id = ANY($1::uuid[]) AND b.closed_at IS NULL AND b.side = 'gateway' AND b.kind IN ('missing_there', 'status')
      AND r.kind = 'payment' AND r.status IN ('succeeded', 'surplus', 'quarantined') AND b.currency IS NOT NULL
    GROUP BY b.gateway_account_id, b.currency`,
);

/** Captures that we have and that gateways' own books do not. */
export function deniedCaptures(
  queryable: Queryable,
  gatewayAccountIds: readonly string[],
): Promise<readonly AmountAtGateway[]> {
  return queryable.query<AmountAtGateway>(deniedStatement, [gatewayAccountIds]);
}

export interface ClosingBalance {
  readonly account: string;
  readonly livemode: boolean;
  readonly currency: string;
  readonly closing: bigint;
  /** `2026-11-27`. */
  readonly closedOn: string;
}

/** A statement older than this is not looked at any more. */
const STATEMENTS_OF_DAYS = 400;

/* A statement that does not name its account is of the one that was stated when it was uploaded. Not prepared: it is asked once an hour. */
const CLOSING = `SELECT DISTINCT ON (account, currency, livemode) account, livemode, currency, closing, closed_on AS "closedOn" FROM (
     SELECT coalesce(t.account, (SELECT b.account FROM reconciliation.bank_line b WHERE b.source_id = s.id LIMIT 1)) AS account, s.livemode, t.currency,
         t.closing_balance AS closing, t.closed_on, s.told_at
       FROM reconciliation.source s, jsonb_to_recordset(s.summary -> 'statements') AS t(account text, currency text, closing_balance bigint, closed_on text)
      WHERE s.kind = 'bank' AND s.state = 'committed' AND s.window_to > now() - make_interval(days => $1)
   ) AS statements
   WHERE account IS NOT NULL AND closed_on IS NOT NULL
   ORDER BY account, currency, livemode, closed_on DESC, told_at DESC`;

/** Of each account at a bank, what its newest statement closes with. */
export function closingBalances(queryable: Queryable): Promise<readonly ClosingBalance[]> {
  return queryable.query<ClosingBalance>(CLOSING, [STATEMENTS_OF_DAYS]);
}
