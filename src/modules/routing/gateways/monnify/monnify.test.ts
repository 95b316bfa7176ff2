import type { GatewayOutcome } from '../gateway-adapter.js';
import { GatewayHttpClient } from '../http-client.js';
import { answer, chargeOf, FakeGateway, queryOf, REFERENCE } from '../testing/fake-gateway.js';
import { MonnifyAdapter } from './monnify.adapter.js';
import { readCreated, readMonnifyStatus } from './monnify.answers.js';

const TRANSACTION = 'MNFY|67|20260101100000|000001';
const asked = { amountMinor: 150_000n, currency: 'NGN' } as const;

const ok = (responseBody: unknown) => ({
  requestSuccessful: true,
  responseMessage: 'success',
  responseCode: '0',
  responseBody,
});
const refused = (responseCode: string, responseMessage = 'No') => ({
  requestSuccessful: false,
  responseMessage,
  responseCode,
});

const paid = {
  transactionReference: TRANSACTION,
  paymentReference: REFERENCE,
  amountPaid: '1500.00',
  totalPayable: '1500.00',
  settlementAmount: '1490.00',
  paidOn: '2026-01-01 10:00:00.0',
  paymentStatus: 'PAID',
  paymentDescription: 'Order',
  currency: 'NGN',
  paymentMethod: 'ACCOUNT_TRANSFER',
  product: { type: 'WEB_SDK', reference: 'x' },
  customer: {},
  metaData: {},
};
const read = (data: object): GatewayOutcome => readMonnifyStatus(answer(200, ok({ ...paid, ...data })), asked);

