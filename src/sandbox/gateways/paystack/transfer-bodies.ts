import type { Movement } from '../../movements.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import type { JsonObject } from '../../wire.js';
import { recipientData, type Recipient } from './recipients.js';
import { subunits } from './subunits.js';
import { signed } from './webhook.js';

const STATUS_WORDS = {
  waiting: 'otp',
  pending: 'pending',
  succeeded: 'success',
  failed: 'failed',
  returned: 'reversed',
} as const;

const CODE_PREFIX = 'TRF_';

export function transferStatus({ status }: Movement): string {
  return STATUS_WORDS[status];
}

/** @returns the id behind a transfer's code, or the id itself; NaN for anything else. */
export function idOf(idOrCode: string): number {
  if (/^\d+$/.test(idOrCode)) return Number(idOrCode);
  return idOrCode.startsWith(CODE_PREFIX) ? Number.parseInt(idOrCode.slice(CODE_PREFIX.length), 36) : Number.NaN;
}

/** What the creation answers: the receiver is a number only. */
export function transferAnswer(transfer: Movement, recipient: Recipient): JsonObject {
  return { ...transferData(transfer), recipient: recipient.id };
}

/** The transfer object of every other answer. */
export function transferData(transfer: Movement): JsonObject {
  const { id, reference, currency, status, detail, createdAt, finishedAt } = transfer;
  const wasPaid = status === 'succeeded' || status === 'returned';
  const created = new Date(createdAt).toISOString();
  return {
    amount: subunits(wasPaid ? transfer.movedMinor : transfer.requestedMinor, currency),
    createdAt: created,
    currency,
    domain: 'test',
    failures: null,
    gateway_response: transfer.declineCode ?? null,
    id,
    integration: 1,
    reason: detail['reason'] ?? null,
    reference,
    source: 'balance',
    source_details: null,
    status: transferStatus(transfer),
    titan_code: null,
    transfer_code: `${CODE_PREFIX}${id.toString(36)}`,
    request: id,
    transferred_at: wasPaid && finishedAt !== undefined ? new Date(finishedAt).toISOString() : null,
    updatedAt: finishedAt === undefined ? created : new Date(finishedAt).toISOString(),
    recipient: recipientData(detail['recipient'] as Recipient),
    session: { provider: null, id: null },
  };
}

/** `transfer.success`, `.failed` and `.reversed`; `integration` is an object here and a number in the answers. */
export function transferWebhook(transfer: Movement): OutgoingWebhook {
  const data = { ...transferData(transfer), integration: { id: 1, is_live: false, business_name: 'Sandbox' } };
  return signed(transfer.account, { event: `transfer.${transferStatus(transfer)}`, data });
}
