/**
 * Wave's webhooks (PROVIDERS 8.11). Each is set up for one of two schemes: a signature over time and body, or a shared secret in the
 * `Authorization` header, which protects nothing of the body. A signature that is present must be right.
 */
import { z } from 'zod';
import type { GatewayAccount, WebhookHint, WebhookRequest, WebhookVerdict } from '../gateway-adapter.js';
import { parseJson } from '../outcomes.js';
import { isReference } from '../references.js';
import { headerOf, hmac, sameText } from '../signatures.js';
import { dedupeKeyOf, eventTypeOf, handlesOf, looseText } from '../webhook-hints.js';

/** How far the time signed may be from ours, in ms, either way: Wave's own rule for what is too old. */
const TOLERANCE_MS = 300_000;
/** More signatures than any rotation of secrets needs; each costs a hash. */
const MAX_SIGNATURES = 10;

const event = z.object({
  id: looseText,
  type: z.string().min(1).max(100),
  data: z.object({
    id: looseText,
    client_reference: looseText,
    payment_status: looseText,
    transaction_id: looseText,
  }),
});

export function verifyWaveWebhook(account: GatewayAccount, request: WebhookRequest, nowMs: number): WebhookVerdict {
  const secret = account.credentials['webhook_secret'] ?? '';
  if (secret === '') return { grade: 'rejected' };
  if (request.headers['wave-signature'] !== undefined) {
    const header = headerOf(request, 'wave-signature');
    const isRight = header !== undefined && isSigned(header, request.rawBody, secret, nowMs);
    return isRight ? { grade: 'authenticated', hint: hintOf(request.rawBody) } : { grade: 'rejected' };
  }
  const bearer = headerOf(request, 'authorization');
  if (bearer === undefined || !sameText(bearer, `Bearer ${secret}`)) return { grade: 'rejected' };
  return { grade: 'weakly_authenticated', hint: hintOf(request.rawBody) };
}

/** `t=<seconds>,v1=<hex>[,v1=<hex>...]`: while a secret is being replaced there are several, and any may be ours. */
function isSigned(header: string, body: Buffer, secret: string, nowMs: number): boolean {
  const parts = header.split(',').map((part) => part.trim());
  const [time, ...moreTimes] = parts.filter((part) => part.startsWith('t=')).map((part) => part.slice(2));
  if (time === undefined || moreTimes.length > 0 || !/^\d{1,12}$/.test(time)) return false;
  if (Math.abs(nowMs - Number(time) * 1_000) > TOLERANCE_MS) return false;
  // Nothing stands between the time and the body.
  const expected = hmac('sha256', secret, Buffer.concat([Buffer.from(time), body]), 'hex');
  const given = parts.filter((part) => part.startsWith('v1=')).slice(0, MAX_SIGNATURES);
  return given.some((part) => sameText(part.slice('v1='.length), expected));
}

function hintOf(body: Buffer): WebhookHint | null {
  const parsed = event.safeParse(parseJson(body));
  // Others tell of money that did not come through a session of ours.
  if (!parsed.success || !parsed.data.type.startsWith('checkout.session.')) return null;
  const { id, type, data } = parsed.data;
  const isSuccess = data.payment_status === 'succeeded';
  return {
    ...(isReference(data.client_reference) ? { reference: data.client_reference } : {}),
    handles: handlesOf({ session_id: data.id, transaction_id: data.transaction_id }),
    dedupeKey: dedupeKeyOf(type, id ?? data.id, id === undefined ? data.payment_status : undefined),
    eventType: eventTypeOf(type, isSuccess ? 'success' : data.payment_status),
  };
}
