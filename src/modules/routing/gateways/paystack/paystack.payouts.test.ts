import { GatewayHttpClient, type HttpAnswer } from '../http-client.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { MoneyOutOutcome, PayoutQuery, PayoutRequest } from '../gateway-parts.js';
import {
  PATIENT_MS,
  patienceFor,
  startScriptedGateway,
  type ScriptedAnswer,
  type ScriptedGateway,
} from '../testing/scripted-gateway.js';
import { PaystackCalls } from './paystack.calls.js';
import { PaystackFloat, readPaystackBalances } from './paystack.float.js';
import { readTransfer, type TransferCall } from './paystack.payout-answers.js';
import { PaystackPayouts } from './paystack.payouts.js';

const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';

const answer = (status: number, body: object): HttpAnswer => ({
  kind: 'answered',
  status,
  body: Buffer.from(JSON.stringify(body)),
});
const transfer = (over: object = {}): object => ({
  id: 14938,
  transfer_code: 'TRF_1ptvuv321ahaa7q',
  integration: 463433,
  reference: REFERENCE,
  amount: 250_000,
  currency: 'NGN',
  ...over,
});
const read = (over: object): MoneyOutOutcome =>
  readTransfer(answer(200, { status: true, data: transfer(over) }), 'status', 'NGN');
const refused = (status: number, body: object, call: TransferCall = 'payout'): MoneyOutOutcome =>
  readTransfer(answer(status, { status: false, ...body }), call, 'NGN');
const handles = { id: '14938', transfer_code: 'TRF_1ptvuv321ahaa7q' };

describe("Paystack's answers about transfers", () => {
  it('reads one that arrived', () => {
    expect(read({ status: 'success' })).toEqual({
      kind: 'succeeded',
      amountMinor: 250_000n,
      currency: 'NGN',
      reference: REFERENCE,
      feeMinor: null,
      code: 'success',
      handles,
    });
  });

  it.each(['pending', 'received', 'otp'])('waits while %s', (status) => {
    expect(read({ status })).toEqual({ kind: 'pending', code: status, nextAction: null, handles });
  });

  it.each([
    ['failed', 'ambiguous', true],
    ['rejected', 'merchant', false],
    ['abandoned', 'merchant', false],
    ['blocked', 'gateway', false],
  ])('reads %s as over, with nothing gone', (status, blame, retryable) => {
    expect(read({ status })).toEqual({ kind: 'declined', code: status, blame, retryable, handles });
  });

  it('reads that one came back', () => {
    expect(read({ status: 'reversed' })).toEqual({ kind: 'returned', code: 'reversed', handles });
  });

  it.each([
    ['an unlisted status', { status: 'SUCCESS' }, 'SUCCESS'],
    ['a success without a reference', { status: 'success', reference: null }, 'incomplete_success'],
    ['a success without an amount', { status: 'success', amount: 1.5 }, 'incomplete_success'],
  ])('does not believe %s', (_name, over, code) => {
    expect(read(over)).toEqual({ kind: 'unknown', code });
  });

  it.each([
    [
      'a used reference',
      400,
      { message: 'Please provide a unique reference. Reference already exists on a transfer' },
      { kind: 'duplicate', code: 'duplicate_reference' },
    ],
    ['a used reference by code', 400, { code: 'duplicate_reference' }, { kind: 'duplicate' }],
    [
      'an empty balance',
      400,
      { message: 'Your balance is not enough to fulfil this request' },
      { kind: 'not_sent', code: 'insufficient_float', blame: 'merchant' },
    ],
    [
      'an unknown receiver',
      400,
      { message: 'Recipient specified is invalid', code: 'invalid_transfer_recipient' },
      { kind: 'not_sent', code: 'invalid_transfer_recipient', blame: 'merchant' },
    ],
    ['a failing processor', 400, { type: 'processor_error' }, { kind: 'unknown', code: 'processor_error' }],
    ['a refusal that names a transfer', 400, { data: transfer({ status: 'pending' }) }, { kind: 'unknown' }],
    ['a conflict', 409, {}, { kind: 'unknown', code: 'http_409' }],
    ['a server error', 503, {}, { kind: 'unknown', code: 'http_503' }],
  ])('reads %s', (_name, status, body, expected) => {
    expect(refused(status, body)).toMatchObject(expected);
  });

  it('knows when there is no such transfer, and only when asked', () => {
    const body = { message: 'Transfer not found', type: 'api_error' };
    expect(refused(404, body, 'status')).toEqual({ kind: 'not_found', code: 'transfer_not_found' });
    expect(refused(404, body).kind).toBe('not_sent');
    expect(refused(400, { code: 'duplicate_reference' }, 'status').kind).toBe('not_sent');
  });
});

