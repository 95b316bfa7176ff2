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
import { FlutterwaveCalls } from './flutterwave.calls.js';
import { FlutterwaveFloat, readFlutterwaveBalances } from './flutterwave.float.js';
import { readTransfer } from './flutterwave.payout-answers.js';
import { FlutterwavePayouts } from './flutterwave.payouts.js';

const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';

/** The published answer, with our reference. */
const transfer = (over: object = {}): object => ({
  id: 396432,
  account_number: '0690000040',
  bank_code: '044',
  full_name: 'Alexis Sanchez',
  created_at: '2023-03-11T01:14:21.000Z',
  currency: 'NGN',
  debit_currency: 'NGN',
  amount: 5500,
  fee: 26.875,
  status: 'NEW',
  reference: REFERENCE,
  complete_message: '',
  requires_approval: 0,
  is_approved: 1,
  ...over,
});
const ok = (data: unknown): ScriptedAnswer => ({ status: 200, body: { status: 'success', message: 'x', data } });
const answer = (status: number, body: object): HttpAnswer => ({
  kind: 'answered',
  status,
  body: Buffer.from(JSON.stringify(body)),
});
const read = (over: object): MoneyOutOutcome =>
  readTransfer(answer(200, { status: 'success', data: transfer(over) }), 'payout', 'NGN');
const refused = (status: number, message: string): MoneyOutOutcome =>
  readTransfer(answer(status, { status: 'error', message, data: null }), 'payout', 'NGN');
const handles = { id: '396432' };

describe("Flutterwave's answers about transfers", () => {
  it('reads one that arrived, with its fee rounded up', () => {
    expect(read({ status: 'SUCCESSFUL' })).toEqual({
      kind: 'succeeded',
      amountMinor: 550_000n,
      currency: 'NGN',
      reference: REFERENCE,
      feeMinor: 2_688n,
      code: 'SUCCESSFUL',
      handles,
    });
  });

  it.each(['NEW', 'PENDING'])('waits while %s', (status) => {
    expect(read({ status })).toEqual({ kind: 'pending', code: status, nextAction: null, handles });
  });

  it.each([
    ['DISBURSE FAILED: Insufficient balance', 'insufficient_balance', 'merchant', true],
    [
      'DISBURSE FAILED: You can only spend NGN 100.00 at once',
      'you_can_only_spend_ngn_100_00_at_once',
      'merchant',
      true,
    ],
    ['DISBURSE FAILED: Unable to obtain user details', 'unable_to_obtain_user_details', 'customer', false],
    ['Invalid account number', 'invalid_account_number', 'customer', false],
    ['Beneficiary bank not available', 'beneficiary_bank_not_available', 'network', true],
    ['The moon is full', 'the_moon_is_full', 'ambiguous', false],
    ['', 'failed', 'ambiguous', false],
  ])('reads a failure with the message %p', (message, code, blame, retryable) => {
    expect(read({ status: 'FAILED', complete_message: message })).toEqual({
      kind: 'declined',
      code,
      blame,
      retryable,
      handles,
    });
  });

  it.each([
    ['an unlisted status', { status: 'successful' }, 'successful'],
    ['a success without an amount', { status: 'SUCCESSFUL', amount: null }, 'incomplete_success'],
    ['a success without a reference', { status: 'SUCCESSFUL', reference: null }, 'incomplete_success'],
  ])('does not believe %s', (_name, over, code) => {
    expect(read(over)).toEqual({ kind: 'unknown', code });
  });

  it.each([
    'Transfer with this reference already exists',
    'This reference has been used',
    'Duplicate reference',
    'Please use a unique reference',
    'Reference must be unique',
  ])('reads "%s" as a used reference', (message) => {
    expect(refused(400, message)).toEqual({ kind: 'duplicate', code: 'duplicate_reference' });
  });

  it.each([
    [400, 'Reference is required', { kind: 'not_sent', code: 'reference_is_required' }],
    [400, 'Insufficient funds in wallet', { kind: 'not_sent', code: 'insufficient_float', blame: 'merchant' }],
    [401, 'Invalid authorization key', { kind: 'not_sent', blame: 'merchant' }],
    [503, 'An error occurred. Please contact support', { kind: 'unknown', code: 'http_503' }],
    [200, 'Hm', { kind: 'unknown', code: 'hm' }],
  ])('reads HTTP %p %s', (status, message, expected) => {
    expect(refused(status, message)).toMatchObject(expected);
  });
});

