/** What is announced of refunds. */
import {
  refundCreated,
  refundFailed,
  refundFunded,
  refundReturned,
  refundSucceeded,
} from '../../../contracts/payments.events.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import { newEvent, type EventContext, type NewEvent, type PayloadOf } from '../../../kernel/outbox/event.js';
import { toRefundResource, type Refund } from './refund.js';

type Cause = EventContext['cause'];

const contextOf = ({ id, merchantId }: Refund, cause: Cause): EventContext => ({ aggregateId: id, merchantId, cause });

function common(refund: Refund): PayloadOf<typeof refundCreated> {
  return {
    refund_id: refund.id,
    payment_id: refund.paymentId,
    livemode: refund.livemode,
    amount: toJsonAmount(refund.amountMinor),
    currency: refund.currency,
    source: refund.source,
    captured_by: refund.capturedBy,
    platform_fee: toJsonAmount(refund.platformFeeMinor),
  };
}

export function refundCreatedEvent(refund: Refund, cause: Cause): NewEvent {
  return newEvent(refundCreated, contextOf(refund, cause), common(refund));
}

export function refundFundedEvent(refund: Refund, cause: Cause): NewEvent {
  return newEvent(refundFunded, contextOf(refund, cause), {
    ...common(refund),
    reason: refund.reason,
  });
}

export function refundFailedEvent(refund: Refund, cause: Cause): NewEvent {
  if (refund.failureCode === null) throw new Error(`refund ${refund.id} failed without a code`);
  return newEvent(refundFailed, contextOf(refund, cause), {
    ...common(refund),
    failure_code: refund.failureCode,
    resource: toRefundResource(refund),
  });
}

export function refundSucceededEvent(refund: Refund, cause: Cause): NewEvent {
  const { succeeded, gateway } = refund;
  if (succeeded === null || gateway === null) throw new Error(`refund ${refund.id} succeeded by nothing`);
  return newEvent(refundSucceeded, contextOf(refund, cause), {
    ...common(refund),
    gateway,
    gateway_account_id: succeeded.gatewayAccountId,
    attempt_id: succeeded.attemptId,
    gateway_fee: toJsonAmount(refund.gatewayFeeMinor ?? 0n),
    succeeded_at: succeeded.at.toISOString(),
    resource: toRefundResource(refund),
  });
}

export function refundReturnedEvent(refund: Refund, cause: Cause): NewEvent {
  const { returned } = refund;
  if (returned === null) throw new Error(`refund ${refund.id} came back by nothing`);
  return newEvent(refundReturned, contextOf(refund, cause), {
    ...common(refund),
    gateway_account_id: returned.gatewayAccountId,
    attempt_id: returned.attemptId,
    returned_at: returned.at.toISOString(),
    resource: toRefundResource(refund),
  });
}
