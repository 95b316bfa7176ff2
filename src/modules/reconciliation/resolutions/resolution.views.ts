import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { Resolution } from './resolutions.store.js';

export function shownResolution(row: Resolution): Record<string, unknown> {
  return {
    object: 'reconciliation_resolution',
    id: encodeId('resolution', row.id),
    break: encodeId('break', row.breakId),
    gateway_account: encodeId('gatewayAccount', row.gatewayAccountId),
    livemode: row.livemode,
    action: row.action,
    status: row.state,
    automatic: row.isAutomatic,
    remark: row.remark,
    booking:
      row.amount === null
        ? null
        : {
            /** On the gateway's clearing account. */
            side: row.clearingSide,
            account: row.account,
            amount: toJsonAmount(row.amount),
            currency: row.currency,
            transfer: row.bookedAt === null ? null : encodeId('transfer', row.id),
          },
    requested_by: row.requestedBy === null ? null : encodeId('admin', row.requestedBy),
    decided_by: row.decidedBy === null ? null : encodeId('admin', row.decidedBy),
    decision_remark: row.decisionRemark,
    created_at: row.createdAt.toISOString(),
    decided_at: row.decidedAt?.toISOString() ?? null,
    booked_at: row.bookedAt?.toISOString() ?? null,
  };
}