describe('a payout at Paystack', () => {
  const http = new GatewayHttpClient();
  const calls = new PaystackCalls(http);
  const payouts = new PaystackPayouts(calls);
  let gateway: ScriptedGateway;
  const account = (over: Partial<GatewayAccount> = {}): GatewayAccount => ({
    id: 'a',
    gateway: 'paystack',
    name: 'main',
    livemode: false,
    baseUrl: gateway.baseUrl,
    credentials: { secret_key: 'k' },
    ...over,
  });
  const request = (over: Partial<PayoutRequest> = {}): PayoutRequest => ({
    reference: REFERENCE,
    amountMinor: 250_000n,
    currency: 'NGN',
    destination: { type: 'bank_account', bankCode: '058', accountNumber: '0123456789', name: 'Ama Mensah' },
    narration: 'Wages',
    callbackUrl: '',
    timeoutMs: PATIENT_MS,
    ...over,
  });
  const ok = (data: unknown, status = 200): ScriptedAnswer => ({ status, body: { status: true, message: 'x', data } });
  const both = (second: ScriptedAnswer): void =>
    gateway.answerWith(({ url }) => (url === '/transferrecipient' ? ok({ recipient_code: 'RCP_1' }, 201) : second));

  beforeAll(async () => {
    gateway = await startScriptedGateway();
  });
  afterAll(async () => {
    await http.close();
    await gateway.close();
  });
  beforeEach(() => {
    gateway.calls.length = 0;
  });
  const bodies = (): unknown[] => gateway.calls.map(({ body }) => JSON.parse(body) as unknown);

  it('registers the receiver, then sends', async () => {
    both(ok(transfer({ status: 'otp' })));
    expect(await payouts.payout(account(), request())).toMatchObject({ kind: 'pending', code: 'otp', handles });
    expect(bodies()).toEqual([
      { type: 'nuban', name: 'Ama Mensah', account_number: '0123456789', bank_code: '058', currency: 'NGN' },
      {
        source: 'balance',
        amount: '250000',
        currency: 'NGN',
        recipient: 'RCP_1',
        reference: REFERENCE,
        reason: 'Wages',
      },
    ]);
  });

  it.each([
    ['GHS', 'telecel', '+233201234567', { type: 'mobile_money', account_number: '0201234567', bank_code: 'VOD' }],
    ['XOF', 'mtn', '+2250701020304', { type: 'mobile_money', account_number: '0701020304', bank_code: 'MTN' }],
  ] as const)('names wallets in %s at %s the national way', async (currency, network, phone, expected) => {
    both(ok(transfer({ status: 'pending' })));
    const destination = { type: 'mobile_money', network, phone, name: 'Ama' } as const;
    await payouts.payout(account(), request({ currency, destination }));
    expect(bodies()[0]).toMatchObject(expected);
  });

  it('pays Ghanaian banks', async () => {
    both(ok(transfer({ status: 'pending' })));
    await payouts.payout(account(), request({ currency: 'GHS' }));
    expect(bodies()[0]).toMatchObject({ type: 'ghipss' });
  });

  it.each([
    ['hang', 'hang', 'recipient_timeout', 'gateway'],
    ['reset', 'reset', 'recipient_connection_reset', 'gateway'],
    ['a server error', { status: 500, body: '<html>' }, 'recipient_http_500', 'gateway'],
    ['nonsense', { status: 200, body: '<html>' }, 'recipient_http_200', 'gateway'],
    [
      'a refusal',
      { status: 400, body: { status: false, message: 'Account is invalid' } },
      'recipient_account_is_invalid',
      'merchant',
    ],
  ] as const)('moves no money when registering ends in %s', async (_name, said, code, blame) => {
    gateway.answerWith(() => said);
    expect(await payouts.payout(account(), request({ timeoutMs: patienceFor(said) }))).toEqual({
      kind: 'not_sent',
      code,
      blame,
    });
    expect(gateway.calls.map(({ url }) => url)).toEqual(['/transferrecipient']);
  });

  it.each(['hang', 'reset', { status: 502, body: '<html>' }, { status: 200, body: '{' }] as const)(
    'is in doubt, and not repeated, when sending ends in %j',
    async (said) => {
      both(said);
      // Half of it is for registering the receiver.
      const hurried = request({ timeoutMs: 5 * patienceFor(said) });
      expect((await payouts.payout(account(), hurried)).kind).toBe('unknown');
      expect(gateway.calls).toHaveLength(2);
    },
  );

  it('refuses what it cannot pay without a call', async () => {
    const bank = request().destination;
    const wallet = (network: string) => ({ type: 'mobile_money', network, phone: '+233201234567', name: 'A' }) as const;
    for (const over of [
      { currency: 'XOF', destination: bank },
      { currency: 'XAF', destination: wallet('mtn') },
      { currency: 'GHS', destination: wallet('constructor') },
    ] as const) {
      expect(await payouts.payout(account(), request(over))).toEqual({
        kind: 'not_sent',
        code: 'unsupported_destination',
        blame: 'merchant',
      });
    }
    expect(gateway.calls).toEqual([]);
  });

  it('is asked about by its reference', async () => {
    gateway.answerWith(() => ok(transfer({ status: 'success' })));
    const query: PayoutQuery = {
      reference: REFERENCE,
      handles: {},
      amountMinor: 250_000n,
      currency: 'NGN',
      destinationType: 'bank_account',
      timeoutMs: PATIENT_MS,
    };
    expect(await payouts.status(account(), query)).toMatchObject({ kind: 'succeeded', reference: REFERENCE });
    expect(gateway.calls[0]).toMatchObject({ method: 'GET', url: `/transfer/verify/${REFERENCE}` });
  });

  it('has balances to be made from', async () => {
    const float = new PaystackFloat(calls);
    gateway.answerWith(() =>
      ok([
        { currency: 'NGN', balance: 123_456 },
        { currency: 'XOF', balance: '150099' },
        { currency: 'GHS', balance: -5 },
        { currency: 'KES', balance: 1 },
      ]),
    );
    expect(await float.balances(account(), PATIENT_MS)).toEqual({
      kind: 'balances',
      balances: [
        { currency: 'NGN', availableMinor: 123_456n },
        { currency: 'XOF', availableMinor: 1_500n },
        { currency: 'GHS', availableMinor: -5n },
      ],
    });
    gateway.answerWith(() => ({ status: 401, body: { status: false, message: 'Invalid key' } }));
    expect(await float.balances(account(), PATIENT_MS)).toEqual({ kind: 'failed', code: 'http_401' });
    expect(readPaystackBalances(answer(200, { status: true, data: [{ currency: 'NGN', balance: 1.5 }] }))).toEqual({
      kind: 'failed',
      code: 'unparsable_answer',
    });
  });
});
