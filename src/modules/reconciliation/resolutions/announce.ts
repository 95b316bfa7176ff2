/** What others are told of decisions. */
import { adjustmentApproved, attemptQuestioned } from '../../../contracts/reconciliation.events.js';
import { currency as currencySchema } from '../../../contracts/shared.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { newEvent, type EventContext, type NewEvent } from '../../../kernel/outbox/event.js';
import type { Resolution } from './resolutions.store.js';

export function questionAbout(
  about: { readonly attemptId: string; readonly merchantId: string | null; readonly denied: boolean },
  cause: EventContext['cause'],
): NewEvent {
  return newEvent(
    attemptQuestioned,
    { aggregateId: about.attemptId, merchantId: about.merchantId, cause },
    { attempt_id: about.attemptId, denied: about.denied },
  );
}

/** @throws {Error} for a resolution that moves no money */
export function approvalOf(resolution: Resolution, approvedAt: Date, cause: EventContext['cause']): NewEvent {
  const { id, livemode, gatewayAccountId, subjectId, clearingSide, account, amount, currency } = resolution;
  if (clearingSide === null || account === null || amount === null) throw new Error(`Resolution ${id} moves no money`);
  return newEvent(
    adjustmentApproved,
    { aggregateId: id, merchantId: null, cause },
    {
      resolution_id: id,
      livemode,
      gateway_account_id: gatewayAccountId,
      subject_id: subjectId,
      side: clearingSide,
      account,
      amount: toJsonAmount(amount),
      currency: currencySchema.parse(currency),
      approved_at: approvedAt.toISOString(),
    },
  );
}