describe("Monnify's answers about collections", () => {
  it('read the documented verification, whose amounts are strings', () => {
    expect(read({})).toEqual({
      kind: 'succeeded',
      amountMinor: 150_000n,
      feeMinor: 1_000n,
      currency: 'NGN',
      reference: REFERENCE,
      code: 'PAID',
      handles: { transaction_reference: TRANSACTION },
    });
  });

  it('read amounts that are numbers, and a success that only the code tells', () => {
    expect(read({ amountPaid: 1500, settlementAmount: 1490.5 })).toMatchObject({
      amountMinor: 150_000n,
      feeMinor: 950n,
    });
    const { requestSuccessful: _, ...bare } = ok(paid);
    expect(readMonnifyStatus(answer(200, bare), asked).kind).toBe('succeeded');
    expect(readMonnifyStatus(answer(200, { ...ok(paid), requestSuccessful: false }), asked).kind).toBe('unknown');
  });

  it('credit what was asked when the customer bore the fee', () => {
    expect(read({ amountPaid: '1515', totalPayable: '1515', settlementAmount: '1500' })).toMatchObject({
      amountMinor: 150_000n,
      feeMinor: 0n,
    });
    expect(read({ amountPaid: '1600', settlementAmount: '1590' })).toMatchObject({ amountMinor: 160_000n });
    expect(read({ settlementAmount: null })).toMatchObject({ amountMinor: 150_000n, feeMinor: null });
  });

  it.each([
    ['OVERPAID', '1600.00', 160_000n],
    ['PARTIALLY_PAID', '800.00', 80_000n],
    ['UNDERPAID', 1499.99, 149_999n],
  ])(
    'report %s money with its own figure, which cannot pass for what was asked',
    (paymentStatus, amountPaid, amountMinor) => {
      expect(read({ paymentStatus, amountPaid, settlementAmount: null })).toMatchObject({
        kind: 'succeeded',
        code: paymentStatus,
        amountMinor,
      });
    },
  );

  it.each(['OVERPAID', 'PARTIALLY_PAID', 'UNDERPAID'])(
    'do not let %s pass for a clean payment where its figure is the one asked, or nothing',
    (paymentStatus) => {
      expect(read({ paymentStatus })).toEqual({ kind: 'unknown', code: 'contradictory_answer' });
      expect(read({ paymentStatus, amountPaid: '0' })).toEqual({ kind: 'unknown', code: 'contradictory_answer' });
    },
  );

  it('wait while pending', () => {
    expect(read({ paymentStatus: 'PENDING' })).toEqual({
      kind: 'pending',
      code: 'PENDING',
      nextAction: null,
      handles: { transaction_reference: TRANSACTION },
    });
  });

  it.each([
    ['ABANDONED', 'customer'],
    ['CANCELLED', 'customer'],
    ['EXPIRED', 'customer'],
    ['FAILED', 'ambiguous'],
  ])('read %s as the end without money', (paymentStatus, blame) => {
    expect(read({ paymentStatus })).toMatchObject({ kind: 'declined', code: paymentStatus, blame, retryable: false });
  });

  it.each(['REVERSED', 'REFUNDED', 'paid', 'constructor'])('do not guess at the status %s', (paymentStatus) => {
    expect(read({ paymentStatus })).toEqual({ kind: 'unknown', code: paymentStatus });
  });

  it.each([
    { amountPaid: null },
    { amountPaid: '-5' },
    { currency: null },
    { paymentReference: null },
    { amountPaid: {} },
  ])('do not believe a success with %j', (data) => {
    expect(read(data)).toEqual({ kind: 'unknown', code: 'incomplete_success' });
  });

  it.each([
    [
      'a generic error',
      400,
      refused('99', 'Invalid request'),
      { kind: 'not_sent', code: 'invalid_request', blame: 'merchant' },
    ],
    [
      'an expired token',
      401,
      refused('99', 'Unauthorized'),
      { kind: 'not_sent', code: 'unauthorized', blame: 'merchant' },
    ],
    [
      'a used reference',
      422,
      refused('99', 'Duplicate payment reference'),
      { kind: 'duplicate', code: 'duplicate_reference' },
    ],
    [
      'a used reference, told with 200',
      200,
      refused('99', 'Payment reference already exists'),
      { kind: 'duplicate', code: 'duplicate_reference' },
    ],
    ['a refusal with 200', 200, refused('99', 'Odd'), { kind: 'unknown', code: 'odd' }],
    ['a server error', 500, refused('99', 'Duplicate payment reference'), { kind: 'unknown', code: 'http_500' }],
    ["a proxy's page", 502, '<html>', { kind: 'unknown', code: 'http_502' }],
    ["a proxy's refusal", 403, '<html>', { kind: 'unknown', code: 'http_403' }],
    ['nonsense', 200, '<html>', { kind: 'unknown', code: 'unparsable_answer' }],
    ['a success of nothing', 200, ok({}), { kind: 'unknown', code: 'unparsable_answer' }],
    ['throttling', 429, '', { kind: 'not_sent', code: 'rate_limited', blame: 'gateway' }],
  ])('read %s of a charge', (_name, status, body, expected) => {
    expect(readCreated(answer(status, body))).toEqual(expected);
  });

  it('read not found to questions only, and duplicates to charges only', () => {
    const none = refused('99', "There's no transaction matching supplied reference");
    expect(readMonnifyStatus(answer(404, none), asked)).toEqual({ kind: 'not_found', code: 'not_found' });
    expect(readMonnifyStatus(answer(200, none), asked)).toEqual({ kind: 'not_found', code: 'not_found' });
    expect(readMonnifyStatus(answer(404, '<html>'), asked)).toEqual({ kind: 'unknown', code: 'http_404' });
    expect(readMonnifyStatus(answer(500, none), asked)).toEqual({ kind: 'unknown', code: 'http_500' });
    expect(readCreated(answer(404, none)).kind).toBe('not_sent');
    expect(readMonnifyStatus(answer(400, refused('99', 'Duplicate payment reference')), asked).kind).toBe('not_sent');
  });
});

const gateway = new FakeGateway({ '/api/v1/auth/login': ok({ accessToken: 'token', expiresIn: 3_567 }) });
let http: GatewayHttpClient;
let adapter: MonnifyAdapter;
const account = () =>
  gateway.account('monnify', {
    api_key: 'MK_TEST',
    secret_key: 'secret',
    contract_code: '4934121693',
    source_account_number: '3934178936',
  });

beforeAll(() => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.reset();
  http = new GatewayHttpClient();
  adapter = new MonnifyAdapter(http);
});
afterEach(() => http.close());

