/** Paystack's webhooks (PROVIDERS 1.11): signed over the raw body with the secret key; no event id. */
import { z } from 'zod';
import type { GatewayAccount, WebhookHint, WebhookRequest, WebhookVerdict } from '../gateway-adapter.js';
import { parseJson } from '../outcomes.js';
import { isReference } from '../references.js';
import { referenceNoted } from '../refund-matching.js';
import { headerOf, hmac, sameText } from '../signatures.js';
import { dedupeKeyOf, eventTypeOf, handlesOf, hashOf, looseId, looseText } from '../webhook-hints.js';

const event = z.object({
  event: z.string().min(1).max(100),
  data: z.object({
    id: looseId,
    reference: looseText,
    status: looseText,
    transfer_code: looseText,
    /** Refund events name the charge that they are of here, and the refund by a name of Paystack's own, or not at all. */
    transaction_reference: looseText,
    refund_reference: looseText,
    merchant_note: looseText,
    /** Dispute events carry the payment inside. */
    transaction: z.object({ reference: looseText }).optional().catch(undefined),
  }),
});
type Event = z.infer<typeof event>;

export function verifyPaystackWebhook(account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
  const key = account.credentials['secret_key'] ?? '';
  const given = headerOf(request, 'x-paystack-signature');
  if (key === '' || given === undefined) return { grade: 'rejected' };
  if (!sameText(given, hmac('sha512', key, request.rawBody, 'hex'))) return { grade: 'rejected' };
  return { grade: 'authenticated', hint: hintOf(request.rawBody) };
}

function hintOf(body: Buffer): WebhookHint | null {
  const parsed = event.safeParse(parseJson(body));
  if (!parsed.success) return null;
  const { event: eventType, data } = parsed.data;
  if (eventType.startsWith('refund.')) return refundHint(parsed.data, body);
  if (eventType.startsWith('transfer.')) return transferHint(parsed.data);
  const reference = data.transaction_reference ?? data.transaction?.reference ?? data.reference;
  return {
    ...(isReference(reference) ? { reference } : {}),
    // A dispute's id is not the payment's.
    handles:
      eventType.startsWith('charge.') && !eventType.startsWith('charge.dispute') ? handlesOf({ id: data.id }) : {},
    dedupeKey: dedupeKeyOf(eventType, data.id ?? data.reference ?? data.transaction_reference, data.status),
    eventType,
  };
}

/**
 * Refunds are told by the charge that they are of, whose reference must not be taken for the refund's. Ours can only be in the merchant's note. Two
 * refunds of a charge may differ in nothing but the amount, so without a name of the refund the whole body is the key.
 */
function refundHint({ event: eventType, data }: Event, body: Buffer): WebhookHint {
  const charge = data.transaction_reference ?? data.transaction?.reference;
  const reference = referenceNoted([data.refund_reference, data.merchant_note], charge ?? '');
  return {
    about: 'refund',
    ...(reference === undefined ? {} : { reference }),
    handles: handlesOf({ id: data.id, refund_reference: data.refund_reference, charge_reference: charge }),
    dedupeKey: dedupeKeyOf(eventType, data.id ?? data.refund_reference ?? hashOf(body), data.status),
    // `processed` is how Paystack calls success here.
    eventType: eventTypeOf(eventType, eventType === 'refund.processed' ? 'success' : undefined),
  };
}

function transferHint({ event: eventType, data }: Event): WebhookHint {
  return {
    about: 'payout',
    ...(isReference(data.reference) ? { reference: data.reference } : {}),
    handles: handlesOf({ id: data.id, transfer_code: data.transfer_code }),
    dedupeKey: dedupeKeyOf(eventType, data.id ?? data.transfer_code ?? data.reference, data.status),
    eventType,
  };
}
