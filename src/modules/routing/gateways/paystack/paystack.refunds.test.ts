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
import { PaystackCalls } from './paystack.calls.js';
import { readRefund, type RefundCall } from './paystack.refund-answers.js';
import { PaystackRefunds } from './paystack.refunds.js';

const REFUND = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';
const CHARGE = '0193f5c2a1b27c3d8e4f5a6b7c8d0000';

const request: RefundRequest = {
  reference: REFUND,
  charge: { reference: CHARGE, handles: { id: '1004723697' }, amountMinor: 1_500n },
  amountMinor: 1_000n,
  currency: 'XOF',
  reason: 'Out of stock',
  callbackUrl: '',
  timeoutMs: PATIENT_MS,
};
const query = (over: Partial<RefundQuery> = {}): RefundQuery => ({
  reference: REFUND,
  handles: {},
  charge: request.charge,
  amountMinor: request.amountMinor,
  currency: 'XOF',
  requestedAt: new Date('2026-01-01T12:00:00Z'),
  knownIds: [],
  timeoutMs: PATIENT_MS,
  ...over,
});

/** A refund as lists have it: the charge is a number. */
const listed = (id: number, over: object = {}): object => ({
  id,
  transaction: 1004723697,
  status: 'processed',
  amount: 100_000,
  currency: 'XOF',
  merchant_note: REFUND,
  createdAt: '2026-01-01T12:00:01.000Z',
  ...over,
});
/** A refund as the answer to a request has it. */
const made = (over: object = {}): object =>
  listed(3018284, { transaction: { id: 1004723697, reference: CHARGE, amount: 150_000 }, status: 'pending', ...over });

const ok = (data: unknown, meta: object = { total: 1, page: 1, pageCount: 1 }): ScriptedAnswer => ({
  status: 200,
  body: { status: true, message: 'x', data, meta },
});
const answer = (status: number, body: object): HttpAnswer => ({
  kind: 'answered',
  status,
  body: Buffer.from(JSON.stringify(body)),
});
const read = (data: object): MoneyOutOutcome => readRefund(answer(200, { status: true, data }), 'refund', request);
const refused = (status: number, body: object, call: RefundCall = 'refund'): MoneyOutOutcome =>
  readRefund(answer(status, { status: false, ...body }), call, request);

describe("Paystack's answers about refunds", () => {
  it('reads one that is done, in hundredths of francs and with the amount as text', () => {
    expect(read(made({ status: 'processed', amount: '100000' }))).toEqual({
      kind: 'succeeded',
      amountMinor: 1_000n,
      currency: 'XOF',
      reference: REFUND,
      feeMinor: null,
      code: 'processed',
      handles: { id: '3018284' },
    });
  });

  it.each(['pending', 'processing', 'needs-attention'])('waits while %s', (status) => {
    const handles = { id: '3018284' };
    expect(read(made({ status }))).toEqual({ kind: 'pending', code: status, nextAction: null, handles });
  });

  it('knows that a failed one is over', () => {
    expect(read(made({ status: 'failed' }))).toMatchObject({ kind: 'declined', code: 'failed', retryable: false });
  });

  it.each([
    ['a status that nobody listed', { status: 'brand new' }, 'brand_new'],
    ['a success without an amount', { status: 'processed', amount: -1 }, 'incomplete_success'],
    ['a refund of another charge', { transaction: { reference: REFUND } }, 'another_refund'],
    ['another refund of ours', { merchant_note: 'f'.repeat(32) }, 'another_refund'],
  ])('does not believe %s', (_name, over, code) => {
    expect(read(made(over))).toEqual({ kind: 'unknown', code });
  });

  it.each([
    ['a validation error', 400, { message: 'Amount is too big' }, { kind: 'not_sent', code: 'amount_is_too_big' }],
    [
      'an empty balance',
      400,
      { message: 'Your balance is not enough to fulfil this request' },
      { kind: 'not_sent', code: 'insufficient_float', blame: 'merchant' },
    ],
    ['a bad key', 401, { message: 'Invalid key' }, { kind: 'not_sent', code: 'invalid_key' }],
    ['throttling', 429, {}, { kind: 'not_sent', code: 'rate_limited' }],
    ['a failing processor', 400, { type: 'processor_error' }, { kind: 'unknown', code: 'processor_error' }],
    ['a refusal with a refund in it', 400, { data: made() }, { kind: 'unknown', code: 'contradictory_answer' }],
    ['a server error', 500, { type: 'api_error' }, { kind: 'unknown', code: 'http_500' }],
    ['a refusal with 2xx', 200, { message: 'No' }, { kind: 'unknown', code: 'no' }],
  ])('reads %s', (_name, status, body, expected) => {
    expect(refused(status, body)).toMatchObject(expected);
  });

  it('knows when there is no such refund, and only when asked', () => {
    const body = { message: 'Refund not found' };
    expect(refused(404, body, 'status')).toEqual({ kind: 'not_found', code: 'refund_not_found' });
    expect(refused(404, body).kind).toBe('not_sent');
  });
});