describe('a payout at Flutterwave', () => {
  const http = new GatewayHttpClient();
  const calls = new FlutterwaveCalls(http);
  const payouts = new FlutterwavePayouts(calls);
  let gateway: ScriptedGateway;
  const account = (): GatewayAccount => ({
    id: 'a',
    gateway: 'flutterwave',
    name: 'main',
    livemode: false,
    baseUrl: gateway.baseUrl,
    credentials: { secret_key: 'k' },
  });
  const request = (over: Partial<PayoutRequest> = {}): PayoutRequest => ({
    reference: REFERENCE,
    amountMinor: 550_050n,
    currency: 'NGN',
    destination: { type: 'bank_account', bankCode: '044', accountNumber: '0690000040', name: 'Ama Mensah' },
    narration: 'Wages',
    callbackUrl: 'https://us.example/hook',
    timeoutMs: PATIENT_MS,
    ...over,
  });
  const query = (over: Partial<PayoutQuery> = {}): PayoutQuery => ({
    reference: REFERENCE,
    handles: {},
    amountMinor: 550_050n,
    currency: 'NGN',
    destinationType: 'bank_account',
    timeoutMs: PATIENT_MS,
    ...over,
  });

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

  it('is one call, with the amount digit by digit', async () => {
    gateway.answerWith(() => ok(transfer()));
    expect(await payouts.payout(account(), request())).toMatchObject({ kind: 'pending', code: 'NEW', handles });
    expect(gateway.calls[0]?.body).toMatch(/^\{"amount":5500\.50,/);
    expect(JSON.parse(gateway.calls[0]?.body ?? '')).toEqual({
      amount: 5500.5,
      account_bank: '044',
      account_number: '0690000040',
      currency: 'NGN',
      debit_currency: 'NGN',
      reference: REFERENCE,
      narration: 'Wages',
      beneficiary_name: 'Ama Mensah',
      callback_url: 'https://us.example/hook',
    });
  });

  it('names wallets by their network and international number', async () => {
    gateway.answerWith(() => ok(transfer()));
    const destination = { type: 'mobile_money', network: 'orange', phone: '+221770000000', name: 'A' } as const;
    await payouts.payout(account(), request({ currency: 'XOF', destination }));
    expect(gateway.calls[0]?.body).toMatch(
      /^\{"amount":550050,"account_bank":"ORANGE","account_number":"221770000000"/,
    );
  });

  it('refuses what it cannot pay without a call', async () => {
    const wallet = (network: string) => ({ type: 'mobile_money', network, phone: '+233201234567', name: 'A' }) as const;
    for (const over of [
      { currency: 'GHS' },
      { destination: wallet('mtn') },
      { currency: 'GHS', destination: wallet('constructor') },
    ] as const) {
      expect(await payouts.payout(account(), request(over))).toMatchObject({ code: 'unsupported_destination' });
    }
    expect(gateway.calls).toEqual([]);
  });

  it.each(['hang', 'reset', { status: 502, body: '<html>' }, { status: 200, body: '{' }] as const)(
    'is in doubt, and not repeated, when sending ends in %j',
    async (said) => {
      gateway.answerWith(() => said);
      const hurried = request({ timeoutMs: patienceFor(said) });
      expect((await payouts.payout(account(), hurried)).kind).toBe('unknown');
      expect(gateway.calls).toHaveLength(1);
    },
  );

  it('is asked about by its id, and by its reference when that leads elsewhere', async () => {
    gateway.answerWith(() => ok(transfer({ id: 5, status: 'SUCCESSFUL' })));
    expect(await payouts.status(account(), query({ handles: { id: '5' } }))).toMatchObject({ kind: 'succeeded' });
    gateway.answerWith(({ url }) => (url.includes('?') ? ok([transfer()]) : ok(transfer({ id: 5, reference: 'x' }))));
    expect(await payouts.status(account(), query({ handles: { id: '5' } }))).toMatchObject({
      kind: 'pending',
      handles,
    });
    gateway.answerWith(({ url }) =>
      url.includes('?')
        ? ok([transfer()])
        : { status: 404, body: { status: 'error', message: 'Transfer could not be found' } },
    );
    expect(await payouts.status(account(), query({ handles: { id: '5' } }))).toMatchObject({
      kind: 'pending',
      handles,
    });
    expect(gateway.calls.map(({ url }) => url)).toEqual([
      '/v3/transfers/5',
      '/v3/transfers/5',
      `/v3/transfers?reference=${REFERENCE}`,
      '/v3/transfers/5',
      `/v3/transfers?reference=${REFERENCE}`,
    ]);
  });

  it.each([
    ['is not there when the list is empty', [], { kind: 'not_found', code: 'transfer_not_found' }],
    ['may be elsewhere in a list of others', [transfer({ reference: 'x' })], { code: 'transfers_not_filtered' }],
    ['is in doubt when two have its reference', [transfer(), transfer({ id: 2 })], { code: 'ambiguous_payout' }],
    ['may be a line that cannot be read', [{ id: 1 }], { kind: 'unknown', code: 'unparsable_answer' }],
  ])('%s', async (_name, data, expected) => {
    gateway.answerWith(() => ok(data));
    expect(await payouts.status(account(), query())).toMatchObject(expected);
  });

  it('has balances to be made from', async () => {
    gateway.answerWith(() =>
      ok([
        { currency: 'NGN', available_balance: 2_367_840.129, ledger_balance: 253_125.82 },
        { currency: 'XOF', available_balance: '1500.5', ledger_balance: 0 },
        { currency: 'KES', available_balance: 1, ledger_balance: 1 },
      ]),
    );
    expect(await new FlutterwaveFloat(calls).balances(account(), PATIENT_MS)).toEqual({
      kind: 'balances',
      balances: [
        { currency: 'NGN', availableMinor: 236_784_012n },
        { currency: 'XOF', availableMinor: 1_500n },
      ],
    });
    const broken = { status: 'success', data: [{ currency: 'NGN', available_balance: 'many' }] };
    expect(readFlutterwaveBalances(answer(200, broken))).toEqual({ kind: 'failed', code: 'unparsable_answer' });
  });
});
