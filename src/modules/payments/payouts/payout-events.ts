/** What is announced of payouts. */
import {
  payoutCreated,
  payoutFailed,
  payoutFunded,
  payoutReturned,
  payoutSucceeded,
} from '../../../contracts/payments.events.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { newEvent, type EventContext, type NewEvent } from '../../../kernel/outbox/event.js';
import { toPayoutResource, type Payout } from './payout.js';

type Cause = EventContext['cause'];

const contextOf = ({ id, merchantId }: Payout, cause: Cause): EventContext => ({ aggregateId: id, merchantId, cause });

const common = (payout: Payout) => ({
  payout_id: payout.id,
  livemode: payout.livemode,
  amount: toJsonAmount(payout.amountMinor),
  currency: payout.currency,
});

export function payoutCreatedEvent(payout: Payout, cause: Cause): NewEvent {
  return newEvent(payoutCreated, contextOf(payout, cause), { ...common(payout), batch_id: payout.batchId });
}

export function payoutFundedEvent(payout: Payout, cause: Cause): NewEvent {
  return newEvent(payoutFunded, contextOf(payout, cause), {
    ...common(payout),
    reference: payout.reference,
    destination: payout.destination,
    narration: payout.narration,
    metadata: { ...payout.metadata },
  });
}

export function payoutFailedEvent(payout: Payout, cause: Cause): NewEvent {
  if (payout.failureCode === null) throw new Error(`payout ${payout.id} failed without a code`);
  return newEvent(payoutFailed, contextOf(payout, cause), {
    ...common(payout),
    failure_code: payout.failureCode,
    resource: toPayoutResource(payout),
  });
}

export function payoutSucceededEvent(payout: Payout, cause: Cause): NewEvent {
  const { succeeded, gateway } = payout;
  if (succeeded === null || gateway === null) throw new Error(`payout ${payout.id} succeeded by nothing`);
  return newEvent(payoutSucceeded, contextOf(payout, cause), {
    ...common(payout),
    gateway,
    gateway_account_id: succeeded.gatewayAccountId,
    attempt_id: succeeded.attemptId,
    gateway_fee: toJsonAmount(payout.gatewayFeeMinor ?? 0n),
    succeeded_at: succeeded.at.toISOString(),
    resource: toPayoutResource(payout),
  });
}

export function payoutReturnedEvent(payout: Payout, cause: Cause): NewEvent {
  const { returned } = payout;
  if (returned === null) throw new Error(`payout ${payout.id} came back by nothing`);
  return newEvent(payoutReturned, contextOf(payout, cause), {
    ...common(payout),
    gateway_account_id: returned.gatewayAccountId,
    attempt_id: returned.attemptId,
    returned_at: returned.at.toISOString(),
    resource: toPayoutResource(payout),
  });
}
