/** How what reconciliation found is booked. Pure. */
import { adjustmentApproved, settlementReceived } from '../../../contracts/reconciliation.events.js';
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

/** What came in at the bank is owed by the gateway no longer; under the bank's entry's own id, and of the day on which the bank booked it. */
export function bankReceiptFor(event: StoredEvent): readonly PlannedTransfer[] {
  const payload = event.payload as PayloadOf<typeof settlementReceived>;
  const [settlementId] = payload.settlement_ids;
  if (settlementId === undefined) throw new Error(`Bank line ${payload.bank_line_id} is no settlement's`);
  return [
    {
      id: payload.bank_line_id,
      kind: 'bank_receipt',
      debit: accountKey(payload, 'bank'),
      credit: accountKey(payload, 'gateway_clearing', { qualifier: payload.gateway_account_id }),
      amountMinor: BigInt(payload.amount),
      subjectId: payload.bank_line_id,
      attemptId: settlementId,
      effectiveAt: new Date(`${payload.booked_on}T00:00:00Z`),
    },
  ];
}
