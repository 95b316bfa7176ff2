/** Reading Hubtel's answers about collections (PROVIDERS 6.3, 6.4). */
import { z } from 'zod';
import { exponentOf } from '../../../../kernel/money/money.js';
import { majorToMinor, type WireAmount } from '../amounts.js';
import type { GatewayOutcome } from '../gateway-adapter.js';
import type { HttpAnswer } from '../http-client.js';
import { codeAsGiven, unknown } from '../outcomes.js';
import { handlesOf, looseId, looseText } from '../webhook-hints.js';
import { envelopeIn, fromHubtelError } from './hubtel.calls.js';
import { HUBTEL_OK, HUBTEL_PENDING } from './hubtel.codes.js';

/** Hubtel works in Ghana alone: no answer names a currency. */
export const HUBTEL_CURRENCY = 'GHS';

export const hubtelAmount = z
  .union([z.number(), z.string().max(40)])
  .optional()
  .catch(undefined);

const created = z.object({ transactionId: looseId });
const page = z.object({ checkoutUrl: z.url(), checkoutId: looseId });
const transaction = z.object({
  status: z.string().max(64),
  transactionId: looseId,
  externalTransactionId: looseId,
  clientReference: looseText,
  amount: hubtelAmount,
  charges: hubtelAmount,
  amountAfterCharges: hubtelAmount,
});
type Transaction = z.infer<typeof transaction>;

/** The answer to a prompt. `0000` is no more than `0001` here: what was paid is told by the question about it. */
export function readPrompted(answer: HttpAnswer): GatewayOutcome {
  const enveloped = isOk(answer) ? envelopeIn(answer) : undefined;
  const code = enveloped?.responseCode;
  if (code !== HUBTEL_OK && code !== HUBTEL_PENDING) return fromHubtelError(answer, 'create');
  const parsed = created.safeParse(enveloped?.data);
  return {
    kind: 'pending',
    code,
    nextAction: null,
    handles: handlesOf({ transaction_id: parsed.data?.transactionId }),
  };
}

/** The answer of the checkout: nothing is charged yet, the customer has to go to a page. */
export function readHostedPage(answer: HttpAnswer): GatewayOutcome {
  const enveloped = isOk(answer) ? envelopeIn(answer) : undefined;
  if (enveloped?.responseCode !== HUBTEL_OK) return fromHubtelError(answer, 'create');
  const parsed = page.safeParse(enveloped.data);
  if (!parsed.success || !/^https?:\/\//.test(parsed.data.checkoutUrl)) return unknown('unparsable_answer');
  return {
    kind: 'pending',
    code: 'redirect',
    nextAction: { type: 'redirect', url: parsed.data.checkoutUrl },
    handles: handlesOf({ checkout_id: parsed.data.checkoutId }),
  };
}

/** `Unpaid` covers what waits and what failed alike (PROVIDERS 6.10): it is not the end of anything. */
export function readHubtelStatus(answer: HttpAnswer): GatewayOutcome {
  const enveloped = isOk(answer) ? envelopeIn(answer) : undefined;
  if (enveloped?.responseCode !== HUBTEL_OK) return fromHubtelError(answer, 'question');
  const parsed = transaction.safeParse(enveloped.data);
  if (!parsed.success) return unknown('unparsable_answer');
  const { status, transactionId, externalTransactionId } = parsed.data;
  const handles = handlesOf({ transaction_id: transactionId, external_transaction_id: externalTransactionId });
  if (status === 'Paid') return readSuccess(parsed.data, handles);
  if (status === 'Unpaid') return { kind: 'pending', code: status, nextAction: null, handles };
  // Also `Refunded`: money came and went back, which is neither a capture nor a decline.
  return unknown(codeAsGiven(status, 'unlisted_status'));
}

/** Our reference in an answer, to see whether Hubtel's own led to the payment that was meant. */
export function referenceIn(answer: HttpAnswer): string | undefined {
  const parsed = z.object({ clientReference: z.string() }).safeParse(envelopeIn(answer)?.data);
  return parsed.success ? parsed.data.clientReference : undefined;
}

/** `amount` is what we asked for. Charges are either taken from it, which `amountAfterCharges` shows, or were the customer's on top. */
function readSuccess(data: Transaction, handles: Record<string, string>): GatewayOutcome {
  const minor = (value: WireAmount | undefined, rounding: 'down' | 'up'): bigint | undefined =>
    value === undefined ? undefined : majorToMinor(value, exponentOf(HUBTEL_CURRENCY), rounding);
  const amountMinor = minor(data.amount, 'down');
  const { clientReference: reference, status: code } = data;
  if (amountMinor === undefined || reference === undefined) return unknown('incomplete_success');
  const kept = minor(data.amountAfterCharges, 'down');
  const feeMinor =
    kept === undefined ? (minor(data.charges, 'up') ?? null) : kept > amountMinor ? null : amountMinor - kept;
  return { kind: 'succeeded', amountMinor, currency: HUBTEL_CURRENCY, reference, feeMinor, code, handles };
}

function isOk(answer: HttpAnswer): boolean {
  return answer.status >= 200 && answer.status < 300;
}
