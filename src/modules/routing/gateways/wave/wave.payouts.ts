/** Paying out at Wave (PROVIDERS 8.6): to a wallet, with our reference as the idempotency key. */
import { z } from 'zod';
import { exponentOf, toDecimal, type Currency } from '../../../../kernel/money/money.js';
import { exponentOfReported, majorToMinor, type WireAmount } from '../amounts.js';
import { msisdn } from '../customers.js';
import type { GatewayAccount } from '../gateway-outcome.js';
import type { GatewayPayouts, MoneyOutOutcome, PayoutQuery, PayoutRequest } from '../gateway-parts.js';
import type { GatewayHttpClient, HttpAnswer } from '../http-client.js';
import { readCalled, timeLeft } from '../json-calls.js';
import { codeAsGiven, notSent, parseJson, unknown, UNLISTED_REFUSAL } from '../outcomes.js';
import { handlesOf, looseText } from '../webhook-hints.js';
import { waveId } from './wave.answers.js';
import { callWave, errorCodeOf, fromWaveError } from './wave.calls.js';
import { WAVE_KEY_REUSED, WAVE_PAYOUT_REFUSALS } from './wave.codes.js';

/** What the receiver is shown; longer texts are refused (from memory). */
const MAX_REASON_LENGTH = 40;

const amount = z
  .union([z.string().max(40), z.number()])
  .optional()
  .catch(undefined);
const payout = z.object({
  id: waveId,
  status: z.string().max(64),
  receive_amount: amount,
  fee: amount,
  currency: looseText,
  client_reference: looseText,
  payout_error: z.object({ error_code: z.string() }).optional().catch(undefined),
});
type Payout = z.infer<typeof payout>;

/** Far more payouts than one reference ever has. */
const MAX_PAYOUTS = 100;
const payouts = z.object({ result: z.array(payout).max(MAX_PAYOUTS) });

/** What a payout was asked for as. */
interface Asked {
  readonly reference: string;
  readonly currency: Currency;
}

export class WavePayouts implements GatewayPayouts {
  readonly destinationCurrencies = { mobile_money: ['XOF'] } as const;
  readonly networks = { XOF: ['wave'] } as const;
  readonly idempotent = true;
  readonly notFoundTrustedAfterMs = null;
  readonly returns = true;
  readonly requiredCredentials = [] as const;

  constructor(private readonly http: GatewayHttpClient) {}

  writtenReference(reference: string): string {
    return reference;
  }

  async payout(account: GatewayAccount, request: PayoutRequest): Promise<MoneyOutOutcome> {
    const { destination, currency, reference } = request;
    if (destination.type !== 'mobile_money' || destination.network !== 'wave' || currency !== 'XOF')
      return notSent('unsupported_destination', 'merchant');
    const body = JSON.stringify({
      currency,
      receive_amount: toDecimal(request.amountMinor, exponentOf(currency)),
      mobile: `+${msisdn(destination.phone)}`,
      name: destination.name,
      payment_reason: request.narration.slice(0, MAX_REASON_LENGTH),
      client_reference: reference,
    });
    const called = await callWave(this.http, account, {
      method: 'POST',
      path: '/v1/payout',
      // The same for every try, so that what is sent twice is paid once.
      headers: { 'idempotency-key': reference },
      body,
      timeoutMs: request.timeoutMs,
    });
    return readCalled(called, (answer) => readPayout(answer, request));
  }

  /** By Wave's id where it is known; one that leads to another payout is ignored. */
  async status(account: GatewayAccount, query: PayoutQuery): Promise<MoneyOutOutcome> {
    const left = timeLeft(query.timeoutMs);
    const id = waveId.safeParse(query.handles['id']);
    if (id.success) {
      const path = `/v1/payout/${id.data}`;
      const byId = await callWave(this.http, account, { method: 'GET', path, timeoutMs: left() });
      if (byId.kind === 'outcome') return byId.outcome;
      const parsed = byId.answer.status === 200 ? payout.safeParse(parseJson(byId.answer.body)) : undefined;
      if (parsed?.success === true && (parsed.data.client_reference ?? query.reference) === query.reference)
        return outcomeOf(parsed.data, query);
    }
    const path = `/v1/payouts/search?client_reference=${encodeURIComponent(query.reference)}`;
    const called = await callWave(this.http, account, { method: 'GET', path, timeoutMs: left() });
    return readCalled(called, (answer) => readPayouts(answer, query));
  }
}

/** The answer to a payout: the first one's again when it is repeated. */
export function readPayout(answer: HttpAnswer, asked: Asked): MoneyOutOutcome {
  if (answer.status !== 200 && answer.status !== 201) {
    const code = answer.status < 500 ? errorCodeOf(answer) : undefined;
    return code === WAVE_KEY_REUSED ? { kind: 'duplicate', code } : fromWaveError(answer);
  }
  const parsed = payout.safeParse(parseJson(answer.body));
  return parsed.success ? outcomeOf(parsed.data, asked) : unknown('unparsable_answer');
}

/** The payouts of one reference. There should be one; if there are more, whatever may have paid counts before what did not. */
export function readPayouts(answer: HttpAnswer, asked: Asked): MoneyOutOutcome {
  if (answer.status !== 200) return fromWaveError(answer);
  const parsed = payouts.safeParse(parseJson(answer.body));
  if (!parsed.success) return unknown('unparsable_answer');
  const ours = parsed.data.result.filter((each) => (each.client_reference ?? asked.reference) === asked.reference);
  const outcomes = ours.map((each) => outcomeOf(each, asked));
  for (const kind of ['succeeded', 'unknown', 'pending', 'returned'] as const) {
    const found = outcomes.find((each) => each.kind === kind);
    if (found !== undefined) return found;
  }
  return outcomes[0] ?? { kind: 'not_found', code: 'payout-not-found' };
}

function outcomeOf(data: Payout, asked: Asked): MoneyOutOutcome {
  const handles = handlesOf({ id: data.id });
  const { status } = data;
  switch (status) {
    case 'succeeded':
      return readSuccess(data, asked, handles);
    case 'processing':
      return { kind: 'pending', code: status, nextAction: null, handles };
    case 'reversed':
      return { kind: 'returned', code: status, handles };
    case 'failed': {
      const code = codeAsGiven(data.payout_error?.error_code ?? '', status);
      return { kind: 'declined', code, ...(WAVE_PAYOUT_REFUSALS.get(code) ?? UNLISTED_REFUSAL), handles };
    }
    default:
      return unknown(codeAsGiven(status, 'unlisted_status'));
  }
}

function readSuccess(data: Payout, asked: Asked, handles: Record<string, string>): MoneyOutOutcome {
  const { currency, receive_amount: received, fee } = data;
  if (currency === undefined || received === undefined) return unknown('incomplete_success');
  const exponent = exponentOfReported(currency, asked.currency);
  const minor = (value: WireAmount, rounding: 'down' | 'up'): bigint | undefined =>
    majorToMinor(value, exponent, rounding);
  const amountMinor = minor(received, 'down');
  if (amountMinor === undefined) return unknown('incomplete_success');
  return {
    kind: 'succeeded',
    amountMinor,
    currency,
    // Not in every answer; what was asked for under our key, or found under our reference, is ours.
    reference: data.client_reference ?? asked.reference,
    feeMinor: fee === undefined ? null : (minor(fee, 'up') ?? null),
    code: data.status,
    handles,
  };
}
