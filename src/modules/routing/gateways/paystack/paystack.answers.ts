/** Reading Paystack's answers: one reader for charges and for verifications, since both carry a transaction. */
import { z } from 'zod';
import type { NextAction } from '../../../../contracts/shared.js';
import type { Currency } from '../../../../kernel/money/money.js';
import { creditedToUs, exponentOfReported } from '../amounts.js';
import type { GatewayOutcome } from '../gateway-adapter.js';
import { toEnter } from '../customer-entries.js';
import type { HttpAnswer } from '../http-client.js';
import { codeAsGiven, codeFromText, fromHttpError, parseJson, unknown, UNLISTED_REFUSAL } from '../outcomes.js';
import { refusalFromText } from '../processor-texts.js';
import { handlesOf, looseId, looseText } from '../webhook-hints.js';
import { fromSubunits, subunits } from './paystack.amounts.js';
import { isDuplicate, isNotFound, PAYSTACK_ASKS, PAYSTACK_WAITING } from './paystack.codes.js';
import { envelope } from './paystack.envelope.js';

export const transaction = z.object({
  id: looseId,
  status: z.string(),
  reference: looseText,
  amount: subunits.optional().catch(undefined),
  requested_amount: subunits.optional().catch(undefined),
  fees: subunits.optional().catch(undefined),
  currency: looseText,
  gateway_response: looseText,
  message: looseText,
  display_text: looseText,
  url: looseText,
  authorization_url: looseText,
  ussd_code: looseText,
  account_name: looseText,
  account_number: looseText,
  account_expires_at: looseText,
  bank: z
    .object({ name: z.string().max(200) })
    .optional()
    .catch(undefined),
});
type Transaction = z.infer<typeof transaction>;

const hostedPage = z.object({ authorization_url: z.url() });

/** Which call an answer belongs to: only a charge can be a duplicate, only a query can find nothing; an action has neither. */
export type PaystackCall = 'charge' | 'status' | 'action';

export function readPaystackAnswer(answer: HttpAnswer, call: PaystackCall, asked: Currency): GatewayOutcome {
  const parsed = envelope.safeParse(parseJson(answer.body));
  if (!parsed.success) return fromHttpError(answer.status, false, 'unparsable_answer');
  const { message, type, code, data } = parsed.data;
  if (answer.status < 300 && answer.status >= 200) {
    return parsed.data.status
      ? readTransaction(data, asked)
      : unknown(codeFromText(code ?? message, 'refused_with_2xx'));
  }
  if (answer.status === 400 || answer.status === 404) {
    if (call === 'charge' && isDuplicate(code, message)) return { kind: 'duplicate', code: 'duplicate_reference' };
    if (call === 'status' && isNotFound(code, message)) return { kind: 'not_found', code: 'transaction_not_found' };
  }
  if (call === 'charge' && answer.status === 400 && !parsed.data.status) {
    const declined = readRefusedCharge(data, message, asked);
    if (declined !== undefined) return declined;
    // The request was fine and the processor behind Paystack failed at it: it may have acted before failing.
    if (type === 'processor_error') return unknown('processor_error');
  }
  return fromHttpError(answer.status, !parsed.data.status, codeFromText(code ?? message, `http_${answer.status}`));
}

/** The answer of POST /transaction/initialize: nothing is charged yet, the customer has to go to a page. */
export function readHostedPage(answer: HttpAnswer, asked: Currency): GatewayOutcome {
  const parsed = envelope.safeParse(parseJson(answer.body));
  const page =
    parsed.success && answer.status === 200 && parsed.data.status ? hostedPage.safeParse(parsed.data.data) : undefined;
  if (page?.success === true) {
    return {
      kind: 'pending',
      code: 'redirect',
      nextAction: { type: 'redirect', url: page.data.authorization_url },
      handles: {},
    };
  }
  if (answer.status === 200) return unknown('unparsable_answer');
  return readPaystackAnswer(answer, 'charge', asked);
}

/** A charge refused with HTTP 400 may still name a failed transaction, or give the decline as its message. */
function readRefusedCharge(data: unknown, message: string | undefined, asked: Currency): GatewayOutcome | undefined {
  if (transaction.safeParse(data).success) {
    const outcome = readTransaction(data, asked);
    return outcome.kind === 'declined' ? outcome : unknown('contradictory_answer');
  }
  const code = codeFromText(message, 'declined');
  const refusal = message === undefined ? undefined : refusalFromText(code);
  return refusal === undefined ? undefined : { kind: 'declined', code, ...refusal, handles: {} };
}

/** The outcome that a transaction stands for; `unknown` for data that is none. */
export function readTransaction(data: unknown, asked: Currency): GatewayOutcome {
  const parsed = transaction.safeParse(data);
  if (!parsed.success) return unknown('unparsable_answer');
  const { status, gateway_response: reason } = parsed.data;
  const handles = handlesOf({ id: parsed.data.id });
  if (status === 'success') return readSuccess(parsed.data, asked, handles);
  if (PAYSTACK_WAITING.has(status))
    return { kind: 'pending', code: status, nextAction: nextActionOf(parsed.data), handles };
  if (status === 'failed') {
    const code = codeFromText(reason ?? parsed.data.message, 'failed');
    return { kind: 'declined', code, ...(refusalFromText(code) ?? UNLISTED_REFUSAL), handles };
  }
  // Also `reversed`: the money came and went back, in full or in part, so it is neither a capture nor a decline; and
  // `timeout`, which no official page calls final. Both stay unknown until the gateway says more or an operator decides.
  return unknown(codeAsGiven(status, 'unlisted_status'));
}

/**
 * `amount` is what the customer paid and `requested_amount` what we asked; they differ when the customer bears the fee
 * (PROVIDERS 1.4): what is for us is reported, see `creditedToUs`.
 */
function readSuccess(data: Transaction, asked: Currency, handles: Record<string, string>): GatewayOutcome {
  const { amount, currency, reference } = data;
  if (amount === undefined || currency === undefined || reference === undefined) return unknown('incomplete_success');
  const exponent = exponentOfReported(currency, asked);
  const paid = fromSubunits(amount, exponent, 'down');
  if (paid === undefined) return unknown('incomplete_success');
  const credited = creditedToUs({
    requested: data.requested_amount === undefined ? undefined : fromSubunits(data.requested_amount, exponent, 'down'),
    paid,
    fees: data.fees === undefined ? undefined : fromSubunits(data.fees, exponent, 'up'),
  });
  return {
    kind: 'succeeded',
    ...credited,
    currency,
    reference,
    code: codeFromText(data.gateway_response, 'success'),
    handles,
  };
}

function nextActionOf(data: Transaction): NextAction | null {
  if (data.status === 'open_url' && data.url !== undefined) return { type: 'redirect', url: data.url };
  const wanted = PAYSTACK_ASKS.get(data.status);
  if (wanted !== undefined) return toEnter(wanted, data.display_text);
  if (data.status === 'pay_offline' && data.ussd_code !== undefined) return { type: 'dial', code: data.ussd_code };
  if (data.status === 'pending_bank_transfer' && data.account_number !== undefined) {
    return {
      type: 'show_account',
      account_number: data.account_number,
      bank_name: data.bank?.name ?? '',
      ...(data.account_name === undefined ? {} : { account_name: data.account_name }),
      ...(data.account_expires_at === undefined ? {} : { expires_at: data.account_expires_at }),
    };
  }
  return null;
}
