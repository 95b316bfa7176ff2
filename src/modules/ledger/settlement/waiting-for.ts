/** What of a capture waits on which account, and until when. Pure. */
import type { AccountKey } from '../accounts/account.js';
import type { PlannedTransfer } from '../transfers/transfer.js';
import { dueAt } from './due-time.js';
import type { Policy } from './policy.js';
import type { Waiting } from './settlements.store.js';

export interface PlannedWaiting extends Omit<Waiting, 'accountId'> {
  readonly account: AccountKey;
}

/**
 * @param transfers all that book one event; nothing waits of what is not a collection
 * @param policy of the collection; undefined where there is none
 */
export function waitingFor(
  transfers: readonly PlannedTransfer[],
  policy: Policy | undefined,
): readonly PlannedWaiting[] {
  const collection = transfers.find(({ kind }) => kind === 'collection');
  if (collection === undefined || policy === undefined) return [];
  const { credit: pending } = collection;
  const taken = transfers
    .filter(({ debit }) => debit === pending)
    .reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const kept = transfers.find(({ kind }) => kind === 'reserve');
  const common = {
    captureId: collection.id,
    paymentId: collection.subjectId,
    policyId: policy.id,
  };
  const capture: PlannedWaiting = {
    ...common,
    kind: 'capture',
    account: pending,
    amountMinor: collection.amountMinor - taken,
    dueAt: policy.delay === undefined ? null : dueAt(policy.delay, collection.effectiveAt),
    byProof: policy.mode === 'proved' || policy.mode === 'proved_or_delay',
  };
  const waiting = capture.amountMinor > 0n ? [capture] : [];
  if (kept === undefined || policy.reserve === undefined) return waiting;
  return [
    ...waiting,
    {
      ...common,
      kind: 'reserve',
      account: kept.credit,
      amountMinor: kept.amountMinor,
      dueAt: dueAt(policy.reserve.delay, collection.effectiveAt),
      byProof: false,
    },
  ];
}