describe("Monnify's collections", () => {
  const created = ok({
    transactionReference: TRANSACTION,
    paymentReference: REFERENCE,
    merchantName: 'Shop',
    apiKey: 'MK_TEST',
    enabledPaymentMethod: ['ACCOUNT_TRANSFER'],
    checkoutUrl: 'https://sandbox.sdk.monnify.com/checkout/x',
  });
  const intoAccount = ok({
    accountNumber: '9900725554',
    accountName: 'Shop',
    bankName: 'Wema bank',
    bankCode: '035',
    expiresOn: '2026-01-01T10:40:00',
  });
  const charge = chargeOf({ ...asked, method: { type: 'bank_transfer' }, customer: { name: 'Ada', email: 'a@b.co' } });
  const query = queryOf({ ...asked, methodType: 'bank_transfer' });

  it('show the account into which a transfer goes', async () => {
    gateway.reply = ({ url }) => [200, url.includes('init-transaction') ? created : intoAccount];
    expect(await adapter.charge(account(), charge)).toEqual({
      kind: 'pending',
      code: 'PENDING',
      nextAction: {
        type: 'show_account',
        account_number: '9900725554',
        account_name: 'Shop',
        bank_name: 'Wema bank',
        expires_at: '2026-01-01T10:40:00',
      },
      handles: { transaction_reference: TRANSACTION },
    });
    expect(gateway.seen[0]?.headers.authorization).toBe('Bearer token');
    expect(gateway.seen[0]?.body).toContain('"amount":1500.00,');
    expect(gateway.sent(0)).toEqual({
      amount: 1500,
      customerName: 'Ada',
      customerEmail: 'a@b.co',
      paymentReference: REFERENCE,
      paymentDescription: 'Payment',
      currencyCode: 'NGN',
      contractCode: '4934121693',
      redirectUrl: 'https://us.example/webhooks',
      paymentMethods: ['ACCOUNT_TRANSFER'],
    });
    expect(gateway.sent(1)).toEqual({ transactionReference: TRANSACTION });
  });

  it.each([
    ['is cut off', undefined],
    ['is refused', [400, refused('99')] as const],
    ['has no account', [200, ok({ accountNumber: 'soon' })] as const],
  ])(
    'send the customer to the page when the question for the account %s: the transaction is there',
    async (_name, reply) => {
      gateway.reply = ({ url }) => (url.includes('init-transaction') ? [200, created] : reply);
      expect(await adapter.charge(account(), charge)).toMatchObject({
        kind: 'pending',
        nextAction: { type: 'redirect', url: 'https://sandbox.sdk.monnify.com/checkout/x' },
        handles: { transaction_reference: TRANSACTION },
      });
    },
  );

  it('send a card to the page, but take no token of another gateway', async () => {
    gateway.reply = () => [200, created];
    expect(await adapter.charge(account(), { ...charge, method: { type: 'card' } })).toMatchObject({
      kind: 'pending',
      nextAction: { type: 'redirect' },
    });
    expect(gateway.sent(0)).toMatchObject({ paymentMethods: ['CARD'] });
    expect(await adapter.charge(account(), { ...charge, method: { type: 'card', token: 'AUTH_x' } })).toEqual({
      kind: 'not_sent',
      code: 'unsupported_method',
      blame: 'merchant',
    });
    expect(gateway.calls).toHaveLength(1);
  });

  it('log in once for many calls, and again when the token is refused', async () => {
    gateway.reply = () => [200, ok(paid)];
    await Promise.all(Array.from({ length: 10 }, () => adapter.status(account(), query)));
    expect(gateway.logins).toBe(1);
    gateway.reply = () => [gateway.logins === 1 ? 401 : 200, gateway.logins === 1 ? refused('99') : ok(paid)];
    expect((await adapter.status(account(), query)).kind).toBe('succeeded');
    expect(gateway.logins).toBe(2);
  });

  it("are asked for by our reference, then by Monnify's, encoded", async () => {
    const none = refused('99', 'Transaction not found');
    gateway.reply = ({ url }) => (url.includes('query') ? [404, none] : [200, ok(paid)]);
    const handles = { transaction_reference: TRANSACTION };
    expect((await adapter.status(account(), { ...query, handles })).kind).toBe('succeeded');
    expect(gateway.calls).toEqual([
      `GET /api/v2/merchant/transactions/query?paymentReference=${REFERENCE}`,
      'GET /api/v2/transactions/MNFY%7C67%7C20260101100000%7C000001',
    ]);
    gateway.reply = ({ url }) =>
      url.includes('query') ? [404, none] : [200, ok({ ...paid, paymentReference: 'other' })];
    expect((await adapter.status(account(), { ...query, handles })).kind).toBe('not_found');
    gateway.seen.length = 0;
    await adapter.status(account(), { ...query, handles: { transaction_reference: '../../x?y' } });
    expect(gateway.calls).toHaveLength(1);
  });
});
