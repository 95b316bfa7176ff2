/** Paystack's webhooks (PROVIDERS 1.11): signed over the raw body with the secret key; no event id. */
import { z } from 'zod';
import type { GatewayAccount, WebhookHint, WebhookRequest, WebhookVerdict } from '../gateway-adapter.js';
import { parseJson } from '../outcomes.js';
import { isReference } from '../references.js';
import { headerOf, hmac, sameText } from '../signatures.js';
import { dedupeKeyOf, handlesOf, looseId, looseText } from '../webhook-hints.js';

const event = z.object({
  event: z.string().min(1).max(100),
  data: z.object({
    id: looseId,
    reference: looseText,
    status: looseText,
    /** Refund events name the payment here. */
    transaction_reference: looseText,
    /** Dispute events carry the payment inside. */
    transaction: z.object({ reference: looseText }).optional().catch(undefined),
  }),
});

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
  const reference = data.transaction_reference ?? data.transaction?.reference ?? data.reference;
  return {
    ...(isReference(reference) ? { reference } : {}),
    // A refund's or transfer's id is not the payment's.
    handles:
      eventType.startsWith('charge.') && !eventType.startsWith('charge.dispute') ? handlesOf({ id: data.id }) : {},
    dedupeKey: dedupeKeyOf(eventType, data.id ?? data.reference ?? data.transaction_reference, data.status),
    eventType,
  };
}
