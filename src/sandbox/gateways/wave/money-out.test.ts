import { randomUUID } from 'node:crypto';
import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, dig, post, type Heard } from '../../testing/clients.js';
import { eventually, sleep } from '../../testing/eventually.js';
import { startReceiver, type Receiver } from '../../testing/receiver.js';
import { sessionOrder, WAVE_AUTH } from '../../testing/wave-client.js';

let receiver: Receiver;
let sandbox: Sandbox;
let operator: ReturnType<typeof control>;
let base: string;
let number = 0;

beforeEach(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${receiver.url}/{gateway}/{account}` });
  operator = control(sandbox);
  base = `${sandbox.gateways['wave'] ?? ''}/v1`;
});

afterEach(async () => {
  await sandbox.close();
  await receiver.close();
});

function reference(): string {
  number += 1;
  return `out_${number}_`;
}

function payoutOrder(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { currency: 'XOF', receive_amount: '5000', mobile: '+221770000000', name: 'Awa', ...fields };
}

function pay(body: unknown, key: string = randomUUID()): Promise<Heard> {
  return post(`${base}/payout`, body, { ...WAVE_AUTH, 'idempotency-key': key });
}

function get(path: string): Promise<Heard> {
  return call(`${base}${path}`, { headers: WAVE_AUTH });
}

function act(path: string): Promise<Heard> {
  return post(`${base}${path}`, {}, WAVE_AUTH);
}

async function ended(id: unknown, status: string): Promise<Heard> {
  return eventually(async () => {
    const answer = await get(`/payout/${String(id)}`);
    expect(answer.json['status']).toBe(status);
    return answer;
  });
}

/** @returns the id of a session of 5,000 francs that was paid. */
async function paidSession(client_reference: string): Promise<string> {
  const { json } = await post(`${base}/checkout/sessions`, sessionOrder({ client_reference }), WAVE_AUTH);
  await eventually(async () => expect(await operator.ledger(client_reference)).toHaveLength(1));
  return String(json['id']);
}

it('pays out, is asked by id and by reference, and sends no event', async () => {
  const ours = reference();
  const begun = await pay(payoutOrder({ client_reference: ours, payment_reason: 'Salary' }));
  expect(begun.json).toMatchObject({
    currency: 'XOF',
    receive_amount: '5000',
    fee: '50',
    mobile: '+221770000000',
    name: 'Awa',
    status: 'processing',
    payout_error: null,
  });
  await ended(begun.json['id'], 'succeeded');
  const { json } = await get(`/payouts/search?client_reference=${ours}`);
  expect(json['result']).toMatchObject([{ id: begun.json['id'], status: 'succeeded' }]);
  expect((await get('/payouts/search?client_reference=none')).json['result']).toEqual([]);
  expect((await get('/payouts/search')).status).toBe(422);
  expect((await get('/payout/pt-none')).json['code']).toBe('payout-not-found');
  expect(await operator.ledger(ours)).toMatchObject([{ kind: 'payout', amount: 5000, currency: 'XOF' }]);
  await sleep(50);
  expect(receiver.received).toEqual([]);
});

it('answers the same key and body as it did first, in the same bytes, and another body not at all', async () => {
  const [ours, key] = [reference(), randomUUID()];
  const first = await pay(payoutOrder({ client_reference: ours }), key);
  await ended(first.json['id'], 'succeeded');
  expect(await pay(payoutOrder({ client_reference: ours }), key)).toEqual(first);
  const other = await pay(payoutOrder({ client_reference: ours, receive_amount: '5001' }), key);
  expect([other.status, other.json['code']]).toEqual([409, 'idempotency-mismatch']);
  expect(await operator.ledger(ours)).toHaveLength(1);
  expect((await post(`${base}/payout`, payoutOrder(), WAVE_AUTH)).status).toBe(422);
  await operator.remove('/_ledger');
  expect((await pay(payoutOrder({ client_reference: ours }), key)).json['id']).not.toBe(first.json['id']);
});

it('pays once for a client that never heard the first answer and asks again with its key', async () => {
  const [ours, key] = [reference(), randomUUID()];
  await operator.fault({ gateway: 'wave', fault: 'error_5xx_after_charge', on: 'payout' });
  expect((await pay(payoutOrder({ client_reference: ours }), key)).status).toBe(500);
  await operator.clearFaults();
  const again = await pay(payoutOrder({ client_reference: ours }), key);
  await ended(again.json['id'], 'succeeded');
  expect(await operator.ledger(ours)).toHaveLength(1);
});

it('takes in what the wallet does not hold, and fails it; and what the receiver cannot take', async () => {
  await operator.post('/_float', { gateway: 'wave', currency: 'XOF', amount: 4999 });
  const poor = await pay(payoutOrder());
  expect((await ended(poor.json['id'], 'failed')).json['payout_error']).toMatchObject({
    error_code: 'insufficient-funds',
  });
  const unpayable = await pay(payoutOrder({ receive_amount: '10', mobile: '+221770009901' }));
  expect((await ended(unpayable.json['id'], 'failed')).json['payout_error']).toMatchObject({
    error_code: 'recipient-account-not-payable',
  });
  expect((await get('/balance')).json).toEqual({ amount: '4999', currency: 'XOF' });
});

it('takes a payout back once it succeeded, and only then', async () => {
  const ours = reference();
  const { json } = await pay(payoutOrder({ client_reference: ours }));
  await ended(json['id'], 'succeeded');
  const before = Number((await get('/balance')).json['amount']);
  expect(await act(`/payout/${String(json['id'])}/reverse`)).toMatchObject({ status: 200, body: '' });
  await ended(json['id'], 'reversed');
  expect(Number((await get('/balance')).json['amount'])).toBe(before + 5000);
  expect((await act(`/payout/${String(json['id'])}/reverse`)).status).toBe(409);
  expect((await act('/payout/pt-none/reverse')).status).toBe(404);
  await operator.fault({ gateway: 'wave', fault: 'approve_after', ms: 0, on: 'payout' });
  const open = await pay(payoutOrder());
  expect((await act(`/payout/${String(open.json['id'])}/reverse`)).status).toBe(409);
});

it('pays a batch, all or nothing', async () => {
  const [one, two, key] = [reference(), reference(), randomUUID()];
  const headers = { ...WAVE_AUTH, 'idempotency-key': key };
  const payouts = [one, two].map((client_reference) => payoutOrder({ client_reference }));
  const { json } = await post(`${base}/payout-batch`, { payouts }, headers);
  await eventually(async () =>
    expect((await get(`/payout-batch/${String(json['id'])}`)).json).toMatchObject({
      id: json['id'],
      status: 'complete',
      payouts: [
        { client_reference: one, status: 'succeeded' },
        { client_reference: two, status: 'succeeded' },
      ],
    }),
  );
  expect((await post(`${base}/payout-batch`, { payouts }, headers)).json['id']).toBe(json['id']);
  expect(await operator.ledger(one)).toHaveLength(1);
  const [bad, good] = [reference(), reference()];
  const mixed = [payoutOrder({ client_reference: good }), payoutOrder({ client_reference: bad, mobile: 'x' })];
  const refused = await post(`${base}/payout-batch`, { payouts: mixed }, { ...headers, 'idempotency-key': 'other' });
  expect(refused.status).toBe(422);
  expect((await get(`/payouts/search?client_reference=${good}`)).json['result']).toEqual([]);
  expect((await get('/payout-batch/pb-none')).status).toBe(404);
});

it('gives back a whole payment once, by session or by transaction', async () => {
  const [one, two] = [reference(), reference()];
  const session = await paidSession(one);
  expect(await act(`/checkout/sessions/${session}/refund`)).toMatchObject({ status: 200, body: '' });
  await eventually(async () =>
    expect(await operator.ledger(one)).toMatchObject([{ kind: 'charge' }, { kind: 'refund', amount: 5000 }]),
  );
  expect((await act(`/checkout/sessions/${session}/refund`)).status).toBe(409);
  const other = await get(`/checkout/sessions/${await paidSession(two)}`);
  expect((await act(`/transactions/${String(other.json['transaction_id'])}/refund`)).status).toBe(200);
  expect((await act('/checkout/sessions/cos-none/refund')).status).toBe(404);
  expect((await act('/transactions/T_NONE/refund')).status).toBe(404);
  await operator.fault({ gateway: 'wave', fault: 'approve_after', ms: 0 });
  const open = await post(`${base}/checkout/sessions`, sessionOrder({}), WAVE_AUTH);
  expect((await act(`/checkout/sessions/${String(open.json['id'])}/refund`)).status).toBe(409);
});

it('states a day line by line, with the balance after each, page by page', async () => {
  const [charge, out] = [reference(), reference()];
  const session = await paidSession(charge);
  const payout = await pay(payoutOrder({ client_reference: out, receive_amount: '300' }));
  await ended(payout.json['id'], 'succeeded');
  await act(`/payout/${String(payout.json['id'])}/reverse`);
  await act(`/checkout/sessions/${session}/refund`);
  await eventually(async () => expect(await operator.ledger(charge)).toHaveLength(2));
  const date = new Date().toISOString().slice(0, 10);
  const { json } = await get(`/transactions?date=${date}`);
  const balance = Number((await get('/balance')).json['amount']);
  expect(json).toMatchObject({ date, page_info: { has_next_page: false } });
  expect(json['items']).toMatchObject([
    {
      transaction_type: 'api_checkout',
      amount: '5000',
      balance: String(balance + 5000),
      checkout_api_session_id: session,
      client_reference: charge,
    },
    { transaction_type: 'api_payout', amount: '-300', client_reference: out, counterparty_mobile: '+221770000000' },
    { transaction_type: 'api_payout_reversal', amount: '300', is_reversal: true, balance: String(balance + 5000) },
    { transaction_type: 'api_checkout_refund', amount: '-5000', balance: String(balance), client_reference: charge },
  ]);
  const first = await get(`/transactions?date=${date}&first=3`);
  expect(dig(first.json, 'page_info', 'has_next_page')).toBe(true);
  const cursor = String(dig(first.json, 'page_info', 'end_cursor'));
  const second = await get(`/transactions?date=${date}&first=3&after=${cursor}`);
  expect(second.json).toMatchObject({
    items: [{ transaction_type: 'api_checkout_refund' }],
    page_info: { has_next_page: false },
  });
  expect((await get('/transactions?date=2020-01-01')).json['items']).toEqual([]);
  expect((await get('/transactions?date=today')).status).toBe(422);
  expect((await get(`/transactions?date=${date}&after=x`)).status).toBe(422);
});

it.each([
  ['a number for an amount', { receive_amount: 5000 }, 'receive_amount'],
  ['a fraction of a franc', { receive_amount: '0.5' }, 'receive_amount'],
  ['another currency', { currency: 'GHS' }, 'currency'],
  ['a national number', { mobile: '770000000' }, 'mobile'],
])('pays nothing out for %s', async (_what, fields, field) => {
  const { status, json } = await pay(payoutOrder(fields));
  expect(status).toBe(422);
  expect(json).toMatchObject({ details: [{ loc: ['body', field] }] });
});
