import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, dig, PAYSTACK_AUTH, paystackClient, post, type Heard } from '../../testing/clients.js';
import { eventually } from '../../testing/eventually.js';
import { startReceiver, type Received, type Receiver } from '../../testing/receiver.js';
import { paystackSignature } from './webhook.js';
import { DEFAULT_CREDENTIALS } from '../../accounts.js';

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

/** 50.00 GHS, paid. */
async function paid(): Promise<string> {
  const client = paystackClient(sandbox);
  const reference = client.reference();
  await client.charge(reference);
  await eventually(async () => expect((await client.outcome(reference)).state).toBe('succeeded'));
  return reference;
}

function refund(transaction: unknown, fields: Readonly<Record<string, unknown>> = {}): Promise<Heard> {
  return post(`${base}/refund`, { transaction, ...fields }, PAYSTACK_AUTH);
}

function get(path: string): Promise<Heard> {
  return call(`${base}${path}`, { headers: PAYSTACK_AUTH });
}

async function became(id: unknown, status: string): Promise<Heard> {
  return eventually(async () => {
    const answer = await get(`/refund/${String(id)}`);
    expect(dig(answer.json, 'data', 'status')).toBe(status);
    return answer;
  });
}

function events(reference: string): Received[] {
  return receiver.received.filter(({ body }) => body.includes(reference) && body.includes('"refund.'));
}

it('gives all of it back: queued, processed, booked, told by webhook, and the transaction is reversed', async () => {
  const reference = await paid();
  const { json } = await refund(reference);
  expect(json).toMatchObject({
    status: true,
    message: 'Refund has been queued for processing',
    data: { status: 'pending', amount: 5_000, currency: 'GHS', transaction: { reference }, fully_deducted: true },
  });
  await became(dig(json, 'data', 'id'), 'processed');
  expect(await operator.ledger(reference)).toMatchObject([
    { kind: 'charge', amount: 5_000 },
    { kind: 'refund', amount: 5_000, reference, charge_reference: reference },
  ]);
  await eventually(() => expect(events(reference)).toHaveLength(2));
  const bodies = events(reference).map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(bodies.map(({ event }) => event).toSorted()).toEqual(['refund.pending', 'refund.processed']);
  expect(bodies[1]).toMatchObject({
    data: { transaction_reference: reference, amount: '5000', refund_reference: null },
  });
  const [first] = events(reference);
  expect(first?.headers['x-paystack-signature']).toBe(
    paystackSignature(first?.body ?? '', DEFAULT_CREDENTIALS.paystack.secret_key),
  );
  expect(dig((await get(`/transaction/verify/${reference}`)).json, 'data', 'status')).toBe('reversed');
});

it('gives parts back until nothing is left, by reference or by id, and refuses more than the rest', async () => {
  const reference = await paid();
  const id = dig((await get(`/transaction/verify/${reference}`)).json, 'data', 'id');
  const first = await refund(reference, { amount: 2_000, merchant_note: 'one' });
  expect((await refund(reference, { amount: 3_001 })).status).toBe(400);
  const second = await refund(id, { amount: '3000', merchant_note: 'two' });
  const more = await refund(reference, { amount: 1 });
  expect([first.status, second.status, more.status]).toEqual([200, 200, 400]);
  expect(more.json['message']).toBe('Transaction has been fully reversed');
  await became(dig(first.json, 'data', 'id'), 'processed');
  await became(dig(second.json, 'data', 'id'), 'processed');
  const movements = await operator.ledger(reference);
  expect(movements.map(({ kind, amount }) => [kind, amount])).toEqual([
    ['charge', 5_000],
    ['refund', 2_000],
    ['refund', 3_000],
  ]);
  expect((await get(`/refund?transaction=${reference}`)).json).toMatchObject({
    data: [{ amount: 3_000 }, { amount: 2_000 }],
    meta: { total: 2 },
  });
  expect((await get('/refund?perPage=1')).json['data']).toHaveLength(1);
});

it('counts a refund with the same note as one paid twice, and refunds without a note never', async () => {
  const [noted, bare] = [await paid(), await paid()];
  for (const part of [1_000, 1_000]) await refund(noted, { amount: part, merchant_note: 're_1' });
  for (const part of [1_000, 1_000]) await refund(bare, { amount: part });
  await eventually(async () => expect(await operator.ledger(bare)).toHaveLength(3));
  expect((await operator.get('/_ledger/summary')).json['data']).toContainEqual(
    expect.objectContaining({ gateway: 'paystack', kind: 'refund', double_refunded_references: 1 }),
  );
});

it('a refund that failed takes nothing of its transaction, and one that needs attention goes on with an account', async () => {
  const reference = await paid();
  await operator.fault({ gateway: 'paystack', fault: 'decline', on: 'refund' });
  const failed = await refund(reference);
  await became(dig(failed.json, 'data', 'id'), 'failed');
  await operator.fault({ gateway: 'paystack', fault: 'decline', on: 'refund', code: 'needs-attention' });
  const stuck = dig((await refund(reference)).json, 'data', 'id');
  await became(stuck, 'needs-attention');
  await eventually(() =>
    expect(
      events(reference)
        .map(({ body }) => body)
        .join(),
    ).toContain('refund.needs-attention'),
  );
  await operator.clearFaults();
  const details = { refund_account_details: { currency: 'GHS', account_number: '1234567890', bank_id: '9' } };
  const retry = (id: unknown): Promise<Heard> =>
    post(`${base}/refund/retry_with_customer_details/${String(id)}`, details, PAYSTACK_AUTH);
  expect((await retry(dig(failed.json, 'data', 'id'))).status).toBe(422);
  expect((await retry(stuck)).status).toBe(200);
  await became(stuck, 'processed');
  expect((await operator.ledger(reference)).map(({ kind }) => kind)).toEqual(['charge', 'refund']);
});

it('refuses what cannot be refunded', async () => {
  const client = paystackClient(sandbox);
  const unpaid = client.reference();
  await client.charge(unpaid, '233241239903');
  expect((await refund(unpaid)).status).toBe(400);
  expect((await refund('never-seen')).json['message']).toBe('Transaction not found');
  const reference = await paid();
  expect((await refund(reference, { amount: 10.5 })).status).toBe(400);
  expect((await refund(reference, { currency: 'NGN' })).status).toBe(400);
  expect((await get('/refund/1')).status).toBe(404);
});

it('asks a bank customer for what their bank wants', async () => {
  for (const [ending, step] of [
    ['9911', 'pin'],
    ['9912', 'phone'],
    ['9913', 'birthday'],
    ['9914', 'address'],
  ] as const) {
    const reference = `asked-for-${step}`;
    const body = {
      email: 'a@b.co',
      amount: 50_000,
      reference,
      bank: { code: '057', account_number: `000000${ending}` },
    };
    const asked = await post(`${base}/charge`, body, PAYSTACK_AUTH);
    expect(dig(asked.json, 'data', 'status')).toBe(`send_${step}`);
    expect((await post(`${base}/charge/submit_otp`, { reference, otp: '1' }, PAYSTACK_AUTH)).status).toBe(400);
    const answered = await post(`${base}/charge/submit_${step}`, { reference, [step]: '1' }, PAYSTACK_AUTH);
    expect(dig(answered.json, 'data', 'status')).toBe('pending');
  }
});
