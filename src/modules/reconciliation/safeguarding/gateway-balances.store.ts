/** What gateways say that can be paid out of our accounts there. */
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';

/** As a gateway tells it of one account and currency. */
export interface ToldBalance {
  readonly currency: string;
  /** In minor units. */
  readonly available: number;
  readonly toldAt: string;
}

const keepStatement = statement(
  'reconciliation.keep_gateway_balances',
  `INSERT INTO reconciliation.gateway_balance AS b (gateway_account_id, currency, available, told_at)
   SELECT DISTINCT ON ("gatewayAccountId", currency) "gatewayAccountId", currency, available, "toldAt"
     FROM json_to_recordset($1) AS t("gatewayAccountId" uuid, currency text, available bigint, "toldAt" timestamptz)
    ORDER BY "gatewayAccountId", currency, "toldAt" DESC
   ON CONFLICT (gateway_account_id, currency) DO UPDATE SET available = EXCLUDED.available, told_at = EXCLUDED.told_at WHERE b.told_at < EXCLUDED.told_at`,
);

/** What was told last stays. */
export async function keepBalances(
  tx: Tx,
  balances: readonly (ToldBalance & { readonly gatewayAccountId: string })[],
): Promise<void> {
  if (balances.length > 0) await tx.query(keepStatement, [JSON.stringify(balances)]);
}

export interface GatewayBalanceRow {
  readonly gatewayAccountId: string;
  readonly currency: string;
  readonly available: bigint;
  readonly toldAt: Date;
}

const balancesStatement = statement(
  'reconciliation.gateway_balances',
  `SELECT gateway_account_id AS "gatewayAccountId", currency, available, told_at AS "toldAt" FROM reconciliation.gateway_balance
    WHERE gateway_account_id = ANY($1::uuid[]) AND told_at >= $2`,
);

/** Those that were told since. */
export function balancesSince(
  queryable: Queryable,
  gatewayAccountIds: readonly string[],
  since: Date,
): Promise<readonly GatewayBalanceRow[]> {
  return queryable.query<GatewayBalanceRow>(balancesStatement, [gatewayAccountIds, since.toISOString()]);
}
