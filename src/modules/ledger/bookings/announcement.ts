import { transfersPosted } from '../../../contracts/ledger.events.js';
import type { Currency } from '../../../kernel/money/money.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { newEvent, type NewEvent, type StoredEvent } from '../../../kernel/outbox/event.js';

/** A transfer that was newly posted. */
export interface Posted {
  readonly id: string;
  readonly kind: string;
  readonly debitAccountId: string;
  readonly creditAccountId: string;
  readonly amountMinor: bigint;
}

/** One announcement for all that an event called for: nobody wants to know of a collection without its fees. */
export function announcementOf(
  cause: StoredEvent,
  about: { readonly subjectId: string; readonly currency: Currency; readonly effectiveAt: Date },
  posted: readonly [Posted, ...Posted[]],
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
      })),
    },
  );
}
