import fc from 'fast-check';
import { newUuid } from '../../../../kernel/ids/ids.js';
import type { GatewayOutcome } from '../gateway-adapter.js';
import { GatewayHttpClient } from '../http-client.js';
import { answer, chargeOf, FakeGateway, queryOf, REFERENCE } from '../testing/fake-gateway.js';
import { OrangeMoneyAdapter } from './orange-money.adapter.js';
import { readCreated, readOrangeStatus } from './orange-money.answers.js';
import { asOrderId, fromOrderId } from './orange-money.references.js';

const ORDER_ID = asOrderId(REFERENCE);
const asked = { amountMinor: 1_200n, currency: 'XOF' } as const;
const created = {
  status: 201,
  message: 'OK',
  pay_token: 'f5720',
  payment_url: 'https://webpayment.orange-money.com/payment/pay_token/f5720',
  notif_token: 'dd497',
};
const read = (data: object): GatewayOutcome =>
  readOrangeStatus(
    answer(200, { status: 'SUCCESS', order_id: ORDER_ID, txnid: 'MP150709.1341.A00073', ...data }),
    asked,
  );

describe("Orange's order ids", () => {
  it('are our reference in 25 letters and digits, and lead back to it', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (bits) => {
        const reference = bits.toString(16).padStart(32, '0');
        expect(asOrderId(reference)).toMatch(/^[0-9a-z]{25}$/);
        expect(fromOrderId(asOrderId(reference))).toBe(reference);
        expect(fromOrderId(asOrderId(reference).toUpperCase())).toBe(reference);
      }),
    );
  });

  it('are never one for two references', () => {
    const references = Array.from({ length: 2_000 }, () => newUuid().replaceAll('-', ''));
    expect(new Set(references.map(asOrderId)).size).toBe(references.length);
  });

  it.each(['', 'ord_123', 'z'.repeat(25), '0'.repeat(26), REFERENCE])('are not %p', (text) => {
    expect(fromOrderId(text)).toBeUndefined();
  });
});

describe("Orange's answers", () => {
  it('read a link, whose tokens are all that one can ask by', () => {
    expect(readCreated(answer(201, created))).toEqual({
      kind: 'pending',
      code: 'INITIATED',
      nextAction: { type: 'redirect', url: created.payment_url },
      handles: { pay_token: 'f5720', notif_token: 'dd497' },
    });
  });

  it.each([
    { ...created, pay_token: '' },
    { ...created, notif_token: null },
    { ...created, payment_url: 'javascript:alert(1)' },
    '<html>',
  ])('do not know what to make of %j', (body) => {
    expect(readCreated(answer(201, body))).toEqual({ kind: 'unknown', code: 'unparsable_answer' });
  });

  it('read a success, whose amount is the one that was asked by', () => {
    expect(read({})).toEqual({
      kind: 'succeeded',
      amountMinor: 1_200n,
      currency: 'XOF',
      reference: REFERENCE,
      feeMinor: null,
      code: 'SUCCESS',
      handles: { txnid: 'MP150709.1341.A00073' },
    });
    expect(read({ order_id: 'ord_123' })).toMatchObject({ kind: 'succeeded', reference: 'ord_123' });
    expect(read({ order_id: null })).toEqual({ kind: 'unknown', code: 'incomplete_success' });
  });

  it.each([
    ['INITIATED', { kind: 'pending', code: 'INITIATED', nextAction: null }],
    ['PENDING', { kind: 'pending', code: 'PENDING' }],
    ['FAILED', { kind: 'declined', code: 'FAILED', blame: 'ambiguous', retryable: false }],
    ['EXPIRED', { kind: 'declined', code: 'EXPIRED', blame: 'customer', retryable: false }],
    ['success', { kind: 'unknown', code: 'success' }],
    ['CANCELLED', { kind: 'unknown', code: 'CANCELLED' }],
    [7, { kind: 'unknown', code: 'unparsable_answer' }],
  ])('read the status %p', (status, expected) => {
    expect(read({ status })).toMatchObject(expected);
  });

  it.each([
    [
      400,
      { code: 21, message: 'Missing body field', description: 'x' },
      { kind: 'not_sent', code: 'missing_body_field', blame: 'merchant' },
    ],
    [
      401,
      { code: 42, message: 'Expired credentials', description: 'x' },
      { kind: 'not_sent', code: 'expired_credentials', blame: 'merchant' },
    ],
    [
      403,
      { code: 50, message: 'Access denied', description: 'x' },
      { kind: 'not_sent', code: 'access_denied', blame: 'merchant' },
    ],
    [
      400,
      { code: 1, message: 'order_id already exists', description: 'x' },
      { kind: 'duplicate', code: 'duplicate_order_id' },
    ],
    [
      429,
      { code: 53, message: 'Too many requests', description: 'x' },
      { kind: 'not_sent', code: 'rate_limited', blame: 'gateway' },
    ],
    [500, { code: 1, message: 'Internal error', description: 'x' }, { kind: 'unknown', code: 'http_500' }],
    [503, '', { kind: 'unknown', code: 'http_503' }],
    [403, '<html>', { kind: 'unknown', code: 'http_403' }],
  ])('read %p with %j of a charge', (status, body, expected) => {
    expect(readCreated(answer(status, body))).toEqual(expected);
  });

  it('never say that a payment is not there: any of three inputs may be what is wrong', () => {
    const none = { code: 60, message: 'Resource not found', description: 'x' };
    expect(readOrangeStatus(answer(404, none), asked)).toMatchObject({ kind: 'not_sent', code: 'resource_not_found' });
  });
});

