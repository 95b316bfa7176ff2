/**
 * Flutterwave's webhooks (PROVIDERS 2.11). Two schemes are in use: `flutterwave-signature`, an HMAC over the raw body, and the
 * older `verif-hash`, a fixed secret that protects nothing of the body. A signature that is present must be right.
 */
import { z } from 'zod';
import type { GatewayAccount, WebhookHint, WebhookRequest, WebhookVerdict } from '../gateway-adapter.js';
import { parseJson } from '../outcomes.js';
import { isReference } from '../references.js';
import { referenceNoted } from '../refund-matching.js';
import { headerOf, hmac, sameText } from '../signatures.js';
import { dedupeKeyOf, eventTypeOf, handlesOf, looseId, looseText } from '../webhook-hints.js';
import { refundStatus } from './flutterwave.codes.js';

const event = z.object({
  event: looseText,
  'event.type': looseText,
  data: z.object({
    id: looseId,
    tx_ref: looseText,
    flw_ref: looseText,
    reference: looseText,
    status: looseText,
    /** Of refunds: the charge's id, and our note. */
    tx_id: looseId,
    comments: looseText,
  }),
});

/** Transfers as old accounts get them. */
const oldTransfer = z.object({
  'event.type': z.string().regex(/^transfer$/i),
  transfer: z.object({ id: looseId, reference: looseText, status: looseText }),
});

/** The shape of version 2, which old accounts still get: the transaction's fields stand at the top. */
const oldEvent = z.object({
  'event.type': z.string().min(1).max(100),
  id: looseId,
  txRef: looseText,
  flwRef: looseText,
  status: looseText,
});

export function verifyFlutterwaveWebhook(account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
  const secret = account.credentials['webhook_secret_hash'] ?? '';
  if (secret === '') return { grade: 'rejected' };
  if (request.headers['flutterwave-signature'] !== undefined) {
    const signature = headerOf(request, 'flutterwave-signature');
    const isRight = signature !== undefined && sameText(signature, hmac('sha256', secret, request.rawBody, 'base64'));
    return isRight ? { grade: 'authenticated', hint: hintOf(request.rawBody) } : { grade: 'rejected' };
  }
  const hash = headerOf(request, 'verif-hash');
  if (hash === undefined || !sameText(hash, secret)) return { grade: 'rejected' };
  return { grade: 'weakly_authenticated', hint: hintOf(request.rawBody) };
}

function hintOf(body: Buffer): WebhookHint | null {
  const json = parseJson(body);
  const transfer = oldTransfer.safeParse(json);
  if (transfer.success) return transferHint(transfer.data['event.type'], transfer.data.transfer);
  const parsed = event.safeParse(json);
  if (parsed.success) {
    const { data } = parsed.data;
    const name = parsed.data.event ?? parsed.data['event.type'] ?? 'unnamed';
    // Transfers and refunds have ids of their own, which must not be taken for a transaction's.
    if (name.startsWith('transfer')) return transferHint(name, data);
    if (name.startsWith('refund')) return refundHint(name, data);
    const reference = data.tx_ref ?? data.reference;
    return {
      ...(isReference(reference) ? { reference } : {}),
      handles: handlesOf({ id: data.id, flw_ref: data.flw_ref }),
      dedupeKey: dedupeKeyOf(name, data.id ?? reference, data.status),
      eventType: eventTypeOf(name, data.status),
    };
  }
  const old = oldEvent.safeParse(json);
  if (!old.success) return null;
  const { id, txRef, flwRef, status } = old.data;
  return {
    ...(isReference(txRef) ? { reference: txRef } : {}),
    handles: handlesOf({ id, flw_ref: flwRef }),
    dedupeKey: dedupeKeyOf(old.data['event.type'], id ?? txRef, status),
    eventType: eventTypeOf(old.data['event.type'], status),
  };
}

function transferHint(
  name: string,
  { id, reference, status }: { id?: string | undefined; reference?: string | undefined; status?: string | undefined },
): WebhookHint {
  return {
    about: 'payout',
    ...(isReference(reference) ? { reference } : {}),
    handles: handlesOf({ id }),
    dedupeKey: dedupeKeyOf(name, id ?? reference, status),
    eventType: eventTypeOf(name, status),
  };
}

/** Events of refunds are from memory; what matters is that the refund's id is not asked about as a charge's. */
function refundHint(name: string, data: z.infer<typeof event>['data']): WebhookHint {
  const reference = referenceNoted([data.comments], data.tx_ref ?? '');
  const succeeded = refundStatus(data.status?.toLowerCase() ?? '') === 'succeeded';
  return {
    about: 'refund',
    ...(reference === undefined ? {} : { reference }),
    handles: handlesOf({ id: data.id, charge_id: data.tx_id, charge_reference: data.tx_ref }),
    dedupeKey: dedupeKeyOf(name, data.id ?? data.tx_id, data.status),
    eventType: eventTypeOf(name, succeeded ? 'successful' : data.status),
  };
}
