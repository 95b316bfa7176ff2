import { randomUUID } from 'node:crypto';
import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, dig, FLUTTERWAVE_AUTH, post, type Heard } from '../../testing/clients.js';
import { eventually } from '../../testing/eventually.js';
import { startReceiver, type Receiver } from '../../testing/receiver.js';

let receiver: Receiver;
let sandbox: Sandbox;
let operator: ReturnType<typeof control>;
let base: string;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${receiver.url}/{gateway}/{account}` });
  operator = control(sandbox);
  base = `${sandbox.gateways['flutterwave'] ?? ''}/v3`;
});

afterEach(() => operator.clearFaults());

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

function get(path: string): Promise<Heard> {
  return call(`${base}${path}`, { headers: FLUTTERWAVE_AUTH });
}

/** A saved card is charged at once. */
async function paid(txRef: string, amount: number, currency = 'NGN'): Promise<unknown> {
  const body = { tx_ref: txRef, amount, currency, email: 'a@b.co', token: 'flw-t1nf-x' };
  return dig((await post(`${base}/tokenized-charges`, body, FLUTTERWAVE_AUTH)).json, 'data', 'id');
}

function refund(id: unknown, fields: Readonly<Record<string, unknown>> = {}): Promise<Heard> {
  return post(`${base}/transactions/${String(id)}/refund`, fields, FLUTTERWAVE_AUTH);
}

function transfer(fields: Readonly<Record<string, unknown>>): Promise<Heard> {
  const common = { account_bank: '044', account_number: '0690000040', amount: 500.5, currency: 'NGN', narration: 'n' };
  return post(`${base}/transfers`, { ...common, ...fields }, FLUTTERWAVE_AUTH);
}

async function became(path: string, status: string): Promise<Heard> {
  return eventually(async () => {
    const answer = await get(path);
    expect(dig(answer.json, 'data', 'status')).toBe(status);
    return answer;
  });
}

async function told(reference: string): Promise<Readonly<Record<string, unknown>>> {
  return eventually(() => {
    const found = receiver.received.find(({ body }) => body.includes(reference));
    if (found === undefined) throw new Error('no webhook yet');
    return JSON.parse(found.body) as Record<string, unknown>;
  });
}

it('gives parts back until nothing is left, refuses more than the rest, and books each', async () => {
  const txRef = randomUUID();
  const id = await paid(txRef, 100.25);
  const first = await refund(id, { amount: 40.25, comments: 're_1' });
  expect(first.json['data']).toMatchObject({ tx_id: id, amount_refunded: 40.25, status: 'processing' });
  expect((await refund(id, { amount: 60.01 })).status).toBe(400);
  const rest = await refund(id);
  expect(rest.json['data']).toMatchObject({ amount_refunded: 60 });
  expect((await refund(id, { amount: 0.01 })).json['message']).toBe('Transaction has been fully refunded');
  await became(`/refunds/${String(dig(first.json, 'data', 'id'))}`, 'completed');
  await became(`/refunds/${String(dig(rest.json, 'data', 'id'))}`, 'completed');
  expect((await operator.ledger(txRef)).map(({ kind, amount }) => [kind, amount])).toEqual([
    ['charge', 10_025],
    ['refund', 4_025],
    ['refund', 6_000],
  ]);
  expect((await get(`/refunds?id=${String(id)}`)).json['data']).toHaveLength(2);
  expect((await refund(1)).json['message']).toBe('No transaction was found for this id');
  expect((await get('/refunds/1')).status).toBe(404);
});

it('a refund that failed says so and leaves the transaction whole', async () => {
  const id = await paid(randomUUID(), 10);
  await operator.fault({ gateway: 'flutterwave', fault: 'decline', on: 'refund', code: 'No Way' });
  const { json } = await refund(id);
  const failed = await became(`/refunds/${String(dig(json, 'data', 'id'))}`, 'failed');
  expect(failed.body).toContain('No Way');
  await operator.clearFaults();
  expect((await refund(id)).status).toBe(200);
});

it('pays out: NEW, SUCCESSFUL, found by id, reference and status, told as transfer.completed', async () => {
  const reference = randomUUID();
  const { json } = await transfer({ reference, beneficiary_name: 'Ada' });
  expect(json).toMatchObject({
    message: 'Transfer Queued Successfully',
    data: { status: 'NEW', reference, amount: 500.5, full_name: 'Ada', complete_message: '' },
  });
  await became(`/transfers/${String(dig(json, 'data', 'id'))}`, 'SUCCESSFUL');
  expect((await get(`/transfers?reference=${reference}`)).json['data']).toMatchObject([{ status: 'SUCCESSFUL' }]);
  expect((await get(`/transfers?reference=${reference}&status=failed`)).json['data']).toEqual([]);
  expect(await operator.ledger(reference)).toMatchObject([{ kind: 'payout', amount: 50_050, currency: 'NGN' }]);
  expect(await told(reference)).toMatchObject({
    event: 'transfer.completed',
    data: { status: 'SUCCESSFUL', fullname: 'Ada', reference },
  });
  const again = await transfer({ reference });
  expect([again.status, again.json['status']]).toEqual([400, 'error']);
});

it('tells a failed transfer as completed, with the reason', async () => {
  const reference = randomUUID();
  await transfer({ reference, account_bank: 'MTN', account_number: '233241239901', currency: 'GHS' });
  expect(await told(reference)).toMatchObject({
    event: 'transfer.completed',
    data: { status: 'FAILED', complete_message: 'DISBURSE FAILED: Invalid account' },
  });
  expect(await operator.ledger(reference)).toEqual([]);
});

it('refuses more than the balance and books nothing', async () => {
  const reference = randomUUID();
  await operator.post('/_float', { gateway: 'flutterwave', currency: 'KES', amount: 10_000 });
  expect((await transfer({ reference, currency: 'KES', amount: 100.01 })).status).toBe(400);
  expect(await operator.ledger(reference)).toEqual([]);
  expect((await transfer({ reference, currency: 'KES', amount: 60 })).status).toBe(200);
  await eventually(async () => expect(await operator.ledger(reference)).toHaveLength(1));
  const left = { currency: 'KES', available_balance: 40, ledger_balance: 40 };
  expect((await get('/balances/KES')).json['data']).toEqual(left);
  expect((await get('/balances')).json['data']).toContainEqual(left);
  expect((await get('/balances/BTC')).status).toBe(400);
});

it.each([
  ['no bank', { account_bank: undefined }],
  ['no account', { account_number: undefined }],
  ['no reference', { reference: undefined }],
  ['a fraction of a kobo', { amount: 1.005 }],
  ['an unknown currency', { currency: 'BTC' }],
  ['another currency to debit', { debit_currency: 'USD' }],
])('refuses a transfer with %s', async (_what, fields) => {
  expect((await transfer({ reference: randomUUID(), ...fields })).status).toBe(400);
});

it('refuses the fault `returned`: there is no word for a payout that came back', async () => {
  const answer = await operator.fault({ gateway: 'flutterwave', fault: 'returned' });
  expect(answer.status).toBe(400);
  expect(dig(answer.json, 'error')).toContain('flutterwave has no word for a payout that was paid and came back');
});

it('settles what was paid less fees and refunds, to the thousandth', async () => {
  await operator.post('/_settlements', { gateway: 'flutterwave' });
  const id = await paid(randomUUID(), 1_075, 'XOF');
  await paid(randomUUID(), 925, 'XOF');
  const refunded = await refund(id, { amount: 75 });
  await became(`/refunds/${String(dig(refunded.json, 'data', 'id'))}`, 'completed');
  const made = await operator.post('/_settlements', { gateway: 'flutterwave' });
  const settlement = (made.json['data'] as { id: number }[])[0]?.id;
  const { json } = await get(`/settlements/${String(settlement)}`);
  expect(json['data']).toMatchObject({
    status: 'completed',
    gross_amount: 2_000,
    app_fee: 50,
    refund: 75,
    net_amount: 1_875,
    transaction_count: 2,
  });
  expect(dig(json, 'data', 'meta')).toContain(id);
  const fee = dig((await get(`/transactions/${String(id)}/verify`)).json, 'data', 'app_fee');
  expect(fee).toBe(26.875);
  expect((await get('/settlements')).json['data']).toContainEqual(expect.objectContaining({ id: settlement }));
});

it('asks a card customer for the OTP', async () => {
  const body = { tx_ref: randomUUID(), amount: 10, currency: 'NGN', email: 'a@b.co', authorization: { mode: 'pin' } };
  const { json } = await post(`${base}/charges?type=card`, body, FLUTTERWAVE_AUTH);
  expect(dig(json, 'meta', 'authorization')).toEqual({ mode: 'otp', endpoint: '/v3/validate-charge' });
  const validate = (fields: Readonly<Record<string, unknown>>): Promise<Heard> =>
    post(`${base}/validate-charge`, { flw_ref: dig(json, 'data', 'flw_ref'), ...fields }, FLUTTERWAVE_AUTH);
  expect((await validate({})).status).toBe(400);
  expect((await validate({ otp: '12345' })).json).toMatchObject({ message: 'Charge validated' });
  expect((await validate({ otp: '12345' })).status).toBe(400);
  await became(`/transactions/${String(dig(json, 'data', 'id'))}/verify`, 'successful');
});
