import type { ChargeRequest, GatewayAccount, GatewayOutcome } from '../gateway-adapter.js';
import type { HttpAnswer } from '../http-client.js';
import { readHostedPage, readPaystackAnswer, type PaystackCall } from './paystack.answers.js';
import { paystackRequest } from './paystack.requests.js';

const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';

function answer(status: number, body: unknown): HttpAnswer {
  return { kind: 'answered', status, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) };
}

function read(data: object, call: PaystackCall = 'status', currency: 'NGN' | 'XOF' = 'NGN'): GatewayOutcome {
  return readPaystackAnswer(
    answer(200, { status: true, message: 'x', data: { reference: REFERENCE, ...data } }),
    call,
    currency,
  );
}

const refused = (status: number, body: object, call: PaystackCall = 'charge'): GatewayOutcome =>
  readPaystackAnswer(answer(status, { status: false, message: 'No', ...body }), call, 'NGN');

describe("Paystack's answers", () => {
  it('reads the documented verification, whose customer bore the fee', () => {
    const outcome = read({
      id: 4099260516,
      domain: 'test',
      status: 'success',
      amount: 40333,
      requested_amount: 30050,
      fees: 10283,
      currency: 'NGN',
      channel: 'card',
      gateway_response: 'Successful',
      metadata: '',
      log: {},
      fees_breakdown: null,
      authorization: { bin: '408408' },
      customer: { id: 1 },
    });
    expect(outcome).toEqual({
      kind: 'succeeded',
      amountMinor: 30050n,
      feeMinor: 0n,
      currency: 'NGN',
      reference: REFERENCE,
      code: 'successful',
      handles: { id: '4099260516' },
    });
  });

  it('reads hundredths of francs, cutting what is no whole franc', () => {
    expect(read({ status: 'success', amount: 150_000, currency: 'XOF', fees: 2_250 }, 'status', 'XOF')).toMatchObject({
      amountMinor: 1_500n,
      feeMinor: 23n,
    });
    expect(read({ status: 'success', amount: '149950', currency: 'XOF' }, 'status', 'XOF')).toMatchObject({
      amountMinor: 1_499n,
      feeMinor: null,
    });
  });

  it('reports another currency as it is', () => {
    expect(read({ status: 'success', amount: 100, currency: 'USD' })).toMatchObject({
      kind: 'succeeded',
      amountMinor: 100n,
      currency: 'USD',
    });
  });

  it.each([
    ['no amount', { currency: 'NGN' }],
    ['no currency', { amount: 100 }],
    ['no reference', { amount: 100, currency: 'NGN', reference: null }],
    ['a negative amount', { amount: -100, currency: 'NGN' }],
    ['a fraction of a kobo', { amount: 100.5, currency: 'NGN' }],
    ['an amount beyond exact integers', { amount: 2 ** 60, currency: 'NGN' }],
  ])('does not believe a success with %s', (_name, data) => {
    expect(read({ status: 'success', ...data })).toEqual({ kind: 'unknown', code: 'incomplete_success' });
  });

  it.each(['pending', 'ongoing', 'processing', 'queued', 'abandoned', 'send_address', 'pay_offline'])(
    'waits while %s',
    (status) => {
      expect(read({ status })).toEqual({ kind: 'pending', code: status, nextAction: null, handles: {} });
    },
  );

  it.each([
    [
      { status: 'open_url', url: 'https://bank.example/3ds' },
      { type: 'redirect', url: 'https://bank.example/3ds' },
    ],
    [
      { status: 'send_otp', display_text: 'Type it' },
      { type: 'enter_otp', message: 'Type it' },
    ],
    [{ status: 'send_pin' }, { type: 'enter_pin', message: 'Enter your PIN' }],
    [{ status: 'send_phone' }, { type: 'enter_phone', message: 'Enter your phone number' }],
    [
      { status: 'send_birthday', display_text: 'When were you born?' },
      { type: 'enter_birthday', message: 'When were you born?' },
    ],
    [
      { status: 'pay_offline', ussd_code: '*737*33*4*1#' },
      { type: 'dial', code: '*737*33*4*1#' },
    ],
    [
      {
        status: 'pending_bank_transfer',
        account_name: 'A',
        account_number: '0123456789',
        bank: { slug: 'b', name: 'B', id: 1 },
        account_expires_at: '2026-01-01T00:00:00Z',
      },
      {
        type: 'show_account',
        account_number: '0123456789',
        bank_name: 'B',
        account_name: 'A',
        expires_at: '2026-01-01T00:00:00Z',
      },
    ],
  ])('tells what the customer has to do: %j', (data, nextAction) => {
    expect(read(data, 'charge')).toMatchObject({ kind: 'pending', nextAction });
  });

  it.each([
    ['Insufficient Funds', 'insufficient_funds', 'customer', false],
    ['Transaction declined by customer', 'transaction_declined_by_customer', 'customer', false],
    ['Incorrect PIN', 'incorrect_pin', 'customer', false],
    ['Declined', 'declined', 'ambiguous', true],
    ['System malfunction', 'system_malfunction', 'gateway', true],
    ['Issuer or switch inoperative', 'issuer_or_switch_inoperative', 'network', true],
    ['Something new', 'something_new', 'ambiguous', false],
    ['constructor', 'constructor', 'ambiguous', false],
    [null, 'failed', 'ambiguous', false],
  ])('reads a failure with the reason %p', (reason, code, blame, retryable) => {
    expect(read({ status: 'failed', gateway_response: reason })).toEqual({
      kind: 'declined',
      code,
      blame,
      retryable,
      handles: {},
    });
  });

  it.each(['reversed', 'timeout', 'SUCCESS', 'brand_new'])('does not guess at the status %s', (status) => {
    expect(read({ status })).toEqual({ kind: 'unknown', code: status });
  });

  it.each([
    [
      'a validation error',
      400,
      { type: 'validation_error', code: 'invalid_params' },
      { kind: 'not_sent', code: 'invalid_params', blame: 'merchant' },
    ],
    ['a bad key', 401, { message: 'Invalid key' }, { kind: 'not_sent', code: 'invalid_key', blame: 'merchant' }],
    [
      'throttling',
      429,
      { type: 'api_error', code: 'rate_limited' },
      { kind: 'not_sent', code: 'rate_limited', blame: 'gateway' },
    ],
    [
      'a used reference',
      400,
      { message: 'Duplicate Transaction Reference', code: 'duplicate_reference' },
      { kind: 'duplicate', code: 'duplicate_reference' },
    ],
    [
      'a used reference in older words',
      400,
      { message: 'Duplicate charge request for reference x' },
      { kind: 'duplicate', code: 'duplicate_reference' },
    ],
    ['a failing processor', 400, { type: 'processor_error' }, { kind: 'unknown', code: 'processor_error' }],
    [
      'a decline told as an error',
      400,
      { message: 'Insufficient Funds' },
      { kind: 'declined', code: 'insufficient_funds', blame: 'customer', retryable: false, handles: {} },
    ],
    [
      'a decline with its transaction',
      400,
      { data: { status: 'failed', gateway_response: 'Declined' } },
      { kind: 'declined', code: 'declined', blame: 'ambiguous', retryable: true, handles: {} },
    ],
    [
      'a success told as an error',
      400,
      { data: { status: 'success', amount: 1, currency: 'NGN', reference: 'x' } },
      { kind: 'unknown', code: 'contradictory_answer' },
    ],
    ['a refusal with 2xx', 200, {}, { kind: 'unknown', code: 'no' }],
    ['a server error', 500, { type: 'api_error' }, { kind: 'unknown', code: 'http_500' }],
    ['a conflict', 409, {}, { kind: 'unknown', code: 'http_409' }],
    ['a request timeout', 408, {}, { kind: 'unknown', code: 'http_408' }],
  ])('reads %s of a charge', (_name, status, body, expected) => {
    expect(refused(status, body)).toEqual(expected);
  });

  it('never answers duplicate or declined to a question by an error', () => {
    expect(refused(400, { code: 'duplicate_reference' }, 'status').kind).toBe('not_sent');
    expect(refused(400, { message: 'Insufficient Funds' }, 'status').kind).toBe('not_sent');
    expect(refused(400, { message: 'Transaction reference not found.' }, 'status')).toEqual({
      kind: 'not_found',
      code: 'transaction_not_found',
    });
    expect(refused(400, { message: 'Transaction reference not found.' }, 'charge').kind).toBe('not_sent');
  });

  it.each([400, 401, 403, 404, 422])("does not take a proxy's page with %p for a refusal", (status) => {
    expect(readPaystackAnswer(answer(status, '<html>'), 'charge', 'NGN')).toEqual({
      kind: 'unknown',
      code: `http_${status}`,
    });
  });

  it('reads a hosted page', () => {
    const link = 'https://checkout.paystack.com/abc';
    expect(readHostedPage(answer(200, { status: true, data: { authorization_url: link } }), 'NGN')).toEqual({
      kind: 'pending',
      code: 'redirect',
      nextAction: { type: 'redirect', url: link },
      handles: {},
    });
    expect(readHostedPage(answer(200, { status: true, data: { authorization_url: 'javascript' } }), 'NGN').kind).toBe(
      'unknown',
    );
    expect(readHostedPage(answer(400, { status: false, code: 'duplicate_reference' }), 'NGN').kind).toBe('duplicate');
  });
});

