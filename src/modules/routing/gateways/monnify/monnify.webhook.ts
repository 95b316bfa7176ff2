/**
 * Monnify's webhooks (PROVIDERS 4.11): signed over the raw body with the secret key. Its sandbox sends no signature, so in test mode an
 * event without one is a hint that nobody vouches for; one with a wrong signature is forged everywhere.
 */
import { z } from 'zod';
import type { GatewayAccount, WebhookHint, WebhookRequest, WebhookVerdict } from '../gateway-adapter.js';
import { parseJson } from '../outcomes.js';
import { isReference } from '../references.js';
import { headerOf, hmac, sameText } from '../signatures.js';
import { dedupeKeyOf, handlesOf, looseId, looseText } from '../webhook-hints.js';
import { transactionReference } from './monnify.answers.js';

const event = z.object({
  eventType: z.string().min(1).max(100),
  eventData: z.object({
    transactionReference,
    paymentReference: looseText,
    paymentStatus: looseText,
    refundReference: looseText,
    refundStatus: looseText,
    /** A disbursement's. */
    reference: looseText,
    status: looseText,
    settlementReference: looseId,
  }),
});
type EventData = z.infer<typeof event>['eventData'];

/** What each event is about. Others (mandates, account activity, low balances) are about nothing of ours. */
const subjects: ReadonlyMap<string, NonNullable<WebhookHint['about']>> = new Map<
  string,
  NonNullable<WebhookHint['about']>
>([
  ['SUCCESSFUL_TRANSACTION', 'charge'],
  ['REJECTED_PAYMENT', 'charge'],
  ['SUCCESSFUL_REFUND', 'refund'],
  ['FAILED_REFUND', 'refund'],
  ['SUCCESSFUL_DISBURSEMENT', 'payout'],
  ['FAILED_DISBURSEMENT', 'payout'],
  ['REVERSED_DISBURSEMENT', 'payout'],
  ['SETTLEMENT', 'settlement'],
]);

export function verifyMonnifyWebhook(account: GatewayAccount, request: WebhookRequest): WebhookVerdict {
  if (request.headers['monnify-signature'] === undefined) {
    return account.livemode ? { grade: 'rejected' } : { grade: 'unauthenticated', hint: hintOf(request.rawBody) };
  }
  const key = account.credentials['secret_key'] ?? '';
  const given = headerOf(request, 'monnify-signature');
  if (key === '' || given === undefined) return { grade: 'rejected' };
  if (!sameText(given, hmac('sha512', key, request.rawBody, 'hex'))) return { grade: 'rejected' };
  return { grade: 'authenticated', hint: hintOf(request.rawBody) };
}

function hintOf(body: Buffer): WebhookHint | null {
  const parsed = event.safeParse(parseJson(body));
  if (!parsed.success) return null;
  const { eventType, eventData: data } = parsed.data;
  const about = subjects.get(eventType);
  if (about === undefined) return null;
  const reference = referenceIn(about, data);
  const status = { charge: data.paymentStatus, refund: data.refundStatus, payout: data.status, settlement: undefined }[
    about
  ];
  return {
    ...(about === 'charge' ? {} : { about }),
    ...(isReference(reference) ? { reference } : {}),
    handles:
      about === 'settlement'
        ? handlesOf({ settlement_reference: data.settlementReference })
        : handlesOf({ transaction_reference: data.transactionReference }),
    dedupeKey: dedupeKeyOf(eventType, reference ?? data.transactionReference ?? data.settlementReference, status),
    eventType,
  };
}

function referenceIn(about: NonNullable<WebhookHint['about']>, data: EventData): string | undefined {
  switch (about) {
    case 'charge':
      return data.paymentReference;
    case 'refund':
      return data.refundReference;
    case 'payout':
      return data.reference;
    case 'settlement':
      return undefined;
  }
}
