/** Reading Flutterwave v3's answers. Their shape changes with the charge type, and some carry no transaction (PROVIDERS 2.3). */
import { z } from 'zod';
import type { NextAction } from '../../../../contracts/shared.js';
import type { Currency } from '../../../../kernel/money/money.js';
import { creditedToUs, exponentOfReported, majorToMinor, type WireAmount } from '../amounts.js';
import { toEnter } from '../customer-entries.js';
import type { GatewayOutcome } from '../gateway-adapter.js';
import type { HttpAnswer } from '../http-client.js';
import { codeAsGiven, codeFromText, fromHttpError, parseJson, unknown, UNLISTED_REFUSAL } from '../outcomes.js';
import { refusalFromText } from '../processor-texts.js';
import { handlesOf, looseId, looseText } from '../webhook-hints.js';
import { FLUTTERWAVE_WAITING, isDuplicate, isNotFound } from './flutterwave.codes.js';
import { envelope, meta, type Authorization } from './flutterwave.envelope.js';

const amount = z.union([z.number(), z.string()]).optional().catch(undefined);

export const transaction = z.object({
  id: looseId,
  tx_ref: looseText,
  flw_ref: looseText,
  amount,
  charged_amount: amount,
  app_fee: amount,
  currency: looseText,
  status: z.string(),
  processor_response: looseText,
  auth_url: looseText,
});
type Transaction = z.infer<typeof transaction>;

const hostedPage = z.object({ link: z.url() });

/** Which call an answer belongs to: only a charge can be a duplicate, only a query can find nothing; an action has neither. */
export type FlutterwaveCall = 'charge' | 'status' | 'action';

export function readFlutterwaveAnswer(answer: HttpAnswer, call: FlutterwaveCall, asked: Currency): GatewayOutcome {
  const parsed = envelope.safeParse(parseJson(answer.body));
  if (!parsed.success) return fromHttpError(answer.status, false, 'unparsable_answer');
  const { status, message, data } = parsed.data;
  if (answer.status >= 200 && answer.status < 300) {
    if (status === 'error') return unknown(codeFromText(message, 'refused_with_2xx'));
    return readInitiated(data, parsed.data.meta?.authorization, call, asked);
  }
  const code = codeFromText(message, `http_${answer.status}`);
  if (answer.status === 400 || answer.status === 404 || answer.status === 409) {
    if (call === 'charge' && isDuplicate(message)) return { kind: 'duplicate', code: 'duplicate_reference' };
    if (call === 'status' && isNotFound(message)) return { kind: 'not_found', code: 'transaction_not_found' };
  }
  const refusal =
    call === 'charge' && answer.status === 400 && message !== undefined ? refusalFromText(code) : undefined;
  if (refusal !== undefined) return { kind: 'declined', code, ...refusal, handles: {} };
  return fromHttpError(answer.status, status === 'error', code);
}

/** The answer of POST /v3/payments: nothing is charged yet, the customer has to go to a page. */
export function readHostedPage(answer: HttpAnswer, asked: Currency): GatewayOutcome {
  const parsed = envelope.safeParse(parseJson(answer.body));
  const page =
    parsed.success && answer.status === 200 && parsed.data.status === 'success'
      ? hostedPage.safeParse(parsed.data.data)
      : undefined;
  if (page?.success === true) {
    return { kind: 'pending', code: 'redirect', nextAction: { type: 'redirect', url: page.data.link }, handles: {} };
  }
  if (answer.status === 200) return unknown('unparsable_answer');
  return readFlutterwaveAnswer(answer, 'charge', asked);
}

/** The `tx_ref` of a verified transaction, to see whether an id led to the payment that was meant. */
export function referenceIn(answer: HttpAnswer): string | undefined {
  const parsed = z.object({ data: z.object({ tx_ref: z.string() }) }).safeParse(parseJson(answer.body));
  return parsed.success ? parsed.data.data.tx_ref : undefined;
}

function readInitiated(
  data: unknown,
  next: Authorization | undefined,
  call: FlutterwaveCall,
  asked: Currency,
): GatewayOutcome {
  const parsed = transaction.safeParse(data);
  if (parsed.success) return readTransaction(parsed.data, next ?? nestedAuthorization(data), asked);
  // Bank transfers, and mobile money that is approved on a page, answer with what the customer has to do and nothing else.
  const action = next === undefined || call === 'status' ? null : nextActionOf(next, undefined);
  if (action === null || next === undefined) return unknown('unparsable_answer');
  return {
    kind: 'pending',
    code: next.mode ?? 'pending',
    nextAction: action,
    handles: handlesOf({ transfer_reference: next.transfer_reference }),
  };
}

export function readTransaction(data: Transaction, next: Authorization | undefined, asked: Currency): GatewayOutcome {
  const handles = handlesOf({ id: data.id, flw_ref: data.flw_ref });
  if (data.status === 'successful') return readSuccess(data, asked, handles);
  if (FLUTTERWAVE_WAITING.has(data.status))
    return { kind: 'pending', code: data.status, nextAction: nextActionOf(next, data.auth_url), handles };
  if (data.status === 'failed') {
    const code = codeFromText(data.processor_response, 'failed');
    return { kind: 'declined', code, ...(refusalFromText(code) ?? UNLISTED_REFUSAL), handles };
  }
  return unknown(codeAsGiven(data.status, 'unlisted_status'));
}

/**
 * `amount` is what we asked, `charged_amount` what the customer paid; they differ when the customer bears the fee
 * (PROVIDERS 2.4): what is for us is reported, see `creditedToUs`.
 */
function readSuccess(data: Transaction, asked: Currency, handles: Record<string, string>): GatewayOutcome {
  const { currency, tx_ref: reference } = data;
  if (currency === undefined || reference === undefined) return unknown('incomplete_success');
  const exponent = exponentOfReported(currency, asked);
  const minor = (value: WireAmount | undefined, rounding: 'down' | 'up'): bigint | undefined =>
    value === undefined ? undefined : majorToMinor(value, exponent, rounding);
  const requested = minor(data.amount, 'down');
  const paid = minor(data.charged_amount ?? data.amount, 'down');
  if (requested === undefined || paid === undefined) return unknown('incomplete_success');
  const credited = creditedToUs({ requested, paid, fees: minor(data.app_fee, 'up') });
  return {
    kind: 'succeeded',
    ...credited,
    currency,
    reference,
    code: codeFromText(data.processor_response, 'successful'),
    handles,
  };
}

function nestedAuthorization(data: unknown): Authorization | undefined {
  const parsed = z.object({ meta }).safeParse(data);
  return parsed.success ? parsed.data.meta?.authorization : undefined;
}

function nextActionOf(next: Authorization | undefined, authUrl: string | undefined): NextAction | null {
  if (next?.transfer_account !== undefined) {
    const expires = next.account_expiration;
    return {
      type: 'show_account',
      account_number: next.transfer_account,
      bank_name: next.transfer_bank ?? '',
      ...(expires === undefined ? {} : { expires_at: typeof expires === 'string' ? expires : fromEpoch(expires) }),
    };
  }
  if (next?.mode === 'ussd' && next.note !== undefined) return { type: 'dial', code: next.note };
  if (next?.mode === 'otp') return toEnter('otp', next.validate_instructions);
  const url = next?.redirect ?? next?.redirect_url ?? authUrl;
  return url !== undefined && /^https?:\/\//.test(url) ? { type: 'redirect', url } : null;
}

/** Published samples give the expiry as text or as milliseconds since 1970. */
function fromEpoch(milliseconds: number): string {
  const date = new Date(milliseconds);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
