/**
 * MTN MoMo's callbacks (PROVIDERS 3.11): sent once, by PUT, never retried, and not signed in any way. Anyone can send one, so it is
 * a hint to ask for the status, nothing more.
 */
import { z } from 'zod';
import type { WebhookRequest, WebhookVerdict } from '../gateway-adapter.js';
import { parseJson } from '../outcomes.js';
import { isReference } from '../references.js';
import { dedupeKeyOf, eventTypeOf, handlesOf, looseId, looseText } from '../webhook-hints.js';
import { isExternalIdOfRefund, referenceOfExternalId } from './mtn-momo.products.js';

const callback = z.object({
  externalId: z.string(),
  status: looseText,
  financialTransactionId: looseId,
  /** Who is paid: there for money that goes out. A request to pay has a payer instead. */
  payee: z.object({}).optional().catch(undefined),
  payer: z.object({}).optional().catch(undefined),
});

export function readMtnCallback(request: WebhookRequest): WebhookVerdict {
  const parsed = callback.safeParse(parseJson(request.rawBody));
  if (!parsed.success) return { grade: 'unauthenticated', hint: null };
  const { externalId, status, financialTransactionId } = parsed.data;
  const reference = referenceOfExternalId(externalId);
  const { about, name } = subjectOf(parsed.data);
  return {
    grade: 'unauthenticated',
    hint: {
      ...(about === undefined ? {} : { about }),
      ...(isReference(reference) ? { reference } : {}),
      handles: handlesOf({ financial_transaction_id: financialTransactionId }),
      dedupeKey: dedupeKeyOf(name, externalId, status, financialTransactionId),
      eventType: eventTypeOf(name, status),
    },
  };
}

function subjectOf(told: z.infer<typeof callback>): { readonly about?: 'refund' | 'payout'; readonly name: string } {
  if (isExternalIdOfRefund(told.externalId)) return { about: 'refund', name: 'refund' };
  return told.payee !== undefined && told.payer === undefined
    ? { about: 'payout', name: 'transfer' }
    : { name: 'requesttopay' };
}
