/** Paying out at Monnify (PROVIDERS 4.6): from the merchant's wallet there to a Nigerian bank account. */
import { z } from 'zod';
import { exponentOf, toDecimal, type Currency } from '../../../../kernel/money/money.js';
import { jsonWithDecimals, majorToMinor, type WireAmount } from '../amounts.js';
import type { GatewayAccount } from '../gateway-outcome.js';
import type { GatewayPayouts, MoneyOutOutcome, PayoutQuery, PayoutRequest } from '../gateway-parts.js';
import type { HttpAnswer } from '../http-client.js';
import { readCalled } from '../json-calls.js';
import { codeAsGiven, notSent, unknown } from '../outcomes.js';
import { looseText } from '../webhook-hints.js';
import { monnifyAmount } from './monnify.answers.js';
import { bodyIn, envelopeIn, fromMonnifyError, type MonnifyCalls } from './monnify.calls.js';
import {
  isDuplicate,
  MONNIFY_PAYOUT_DONE,
  MONNIFY_PAYOUT_REFUSALS,
  MONNIFY_PAYOUT_WAITING,
  MONNIFY_REFUSED_REQUESTS,
} from './monnify.codes.js';

const payout = z.object({
  reference: looseText,
  status: z.string().max(64),
  amount: monnifyAmount,
  totalFee: monnifyAmount,
  fee: monnifyAmount,
  currency: looseText,
});
type Payout = z.infer<typeof payout>;

export class MonnifyPayouts implements GatewayPayouts {
  readonly destinationCurrencies = { bank_account: ['NGN'] } as const;
  readonly networks = {};
  // Whether a used reference is refused is not documented; the guard of two minutes ends too soon to rely on.
  readonly idempotent = false;
  readonly notFoundTrustedAfterMs = null;
  readonly returns = true;
  readonly requiredCredentials = ['source_account_number'] as const;

  constructor(private readonly calls: MonnifyCalls) {}

  writtenReference(reference: string): string {
    return reference;
  }

  async payout(account: GatewayAccount, request: PayoutRequest): Promise<MoneyOutOutcome> {
    const { destination, currency } = request;
    if (destination.type !== 'bank_account' || currency !== 'NGN')
      return notSent('unsupported_destination', 'merchant');
    const called = await this.calls.call(account, {
      method: 'POST',
      path: '/api/v2/disbursements/single',
      body: jsonWithDecimals(
        { amount: toDecimal(request.amountMinor, exponentOf(currency)) },
        {
          reference: request.reference,
          narration: request.narration,
          destinationBankCode: destination.bankCode,
          destinationAccountNumber: destination.accountNumber,
          destinationAccountName: destination.name,
          currency,
          sourceAccountNumber: account.credentials['source_account_number'] ?? '',
        },
      ),
      timeoutMs: request.timeoutMs,
    });
    return readCalled(called, (answer) => readPayout(answer, 'payout', currency));
  }

  async status(account: GatewayAccount, query: PayoutQuery): Promise<MoneyOutOutcome> {
    const path = `/api/v2/disbursements/single/summary?reference=${encodeURIComponent(query.reference)}`;
    const called = await this.calls.call(account, { method: 'GET', path, timeoutMs: query.timeoutMs });
    return readCalled(called, (answer) => readPayout(answer, 'status', query.currency));
  }
}

export function readPayout(answer: HttpAnswer, call: 'payout' | 'status', asked: Currency): MoneyOutOutcome {
  const body = bodyIn(answer);
  if (body === undefined) return readRefused(answer, call);
  const parsed = payout.safeParse(body);
  return parsed.success ? outcomeOf(parsed.data, asked) : unknown('unparsable_answer');
}

function readRefused(answer: HttpAnswer, call: 'payout' | 'status'): MoneyOutOutcome {
  const enveloped = envelopeIn(answer);
  // D07's message speaks of a duplicate request, which is another thing than a used reference.
  const isListed = enveloped !== undefined && MONNIFY_REFUSED_REQUESTS.has(enveloped.code);
  const isRefusal = answer.status === 200 || answer.status === 400 || answer.status === 409 || answer.status === 422;
  if (call === 'payout' && isRefusal && !isListed && enveloped?.isSuccess === false && isDuplicate(enveloped.message))
    return { kind: 'duplicate', code: 'duplicate_reference' };
  return fromMonnifyError(answer, call === 'status');
}

function outcomeOf(data: Payout, asked: Currency): MoneyOutOutcome {
  const { status } = data;
  if (MONNIFY_PAYOUT_DONE.has(status)) return readSuccess(data, asked);
  if (MONNIFY_PAYOUT_WAITING.has(status)) return { kind: 'pending', code: status, nextAction: null, handles: {} };
  if (status === 'REVERSED') return { kind: 'returned', code: status, handles: {} };
  const refusal = MONNIFY_PAYOUT_REFUSALS.get(status);
  return refusal === undefined
    ? unknown(codeAsGiven(status, 'unlisted_status'))
    : { kind: 'declined', code: status, ...refusal, handles: {} };
}

function readSuccess(data: Payout, asked: Currency): MoneyOutOutcome {
  const minor = (value: WireAmount | undefined, rounding: 'down' | 'up'): bigint | undefined =>
    value === undefined ? undefined : majorToMinor(value, exponentOf(asked), rounding);
  const amountMinor = minor(data.amount, 'down');
  if (amountMinor === undefined || data.reference === undefined) return unknown('incomplete_success');
  return {
    kind: 'succeeded',
    amountMinor,
    // Wallets hold naira; not every answer says so.
    currency: data.currency ?? asked,
    reference: data.reference,
    feeMinor: minor(data.totalFee ?? data.fee, 'up') ?? null,
    code: data.status,
    handles: {},
  };
}
