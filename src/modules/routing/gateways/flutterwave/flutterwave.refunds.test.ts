import { GatewayHttpClient, type HttpAnswer } from '../http-client.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { MoneyOutOutcome, RefundQuery, RefundRequest } from '../gateway-parts.js';
import {
  PATIENT_MS,
  patienceFor,
  startScriptedGateway,
  type ScriptedAnswer,
  type ScriptedGateway,
} from '../testing/scripted-gateway.js';
import { FlutterwaveActions, readAction } from './flutterwave.actions.js';
import { FlutterwaveCalls } from './flutterwave.calls.js';
import { readRefund, type RefundCall } from './flutterwave.refund-answers.js';
import { FlutterwaveRefunds } from './flutterwave.refunds.js';

const REFUND = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';
const CHARGE = '0193f5c2a1b27c3d8e4f5a6b7c8d0000';

const request: RefundRequest = {
  reference: REFUND,
  charge: { reference: CHARGE, handles: { id: '5708' }, amountMinor: 690_000n },
  amountMinor: 690_050n,
  currency: 'NGN',
  reason: null,
  callbackUrl: '',
  timeoutMs: PATIENT_MS,
};
const query = (over: Partial<RefundQuery> = {}): RefundQuery => ({
  reference: REFUND,
  handles: {},
  charge: request.charge,
  amountMinor: request.amountMinor,
  currency: 'NGN',
  requestedAt: new Date('2026-01-02T12:00:00Z'),
  knownIds: [],
  timeoutMs: PATIENT_MS,
  ...over,
});
/** The published answer, with our note. */
const made = (over: object = {}): object => ({
  id: 8612,
  account_id: 73362,
  tx_id: 5708,
  flw_ref: 'URF_1577867664541_3572735',
  wallet_id: 74639,
  amount_refunded: 6900.5,
  status: 'completed',
  destination: 'payment_source',
  meta: { source: 'availablebalance' },
  comments: REFUND,
  created_at: '2026-01-02T12:00:01.000Z',
  ...over,
});
const ok = (data: unknown, pages = 1): ScriptedAnswer => ({
  status: 200,
  body: {
    status: 'success',
    message: 'x',
    data,
    meta: { page_info: { total: 1, current_page: 1, total_pages: pages } },
  },
});
const answer = (status: number, body: object): HttpAnswer => ({
  kind: 'answered',
  status,
  body: Buffer.from(JSON.stringify(body)),
});
const read = (over: object): MoneyOutOutcome =>
  readRefund(answer(200, { status: 'success', data: made(over) }), 'refund', request, '5708');
const refused = (status: number, message: string, call: RefundCall = 'refund'): MoneyOutOutcome =>
  readRefund(answer(status, { status: 'error', message, data: null }), call, request, '5708');

describe("Flutterwave's answers about refunds", () => {
  it.each([
    'completed',
    'completed-bank-transfer',
    'completed-momo',
    'completed-mpgs',
    'completed-offline',
    'completed-preauth',
  ])('reads %s as done', (status) => {
    expect(read({ status })).toEqual({
      kind: 'succeeded',
      amountMinor: 690_050n,
      currency: 'NGN',
      reference: REFUND,
      feeMinor: null,
      code: status,
      handles: { id: '8612' },
    });
  });

  it.each(['pending-momo', 'processing', 'pending'])('waits while %s', (status) => {
    expect(read({ status })).toMatchObject({ kind: 'pending', code: status, handles: { id: '8612' } });
  });

  it('knows that a failed one is over', () => {
    expect(read({ status: 'failed' })).toMatchObject({ kind: 'declined', retryable: false });
  });

  it.each([
    ['a status that nobody listed', { status: 'completedish' }, 'completedish'],
    ['a success without an amount', { amount_refunded: null }, 'incomplete_success'],
    ['a refund of another charge', { tx_id: 1 }, 'another_refund'],
    ['another refund of ours', { comments: 'f'.repeat(32) }, 'another_refund'],
  ])('does not believe %s', (_name, over, code) => {
    expect(read(over)).toEqual({ kind: 'unknown', code });
  });

  it.each([
    [400, 'Refund amount is too big', { kind: 'not_sent', code: 'refund_amount_is_too_big' }],
    [400, 'Insufficient balance for this refund', { kind: 'not_sent', code: 'insufficient_float' }],
    [401, 'Invalid authorization key', { kind: 'not_sent', blame: 'merchant' }],
    [503, 'An error occurred. Please contact support', { kind: 'unknown', code: 'http_503' }],
    [200, 'Hm', { kind: 'unknown', code: 'hm' }],
  ])('reads HTTP %p %s', (status, message, expected) => {
    expect(refused(status, message)).toMatchObject(expected);
  });

  it('knows when there is no such refund, and only when asked', () => {
    expect(refused(404, 'Refund not found', 'status')).toEqual({ kind: 'not_found', code: 'refund_not_found' });
    expect(refused(404, 'Refund not found').kind).toBe('not_sent');
  });
});

