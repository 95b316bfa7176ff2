/** What people decided about attempts: written once, with the outcome itself. */
import type { Grant } from '../../../kernel/approvals/approval-action.js';
import { statement, type Tx } from '../../../kernel/database/tx.js';
import type { Attempt, Decision } from '../attempt.js';

const insertSql = statement(
  'routing.insert_decision',
  `INSERT INTO routing.attempt_decision (attempt_id, merchant_id, livemode, outcome, gateway_reference, remark, asked_by, decided_by, approval_id)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);

export async function insertDecision(
  tx: Tx,
  { id, merchantId, livemode }: Pick<Attempt, 'id' | 'merchantId' | 'livemode'>,
  made: { readonly outcome: Decision; readonly gatewayReference: string; readonly remark: string },
  { askedBy, grantedBy, approvalId }: Pick<Grant, 'askedBy' | 'grantedBy' | 'approvalId'>,
): Promise<void> {
  const { outcome, gatewayReference, remark } = made;
  const values = [id, merchantId, livemode, outcome, gatewayReference, remark, askedBy, grantedBy, approvalId];
  await tx.query(insertSql, values);
}
