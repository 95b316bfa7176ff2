/** How a merchant's own transfers look over HTTP. Amounts are integer minor units. */
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { TransferRow } from './client-transfers.store.js';

export interface TransferView {
  readonly object: 'ledger_transfer';
  readonly id: string;
  readonly livemode: boolean;
  /** `single`, `pending`, `post`, `void`, `expire`, `reverse`: what it does. */
  readonly phase: string;
  /** `posted`; of a pending one also `pending`, `voided`, `expired`, which it shares with what ended it. */
  readonly status: string;
  readonly debit_account_id: string;
  readonly credit_account_id: string;
  readonly amount: number;
  readonly currency: string;
  readonly kind: string;
  readonly subject: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of a pending one that was posted: how much of it. */
  readonly posted_amount: number | null;
  readonly reversed_amount: number;
  /** The pending transfer that it ends. */
  readonly pending_id: string | null;
  /** The transfer that it reverses. */
  readonly reverses_id: string | null;
  /** The first of those that stood or fell together with it. */
  readonly group_id: string | null;
  readonly expires_at: string | null;
  readonly effective_at: string;
  readonly booked_at: string;
}

const STATUS_OF_END: Readonly<Record<string, string>> = { post: 'posted', void: 'voided', expire: 'expired' };

export function viewTransfer(row: TransferRow): TransferView {
  const idOrNull = (id: string | null): string | null => (id === null ? null : encodeId('transfer', id));
  return {
    object: 'ledger_transfer',
    id: encodeId('transfer', row.transferId),
    livemode: row.livemode,
    phase: row.phase,
    status: statusOf(row),
    debit_account_id: encodeId('account', row.debitAccountId),
    credit_account_id: encodeId('account', row.creditAccountId),
    amount: toJsonAmount(row.amount),
    currency: row.currency,
    kind: row.kind,
    subject: row.subject,
    description: row.description,
    metadata: row.metadata,
    posted_amount: row.postedAmount === null ? null : toJsonAmount(row.postedAmount),
    reversed_amount: toJsonAmount(row.reversedAmount),
    pending_id: idOrNull(row.pendingId),
    reverses_id: idOrNull(row.reversesId),
    group_id: idOrNull(row.groupId),
    expires_at: row.expiresAt?.toISOString() ?? null,
    effective_at: row.effectiveAt.toISOString(),
    booked_at: row.bookedAt.toISOString(),
  };
}

function statusOf({ phase, endedBy }: TransferRow): string {
  if (phase === 'pending') return endedBy === null ? 'pending' : (STATUS_OF_END[endedBy] ?? endedBy);
  return STATUS_OF_END[phase] ?? 'posted';
}
