import { PAYOUT_MS } from '../../money-out.js';
import type { Movement } from '../../movements.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import type { JsonObject } from '../../wire.js';
import { major } from './amounts.js';
import { outgoing } from './webhook.js';

/** A transfer is `NEW` until the bank takes it up, half-way to its end. Milliseconds. */
const TAKEN_UP_MS = PAYOUT_MS / 2;

/** Capitals here, whereas a charge's are lower case. */
export function transferStatus({ status, createdAt }: Movement): string {
  if (status === 'succeeded') return 'SUCCESSFUL';
  if (status === 'failed') return 'FAILED';
  return Date.now() - createdAt < TAKEN_UP_MS ? 'NEW' : 'PENDING';
}

/** The transfer object of the answers. */
export function transferData(transfer: Movement): JsonObject {
  const { currency, detail } = transfer;
  return {
    ...common(transfer),
    full_name: detail['fullName'] ?? 'Sandbox Receiver',
    debit_currency: currency,
    created_at: new Date(transfer.createdAt).toISOString(),
    meta: detail['meta'] ?? null,
    requires_approval: 0,
    is_approved: 1,
  };
}

/** One event for both ends: it means finished, not paid. The name is written `fullname` here. */
export function transferWebhook(transfer: Movement): OutgoingWebhook {
  const { account, detail, currency } = transfer;
  const body = JSON.stringify({
    event: 'transfer.completed',
    'event.type': 'Transfer',
    data: { ...common(transfer), fullname: detail['fullName'] ?? 'Sandbox Receiver', debit_currency: currency },
  });
  const sent = outgoing(account, body, body);
  const url = detail['callbackUrl'];
  return typeof url === 'string' && /^https?:\/\//.test(url) ? { ...sent, url } : sent;
}

function common(transfer: Movement): JsonObject {
  const { id, reference, currency, status, detail, declineCode } = transfer;
  return {
    id,
    account_number: detail['accountNumber'],
    bank_code: detail['accountBank'],
    bank_name: 'Mock Bank',
    currency,
    amount: major(status === 'succeeded' ? transfer.movedMinor : transfer.requestedMinor, currency),
    fee: 0,
    status: transferStatus(transfer),
    reference,
    narration: detail['narration'] ?? null,
    complete_message: completeMessage(status, declineCode),
  };
}

function completeMessage(status: Movement['status'], declineCode: string | undefined): string {
  if (status === 'failed') return declineCode ?? 'DISBURSE FAILED';
  return status === 'succeeded' ? 'Transaction was successful' : '';
}
