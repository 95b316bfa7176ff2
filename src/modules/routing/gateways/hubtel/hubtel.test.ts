import type { GatewayOutcome } from '../gateway-adapter.js';
import { GatewayHttpClient } from '../http-client.js';
import { answer, chargeOf, FakeGateway, queryOf, REFERENCE } from '../testing/fake-gateway.js';
import { HubtelAdapter } from './hubtel.adapter.js';
import { readHostedPage, readHubtelStatus, readPrompted } from './hubtel.answers.js';
import { HUBTEL_BASE_URL, hubtelHost } from './hubtel.calls.js';
import { readPayoutStatus } from './hubtel.payouts.js';

const prompted = {
  Message: 'Transaction pending. Expect callback request for final state',
  ResponseCode: '0001',
  Data: {
    TransactionId: '7f01',
    ClientReference: REFERENCE,
    Amount: 0.8,
    Charges: 0.05,
    AmountAfterCharges: 0.8,
    AmountCharged: 0.85,
  },
};
const paid = {
  date: '2026-01-01T10:00:00Z',
  status: 'Paid',
  transactionId: '7f01',
  externalTransactionId: '987',
  paymentMethod: 'mobilemoney',
  clientReference: REFERENCE,
  amount: 0.8,
  charges: 0.05,
  amountAfterCharges: 0.75,
};
const verified = (data: object) => ({ message: 'Successful', responseCode: '0000', data: { ...paid, ...data } });
const read = (data: object): GatewayOutcome => readHubtelStatus(answer(200, verified(data)));

describe("Hubtel's answers about collections", () => {
  it.each(['0001', '0000'])('take %s for a prompt on the handset, and no more', (ResponseCode) => {
    expect(readPrompted(answer(200, { ...prompted, ResponseCode }))).toEqual({
      kind: 'pending',
      code: ResponseCode,
      nextAction: null,
      handles: { transaction_id: '7f01' },
    });
  });

  it('read the documented status, whose charges are taken from the amount', () => {
    expect(read({})).toEqual({
      kind: 'succeeded',
      amountMinor: 80n,
      feeMinor: 5n,
      currency: 'GHS',
      reference: REFERENCE,
      code: 'Paid',
      handles: { transaction_id: '7f01', external_transaction_id: '987' },
    });
  });

  it('count no fee as ours that the customer paid on top', () => {
    expect(read({ amountAfterCharges: 0.8 })).toMatchObject({ amountMinor: 80n, feeMinor: 0n });
    expect(read({ amountAfterCharges: null })).toMatchObject({ feeMinor: 5n });
    expect(read({ amountAfterCharges: null, charges: null })).toMatchObject({ feeMinor: null });
    expect(read({ amountAfterCharges: 0.9 })).toMatchObject({ amountMinor: 80n, feeMinor: null });
  });

  it('do not take unpaid for failed', () => {
    expect(read({ status: 'Unpaid' })).toMatchObject({ kind: 'pending', code: 'Unpaid', nextAction: null });
  });

  it.each(['Refunded', 'paid', 'Failed'])('do not guess at the status %s', (status) => {
    expect(read({ status })).toEqual({ kind: 'unknown', code: status });
  });

  it.each([{ amount: null }, { amount: -1 }, { amount: '1e2' }, { clientReference: null }])(
    'do not believe a success with %j',
    (data) => {
      expect(read(data)).toEqual({ kind: 'unknown', code: 'incomplete_success' });
    },
  );

  const refused = (ResponseCode: string, Message = 'No') => ({ ResponseCode, Message, Data: null });
  it.each([
    [
      'the payer could not',
      200,
      refused('2001'),
      { kind: 'declined', code: '2001', blame: 'customer', retryable: false, handles: {} },
    ],
    ['a field is wrong', 400, refused('4000'), { kind: 'not_sent', code: '4000', blame: 'merchant' }],
    ['the deposit is too low', 200, refused('4075'), { kind: 'not_sent', code: '4075', blame: 'merchant' }],
    ['the account is not set up', 400, refused('4070'), { kind: 'not_sent', code: '4070', blame: 'merchant' }],
    ['it is not allowed', 403, refused('4101'), { kind: 'not_sent', code: '4101', blame: 'merchant' }],
    ['it is not allowed either', 403, refused('4103'), { kind: 'not_sent', code: '4103', blame: 'merchant' }],
    ['something broke inside', 200, refused('5000'), { kind: 'unknown', code: '5000' }],
    ['a code means nothing to us', 200, refused('3050'), { kind: 'unknown', code: '3050' }],
    ['a code means nothing to us, with 400', 400, refused('3050'), { kind: 'unknown', code: '3050' }],
    ['a code is of no table', 200, refused('constructor'), { kind: 'unknown', code: 'constructor' }],
    [
      'the key is wrong',
      401,
      { Message: 'Unauthorized' },
      { kind: 'not_sent', code: 'unauthorized', blame: 'merchant' },
    ],
    ['the address is not on the list', 403, '<html>', { kind: 'unknown', code: 'http_403' }],
    ['there is nothing at all', 403, '', { kind: 'unknown', code: 'http_403' }],
    ['there is a page', 200, '<html>', { kind: 'unknown', code: 'unparsable_answer' }],
    ['a server broke', 500, refused('2001'), { kind: 'unknown', code: 'http_500' }],
    ['we are too fast', 429, '', { kind: 'not_sent', code: 'rate_limited', blame: 'gateway' }],
    [
      'the reference is used',
      400,
      refused('4000', 'Duplicate ClientReference'),
      { kind: 'duplicate', code: 'duplicate_reference' },
    ],
  ])('read that %s', (_name, status, body, expected) => {
    expect(readPrompted(answer(status, body))).toEqual(expected);
  });

  it('read not found to questions only, and duplicates to charges only', () => {
    const none = { message: 'Transaction not found', responseCode: '4040' };
    expect(readHubtelStatus(answer(404, none))).toEqual({ kind: 'not_found', code: 'not_found' });
    expect(readHubtelStatus(answer(404, '<html>'))).toEqual({ kind: 'unknown', code: 'http_404' });
    expect(readPrompted(answer(404, none))).toEqual({ kind: 'unknown', code: '4040' });
    expect(readHubtelStatus(answer(400, refused('4000', 'Duplicate ClientReference'))).kind).toBe('not_sent');
  });

  it('read a hosted page', () => {
    const page = {
      responseCode: '0000',
      status: 'Success',
      data: { checkoutUrl: 'https://pay.hubtel.com/x', checkoutId: 'x', clientReference: REFERENCE },
    };
    expect(readHostedPage(answer(200, page))).toEqual({
      kind: 'pending',
      code: 'redirect',
      nextAction: { type: 'redirect', url: 'https://pay.hubtel.com/x' },
      handles: { checkout_id: 'x' },
    });
    const script = { ...page, data: { checkoutUrl: 'javascript:alert(1)' } };
    expect(readHostedPage(answer(200, script))).toEqual({ kind: 'unknown', code: 'unparsable_answer' });
  });
});

