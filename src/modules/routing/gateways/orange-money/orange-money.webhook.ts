/**
 * Orange's notices (PROVIDERS 7.11): not signed, and without our reference. They carry the token that Orange gave us with the link, which only the
 * two of us know: who holds the payment finds it by that token and compares the two with `sameText`. A hint to ask, nothing more.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { WebhookRequest, WebhookVerdict } from '../gateway-adapter.js';
import { parseJson } from '../outcomes.js';
import { dedupeKeyOf, eventTypeOf, handlesOf, looseId, looseText } from '../webhook-hints.js';
import { orangeToken } from './orange-money.answers.js';

const notice = z.object({ status: looseText, notif_token: orangeToken, txnid: looseId });

export function readOrangeNotice(request: WebhookRequest): WebhookVerdict {
  const parsed = notice.safeParse(parseJson(request.rawBody));
  if (!parsed.success) return { grade: 'unauthenticated', hint: null };
  const { status, notif_token, txnid } = parsed.data;
  // Keys are shown and indexed: the token is as good as a secret.
  const token = createHash('sha256').update(notif_token).digest('hex');
  return {
    grade: 'unauthenticated',
    hint: {
      handles: handlesOf({ notif_token, txnid }),
      dedupeKey: dedupeKeyOf('webpayment', token, status, txnid),
      eventType: eventTypeOf('webpayment', status),
    },
  };
}
