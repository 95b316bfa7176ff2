/** Writing what events say: one statement per batch. */
import { statement, type Tx } from '../../../kernel/database/tx.js';
import type { Movement } from './movement.js';
import type { Told } from './record.js';

/*
 * As `join` in record.ts does it: the two must agree, and a test holds them to it. The condition leaves out what is told again. The union
 * of handles is sorted byte by byte, as JavaScript sorts what gateways write.
 */
const foldStatement = statement(
  'reconciliation.fold_records',
  `INSERT INTO reconciliation.record AS r (attempt_id, kind, subject_id, merchant_id, livemode, gateway, gateway_account_id, reference, key, handles,
     status, version, amount, currency, moved_amount, moved_currency, fee, figures_version, started_at, concluded_at)
   SELECT "attemptId", kind, "subjectId", "merchantId", livemode, gateway, "gatewayAccountId", reference, key, handles,
     status, version, amount, currency, "movedAmount", "movedCurrency", fee, "figuresVersion", "startedAt", "concludedAt"
   FROM json_to_recordset($1) AS t("attemptId" uuid, kind text, "subjectId" uuid, "merchantId" uuid, livemode boolean, gateway text,
     "gatewayAccountId" uuid, reference text, key text, handles text[], status text, version int, amount bigint, currency text,
     "movedAmount" bigint, "movedCurrency" text, fee bigint, "figuresVersion" int, "startedAt" timestamptz, "concludedAt" timestamptz)
   ON CONFLICT (attempt_id) DO UPDATE SET
     status = CASE WHEN EXCLUDED.version > r.version THEN EXCLUDED.status ELSE r.status END,
     concluded_at = CASE WHEN EXCLUDED.version > r.version THEN EXCLUDED.concluded_at ELSE r.concluded_at END,
     version = GREATEST(r.version, EXCLUDED.version),
     amount = COALESCE(r.amount, EXCLUDED.amount),
     currency = COALESCE(r.currency, EXCLUDED.currency),
     moved_amount = CASE WHEN EXCLUDED.figures_version > r.figures_version THEN EXCLUDED.moved_amount ELSE r.moved_amount END,
     moved_currency = CASE WHEN EXCLUDED.figures_version > r.figures_version THEN EXCLUDED.moved_currency ELSE r.moved_currency END,
     fee = CASE WHEN EXCLUDED.figures_version > r.figures_version THEN EXCLUDED.fee ELSE r.fee END,
     figures_version = GREATEST(r.figures_version, EXCLUDED.figures_version),
     handles = CASE WHEN r.handles @> EXCLUDED.handles THEN r.handles
       ELSE ARRAY(SELECT DISTINCT h COLLATE "C" FROM unnest(r.handles || EXCLUDED.handles) h ORDER BY 1) END
   WHERE EXCLUDED.version > r.version OR EXCLUDED.figures_version > r.figures_version OR NOT r.handles @> EXCLUDED.handles`,
);

/** @param told one entry per attempt, in the order of their ids */
export async function foldRecords(tx: Tx, told: readonly Told[]): Promise<void> {
  if (told.length > 0) await tx.query(foldStatement, [JSON.stringify(told)]);
}

const movementsStatement = statement(
  'reconciliation.insert_movements',
  `INSERT INTO reconciliation.movement (transfer_id, attempt_id, gateway_account_id, livemode, kind, side, amount, currency, effective_at)
   SELECT "transferId", "attemptId", "gatewayAccountId", livemode, kind, side, amount, currency, "effectiveAt"
   FROM json_to_recordset($1) AS t("transferId" uuid, "attemptId" uuid, "gatewayAccountId" uuid, livemode boolean, kind text, side text,
     amount bigint, currency text, "effectiveAt" timestamptz)
   ORDER BY "transferId"
   ON CONFLICT (transfer_id) DO NOTHING`,
);

/** A transfer is posted once and never changes: told again, it is the same. */
export async function insertMovements(tx: Tx, movements: readonly Movement[]): Promise<void> {
  if (movements.length > 0) await tx.query(movementsStatement, [JSON.stringify(movements)]);
}
