/** How what reconciliation found is booked. Pure. */
import { adjustmentApproved } from '../../../contracts/reconciliation.events.js';
import type { PayloadOf, StoredEvent } from '../../../kernel/outbox/event.js';
import { accountKey } from '../accounts/account.js';
import type { PlannedTransfer } from '../transfers/transfer.js';

/** One transfer between the gateway's clearing account and what the difference was booked against, under the resolution's own id. */
export function adjustmentFor(event: StoredEvent): readonly PlannedTransfer[] {
  const payload = event.payload as PayloadOf<typeof adjustmentApproved>;
  const clearing = accountKey(payload, 'gateway_clearing', { qualifier: payload.gateway_account_id });
  const other = accountKey(payload, payload.account);
  const [debit, credit] = payload.side === 'debit' ? [clearing, other] : [other, clearing];
  return [
    {
      id: payload.resolution_id,
      kind: 'adjustment',
      debit,
      credit,
      amountMinor: BigInt(payload.amount),
      subjectId: payload.resolution_id,
      attemptId: payload.subject_id,
      effectiveAt: new Date(payload.approved_at),
    },
  ];
}
