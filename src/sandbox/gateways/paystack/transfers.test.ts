import { randomUUID } from 'node:crypto';
import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, dig, PAYSTACK_AUTH, post, type Heard } from '../../testing/clients.js';
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
  base = sandbox.gateways['paystack'] ?? '';
});

afterEach(() => operator.clearFaults());

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

const BANK = { type: 'nuban', name: 'Ada', account_number: '0001234567', bank_code: '058', currency: 'NGN' };

async function recipient(fields: Readonly<Record<string, unknown>> = BANK): Promise<string> {
  const { json } = await post(`${base}/transferrecipient`, fields, PAYSTACK_AUTH);
  return String(dig(json, 'data', 'recipient_code'));
}

async function transfer(fields: Readonly<Record<string, unknown>>, auth = PAYSTACK_AUTH): Promise<Heard> {
  const body = { source: 'balance', amount: 70_000, recipient: await recipient(), currency: 'NGN', ...fields };
  return post(`${base}/transfer`, body, auth);
}

function get(path: string): Promise<Heard> {
  return call(`${base}${path}`, { headers: PAYSTACK_AUTH });
}

async function became(reference: string, status: string): Promise<Heard> {
  return eventually(async () => {
    const answer = await get(`/transfer/verify/${reference}`);
    expect(dig(answer.json, 'data', 'status')).toBe(status);
    return answer;
  });
}

async function told(event: string, reference: string): Promise<void> {
  await eventually(() => {
    const bodies = receiver.received.map(
      ({ body }) => JSON.parse(body) as { event: string; data: { reference: string } },
    );
    expect(bodies.filter((body) => body.event === event && body.data.reference === reference)).toHaveLength(1);
  });
}

it('knows a receiver again, and refuses one it cannot pay', async () => {
  expect(await recipient()).toMatch(/^RCP_/);
  expect(await recipient({ ...BANK, name: 'Ada O.' })).toBe(await recipient());
  expect(await recipient({ ...BANK, account_number: '0007654321' })).not.toBe(await recipient());
  for (const wrong of [{ type: 'iban' }, { currency: 'GHS' }, { account_number: undefined }, { name: '' }]) {
    expect((await post(`${base}/transferrecipient`, { ...BANK, ...wrong }, PAYSTACK_AUTH)).status).toBe(400);
  }
});

it('pays out: queued, pending, success, booked once, found by every name, and told by webhook', async () => {
  const reference = randomUUID();
  const { json } = await transfer({ reference, reason: 'Salary' });
  expect(json).toMatchObject({ message: 'Transfer has been queued', data: { status: 'pending', reference } });
  const { json: verified } = await became(reference, 'success');
  expect(verified['data']).toMatchObject({ amount: 70_000, reason: 'Salary', recipient: { name: 'Ada' } });
  expect(await operator.ledger(reference)).toMatchObject([{ kind: 'payout', amount: 70_000, currency: 'NGN' }]);
  const [id, code] = [dig(json, 'data', 'id'), dig(json, 'data', 'transfer_code')];
  for (const name of [id, code]) {
    expect(dig((await get(`/transfer/${String(name)}`)).json, 'data', 'reference')).toBe(reference);
  }
  expect(dig((await get('/transfer?status=success')).json, 'data', '0')).toBeUndefined();
  expect((await get('/transfer?status=success&perPage=1')).json['data']).toMatchObject([{ reference }]);
  await told('transfer.success', reference);
  const again = await transfer({ reference });
  expect(again.status).toBe(400);
  expect(again.json).toMatchObject({
    code: 'duplicate_reference',
    message: 'Please provide a unique reference. Reference already exists on a transfer',
  });
});

it('returned: success first, then reversed, and the books have both movements', async () => {
  const reference = randomUUID();
  const before = await operator.get('/_float?gateway=paystack&currency=NGN');
  await operator.fault({ gateway: 'paystack', fault: 'returned', ms: 300 });
  await transfer({ reference });
  await became(reference, 'success');
  await became(reference, 'reversed');
  await told('transfer.success', reference);
  await told('transfer.reversed', reference);
  expect((await operator.ledger(reference)).map(({ kind }) => kind)).toEqual(['payout', 'payout_return']);
  expect((await operator.get('/_float?gateway=paystack&currency=NGN')).json).toEqual(before.json);
});

