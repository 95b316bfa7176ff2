import { GatewayHttpClient } from '../http-client.js';
import { answer, FakeGateway, REFERENCE } from '../testing/fake-gateway.js';
import { MonnifyAdapter } from './monnify.adapter.js';
import { readPayout } from './monnify.payouts.js';
import { readRefund } from './monnify.refunds.js';
import { monnifyTime } from './monnify.times.js';

const TRANSACTION = 'MNFY|67|20260101100000|000001';
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
