import type { GatewayOutcome } from '../gateway-adapter.js';
import { GatewayHttpClient } from '../http-client.js';
import { answer, chargeOf, FakeGateway, queryOf, REFERENCE } from '../testing/fake-gateway.js';
import { MonnifyAdapter } from './monnify.adapter.js';
import { readCreated, readMonnifyStatus } from './monnify.answers.js';
import { readPayout } from './monnify.payouts.js';
import { readRefund } from './monnify.refunds.js';
import { monnifyTime } from './monnify.times.js';

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

describe("Monnify's refunds", () => {
  const request = {
    reference: '0193f5c2a1b27c3d8e4f5a6b7c8d9e10',
    charge: { reference: REFERENCE, handles: { transaction_reference: TRANSACTION }, amountMinor: 150_000n },
    amountMinor: 50_050n,
    currency: 'NGN',
    reason: 'Returned, as it did not fit',
    callbackUrl: '',
    timeoutMs: 20_000,
  } as const;
  const refund = {
    refundReference: request.reference,
    transactionReference: TRANSACTION,
    refundStatus: 'PENDING',
    refundType: 'PARTIAL_REFUND',
    refundStrategy: 'MERCHANT_WALLET',
    refundAmount: 500.5,
  };

  it("are asked for under a reference of our own, of Monnify's transaction", async () => {
    gateway.reply = () => [200, ok(refund)];
    expect(await adapter.refunds.refund(account(), request)).toMatchObject({ kind: 'pending', code: 'PENDING' });
    expect(gateway.sent()).toEqual({
      refundAmount: 500.5,
      transactionReference: TRANSACTION,
      refundReference: request.reference,
      refundReason: 'Returned, as it did not fit',
      customerNote: 'Returned, as it ',
    });
  });

  it("look for Monnify's reference where it is not known, and ask for nothing without it", async () => {
    const without = { ...request, charge: { ...request.charge, handles: {} } };
    gateway.reply = ({ url }) => [200, url.includes('query') ? ok(paid) : ok(refund)];
    expect((await adapter.refunds.refund(account(), without)).kind).toBe('pending');
    expect(gateway.sent(1)).toMatchObject({ transactionReference: TRANSACTION });
    gateway.seen.length = 0;
    gateway.reply = () => [200, ok({ ...paid, paymentReference: 'other' })];
    expect((await adapter.refunds.refund(account(), without)).kind).toBe('not_sent');
    gateway.reply = () => undefined;
    expect((await adapter.refunds.refund(account(), without)).kind).toBe('not_sent');
    expect(gateway.calls.filter((call) => call.startsWith('POST'))).toEqual([]);
  });

  it('are asked about by that reference', async () => {
    gateway.reply = () => [200, ok({ ...refund, refundStatus: 'COMPLETED', refundAmount: '500.50' })];
    const query = { ...request, handles: {}, requestedAt: new Date(), knownIds: [] };
    expect(await adapter.refunds.status(account(), query)).toEqual({
      kind: 'succeeded',
      amountMinor: 50_050n,
      currency: 'NGN',
      reference: request.reference,
      feeMinor: null,
      code: 'COMPLETED',
      handles: {},
    });
    expect(gateway.calls).toEqual([`GET /api/v1/refunds/${request.reference}`]);
  });

  it.each([
    [200, ok({ ...refund, refundStatus: 'FAILED' }), { kind: 'declined', code: 'FAILED', retryable: false }],
    [200, ok({ ...refund, refundStatus: 'NEW' }), { kind: 'unknown', code: 'NEW' }],
    [
      200,
      ok({ ...refund, refundStatus: 'COMPLETED', refundAmount: null }),
      { kind: 'unknown', code: 'incomplete_success' },
    ],
    [400, refused('R3'), { kind: 'not_sent', code: 'R3', blame: 'merchant' }],
    [200, refused('R4'), { kind: 'not_sent', code: 'R4', blame: 'merchant' }],
    [422, refused('R5'), { kind: 'not_sent', code: 'R5', blame: 'merchant' }],
    [400, refused('R9'), { kind: 'duplicate', code: 'R9' }],
    [500, refused('R9'), { kind: 'unknown', code: 'http_500' }],
    [200, refused('R12'), { kind: 'unknown', code: 'R12' }],
    [400, refused('R12'), { kind: 'not_sent', code: 'R12', blame: 'merchant' }],
    [502, '<html>', { kind: 'unknown', code: 'http_502' }],
  ])('read %p with %j', (status, body, expected) => {
    expect(readRefund(answer(status, body), 'refund', 'NGN')).toMatchObject(expected);
  });

  it('never answer a question with duplicate', () => {
    expect(readRefund(answer(400, refused('R9')), 'status', 'NGN').kind).toBe('not_sent');
    expect(readRefund(answer(404, refused('99', 'Refund not found')), 'status', 'NGN').kind).toBe('not_found');
  });
});