describe('a refund at Paystack', () => {
  const http = new GatewayHttpClient();
  const refunds = new PaystackRefunds(new PaystackCalls(http));
  let gateway: ScriptedGateway;
  const account = (): GatewayAccount => ({
    id: 'a',
    gateway: 'paystack',
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

  it("is asked for by the charge's reference, with ours in the merchant's note", async () => {
    gateway.answerWith(() => ok(made()));
    expect(await refunds.refund(account(), request)).toMatchObject({ kind: 'pending', handles: { id: '3018284' } });
    expect(asked()).toEqual(['POST /refund']);
    expect(JSON.parse(gateway.calls[0]?.body ?? '')).toEqual({
      transaction: CHARGE,
      amount: '100000',
      currency: 'XOF',
      merchant_note: REFUND,
      customer_note: 'Out of stock',
    });
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
    gateway.answerWith(({ url }) => (url === '/refund/5' ? ok(listed(5)) : ok([listed(6)])));
    expect(await refunds.status(account(), query({ handles: { id: '5' } }))).toMatchObject({ handles: { id: '5' } });
    gateway.answerWith(({ url }) =>
      url === '/refund/5' ? ok(listed(5, { transaction: 9 })) : ok([listed(6), listed(7, { transaction: 9 })]),
    );
    expect(await refunds.status(account(), query({ handles: { id: '5' } }))).toMatchObject({ handles: { id: '6' } });
    expect(asked().at(-1)).toBe('GET /refund?transaction=1004723697&perPage=100&page=1');
  });

  it("finds out the charge's id first where it is not known", async () => {
    gateway.answerWith(({ url }) =>
      url.startsWith('/transaction/verify') ? ok({ id: 1004723697, reference: CHARGE }) : ok([listed(6)]),
    );
    const charge = { ...request.charge, handles: {} };
    expect(await refunds.status(account(), query({ charge }))).toMatchObject({ kind: 'succeeded' });
    expect(asked()[0]).toBe(`GET /transaction/verify/${CHARGE}`);
  });

  it('is found without a note by what it looks like, and is in doubt when two look like it', async () => {
    const plain = { merchant_note: null };
    gateway.answerWith(() => ok([listed(6, plain), listed(7, { ...plain, amount: 1 }), listed(8, plain)]));
    expect(await refunds.status(account(), query({ knownIds: ['8'] }))).toMatchObject({ handles: { id: '6' } });
    expect(await refunds.status(account(), query())).toEqual({ kind: 'unknown', code: 'ambiguous_refund' });
  });

  it("is not mistaken for another one because of what the customer's note says", async () => {
    gateway.answerWith(() => ok([listed(6, { merchant_note: null, customer_note: `Order ${'f'.repeat(32)}` })]));
    expect(await refunds.status(account(), query())).toMatchObject({ kind: 'succeeded', handles: { id: '6' } });
  });

  it('is not there when the whole list does not have it', async () => {
    gateway.answerWith(() => ok([listed(7, { transaction: 9 })]));
    expect(await refunds.status(account(), query())).toEqual({ kind: 'not_found', code: 'refund_not_found' });
    gateway.answerWith(({ url }) => ok(url.endsWith('&page=2') ? [listed(6)] : [], { page: 1, pageCount: 2 }));
    expect((await refunds.status(account(), query())).kind).toBe('unknown');
  });

  it.each([
    ['a line that cannot be read', ok([listed(6, { transaction: 9 }), { id: 7 }]), 'unparsable_answer'],
    ['a line without its charge', ok([listed(6, { transaction: null })]), 'unparsable_answer'],
    ['a list that does not end', ok([], { page: 1, pageCount: 2 }), 'refund_list_incomplete'],
    ['a server error', { status: 502, body: '<html>' }, 'http_502'],
  ] as const)('is not said to be missing because of %s', async (_name, said, code) => {
    gateway.answerWith(() => said);
    expect(await refunds.status(account(), query())).toEqual({ kind: 'unknown', code });
  });
});
