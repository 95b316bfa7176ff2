/** Reading Orange Money Web Payment's answers (PROVIDERS 7.3, 7.4, 7.12). */
import { z } from 'zod';
import type { GatewayOutcome } from '../gateway-adapter.js';
import type { HttpAnswer } from '../http-client.js';
import { codeAsGiven, codeFromText, fromHttpError, parseJson, unknown } from '../outcomes.js';
import { handlesOf, looseId, looseText } from '../webhook-hints.js';
import { isDuplicate, ORANGE_REFUSALS, ORANGE_WAITING } from './orange-money.codes.js';
import { fromOrderId } from './orange-money.references.js';

/** Both tokens go back to Orange, or are compared. */
export const orangeToken = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[\x21-\x7e]+$/);

const created = z.object({ pay_token: orangeToken, payment_url: z.url(), notif_token: orangeToken });
const transaction = z.object({ status: z.string().max(64), order_id: looseText, txnid: looseId });
/** The API itself and the gateway in front of it both answer so. */
const apiError = z.object({
  code: z.union([z.number(), z.string().max(64)]),
  message: looseText,
  description: looseText,
});

/** What the money was asked for as: Orange's answers have no amount, since it answers only who knows it. */
export interface Asked {
  readonly amountMinor: bigint;
  readonly currency: string;
}

/** A link is made, to be followed within minutes. Its tokens are all that one can ask by. */
export function readCreated(answer: HttpAnswer): GatewayOutcome {
  if (answer.status !== 200 && answer.status !== 201) return fromOrangeError(answer, true);
  const parsed = created.safeParse(parseJson(answer.body));
  if (!parsed.success || !/^https?:\/\//.test(parsed.data.payment_url)) return unknown('unparsable_answer');
  const { pay_token, notif_token, payment_url: url } = parsed.data;
  return {
    kind: 'pending',
    code: 'INITIATED',
    nextAction: { type: 'redirect', url },
    handles: { pay_token, notif_token },
  };
}

export function readOrangeStatus(answer: HttpAnswer, asked: Asked): GatewayOutcome {
  if (answer.status !== 200 && answer.status !== 201) return fromOrangeError(answer, false);
  const parsed = transaction.safeParse(parseJson(answer.body));
  if (!parsed.success) return unknown('unparsable_answer');
  const { status, order_id: orderId, txnid } = parsed.data;
  const handles = handlesOf({ txnid });
  if (status === 'SUCCESS') {
    if (orderId === undefined) return unknown('incomplete_success');
    const reference = fromOrderId(orderId) ?? orderId;
    // Fees are settled apart.
    return { kind: 'succeeded', ...asked, reference, feeMinor: null, code: status, handles };
  }
  if (ORANGE_WAITING.has(status)) return { kind: 'pending', code: status, nextAction: null, handles };
  const refusal = ORANGE_REFUSALS.get(status);
  return refusal === undefined
    ? unknown(codeAsGiven(status, 'unlisted_status'))
    : { kind: 'declined', code: status, ...refusal, handles };
}

/** A refused question is no answer about the payment: that Orange finds no match may mean one of three inputs. */
function fromOrangeError(answer: HttpAnswer, isCreation: boolean): GatewayOutcome {
  const parsed = apiError.safeParse(parseJson(answer.body));
  if (!parsed.success) return fromHttpError(answer.status, false, `http_${answer.status}`);
  const { code, message, description } = parsed.data;
  const isRefused = answer.status === 400 || answer.status === 409 || answer.status === 422;
  if (isCreation && isRefused && isDuplicate(`${message ?? ''} ${description ?? ''}`))
    return { kind: 'duplicate', code: 'duplicate_order_id' };
  return fromHttpError(answer.status, true, codeFromText(message, codeAsGiven(String(code), `http_${answer.status}`)));
}
