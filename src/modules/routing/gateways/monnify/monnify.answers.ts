/** Reading Monnify's answers about collections (PROVIDERS 4.3, 4.4, 4.10). */
import { z } from 'zod';
import type { NextAction } from '../../../../contracts/shared.js';
import type { Currency } from '../../../../kernel/money/money.js';
import { creditedToUs, exponentOfReported, majorToMinor, type WireAmount } from '../amounts.js';
import type { GatewayOutcome } from '../gateway-adapter.js';
import type { HttpAnswer } from '../http-client.js';
import { codeAsGiven, unknown } from '../outcomes.js';
import { handlesOf, looseText } from '../webhook-hints.js';
import { bodyIn, envelopeIn, fromMonnifyError } from './monnify.calls.js';
import { isDuplicate, MONNIFY_OTHER_AMOUNT, MONNIFY_REFUSALS } from './monnify.codes.js';

/** Strings in answers, numbers in some webhooks and lists. */
export const monnifyAmount = z
  .union([z.string().max(40), z.number()])
  .optional()
  .catch(undefined);

/** The form of Monnify's own references, `MNFY|67|20260101...|000001`: they go into addresses, where `|` must be encoded. */
export const transactionReference = z
  .string()
  .regex(/^[\w|-]{1,100}$/)
  .optional()
  .catch(undefined);

export const monnifyTransaction = z.object({
  transactionReference,
  paymentReference: looseText,
  amountPaid: monnifyAmount,
  totalPayable: monnifyAmount,
  settlementAmount: monnifyAmount,
  currency: looseText,
  paymentStatus: z.string().max(64),
});
type Transaction = z.infer<typeof monnifyTransaction>;

const created = z.object({ transactionReference: z.string().regex(/^[\w|-]{1,100}$/), checkoutUrl: z.url() });

const bankAccount = z.object({
  accountNumber: z.union([z.string(), z.number().transform(String)]).refine((text) => /^\d{4,20}$/.test(text)),
  accountName: looseText,
  bankName: looseText,
  expiresOn: looseText,
});

/** What we asked for, to tell the customer's share of the fee from money that was not asked for. */
export interface Asked {
  readonly amountMinor: bigint;
  readonly currency: Currency;
}

/** The answer of init-transaction. Nothing is charged yet: the customer has to pay, at the latest on the page that it names. */
export function readCreated(answer: HttpAnswer): GatewayOutcome {
  const body = bodyIn(answer);
  const parsed = created.safeParse(body);
  if (parsed.success) {
    return {
      kind: 'pending',
      code: 'redirect',
      nextAction: { type: 'redirect', url: parsed.data.checkoutUrl },
      handles: { transaction_reference: parsed.data.transactionReference },
    };
  }
  if (body !== undefined) return unknown('unparsable_answer');
  const enveloped = envelopeIn(answer);
  const isRefused = enveloped?.isSuccess === false && answer.status < 500 && answer.status !== 408;
  return isRefused &&
    answer.status !== 429 &&
    (answer.status < 300 || answer.status >= 400) &&
    isDuplicate(enveloped.message)
    ? { kind: 'duplicate', code: 'duplicate_reference' }
    : fromMonnifyError(answer, false);
}

/** The account into which the customer pays, if the answer has one. */
export function accountIn(answer: HttpAnswer): NextAction | undefined {
  const parsed = bankAccount.safeParse(bodyIn(answer));
  if (!parsed.success) return undefined;
  const { accountNumber, accountName, bankName, expiresOn } = parsed.data;
  return {
    type: 'show_account',
    account_number: accountNumber,
    bank_name: bankName ?? '',
    ...(accountName === undefined ? {} : { account_name: accountName }),
    ...(expiresOn === undefined ? {} : { expires_at: expiresOn }),
  };
}

export function readMonnifyStatus(answer: HttpAnswer, asked: Asked): GatewayOutcome {
  const body = bodyIn(answer);
  if (body === undefined) return fromMonnifyError(answer, true);
  const parsed = monnifyTransaction.safeParse(body);
  return parsed.success ? outcomeOf(parsed.data, asked) : unknown('unparsable_answer');
}

/** Our reference in an answer, to see whether Monnify's own led to the payment that was meant. */
export function referenceIn(answer: HttpAnswer): string | undefined {
  const parsed = z.object({ paymentReference: z.string() }).safeParse(bodyIn(answer));
  return parsed.success ? parsed.data.paymentReference : undefined;
}

function outcomeOf(data: Transaction, asked: Asked): GatewayOutcome {
  const { paymentStatus: status } = data;
  const handles = handlesOf({ transaction_reference: data.transactionReference });
  if (status === 'PAID' || MONNIFY_OTHER_AMOUNT.has(status)) return readMoney(data, asked, handles);
  if (status === 'PENDING') return { kind: 'pending', code: status, nextAction: null, handles };
  const refusal = MONNIFY_REFUSALS.get(status);
  // Also REVERSED and REFUNDED: money came and went back, which is neither a capture nor a decline.
  return refusal === undefined
    ? unknown(codeAsGiven(status, 'unlisted_status'))
    : { kind: 'declined', code: status, ...refusal, handles };
}

/**
 * Money is in hand. What is for us is reported (see `creditedToUs`); the fee is what Monnify does not settle. A payment that Monnify calls
 * short or too large and whose figure is just what we asked (the customer owed the fee as well) must not pass for a clean one, as Monnify
 * may send the money back: it stays unknown until people look.
 */
function readMoney(data: Transaction, asked: Asked, handles: Record<string, string>): GatewayOutcome {
  const { currency, paymentReference: reference, paymentStatus: code } = data;
  if (currency === undefined || reference === undefined) return unknown('incomplete_success');
  const exponent = exponentOfReported(currency, asked.currency);
  const minor = (value: WireAmount | undefined, rounding: 'down' | 'up'): bigint | undefined =>
    value === undefined ? undefined : majorToMinor(value, exponent, rounding);
  const paid = minor(data.amountPaid, 'down');
  if (paid === undefined) return unknown('incomplete_success');
  const settled = minor(data.settlementAmount, 'down');
  const fees = settled === undefined || settled > paid ? undefined : paid - settled;
  if (code === 'PAID') {
    const credited = creditedToUs({ requested: asked.amountMinor, paid, fees });
    return { kind: 'succeeded', ...credited, currency, reference, code, handles };
  }
  if (paid === 0n || paid === asked.amountMinor) return unknown('contradictory_answer');
  return { kind: 'succeeded', amountMinor: paid, feeMinor: fees ?? null, currency, reference, code, handles };
}