it('refuses more than the balance and books nothing; what is on its way is no longer there', async () => {
  await operator.post('/_float', { gateway: 'paystack', currency: 'GHS', amount: 10_000 });
  const money = { type: 'mobile_money', name: 'Kofi', account_number: '0241234567', bank_code: 'MTN', currency: 'GHS' };
  const to = await recipient(money);
  const stuck = await recipient({ ...money, account_number: '0241239903' });
  const order = { recipient: to, currency: 'GHS' };
  const [first, above] = [randomUUID(), randomUUID()];
  await transfer({ ...order, recipient: stuck, amount: 6_000, reference: first });
  const refused = await transfer({ ...order, amount: 4_001, reference: above });
  expect(refused.status).toBe(400);
  expect(refused.json['message']).toBe('Your balance is not enough to fulfil this request');
  expect(await operator.ledger(above)).toEqual([]);
  expect((await get(`/transfer/verify/${above}`)).status).toBe(404);
  expect((await transfer({ ...order, amount: 4_000, reference: above })).status).toBe(200);
  await became(above, 'success');
  expect((await get('/balance')).json['data']).toContainEqual({ currency: 'GHS', balance: 0 });
  await operator.post('/_transactions/decline', { gateway: 'paystack', kind: 'payout', reference: first });
  await became(first, 'failed');
  await told('transfer.failed', first);
  expect((await get('/balance')).json['data']).toContainEqual({ currency: 'GHS', balance: 6_000 });
});

it('waits for an OTP where the account asks for one', async () => {
  const credentials = { secret_key: 'sk_test_otp', transfer_otp: 'on' };
  await operator.post('/_accounts', { gateway: 'paystack', account: 'otp', credentials });
  const auth = { authorization: 'Bearer sk_test_otp' };
  const { json } = await post(`${base}/transferrecipient`, BANK, auth);
  const reference = randomUUID();
  const asked = await transfer({ reference, recipient: dig(json, 'data', 'recipient_code') }, auth);
  expect(dig(asked.json, 'data', 'status')).toBe('otp');
  const finalize = (otp: string): Promise<Heard> =>
    post(`${base}/transfer/finalize_transfer`, { transfer_code: dig(asked.json, 'data', 'transfer_code'), otp }, auth);
  expect((await finalize('')).status).toBe(400);
  expect(dig((await finalize('123456')).json, 'data', 'status')).toBe('pending');
  expect((await finalize('123456')).status).toBe(400);
  await eventually(async () => expect(await operator.ledger(reference)).toHaveLength(1));
});

it.each([
  ['a short reference', { reference: 'short' }],
  ['capitals in a reference', { reference: randomUUID().toUpperCase() }],
  ['an unknown recipient', { recipient: 'RCP_nobody' }],
  ['another source', { source: 'wallet' }],
  ['another currency', { currency: 'GHS' }],
  ['nothing', { amount: 0 }],
])('refuses a transfer with %s', async (_what, fields) => {
  expect((await transfer({ reference: randomUUID(), ...fields })).status).toBe(400);
});

it('settles what was paid less fees and refunds, to the kobo, and each charge once', async () => {
  const charges: Heard[] = [];
  for (const amount of [250_000, 99_999]) {
    const body = { email: 'a@b.co', amount, authorization_code: 'AUTH_x', reference: randomUUID() };
    charges.push(await post(`${base}/transaction/charge_authorization`, body, PAYSTACK_AUTH));
  }
  const [first, second] = charges.map(({ json }) => json['data'] as { reference: string; fees: number });
  // 1.5 % each, and NGN 100 on top from NGN 2,500.
  expect([first?.fees, second?.fees]).toEqual([13_750, 1_500]);
  await post(`${base}/refund`, { transaction: second?.reference, amount: 40_000 }, PAYSTACK_AUTH);
  await eventually(async () => expect(await operator.ledger(second?.reference ?? '')).toHaveLength(2));
  const made = await operator.post('/_settlements', { gateway: 'paystack' });
  expect(made.json['data']).toMatchObject([{ currency: 'NGN', charges: 2, refunds: 1 }]);
  const { json } = await get('/settlement?status=success');
  expect(json['data']).toMatchObject([
    { total_amount: 349_999, total_fees: 15_250, deductions: 40_000, effective_amount: 294_749 },
  ]);
  const id = String((json['data'] as { id: number }[])[0]?.id);
  expect((await get(`/settlement/${id}/transactions`)).json['data']).toHaveLength(2);
  expect((await get('/settlement/1/transactions')).status).toBe(404);
  expect((await operator.post('/_settlements', { gateway: 'paystack' })).json['data']).toEqual([]);
});