describe("Orange's collections", () => {
  const gateway = new FakeGateway({
    '/oauth/v3/token': { token_type: 'Bearer', access_token: 't', expires_in: '7776000' },
  });
  let http: GatewayHttpClient;
  let adapter: OrangeMoneyAdapter;
  const account = (country = 'ci', livemode = false) =>
    gateway.account('orange_money', { client_id: 'i', client_secret: 's', merchant_key: 'abc', country }, { livemode });
  const charge = chargeOf({ ...asked, method: { type: 'mobile_money', network: 'orange', phone: '+2250701020304' } });
  const query = queryOf({ ...asked, methodType: 'mobile_money' });

  beforeAll(() => gateway.start());
  afterAll(() => gateway.stop());
  beforeEach(() => {
    gateway.reset();
    http = new GatewayHttpClient();
    adapter = new OrangeMoneyAdapter(http);
  });
  afterEach(() => http.close());

  it('make a link in the country of the account', async () => {
    gateway.reply = () => [201, created];
    expect((await adapter.charge(account(), charge)).kind).toBe('pending');
    expect(gateway.calls).toEqual(['POST /orange-money-webpay/ci/v1/webpayment']);
    expect(gateway.seen[0]?.headers.authorization).toBe('Bearer t');
    expect(gateway.sent()).toEqual({
      amount: 1200,
      merchant_key: 'abc',
      currency: 'XOF',
      order_id: ORDER_ID,
      return_url: 'https://us.example/webhooks',
      cancel_url: 'https://us.example/webhooks',
      notif_url: 'https://us.example/webhooks',
      lang: 'fr',
      reference: 'main',
    });
    expect(adapter.writtenReference(REFERENCE)).toBe(ORDER_ID);
  });

  it("count in a currency of its own in Orange's sandbox, where no live account may be", async () => {
    gateway.reply = () => [201, created];
    await adapter.charge(account('dev'), charge);
    expect(gateway.calls).toEqual(['POST /orange-money-webpay/dev/v1/webpayment']);
    expect(gateway.sent()).toMatchObject({ currency: 'OUV', amount: 1200 });
    expect(await adapter.charge(account('dev', true), charge)).toEqual({
      kind: 'not_sent',
      code: 'sandbox_country',
      blame: 'merchant',
    });
  });

  it.each([
    ['gn', 'GNF', true],
    ['cm', 'XAF', true],
    ['sn', 'XOF', true],
    ['gn', 'XOF', false],
    ['ci', 'XAF', false],
  ] as const)('in %s take %s: %p', async (country, currency, taken) => {
    gateway.reply = () => [201, created];
    const outcome = await adapter.charge(account(country), { ...charge, currency });
    expect(outcome).toMatchObject(taken ? { kind: 'pending' } : { kind: 'not_sent', code: 'unsupported_currency' });
  });

  it('are asked for by order, amount and token', async () => {
    gateway.reply = () => [200, { status: 'PENDING', order_id: ORDER_ID, txnid: null }];
    expect((await adapter.status(account(), { ...query, handles: { pay_token: 'f5720' } })).kind).toBe('pending');
    expect(gateway.calls).toEqual(['POST /orange-money-webpay/ci/v1/transactionstatus']);
    expect(gateway.sent()).toEqual({ amount: 1200, order_id: ORDER_ID, pay_token: 'f5720' });
  });

  it('cannot be asked for without the token, which proves nothing', async () => {
    expect(await adapter.status(account(), query)).toEqual({ kind: 'unknown', code: 'pay_token_unknown' });
    expect(await adapter.status(account(), { ...query, handles: { notif_token: 'dd497' } })).toEqual({
      kind: 'unknown',
      code: 'pay_token_unknown',
    });
    expect(gateway.calls).toEqual([]);
  });

  it('log in once, and again when the token is refused', async () => {
    gateway.reply = () => (gateway.logins === 1 ? [401, { code: 42, message: 'Expired credentials' }] : [201, created]);
    expect((await adapter.charge(account(), charge)).kind).toBe('pending');
    expect(gateway.logins).toBe(2);
    expect((await adapter.charge(account(), charge)).kind).toBe('pending');
    expect(gateway.logins).toBe(2);
  });
});
