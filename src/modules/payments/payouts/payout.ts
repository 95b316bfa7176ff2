/** What a payout is, and how the world sees it. Pure. */
import type { PayoutDestination } from '../../../contracts/shared.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { sharedMembers, type Disbursement } from '../disbursement.js';
import type { AttemptView } from '../payment.js';

export interface Payout extends Disbursement {
  readonly reference: string;
  readonly batchId: string | null;
  readonly destination: PayoutDestination;
  readonly narration: string | null;
}

/** The payout as the API, the webhooks and the events show it. */
export function toPayoutResource(payout: Payout, attempts?: readonly AttemptView[]): Record<string, unknown> {
  const { first, last } = sharedMembers(payout, attempts);
  return {
    object: 'payout',
    id: encodeId('payout', payout.id),
    ...first,
    reference: payout.reference,
    batch: payout.batchId === null ? null : encodeId('payoutBatch', payout.batchId),
    destination: payout.destination,
    narration: payout.narration,
    ...last,
  };
}