describe("Paystack's requests", () => {
  const account: GatewayAccount = {
    id: '0',
    gateway: 'paystack',
    name: 'main',
    livemode: false,
    baseUrl: 'https://gateway.example',
    credentials: {},
  };
  const base: ChargeRequest = {
    reference: REFERENCE,
    amountMinor: 1_500n,
    currency: 'XOF',
    method: { type: 'mobile_money', network: 'mtn', phone: '+2250701020304' },
    customer: {},
    description: null,
    returnUrl: null,
    callbackUrl: 'https://us.example',
    timeoutMs: 1,
  };

  it('multiplies francs by a hundred and makes up an address that reaches nobody', () => {
    expect(paystackRequest(account, base)).toEqual({
      path: '/charge',
      hostedPage: false,
      body: {
        email: `${REFERENCE}@customers.example.com`,
        amount: '150000',
        currency: 'XOF',
        reference: REFERENCE,
        mobile_money: { phone: '+2250701020304', provider: 'mtn' },
      },
    });
  });

  it.each([
    ['mtn', 'mtn'],
    ['telecel', 'vod'],
    ['airteltigo', 'atl'],
  ])('names the network %s %s and writes Ghanaian numbers the national way', (network, provider) => {
    const method = { type: 'mobile_money', network, phone: '+233241234567' } as const;
    expect(paystackRequest(account, { ...base, currency: 'GHS', method })?.body).toMatchObject({
      amount: '1500',
      mobile_money: { phone: '0241234567', provider },
    });
  });

  it('sends a card without token to a page, and one with a token to the saved card', () => {
    expect(paystackRequest(account, { ...base, method: { type: 'card' } })).toMatchObject({
      path: '/transaction/initialize',
      hostedPage: true,
    });
    expect(paystackRequest(account, { ...base, method: { type: 'card', token: 'AUTH_x' } })).toMatchObject({
      path: '/transaction/charge_authorization',
      body: { authorization_code: 'AUTH_x' },
    });
  });

  it.each(['738', 'constructor'])('has no USSD code %s', (bank) => {
    expect(paystackRequest(account, { ...base, currency: 'NGN', method: { type: 'ussd', bank } })).toBeUndefined();
  });
});
