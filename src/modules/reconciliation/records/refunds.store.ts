/** Which charges are given back. */
import { statement, type Tx } from '../../../kernel/database/tx.js';

export interface ToldRefund {
  readonly refundId: string;
  /** The attempt whose capture it gives back. */
  readonly attemptId: string;
  readonly failed: boolean;
}

/* That it failed is its end, in whatever order the two are heard. */
const keepStatement = statement(
  'reconciliation.keep_refunds',
  `INSERT INTO reconciliation.refund AS r (refund_id, attempt_id, failed)
   SELECT "refundId", "attemptId", failed FROM json_to_recordset($1) AS t("refundId" uuid, "attemptId" uuid, failed boolean) ORDER BY "refundId"
   ON CONFLICT (refund_id) DO UPDATE SET failed = true WHERE EXCLUDED.failed AND NOT r.failed`,
);

/** @param refunds one entry per refund */
export async function keepRefunds(tx: Tx, refunds: readonly ToldRefund[]): Promise<void> {
  if (refunds.length > 0) await tx.query(keepStatement, [JSON.stringify(refunds)]);
}
