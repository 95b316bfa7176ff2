/**
 * MTN MoMo's callbacks (PROVIDERS 3.11): sent once, by PUT, never retried, and not signed in any way. Anyone can send one, so it is
 * a hint to ask for the status, nothing more.
 */
import { z } from 'zod';
import type { WebhookRequest, WebhookVerdict } from '../gateway-adapter.js';
import { parseJson } from '../outcomes.js';
import { isReference } from '../references.js';
import { dedupeKeyOf, eventTypeOf, handlesOf, looseId, looseText } from '../webhook-hints.js';

const callback = z.object({ externalId: z.string(), status: looseText, financialTransactionId: looseId });

export function readMtnCallback(request: WebhookRequest): WebhookVerdict {
  const parsed = callback.safeParse(parseJson(request.rawBody));
  if (!parsed.success) return { grade: 'unauthenticated', hint: null };
  const { externalId, status, financialTransactionId } = parsed.data;
  return {
    grade: 'unauthenticated',
    hint: {
      ...(isReference(externalId) ? { reference: externalId } : {}),
      handles: handlesOf({ financial_transaction_id: financialTransactionId }),
      dedupeKey: dedupeKeyOf('requesttopay', externalId, status, financialTransactionId),
      eventType: eventTypeOf('requesttopay', status),
    },
  };
}
