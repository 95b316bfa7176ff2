import { GatewayHttpClient, type HttpAnswer } from '../http-client.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { MoneyOutOutcome, PayoutQuery, PayoutRequest, RefundQuery, RefundRequest } from '../gateway-parts.js';
import {
  PATIENT_MS,
  patienceFor,
  startScriptedGateway,
  type ReceivedCall,
  type ScriptedAnswer,
  type ScriptedGateway,
} from '../testing/scripted-gateway.js';
import { MtnMomoAdapter } from './mtn-momo.adapter.js';
import { readDisbursement } from './mtn-momo.answers.js';
import { readMtnBalance } from './mtn-momo.float.js';

const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';
const CHARGE = '0193f5c2a1b27c3d8e4f5a6b7c8d0000';

const answer = (status: number, body: unknown): HttpAnswer => ({
  kind: 'answered',
  status,
  body: Buffer.from(JSON.stringify(body)),
});
const read = (data: object): MoneyOutOutcome =>
  readDisbursement(answer(200, { externalId: REFERENCE, amount: '1500.50', currency: 'GHS', ...data }), 'GHS');

describe("MTN's answers about money that goes out", () => {
  it.each([REFERENCE, `rf-${REFERENCE}`])('reads a success under the external id %s', (externalId) => {
    expect(read({ externalId, status: 'SUCCESSFUL', financialTransactionId: '7' })).toEqual({
      kind: 'succeeded',
      amountMinor: 150_050n,
      currency: 'GHS',
      reference: REFERENCE,
      feeMinor: null,
      code: 'SUCCESSFUL',
      handles: { financial_transaction_id: '7' },
    });
  });

  it('waits while pending', () => {
    expect(read({ status: 'PENDING' })).toMatchObject({ kind: 'pending', code: 'PENDING' });
  });

  it.each([
    ['NOT_ENOUGH_FUNDS', 'merchant', true],
    ['PAYER_LIMIT_REACHED', 'merchant', true],
    ['PAYER_NOT_FOUND', 'merchant', true],
    ['PAYEE_NOT_FOUND', 'customer', false],
    ['PAYEE_NOT_ALLOWED_TO_RECEIVE', 'customer', false],
    ['APPROVAL_REJECTED', 'ambiguous', false],
    ['EXPIRED', 'gateway', true],
    ['ONGOING', 'ambiguous', false],
    ['COULD_NOT_PERFORM_TRANSACTION', 'gateway', true],
    ['PAYER_DELAYED', 'gateway', true],
    ['INTERNAL_PROCESSING_ERROR', 'ambiguous', true],
    ['TRANSFER_TYPE_UNKNOWN', 'gateway', true],
    ['NOT_ALLOWED', 'merchant', true],
    ['constructor', 'ambiguous', false],
  ])('blames %s on the right side', (reason, blame, retryable) => {
    expect(read({ status: 'FAILED', reason })).toMatchObject({ kind: 'declined', code: reason, blame, retryable });
    expect(read({ status: 'FAILED', reason: { code: reason } })).toMatchObject({ blame, retryable });
  });

  it.each(['CANCELLED', 'successful'])('does not guess at the status %s', (status) => {
    expect(read({ status })).toEqual({ kind: 'unknown', code: status });
  });

  it('reads a balance, and leaves out one in a currency that we do not book', () => {
    expect(readMtnBalance(answer(200, { availableBalance: '1000.509', currency: 'GHS' }))).toEqual({
      kind: 'balances',
      balances: [{ currency: 'GHS', availableMinor: 100_050n }],
    });
    expect(readMtnBalance(answer(200, { availableBalance: '5', currency: 'EUR' }))).toMatchObject({ balances: [] });
    expect(readMtnBalance(answer(200, { availableBalance: 'x', currency: 'GHS' })).kind).toBe('failed');
  });
});

