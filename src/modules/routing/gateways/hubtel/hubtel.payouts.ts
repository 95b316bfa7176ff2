/** Paying out at Hubtel (PROVIDERS 6.6): to a wallet, from the prepaid deposit, which is another account than the one for sales. */
import { z } from 'zod';
import { exponentOf, toDecimal } from '../../../../kernel/money/money.js';
import { jsonWithDecimals, majorToMinor, type WireAmount } from '../amounts.js';
import { msisdn } from '../customers.js';
import type { GatewayAccount } from '../gateway-outcome.js';
import type { GatewayPayouts, MoneyOutOutcome, PayoutQuery, PayoutRequest } from '../gateway-parts.js';
import type { GatewayHttpClient, HttpAnswer } from '../http-client.js';
import { readCalled } from '../json-calls.js';
import { codeAsGiven, notSent, unknown, UNLISTED_REFUSAL } from '../outcomes.js';
import { handlesOf, looseId, looseText } from '../webhook-hints.js';
import { HUBTEL_CURRENCY, hubtelAmount, readPrompted } from './hubtel.answers.js';
import { callHubtel, envelopeIn, fromHubtelError, hubtelHost, pathPart } from './hubtel.calls.js';
import { HUBTEL_OK } from './hubtel.codes.js';
import { HUBTEL_CHANNELS } from './hubtel.requests.js';

const transfer = z.object({
  transactionStatus: z.string().max(64),
  transactionId: looseId,
  clientReference: looseText,
  amount: hubtelAmount,
  charges: hubtelAmount,
  fee: hubtelAmount,
});

export class HubtelPayouts implements GatewayPayouts {
  readonly destinationCurrencies = { mobile_money: ['GHS'] } as const;
  readonly networks = { GHS: [...HUBTEL_CHANNELS.keys()] };
  // References are to be unique; what happens to one that is not, no document says.
  readonly idempotent = false;
  readonly notFoundTrustedAfterMs = null;
  readonly returns = false;
  readonly requiredCredentials = ['prepaid_deposit_id'] as const;

  constructor(private readonly http: GatewayHttpClient) {}

  writtenReference(reference: string): string {
    return reference;
  }

  async payout(account: GatewayAccount, request: PayoutRequest): Promise<MoneyOutOutcome> {
    const { destination, currency } = request;
    const channel = destination.type === 'mobile_money' ? HUBTEL_CHANNELS.get(destination.network) : undefined;
    if (destination.type !== 'mobile_money' || channel === undefined || currency !== HUBTEL_CURRENCY)
      return notSent('unsupported_destination', 'merchant');
    const called = await callHubtel(this.http, account, {
      method: 'POST',
      base: hubtelHost(account, 'payout_base_url'),
      path: `/api/merchants/${pathPart(account, 'prepaid_deposit_id')}/send/mobilemoney`,
      body: jsonWithDecimals(
        { Amount: toDecimal(request.amountMinor, exponentOf(currency)) },
        {
          RecipientName: destination.name,
          RecipientMsisdn: msisdn(destination.phone),
          Channel: channel,
          // Written otherwise than when receiving.
          PrimaryCallbackURL: request.callbackUrl,
          Description: request.narration,
          ClientReference: request.reference,
        },
      ),
      timeoutMs: request.timeoutMs,
    });
    return readCalled(called, readPrompted);
  }

  async status(account: GatewayAccount, query: PayoutQuery): Promise<MoneyOutOutcome> {
    const merchant = pathPart(account, 'prepaid_deposit_id');
    const called = await callHubtel(this.http, account, {
      method: 'GET',
      base: hubtelHost(account, 'payout_status_base_url'),
      path: `/api/merchants/${merchant}/transactions/status?clientReference=${encodeURIComponent(query.reference)}`,
      timeoutMs: query.timeoutMs,
    });
    return readCalled(called, readPayoutStatus);
  }
}

/** `success` is the one status that is documented; `pending` and `failed` are from memory. */
export function readPayoutStatus(answer: HttpAnswer): MoneyOutOutcome {
  const enveloped = answer.status === 200 ? envelopeIn(answer) : undefined;
  if (enveloped?.responseCode !== HUBTEL_OK) return fromHubtelError(answer, 'question');
  const parsed = transfer.safeParse(enveloped.data);
  if (!parsed.success) return unknown('unparsable_answer');
  const { transactionStatus: status, transactionId, clientReference: reference } = parsed.data;
  const handles = handlesOf({ transaction_id: transactionId });
  switch (status) {
    case 'success': {
      const amountMinor = minor(parsed.data.amount, 'down');
      if (amountMinor === undefined || reference === undefined) return unknown('incomplete_success');
      const feeMinor = minor(parsed.data.charges ?? parsed.data.fee, 'up') ?? null;
      return { kind: 'succeeded', amountMinor, currency: HUBTEL_CURRENCY, reference, feeMinor, code: status, handles };
    }
    case 'pending':
      return { kind: 'pending', code: status, nextAction: null, handles };
    case 'failed':
      return { kind: 'declined', code: status, ...UNLISTED_REFUSAL, handles };
    default:
      return unknown(codeAsGiven(status, 'unlisted_status'));
  }
}

function minor(value: WireAmount | undefined, rounding: 'down' | 'up'): bigint | undefined {
  return value === undefined ? undefined : majorToMinor(value, exponentOf(HUBTEL_CURRENCY), rounding);
}
