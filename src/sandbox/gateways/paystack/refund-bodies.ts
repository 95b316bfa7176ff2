import { PAYOUT_MS } from '../../money-out.js';
import type { Movement } from '../../movements.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import type { JsonObject } from '../../wire.js';
import { subunits } from './subunits.js';
import { signed } from './webhook.js';

/** The decline code that stands for a refund which waits for the customer's bank account. */
export const NEEDS_ATTENTION = 'needs-attention';

/** A refund is `pending` until the processor takes it up, half-way to its end. Milliseconds. */
const TAKEN_UP_MS = PAYOUT_MS / 2;

/** When money is said to arrive at the customer: ten days on, as banks promise. Milliseconds. */
const EXPECTED_MS = 10 * 86_400_000;

/** The refund object of REST answers. */
export function refundData(refund: Movement, at = Date.now()): JsonObject {
  const { id, currency, charge, createdAt, detail } = refund;
  const amount = subunits(refund.status === 'succeeded' ? refund.movedMinor : refund.requestedMinor, currency);
  const created = new Date(createdAt).toISOString();
  return {
    id,
    integration: 1,
    domain: 'test',
    transaction: {
      id: charge?.id,
      domain: 'test',
      reference: charge?.reference,
      amount: subunits(charge?.chargedMinor ?? 0, currency),
      currency,
      channel: charge?.channel,
    },
    dispute: null,
    amount,
    deducted_amount: refund.status === 'failed' ? 0 : amount,
    fully_deducted: refund.status !== 'failed',
    currency,
    channel: charge?.channel,
    status: statusWord(refund, at),
    reason: refund.status === 'failed' ? refund.declineCode : null,
    refunded_by: 'sandbox@example.com',
    refunded_at: refund.status === 'succeeded' ? new Date(refund.finishedAt ?? createdAt).toISOString() : null,
    expected_at: new Date(createdAt + EXPECTED_MS).toISOString(),
    customer_note: detail['customerNote'] ?? `Refund for transaction ${charge?.reference ?? ''}`,
    merchant_note: detail['merchantNote'] ?? null,
    created_at: created,
    createdAt: created,
  };
}

/** Each stage has an event of its own. It names the charge, not the refund, and its amount is a string. */
export function refundWebhook(refund: Movement): OutgoingWebhook {
  const { charge, currency, account } = refund;
  const status = statusWord(refund);
  const moved = refund.status === 'succeeded' ? refund.movedMinor : refund.requestedMinor;
  return signed(account, {
    event: `refund.${status}`,
    data: {
      status,
      transaction_reference: charge?.reference,
      refund_reference: null,
      amount: String(subunits(moved, currency)),
      currency,
      processor: charge?.channel === 'mobile_money' ? 'mobile_money' : 'instant-transfer',
      customer: { first_name: null, last_name: null, email: charge?.customer.email ?? null },
      integration: 1,
      domain: 'test',
    },
  });
}

function statusWord({ status, declineCode, createdAt }: Movement, at = Date.now()): string {
  if (status === 'succeeded') return 'processed';
  if (status === 'failed') return declineCode === NEEDS_ATTENTION ? NEEDS_ATTENTION : 'failed';
  return at - createdAt < TAKEN_UP_MS ? 'pending' : 'processing';
}