describe("Monnify's payouts", () => {
  const request = {
    reference: REFERENCE,
    amountMinor: 200_050n,
    currency: 'NGN',
    destination: { type: 'bank_account', bankCode: '058', accountNumber: '0111946768', name: 'Ada' },
    narration: 'Salary',
    callbackUrl: '',
    timeoutMs: 20_000,
  } as const;
  const payout = {
    amount: 2000.5,
    reference: REFERENCE,
    status: 'SUCCESS',
    dateCreated: 'x',
    totalFee: 35,
    destinationBankCode: '058',
  };

  it('are sent from the wallet', async () => {
    gateway.reply = () => [200, ok(payout)];
    expect(await adapter.payouts.payout(account(), request)).toEqual({
      kind: 'succeeded',
      amountMinor: 200_050n,
      currency: 'NGN',
      reference: REFERENCE,
      feeMinor: 3_500n,
      code: 'SUCCESS',
      handles: {},
    });
    expect(gateway.calls).toEqual(['POST /api/v2/disbursements/single']);
    expect(gateway.sent()).toEqual({
      amount: 2000.5,
      reference: REFERENCE,
      narration: 'Salary',
      destinationBankCode: '058',
      destinationAccountNumber: '0111946768',
      destinationAccountName: 'Ada',
      currency: 'NGN',
      sourceAccountNumber: '3934178936',
    });
  });

  it('are asked about by our reference', async () => {
    gateway.reply = () => [200, ok({ ...payout, status: 'COMPLETED' })];
    const { reference, amountMinor, currency, timeoutMs } = request;
    const query = {
      reference,
      amountMinor,
      currency,
      timeoutMs,
      handles: {},
      destinationType: 'bank_account',
    } as const;
    expect(await adapter.payouts.status(account(), query)).toMatchObject({ kind: 'succeeded', code: 'COMPLETED' });
    expect(gateway.calls).toEqual([`GET /api/v2/disbursements/single/summary?reference=${REFERENCE}`]);
  });

  it.each([
    'PENDING',
    'AWAITING_PROCESSING',
    'IN_PROGRESS',
    'PENDING_AUTHORIZATION',
    'PENDING_BATCH_AUTHORIZATION',
    'OTP_EMAIL_DISPATCH_FAILED',
  ])('wait while %s', (status) => {
    expect(readPayout(answer(200, ok({ ...payout, status })), 'payout', 'NGN')).toEqual({
      kind: 'pending',
      code: status,
      nextAction: null,
      handles: {},
    });
  });

  it.each([
    [200, ok({ ...payout, status: 'FAILED' }), { kind: 'declined', blame: 'ambiguous', retryable: false }],
    [200, ok({ ...payout, status: 'EXPIRED' }), { kind: 'declined', blame: 'merchant', retryable: false }],
    [200, ok({ ...payout, status: 'REVERSED' }), { kind: 'returned', code: 'REVERSED' }],
    [200, ok({ ...payout, status: 'success' }), { kind: 'unknown', code: 'success' }],
    [200, ok({ ...payout, amount: null }), { kind: 'unknown', code: 'incomplete_success' }],
    [400, refused('99', 'Duplicate reference'), { kind: 'duplicate', code: 'duplicate_reference' }],
    [400, refused('D02', 'Insufficient balance'), { kind: 'not_sent', code: 'D02', blame: 'merchant' }],
    [200, refused('D02'), { kind: 'unknown', code: 'D02' }],
    [500, refused('99'), { kind: 'unknown', code: 'http_500' }],
  ])('read %p with %j', (status, body, expected) => {
    expect(readPayout(answer(status, body), 'payout', 'NGN')).toMatchObject(expected);
  });

  it.each([200, 400, 409, 422])(
    'take the guard of two minutes (with %p) for a refused request, and not for the end of a payout that may be under way',
    (status) => {
      const guarded = refused('D07', 'Duplicate request: same reference or amount');
      expect(readPayout(answer(status, guarded), 'payout', 'NGN')).toEqual({
        kind: 'not_sent',
        code: 'D07',
        blame: 'gateway',
      });
    },
  );

  it('go to banks in Nigeria only', async () => {
    const wallet = { type: 'mobile_money', network: 'mtn', phone: '+233', name: 'A' } as const;
    expect(await adapter.payouts.payout(account(), { ...request, destination: wallet })).toMatchObject({
      kind: 'not_sent',
      code: 'unsupported_destination',
    });
  });

  it('come from a balance that one can ask for', async () => {
    gateway.reply = () => [200, ok({ availableBalance: 1234.56, ledgerBalance: 2000 })];
    expect(await adapter.float.balances(account(), 20_000)).toEqual({
      kind: 'balances',
      balances: [{ currency: 'NGN', availableMinor: 123_456n }],
    });
    expect(gateway.calls).toEqual(['GET /api/v2/disbursements/wallet-balance?accountNumber=3934178936']);
    gateway.reply = () => [502, '<html>'];
    expect(await adapter.float.balances(account(), 20_000)).toEqual({ kind: 'failed', code: 'http_502' });
  });
});

