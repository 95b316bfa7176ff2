/** Hubtel's callbacks (PROVIDERS 6.11): not signed in any way. Anyone can send one, so it is a hint to ask for the status, nothing more. */
import { z } from 'zod';
import type { WebhookRequest, WebhookVerdict } from '../gateway-adapter.js';
import { parseJson } from '../outcomes.js';
import { isReference } from '../references.js';
import { dedupeKeyOf, eventTypeOf, handlesOf, looseId } from '../webhook-hints.js';
import { envelopeOf } from './hubtel.calls.js';
import { HUBTEL_OK } from './hubtel.codes.js';

const callback = z.object({
  clientReference: z.string().max(2_000),
  transactionId: looseId,
  externalTransactionId: looseId,
  /** A checkout's. */
  checkoutId: looseId,
  /** These two are in the callbacks of payouts only (from memory). */
  amountDebited: z.unknown().optional(),
  recipientName: z.unknown().optional(),
});

export function readHubtelCallback(request: WebhookRequest): WebhookVerdict {
  const enveloped = envelopeOf(parseJson(request.rawBody));
  const parsed = callback.safeParse(enveloped?.data);
  if (!parsed.success) return { grade: 'unauthenticated', hint: null };
  const { clientReference, transactionId, externalTransactionId, checkoutId } = parsed.data;
  const isPayout = parsed.data.amountDebited !== undefined || parsed.data.recipientName !== undefined;
  const name = isPayout ? 'send_money' : checkoutId === undefined ? 'receive_money' : 'checkout';
  const code = enveloped?.responseCode;
  return {
    grade: 'unauthenticated',
    hint: {
      ...(isPayout ? { about: 'payout' } : {}),
      ...(isReference(clientReference) ? { reference: clientReference } : {}),
      handles: handlesOf({
        transaction_id: transactionId,
        external_transaction_id: externalTransactionId,
        checkout_id: checkoutId,
      }),
      dedupeKey: dedupeKeyOf(name, clientReference, code, transactionId ?? checkoutId),
      eventType: eventTypeOf(name, code === HUBTEL_OK ? 'success' : code),
    },
  };
}