describe("MTN's disbursement product", () => {
  const http = new GatewayHttpClient();
  let adapter: MtnMomoAdapter;
  let gateway: ScriptedGateway;
  const collecting = { api_user: 'u', api_key: 'k', subscription_key: 's', target_environment: 'mtnghana' };
  const credentials = {
    ...collecting,
    disbursement_api_user: 'du',
    disbursement_api_key: 'dk',
    disbursement_subscription_key: 'ds',
  };
  const account = (over: Partial<GatewayAccount> = {}): GatewayAccount => ({
    id: 'a',
    gateway: 'mtn_momo',
    name: 'main',
    livemode: false,
    baseUrl: gateway.baseUrl,
    credentials,
    ...over,
  });
  const common = { reference: REFERENCE, amountMinor: 150_050n, currency: 'GHS', timeoutMs: PATIENT_MS } as const;
  const charge = { reference: CHARGE, handles: {}, amountMinor: 200_000n };
  const refund: RefundRequest = { ...common, charge, reason: 'Sorry', callbackUrl: 'http://us.example/hook' };
  const refundQuery: RefundQuery = { ...common, handles: {}, charge, requestedAt: new Date(), knownIds: [] };
  const payout: PayoutRequest = {
    ...common,
    destination: { type: 'mobile_money', network: 'mtn', phone: '+233241234567', name: 'Ama' },
    narration: 'Wages',
    callbackUrl: 'http://us.example/hook',
  };
  const payoutQuery: PayoutQuery = { ...common, handles: {}, destinationType: 'mobile_money' };

  /** Gives tokens, and `said` to everything else. */
  const answerWith = (said: (call: ReceivedCall) => ScriptedAnswer): void =>
    gateway.answerWith((call) =>
      call.url.endsWith('/token/')
        ? { status: 200, body: { access_token: `for${call.url.split('/')[1]}`, token_type: 'x', expires_in: 3_600 } }
        : said(call),
    );

  beforeAll(async () => {
    gateway = await startScriptedGateway();
  });
  afterAll(async () => {
    await http.close();
    await gateway.close();
  });
  beforeEach(() => {
    adapter = new MtnMomoAdapter(http);
    gateway.calls.length = 0;
  });

  it('is used with credentials and a token of its own', async () => {
    answerWith(() => ({ status: 202, body: '' }));
    await adapter.status(account(), { ...common, handles: {}, methodType: 'mobile_money' });
    expect(await adapter.payouts.payout(account(), payout)).toMatchObject({ kind: 'pending', code: 'PENDING' });
    expect(await adapter.payouts.payout(account(), payout)).toMatchObject({ kind: 'pending' });
    const tokens = gateway.calls.filter(({ url }) => url.endsWith('/token/'));
    expect(tokens.map(({ url }) => url)).toEqual(['/collection/token/', '/disbursement/token/']);
    expect(tokens[1]?.headers.authorization).toBe(`Basic ${Buffer.from('du:dk').toString('base64')}`);
    expect(gateway.calls.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer fordisbursement',
      'ocp-apim-subscription-key': 'ds',
      'x-target-environment': 'mtnghana',
      'x-reference-id': '0193f5c2-a1b2-4c3d-8e4f-5a6b7c8d9e0f',
      'x-callback-url': 'http://us.example/hook',
    });
  });

  it('sends transfers and refunds as they are wanted', async () => {
    answerWith(() => ({ status: 202, body: '' }));
    await adapter.payouts.payout(account(), payout);
    await adapter.refunds.refund(account(), refund);
    const sent = gateway.calls.filter(({ url }) => !url.endsWith('/token/'));
    expect(sent.map(({ url }) => url)).toEqual(['/disbursement/v1_0/transfer', '/disbursement/v1_0/refund']);
    expect(sent.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      {
        amount: '1500.50',
        currency: 'GHS',
        externalId: REFERENCE,
        payee: { partyIdType: 'MSISDN', partyId: '233241234567' },
        payerMessage: 'Wages',
        payeeNote: 'Wages',
      },
      {
        amount: '1500.50',
        currency: 'GHS',
        externalId: `rf-${REFERENCE}`,
        referenceIdToRefund: '0193f5c2-a1b2-4c3d-8e4f-5a6b7c8d0000',
        payerMessage: 'Sorry',
        payeeNote: 'Sorry',
      },
    ]);
  });

  it.each([
    ['a used reference', 409, { code: 'RESOURCE_ALREADY_EXIST', message: 'x' }, { kind: 'duplicate' }],
    ["the caller's error", 500, { code: 'NOT_ALLOWED', message: 'x' }, { kind: 'not_sent', code: 'NOT_ALLOWED' }],
    ['any other error', 500, { code: 'INTERNAL_PROCESSING_ERROR', message: 'x' }, { kind: 'unknown' }],
    ['200 where 202 is due', 200, {}, { kind: 'unknown', code: 'http_200' }],
  ])('says %s', async (_name, status, body, expected) => {
    answerWith(() => ({ status, body }));
    expect(await adapter.payouts.payout(account(), payout)).toMatchObject(expected);
    expect(await adapter.refunds.refund(account(), refund)).toMatchObject(expected);
  });

  it.each(['hang', 'reset'] as const)('is asked once, and in doubt when the answer does not come: %s', async (how) => {
    // A first call gets the token, so that the calls that count have all their time.
    answerWith(() => ({ status: 500, body: '' }));
    await adapter.float.balances(account(), PATIENT_MS);
    answerWith(() => how);
    const timeoutMs = patienceFor(how);
    expect((await adapter.payouts.payout(account(), { ...payout, timeoutMs })).kind).toBe('unknown');
    expect((await adapter.refunds.refund(account(), { ...refund, timeoutMs })).kind).toBe('unknown');
    expect(gateway.calls.filter(({ method, url }) => method === 'POST' && !url.endsWith('/token/'))).toHaveLength(2);
  });

  it('tells by the reference what became of it', async () => {
    answerWith(({ url }) =>
      url.includes('/refund/')
        ? { status: 404, body: { code: 'RESOURCE_NOT_FOUND', message: 'x' } }
        : { status: 200, body: { status: 'SUCCESSFUL', externalId: REFERENCE, amount: '1500.50', currency: 'GHS' } },
    );
    expect(await adapter.payouts.status(account(), payoutQuery)).toMatchObject({ kind: 'succeeded' });
    expect(await adapter.refunds.status(account(), refundQuery)).toMatchObject({ kind: 'not_found' });
    const uuid = '0193f5c2-a1b2-4c3d-8e4f-5a6b7c8d9e0f';
    const paths = gateway.calls.map(({ url }) => url).filter((url) => !url.endsWith('/token/'));
    expect(paths).toEqual([`/disbursement/v1_0/transfer/${uuid}`, `/disbursement/v1_0/refund/${uuid}`]);
  });

  it('is not asked by an account without its credentials', async () => {
    const without = account({ credentials: collecting });
    const missing = { kind: 'not_sent', code: 'missing_credentials', blame: 'merchant' };
    expect(await adapter.payouts.payout(without, payout)).toEqual(missing);
    expect(await adapter.payouts.status(without, payoutQuery)).toEqual(missing);
    expect(await adapter.refunds.refund(without, refund)).toEqual(missing);
    expect(await adapter.refunds.status(without, refundQuery)).toEqual(missing);
    expect(await adapter.float.balances(without, PATIENT_MS)).toEqual({ kind: 'failed', code: 'missing_credentials' });
    expect(gateway.calls).toEqual([]);
  });

  it("pays no bank, no other network and no currency that the account's market does not have", async () => {
    const bank = { type: 'bank_account', bankCode: '1', accountNumber: '2', name: 'A' } as const;
    const pay = (over: Partial<PayoutRequest>): Promise<MoneyOutOutcome> =>
      adapter.payouts.payout(account(), { ...payout, ...over });
    expect(await pay({ destination: bank })).toMatchObject({ code: 'unsupported_destination' });
    expect(
      await pay({ destination: { ...payout.destination, network: 'orange' } as PayoutRequest['destination'] }),
    ).toMatchObject({ code: 'unsupported_destination' });
    expect(await pay({ currency: 'NGN' })).toMatchObject({ code: 'unsupported_destination' });
    expect(await pay({ currency: 'XOF' })).toMatchObject({ code: 'unsupported_currency' });
    expect(await adapter.refunds.refund(account(), { ...refund, currency: 'XOF' })).toMatchObject({
      code: 'unsupported_currency',
    });
    expect(gateway.calls).toEqual([]);
  });

  it('has a balance to be paid from', async () => {
    answerWith(() => ({ status: 200, body: { availableBalance: '12.5', currency: 'GHS' } }));
    expect(await adapter.float.balances(account(), PATIENT_MS)).toEqual({
      kind: 'balances',
      balances: [{ currency: 'GHS', availableMinor: 1_250n }],
    });
    expect(gateway.calls.at(-1)?.url).toBe('/disbursement/v1_0/account/balance');
    answerWith(() => 'reset');
    expect(await adapter.float.balances(account(), PATIENT_MS)).toEqual({ kind: 'failed', code: 'connection_reset' });
  });
});