describe("Monnify's books", () => {
  const query = {
    from: new Date('2026-01-01T00:00:00Z'),
    to: new Date('2026-01-02T00:00:00Z'),
    cursor: null,
    currency: 'NGN',
    timeoutMs: 20_000,
  } as const;

  it('list collections page by page, with times in ms', async () => {
    gateway.reply = ({ url }) => [
      200,
      ok({
        content: [paid, { ...paid, paymentStatus: 'EXPIRED', amountPaid: null }],
        totalPages: 2,
        last: url.includes('page=1'),
      }),
    ];
    expect(await adapter.books.listTransactions?.(account(), query)).toEqual({
      kind: 'page',
      items: [
        {
          kind: 'charge',
          id: TRANSACTION,
          reference: REFERENCE,
          status: 'succeeded',
          amountMinor: 150_000n,
          feeMinor: 1_000n,
          currency: 'NGN',
          occurredAt: new Date('2026-01-01T09:00:00Z'),
        },
        expect.objectContaining({ status: 'failed', amountMinor: 150_000n, feeMinor: null }) as object,
      ],
      next: '1',
    });
    expect(await adapter.books.listTransactions?.(account(), { ...query, cursor: '1' })).toMatchObject({ next: null });
    expect(gateway.calls[0]).toBe(
      'GET /api/v1/transactions/search?page=0&size=100&from=1767225600000&to=1767311999999',
    );
  });

  it('are not given with a line that cannot be read', async () => {
    gateway.reply = () => [200, ok({ content: [{ ...paid, paidOn: 'yesterday' }], last: true })];
    expect(await adapter.books.listTransactions?.(account(), query)).toEqual({
      kind: 'failed',
      code: 'unparsable_line',
    });
  });

  it.each([
    ['2026-01-01 10:00:00.0', '2026-01-01T09:00:00.000Z'],
    ['2026-01-01T10:00:00.123456', '2026-01-01T09:00:00.123Z'],
    ['2026-01-01T10:00:00.000+0000', '2026-01-01T10:00:00.000Z'],
    ['2026-01-01T10:00:00Z', '2026-01-01T10:00:00.000Z'],
    ['22/06/2026 01:42:12 PM', '2026-06-22T12:42:12.000Z'],
    ['22/06/2026 12:42:12 AM', '2026-06-21T23:42:12.000Z'],
    [1_767_225_600_000, '2026-01-01T00:00:00.000Z'],
    ['01/2026', undefined],
    ['32/13/2026 10:00:00 AM', undefined],
  ])('read the time %p', (text, expected) => {
    expect(monnifyTime(text)?.toISOString()).toBe(expected);
  });
});
