import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { HoldRow } from './holds.store.js';

export interface HoldView {
  readonly object: 'ledger_hold';
  readonly id: string;
  readonly livemode: boolean;
  /** `pending` while money is held, `posted` when it left, `voided` when it did not, `refused` when there was not enough. */
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  /** What it is held for: one of the two. */
  readonly refund_id: string | null;
  readonly payout_id: string | null;
  readonly created_at: string;
  /** When it stopped being pending. */
  readonly ended_at: string | null;
}

export function viewHold(row: HoldRow): HoldView {
  return {
    object: 'ledger_hold',
    id: encodeId('hold', row.subjectId),
    livemode: row.livemode,
    status: row.state,
    amount: toJsonAmount(row.amount),
    currency: row.currency,
    refund_id: row.kind === 'refund' ? encodeId('refund', row.subjectId) : null,
    payout_id: row.kind === 'payout' ? encodeId('payout', row.subjectId) : null,
    created_at: row.createdAt.toISOString(),
    ended_at: row.endedAt?.toISOString() ?? null,
  };
}