const gateway = new FakeGateway();
let http: GatewayHttpClient;
let adapter: HubtelAdapter;
const credentials = { api_id: 'id', api_key: 'key', pos_sales_id: '11684', prepaid_deposit_id: '2018' };
const account = () => gateway.account('hubtel', credentials);

beforeAll(() => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.reset();
  http = new GatewayHttpClient();
  adapter = new HubtelAdapter(http);
});
afterEach(() => http.close());

describe("Hubtel's hosts", () => {
  it('are its own in production, one per function', () => {
    const live = { ...account(), baseUrl: `${HUBTEL_BASE_URL}/` };
    expect(hubtelHost(live, 'status_base_url')).toBe('https://api-txnstatus.hubtel.com');
    expect(hubtelHost(live, 'checkout_base_url')).toBe('https://payproxyapi.hubtel.com');
    expect(hubtelHost(live, 'payout_base_url')).toBe('https://smp.hubtel.com');
    expect(hubtelHost(live, 'payout_status_base_url')).toBe('https://smrsc.hubtel.com');
  });

  it('are one everywhere else, unless an account says otherwise', () => {
    expect(hubtelHost(account(), 'status_base_url')).toBe(account().baseUrl);
    const told = { ...account(), credentials: { ...credentials, status_base_url: 'https://proxy.example' } };
    expect(hubtelHost(told, 'status_base_url')).toBe('https://proxy.example');
    expect(hubtelHost({ ...told, baseUrl: HUBTEL_BASE_URL }, 'status_base_url')).toBe('https://proxy.example');
  });
});

