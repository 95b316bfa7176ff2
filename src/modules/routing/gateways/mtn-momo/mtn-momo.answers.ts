/** Reading MTN MoMo's answers (PROVIDERS 3.3, 3.4, 3.13). */
import { z } from 'zod';
import type { Currency } from '../../../../kernel/money/money.js';
import { exponentOfReported, majorToMinor } from '../amounts.js';
import type { GatewayOutcome } from '../gateway-adapter.js';
import type { HttpAnswer } from '../http-client.js';
import {
  codeAsGiven,
  fromHttpError,
  notSent,
  parseJson,
  unknown,
  UNLISTED_REFUSAL,
  type Refusal,
} from '../outcomes.js';
import { handlesOf, looseId, looseText } from '../webhook-hints.js';
import { MTN_CALLER_ERRORS, MTN_MONEY_OUT_REFUSALS, MTN_REFUSALS } from './mtn-momo.codes.js';
import { referenceOfExternalId } from './mtn-momo.products.js';

/** The API's own errors have a code; those of the API manager in front of it have `statusCode` instead. */
const apiError = z.union([
  z.object({ code: z.string().min(1).max(100), message: looseText }),
  z
    .object({ statusCode: z.number(), message: z.string().max(2_000) })
    .transform(({ statusCode }) => ({ code: `API_MANAGER_${statusCode}` })),
]);

const requestToPay = z.object({
  status: z.string(),
  amount: z.union([z.string(), z.number()]).optional().catch(undefined),
  currency: looseText,
  externalId: looseText,
  financialTransactionId: looseId,
  /** A string in observed answers, an object in the published schema. */
  reason: z
    .union([z.string(), z.object({ code: z.string() }).transform(({ code }) => code)])
    .optional()
    .catch(undefined),
});

/** A created request to pay is 202 with an empty body; the customer now has it on the handset. */
export function readCreated(answer: HttpAnswer): GatewayOutcome {
  if (answer.status === 202) return { kind: 'pending', code: 'PENDING', nextAction: null, handles: {} };
  const code = errorCodeOf(answer);
  if (answer.status === 409 && code !== undefined) return { kind: 'duplicate', code };
  // Malformed requests are refused with 400 and, at times, no body at all.
  if (answer.status === 400 && answer.body.length === 0) return notSent('http_400', 'merchant');
  return fromError(answer.status, code);
}

/** `externalId` is our reference, as every answer gives it back: the caller compares it with what was sent. */
export function readRequestToPay(answer: HttpAnswer, asked: Currency): GatewayOutcome {
  return readStatus(answer, asked, MTN_REFUSALS);
}

/** The status of a refund or transfer has the same shape; who is to blame for a reason is another matter. */
export function readDisbursement(answer: HttpAnswer, asked: Currency): GatewayOutcome {
  const outcome = readStatus(answer, asked, MTN_MONEY_OUT_REFUSALS);
  return outcome.kind === 'succeeded' ? { ...outcome, reference: referenceOfExternalId(outcome.reference) } : outcome;
}

function readStatus(answer: HttpAnswer, asked: Currency, refusals: ReadonlyMap<string, Refusal>): GatewayOutcome {
  if (answer.status !== 200) {
    const code = errorCodeOf(answer);
    return answer.status === 404 && code === 'RESOURCE_NOT_FOUND'
      ? { kind: 'not_found', code }
      : fromError(answer.status, code);
  }
  const parsed = requestToPay.safeParse(parseJson(answer.body));
  if (!parsed.success) return unknown('unparsable_answer');
  const { status, reason, financialTransactionId } = parsed.data;
  const handles = handlesOf({ financial_transaction_id: financialTransactionId });
  switch (status) {
    case 'SUCCESSFUL': {
      const { amount, currency, externalId } = parsed.data;
      if (amount === undefined || currency === undefined || externalId === undefined)
        return unknown('incomplete_success');
      const amountMinor = majorToMinor(amount, exponentOfReported(currency, asked), 'down');
      if (amountMinor === undefined) return unknown('incomplete_success');
      // MTN reports no fee: it is settled apart.
      return { kind: 'succeeded', amountMinor, currency, reference: externalId, feeMinor: null, code: status, handles };
    }
    case 'PENDING':
      return { kind: 'pending', code: status, nextAction: null, handles };
    case 'FAILED': {
      const code = codeAsGiven(reason ?? '', status);
      return { kind: 'declined', code, ...(refusals.get(code) ?? UNLISTED_REFUSAL), handles };
    }
    default:
      return unknown(codeAsGiven(status, 'unlisted_status'));
  }
}

function errorCodeOf(answer: HttpAnswer): string | undefined {
  const parsed = apiError.safeParse(parseJson(answer.body));
  return parsed.success ? codeAsGiven(parsed.data.code, `http_${answer.status}`) : undefined;
}

function fromError(status: number, code: string | undefined): GatewayOutcome {
  if (status === 500 && code !== undefined && MTN_CALLER_ERRORS.has(code)) return notSent(code, 'merchant');
  return fromHttpError(status, code !== undefined, code ?? `http_${status}`);
}
