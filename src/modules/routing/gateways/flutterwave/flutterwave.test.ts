import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChargeRequest, GatewayAccount, GatewayOutcome, StatusQuery } from '../gateway-adapter.js';
import { GatewayHttpClient, type HttpAnswer } from '../http-client.js';
import { FlutterwaveAdapter } from './flutterwave.adapter.js';
import { readFlutterwaveAnswer, readHostedPage, type FlutterwaveCall } from './flutterwave.answers.js';
import { flutterwaveRequest } from './flutterwave.requests.js';

const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';

function answer(status: number, body: unknown): HttpAnswer {
  return { kind: 'answered', status, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

function read(body: object, call: FlutterwaveCall = 'charge', currency: 'NGN' | 'XOF' = 'NGN'): GatewayOutcome {
  return readFlutterwaveAnswer(answer(200, { status: 'success', message: 'x', ...body }), call, currency);
}

const verified = (data: object): GatewayOutcome =>
  read({ data: { tx_ref: REFERENCE, currency: 'NGN', ...data } }, 'status');
const refused = (status: number, message: string, call: FlutterwaveCall = 'charge'): GatewayOutcome =>
  readFlutterwaveAnswer(answer(status, { status: 'error', message, data: null }), call, 'NGN');

describe("Flutterwave's answers", () => {
  it('reads the documented verification', () => {
    const outcome = verified({
      id: 2073992,
      flw_ref: 'FLW1',
      amount: 1500,
      charged_amount: 1500,
      app_fee: 26.875,
      merchant_fee: 0,
      amount_settled: 1473.125,
      processor_response: 'Approved',
      auth_model: 'PIN',
      status: 'successful',
      customer: {},
      card: { token: 'flw-t1nf' },
    });
    expect(outcome).toEqual({
      kind: 'succeeded',
      amountMinor: 150_000n,
      feeMinor: 2_688n,
      currency: 'NGN',
      reference: REFERENCE,
      code: 'approved',
      handles: { id: '2073992', flw_ref: 'FLW1' },
    });
  });

  it.each([
    [
      'a customer who bore the fee',
      { amount: 1500, charged_amount: 1521, app_fee: 21 },
      { amountMinor: 150_000n, feeMinor: 0n },
    ],
    ['less than asked', { amount: 1500, charged_amount: 15 }, { amountMinor: 1_500n, feeMinor: null }],
    ['more than asked, with no fee for it', { amount: 1500, charged_amount: 1600 }, { amountMinor: 160_000n }],
    ['amounts as text', { amount: '1500.10', app_fee: '0' }, { amountMinor: 150_010n, feeMinor: 0n }],
  ])('reads %s', (_name, data, expected) => {
    expect(verified({ status: 'successful', ...data })).toMatchObject({ kind: 'succeeded', ...expected });
  });

  it.each([
    { amount: 'NaN' },
    {},
    { amount: -5 },
    { amount: 1e21 },
    { amount: 5, tx_ref: 5 },
    { amount: 5, currency: null },
  ])('does not believe the success %j', (data) => {
    expect(verified({ status: 'successful', ...data })).toEqual({ kind: 'unknown', code: 'incomplete_success' });
  });

  it.each([
    [
      'bank transfer, which has no data',
      {
        meta: {
          authorization: {
            transfer_reference: 'x',
            transfer_account: '7825397990',
            transfer_bank: 'WEMA BANK',
            account_expiration: '2026-01-01 10:00:00',
            mode: 'banktransfer',
          },
        },
      },
      {
        code: 'banktransfer',
        nextAction: {
          type: 'show_account',
          account_number: '7825397990',
          bank_name: 'WEMA BANK',
          expires_at: '2026-01-01 10:00:00',
        },
        handles: { transfer_reference: 'x' },
      },
    ],
    [
      'its expiry in milliseconds',
      {
        meta: {
          authorization: {
            transfer_account: '0067100155',
            transfer_bank: 'Mock Bank',
            account_expiration: 1689847855598,
            mode: 'banktransfer',
          },
        },
      },
      { nextAction: { type: 'show_account', expires_at: '2023-07-20T10:10:55.598Z' } },
    ],
    [
      'francs, waiting for the handset',
      {
        data: { id: 2073992, status: 'pending', currency: 'XOF' },
        meta: { authorization: { mode: 'callback', redirect_url: null } },
      },
      { code: 'pending', nextAction: null, handles: { id: '2073992' } },
    ],
    [
      'a page and nothing else',
      { meta: { authorization: { mode: 'redirect', redirect: 'https://flw.example/x' } } },
      { nextAction: { type: 'redirect', url: 'https://flw.example/x' } },
    ],
    [
      'a USSD code',
      { data: { id: 1, status: 'pending' }, meta: { authorization: { mode: 'ussd', note: '*566*002*4517159#' } } },
      { nextAction: { type: 'dial', code: '*566*002*4517159#' } },
    ],
    [
      'a page inside the data',
      { data: { status: 'pending', meta: { authorization: { mode: 'redirect', redirect: 'https://flw.example/y' } } } },
      { nextAction: { type: 'redirect', url: 'https://flw.example/y' } },
    ],
    [
      'a code to type',
      { data: { status: 'success-pending-validation' }, meta: { authorization: { mode: 'otp' } } },
      { nextAction: { type: 'enter_otp' } },
    ],
  ])('reads %s', (_name, body, expected) => {
    expect(read(body)).toMatchObject({ kind: 'pending', ...expected });
  });

  it('does not send the customer to an address that is none', () => {
    expect(read({ meta: { authorization: { mode: 'redirect', redirect: 'javascript:alert(1)' } } })).toEqual({
      kind: 'unknown',
      code: 'unparsable_answer',
    });
  });

  it.each([
    ['Insufficient Funds', 'customer', false],
    ['Transaction was declined by the customer', 'customer', false],
    ['Do not honor', 'ambiguous', true],
    ['Nobody knows', 'ambiguous', false],
    [undefined, 'ambiguous', false],
  ])('reads a failure with the reason %p', (processor_response, blame, retryable) => {
    expect(verified({ status: 'failed', processor_response })).toMatchObject({ kind: 'declined', blame, retryable });
  });

  it.each([
    [
      'the 28 s that it gives itself',
      503,
      'An error occurred. Please contact support',
      { kind: 'unknown', code: 'http_503' },
    ],
    ['a server error', 500, 'x', { kind: 'unknown', code: 'http_500' }],
    [
      'a bad key',
      401,
      'Invalid authorization key',
      { kind: 'not_sent', code: 'invalid_authorization_key', blame: 'merchant' },
    ],
    ['a missing field', 400, 'email is required', { kind: 'not_sent', code: 'email_is_required', blame: 'merchant' }],
    ['throttling', 429, 'Too many', { kind: 'not_sent', code: 'rate_limited', blame: 'gateway' }],
    [
      'a used reference',
      400,
      'transaction reference has been used before',
      { kind: 'duplicate', code: 'duplicate_reference' },
    ],
    [
      'a decline told as an error',
      400,
      'Insufficient Funds',
      { kind: 'declined', code: 'insufficient_funds', blame: 'customer', retryable: false, handles: {} },
    ],
    ['an error with 2xx', 200, 'Hm', { kind: 'unknown', code: 'hm' }],
  ])('reads %s', (_name, status, message, expected) => {
    expect(refused(status, message)).toEqual(expected);
  });

  it.each([400, 404])('reads that a transaction is not there, told with %p', (status) => {
    expect(refused(status, 'No transaction was found for this id', 'status')).toEqual({
      kind: 'not_found',
      code: 'transaction_not_found',
    });
  });

  it.each(['cancelled', 'SUCCESSFUL', 'new'])('does not guess at the status %s', (status) => {
    expect(verified({ status })).toEqual({ kind: 'unknown', code: status });
  });

  it('reads a hosted page', () => {
    const link = 'https://checkout.flutterwave.com/v3/hosted/pay/x';
    expect(
      readHostedPage(answer(200, { status: 'success', message: 'Hosted Link', data: { link } }), 'NGN'),
    ).toMatchObject({ kind: 'pending', nextAction: { type: 'redirect', url: link } });
    expect(readHostedPage(answer(200, '<html>'), 'NGN').kind).toBe('unknown');
    expect(readHostedPage(answer(401, { status: 'error', message: 'No' }), 'NGN').kind).toBe('not_sent');
  });
});

describe("Flutterwave's requests", () => {
  const account: GatewayAccount = {
    id: '0',
    gateway: 'flutterwave',
    name: 'main',
    livemode: false,
    baseUrl: 'https://gateway.example',
    credentials: {},
  };
  const base: ChargeRequest = {
    reference: REFERENCE,
    amountMinor: 150_050n,
    currency: 'GHS',
    method: { type: 'mobile_money', network: 'telecel', phone: '+233201234567' },
    customer: { email: 'a@b.co', name: 'Ama' },
    description: null,
    returnUrl: null,
    callbackUrl: 'https://us.example',
    timeoutMs: 1,
  };

  it('writes the amount as a number in major units, digit by digit', () => {
    const made = flutterwaveRequest(account, base);
    expect(made?.path).toBe('/v3/charges?type=mobile_money_ghana');
    expect(made?.body).toMatch(/^\{"amount":1500\.50,/);
    expect(JSON.parse(made?.body ?? '')).toMatchObject({
      amount: 1500.5,
      tx_ref: REFERENCE,
      network: 'VODAFONE',
      phone_number: '233201234567',
      fullname: 'Ama',
      country: 'GH',
    });
  });

  it('knows the country of francs by the phone number', () => {
    const method = { type: 'mobile_money', network: 'orange', phone: '+221770000000' } as const;
    expect(JSON.parse(flutterwaveRequest(account, { ...base, currency: 'XOF', method })?.body ?? '')).toMatchObject({
      amount: 150_050,
      country: 'SN',
      network: 'ORANGEMONEY',
    });
  });

  it.each([
    ['GHS', 'airteltigo', 'AIRTELTIGO'],
    ['XAF', 'orange', 'ORANGEMONEY'],
    ['XOF', 'wave', 'WAVE'],
  ] as const)('names a wallet of %s at %s as its own client library does', (currency, network, name) => {
    const method = { type: 'mobile_money', network, phone: '+233201234567' } as const;
    expect(JSON.parse(flutterwaveRequest(account, { ...base, currency, method })?.body ?? '')).toMatchObject({
      network: name,
    });
  });

  it.each(['738', 'constructor'])('has no USSD code %s', (bank) => {
    expect(flutterwaveRequest(account, { ...base, currency: 'NGN', method: { type: 'ussd', bank } })).toBeUndefined();
  });
});

describe('asking Flutterwave by id', () => {
  let server: Server;
  let paths: string[] = [];
  let base = '';
  const http = new GatewayHttpClient();
  const adapter = new FlutterwaveAdapter(http);

  const transactions: Readonly<Record<string, object>> = {
    '/v3/transactions/7/verify': { id: 7, tx_ref: 'f'.repeat(32), amount: 1, currency: 'NGN', status: 'successful' },
    '/v3/transactions/8/verify': { id: 8, tx_ref: REFERENCE, amount: 1500, currency: 'NGN', status: 'successful' },
    [`/v3/transactions/verify_by_reference?tx_ref=${REFERENCE}`]: {
      id: 8,
      tx_ref: REFERENCE,
      amount: 1500,
      currency: 'NGN',
      status: 'pending',
    },
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      paths.push(request.url ?? '');
      const data = transactions[request.url ?? ''];
      response.statusCode = data === undefined ? 404 : 200;
      response.end(
        JSON.stringify(
          data === undefined
            ? { status: 'error', message: 'No transaction was found for this id', data: null }
            : { status: 'success', message: 'x', data },
        ),
      );
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await http.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(() => {
    paths = [];
  });

  const ask = (handles: Record<string, string>, baseUrl = base): Promise<GatewayOutcome> => {
    const account: GatewayAccount = {
      id: 'a',
      gateway: 'flutterwave',
      name: 'main',
      livemode: false,
      baseUrl,
      credentials: { secret_key: 'k' },
    };
    const query: StatusQuery = {
      reference: REFERENCE,
      handles,
      amountMinor: 150_000n,
      currency: 'NGN',
      methodType: 'card',
      timeoutMs: 1_000,
    };
    return adapter.status(account, query);
  };

  it('prefers the id', async () => {
    expect(await ask({ id: '8' })).toMatchObject({ kind: 'succeeded', amountMinor: 150_000n });
    expect(paths).toEqual(['/v3/transactions/8/verify']);
  });

  it.each([
    ['7', 'leads to the payment of somebody else'],
    ['9', 'leads nowhere'],
    ['8/../7', 'is no number'],
  ])('falls back to the reference when the id %s %s', async (id) => {
    expect(await ask({ id })).toMatchObject({ kind: 'pending' });
    expect(paths.at(-1)).toBe(`/v3/transactions/verify_by_reference?tx_ref=${REFERENCE}`);
  });

  it.each(['/v3', '/v3/', '/'])('takes base addresses with and without the version: %s', async (suffix) => {
    expect(await ask({ id: '8' }, `${base}${suffix}`)).toMatchObject({ kind: 'succeeded' });
  });
});
