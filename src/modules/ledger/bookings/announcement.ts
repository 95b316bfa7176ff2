import { transfersPosted } from '../../../contracts/ledger.events.js';
import type { Currency } from '../../../kernel/money/money.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { newEvent, type NewEvent, type PayloadOf, type StoredEvent } from '../../../kernel/outbox/event.js';
import type { AccountKey } from '../accounts/account.js';
import type { PlannedTransfer } from '../transfers/transfer.js';

type Clearing = PayloadOf<typeof transfersPosted>['transfers'][number]['clearing'];

/** A transfer that was newly posted. */
export interface Posted {
  readonly id: string;
  readonly kind: string;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly amountMinor: bigint;
}

/**
 * One announcement for all that an event called for: nobody wants to know of a collection without its fees.
 * @param plans what was planned; transfers that come of a hold were not
 */
export function announcementOf(
  cause: StoredEvent,
  about: { readonly subjectId: string; readonly currency: Currency; readonly effectiveAt: Date },
  posted: readonly [Posted, ...Posted[]],
  plans: readonly PlannedTransfer[],
): NewEvent {
  return newEvent(
    transfersPosted,
    { aggregateId: about.subjectId, merchantId: cause.merchantId, cause },
    {
      subject_id: about.subjectId,
      transfers: posted.map((each) => ({
        transfer_id: each.id,
        kind: each.kind,
        debit_account_id: each.debitAccountId,
        credit_account_id: each.creditAccountId,
        amount: toJsonAmount(each.amountMinor),
        currency: about.currency,
        effective_at: about.effectiveAt.toISOString(),
        ...clearingOf(plans.find((plan) => plan.id === each.id)),
      })),
    },
  );
}

function clearingOf(plan: PlannedTransfer | undefined): { readonly clearing?: Clearing } {
  if (plan === undefined) return {};
  const at = (account: AccountKey, side: 'debit' | 'credit'): { readonly clearing: Clearing } => ({
    clearing: {
      gateway_account_id: account.qualifier,
      attempt_id: plan.attemptId,
      livemode: account.livemode,
      side,
    },
  });
  if (plan.debit.kind === 'gateway_clearing') return at(plan.debit, 'debit');
  return plan.credit.kind === 'gateway_clearing' ? at(plan.credit, 'credit') : {};
}
