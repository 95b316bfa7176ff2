import type { z } from 'zod';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { resolutionAnswer } from './resolution.answers.js';
import { PROPOSAL_LASTS_MS } from './resolution.js';
import type { Resolution } from './resolutions.store.js';

export type ShownResolution = z.infer<typeof resolutionAnswer>;

export function shownResolution(row: Resolution): ShownResolution {
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
    booking: bookingOf(row),
    requested_by: row.requestedBy === null ? null : encodeId('admin', row.requestedBy),
    decided_by: row.decidedBy === null ? null : encodeId('admin', row.decidedBy),
    decision_remark: row.decisionRemark,
    expires_at: row.state === 'proposed' ? new Date(row.createdAt.getTime() + PROPOSAL_LASTS_MS).toISOString() : null,
    created_at: row.createdAt.toISOString(),
    decided_at: row.decidedAt?.toISOString() ?? null,
    booked_at: row.bookedAt?.toISOString() ?? null,
  };
}

function bookingOf(row: Resolution): ShownResolution['booking'] {
  const { clearingSide, account, amount, currency } = row;
  // One of them is there where all are: the table sees to it.
  if (clearingSide === null || account === null || amount === null || currency === null) return null;
  return {
    side: clearingSide,
    account,
    amount: toJsonAmount(amount),
    currency,
    transfer: row.bookedAt === null ? null : encodeId('transfer', row.id),
  };
}