describe('a refund at Flutterwave', () => {
  const http = new GatewayHttpClient();
  const calls = new FlutterwaveCalls(http);
  const refunds = new FlutterwaveRefunds(calls);
  let gateway: ScriptedGateway;
  const account = (): GatewayAccount => ({
    id: 'a',
    gateway: 'flutterwave',
    name: 'main',
    livemode: false,
    baseUrl: gateway.baseUrl,
    credentials: { secret_key: 'k' },
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
  const asked = (): string[] => gateway.calls.map(({ method, url }) => `${method} ${url}`);
  const charge = (over: object = {}): ScriptedAnswer =>
    ok({ id: 5708, tx_ref: CHARGE, flw_ref: 'FLW1', status: 'successful', ...over });
  const withoutId = { ...request.charge, handles: {} };

  it("is asked for by the charge's id, with ours in the comments and the amount digit by digit", async () => {
    gateway.answerWith(() => ok(made({ status: 'processing' })));
    expect(await refunds.refund(account(), request)).toMatchObject({ kind: 'pending' });
    expect(asked()).toEqual(['POST /v3/transactions/5708/refund']);
    expect(gateway.calls[0]?.body).toBe(`{"amount":6900.50,"comments":"${REFUND}"}`);
  });

  it('looks the id up first where it is not known', async () => {
    gateway.answerWith(({ method }) => (method === 'GET' ? charge() : ok(made())));
    expect(await refunds.refund(account(), { ...request, charge: withoutId })).toMatchObject({ kind: 'succeeded' });
    expect(asked()).toEqual([
      `GET /v3/transactions/verify_by_reference?tx_ref=${CHARGE}`,
      'POST /v3/transactions/5708/refund',
    ]);
  });

  it.each([
    ['hangs', 'hang', 'lookup_timeout'],
    ['breaks', { status: 503, body: '<html>' }, 'lookup_http_503'],
    [
      'finds nothing',
      { status: 404, body: { status: 'error', message: 'No transaction was found for this id' } },
      'lookup_charge_not_found',
    ],
  ] as const)('moves no money when the lookup %s', async (_name, said, code) => {
    gateway.answerWith(() => said);
    const hurried = { ...request, charge: withoutId, timeoutMs: patienceFor(said) };
    expect(await refunds.refund(account(), hurried)).toMatchObject({ kind: 'not_sent', code });
    expect(asked()).toHaveLength(1);
  });

  it('gives back nothing of a charge that was not paid', async () => {
    gateway.answerWith(() => charge({ status: 'pending' }));
    const outcome = await refunds.refund(account(), { ...request, charge: withoutId });
    expect(outcome).toMatchObject({ kind: 'not_sent', code: 'lookup_charge_not_successful' });
  });

  it.each(['hang', 'reset'] as const)(
    'is never sent again by itself when the answer does not come: %s',
    async (how) => {
      gateway.answerWith(() => how);
      const hurried = { ...request, timeoutMs: patienceFor(how) };
      expect((await refunds.refund(account(), hurried)).kind).toBe('unknown');
      expect(gateway.calls).toHaveLength(1);
    },
  );

  it('is asked about by its id, and by the list when that leads elsewhere', async () => {
    gateway.answerWith(({ url }) => (url === '/v3/refunds/5' ? ok(made({ id: 5 })) : ok([made()])));
    expect(await refunds.status(account(), query({ handles: { id: '5' } }))).toMatchObject({ handles: { id: '5' } });
    gateway.answerWith(({ url }) => (url === '/v3/refunds/5' ? ok(made({ id: 5, tx_id: 1 })) : ok([made()])));
    expect(await refunds.status(account(), query({ handles: { id: '5' } }))).toMatchObject({ handles: { id: '8612' } });
    expect(asked().at(-1)).toBe('GET /v3/refunds?from=2026-01-01&page=1');
  });

  it('is found without a comment by what it looks like, and is in doubt when two look like it', async () => {
    const plain = { comments: null };
    gateway.answerWith(() => ok([made({ ...plain, id: 6 }), made({ ...plain, id: 8 }), made({ ...plain, tx_id: 1 })]));
    expect(await refunds.status(account(), query({ knownIds: ['8'] }))).toMatchObject({ handles: { id: '6' } });
    expect(await refunds.status(account(), query())).toEqual({ kind: 'unknown', code: 'ambiguous_refund' });
  });

  it.each([
    ['is not in the whole list', ok([made({ tx_id: 1 })]), { kind: 'not_found', code: 'refund_not_found' }],
    ['may be on a page that does not come', ok([], 2), { kind: 'unknown', code: 'refund_list_incomplete' }],
    ['may be a line that cannot be read', ok([{ id: 1 }]), { kind: 'unknown', code: 'unparsable_answer' }],
    [
      'may be on a page that is not told',
      { status: 200, body: { status: 'success', data: [] } },
      { kind: 'unknown', code: 'unparsable_answer' },
    ],
  ] as const)('%s', async (_name, said, expected) => {
    gateway.answerWith(() => said);
    expect(await refunds.status(account(), query())).toEqual(expected);
  });

  const submit = (handles: Record<string, string>): Promise<unknown> =>
    new FlutterwaveActions(calls).submit(account(), {
      reference: CHARGE,
      handles,
      currency: 'NGN',
      action: { type: 'otp', value: '12345' },
      timeoutMs: PATIENT_MS,
    });

  it("takes the code of a charge by Flutterwave's own reference, looked up where it is not known", async () => {
    gateway.answerWith(() => charge({ status: 'pending' }));
    expect(await submit({ flw_ref: 'FLW7' })).toMatchObject({ kind: 'pending' });
    expect(await submit({})).toMatchObject({ kind: 'pending' });
    expect(gateway.calls.filter(({ method }) => method === 'POST').map(({ url, body }) => [url, body])).toEqual([
      ['/v3/validate-charge', '{"otp":"12345","flw_ref":"FLW7"}'],
      ['/v3/validate-charge', '{"otp":"12345","flw_ref":"FLW1"}'],
    ]);
  });
});

describe('what a customer typed, at Flutterwave', () => {
  const data = { id: 7, tx_ref: CHARGE, amount: 1, currency: 'NGN' };
  it.each([
    ['a success', 200, { status: 'success', data: { ...data, status: 'successful' } }, { kind: 'succeeded' }],
    ['a failure', 200, { status: 'success', data: { ...data, status: 'failed' } }, { kind: 'declined' }],
    [
      'a wrong code',
      400,
      { status: 'error', message: 'Invalid OTP' },
      { kind: 'pending', code: 'wrong_otp', nextAction: { type: 'enter_otp' } },
    ],
    ['a failure told as an error', 400, { status: 'error', data: { ...data, status: 'failed' } }, { kind: 'declined' }],
    [
      'a success told as an error',
      400,
      { status: 'error', data: { ...data, status: 'successful' } },
      { kind: 'unknown' },
    ],
    [
      'a text that would decline a charge',
      400,
      { status: 'error', message: 'Insufficient Funds' },
      { kind: 'not_sent' },
    ],
    ['a server error', 503, { status: 'error', message: 'An error occurred' }, { kind: 'unknown' }],
  ])('ends with %s', (_name, status, body, expected) => {
    expect(readAction(answer(status, body), 'NGN')).toMatchObject(expected);
  });
});