describe("Hubtel's collections", () => {
  const charge = chargeOf({
    amountMinor: 80n,
    currency: 'GHS',
    method: { type: 'mobile_money', network: 'mtn', phone: '+233 24 911 1411' },
    customer: { name: 'Ama', email: 'a@b.co' },
  });
  const query = queryOf({ amountMinor: 80n, currency: 'GHS', methodType: 'mobile_money' });

  it.each([
    ['mtn', 'mtn-gh'],
    ['telecel', 'vodafone-gh'],
    ['airteltigo', 'tigo-gh'],
  ])('name the network %s %s', async (network, Channel) => {
    gateway.reply = () => [200, prompted];
    const method = { type: 'mobile_money', network, phone: '+233 24 911 1411' } as const;
    expect((await adapter.charge(account(), { ...charge, method })).kind).toBe('pending');
    expect(gateway.calls).toEqual(['POST /merchantaccount/merchants/11684/receive/mobilemoney']);
    expect(gateway.seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('id:key').toString('base64')}`);
    expect(gateway.seen[0]?.body).toContain('"Amount":0.80,');
    expect(gateway.sent()).toEqual({
      CustomerName: 'Ama',
      CustomerMsisdn: '233249111411',
      CustomerEmail: 'a@b.co',
      Channel,
      Amount: 0.8,
      PrimaryCallbackUrl: 'https://us.example/webhooks',
      Description: 'Payment',
      ClientReference: REFERENCE,
    });
  });

  it('send a card to a page', async () => {
    gateway.reply = () => [
      200,
      { responseCode: '0000', data: { checkoutUrl: 'https://pay.hubtel.com/x', checkoutId: 'x' } },
    ];
    expect((await adapter.charge(account(), { ...charge, method: { type: 'card' } })).kind).toBe('pending');
    expect(gateway.calls).toEqual(['POST /items/initiate']);
    expect(gateway.sent()).toEqual({
      totalAmount: 0.8,
      description: 'Payment',
      callbackUrl: 'https://us.example/webhooks',
      returnUrl: 'https://us.example/webhooks',
      cancellationUrl: 'https://us.example/webhooks',
      merchantAccountNumber: '11684',
      clientReference: REFERENCE,
    });
  });

  it("are asked for by our reference, then by Hubtel's and the network's", async () => {
    const none = { message: 'Transaction not found', responseCode: '4040' };
    gateway.reply = ({ url }) => (url.includes('networkTransactionId') ? [200, verified({})] : [404, none]);
    const handles = { transaction_id: '7f01', external_transaction_id: '987' };
    expect((await adapter.status(account(), { ...query, handles })).kind).toBe('succeeded');
    expect(gateway.calls).toEqual([
      `GET /transactions/11684/status?clientReference=${REFERENCE}`,
      'GET /transactions/11684/status?hubtelTransactionId=7f01',
      'GET /transactions/11684/status?networkTransactionId=987',
    ]);
    gateway.reply = ({ url }) =>
      url.includes('clientReference') ? [404, none] : [200, verified({ clientReference: 'other' })];
    expect((await adapter.status(account(), { ...query, handles })).kind).toBe('not_found');
  });
});

describe("Hubtel's payouts", () => {
  const request = {
    reference: REFERENCE,
    amountMinor: 1_050n,
    currency: 'GHS',
    destination: { type: 'mobile_money', network: 'telecel', phone: '+233201234567', name: 'Kofi' },
    narration: 'Salary',
    callbackUrl: 'https://us.example/webhooks',
    timeoutMs: 20_000,
  } as const;

  it('come from the deposit, and spell the callback address their own way', async () => {
    gateway.reply = () => [200, prompted];
    expect(await adapter.payouts.payout(account(), request)).toMatchObject({ kind: 'pending', code: '0001' });
    expect(gateway.calls).toEqual(['POST /api/merchants/2018/send/mobilemoney']);
    expect(gateway.sent()).toEqual({
      RecipientName: 'Kofi',
      RecipientMsisdn: '233201234567',
      Channel: 'vodafone-gh',
      Amount: 10.5,
      PrimaryCallbackURL: 'https://us.example/webhooks',
      Description: 'Salary',
      ClientReference: REFERENCE,
    });
    gateway.reply = () => [200, { ResponseCode: '4075', Message: 'Insufficient balance' }];
    expect(await adapter.payouts.payout(account(), request)).toEqual({
      kind: 'not_sent',
      code: '4075',
      blame: 'merchant',
    });
  });

  it('are asked about by our reference', async () => {
    const data = {
      transactionStatus: 'success',
      transactionId: '9',
      clientReference: REFERENCE,
      amount: 10.5,
      charges: 0.1,
    };
    gateway.reply = () => [200, { ResponseCode: '0000', Data: data }];
    const { reference, amountMinor, currency, timeoutMs } = request;
    const query = {
      reference,
      amountMinor,
      currency,
      timeoutMs,
      handles: {},
      destinationType: 'mobile_money',
    } as const;
    expect(await adapter.payouts.status(account(), query)).toEqual({
      kind: 'succeeded',
      amountMinor: 1_050n,
      currency: 'GHS',
      reference: REFERENCE,
      feeMinor: 10n,
      code: 'success',
      handles: { transaction_id: '9' },
    });
    expect(gateway.calls).toEqual([`GET /api/merchants/2018/transactions/status?clientReference=${REFERENCE}`]);
  });

  it.each([
    [{ transactionStatus: 'pending' }, { kind: 'pending' }],
    [{ transactionStatus: 'failed' }, { kind: 'declined', retryable: false }],
    [{ transactionStatus: 'Success' }, { kind: 'unknown', code: 'Success' }],
    [
      { transactionStatus: 'success', clientReference: REFERENCE },
      { kind: 'unknown', code: 'incomplete_success' },
    ],
    [
      { transactionStatus: 'success', amount: 1 },
      { kind: 'unknown', code: 'incomplete_success' },
    ],
    [{}, { kind: 'unknown', code: 'unparsable_answer' }],
  ])('read the status %j', (Data, expected) => {
    expect(readPayoutStatus(answer(200, { ResponseCode: '0000', Data }))).toMatchObject(expected);
  });

  it('go to wallets in Ghana only', async () => {
    const bank = { type: 'bank_account', bankCode: '1', accountNumber: '2', name: 'A' } as const;
    expect(await adapter.payouts.payout(account(), { ...request, destination: bank })).toMatchObject({
      kind: 'not_sent',
      code: 'unsupported_destination',
    });
    expect(gateway.calls).toEqual([]);
  });
});
