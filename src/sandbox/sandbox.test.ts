import { DEFAULT_CREDENTIALS } from './accounts.js';
import { startSandbox, type Sandbox } from './sandbox.js';
import { AMOUNT_MINOR, control, dig, flutterwaveClient, paystackClient, post } from './testing/clients.js';
import { eventually, sleep } from './testing/eventually.js';
import { startReceiver, type Receiver } from './testing/receiver.js';

let receiver: Receiver;
let sandbox: Sandbox;
let operator: ReturnType<typeof control>;

beforeEach(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${receiver.url}/{gateway}/{account}` });
  operator = control(sandbox);
});

afterEach(async () => {
  await sandbox.close();
  await receiver.close();
});

it('sums its books as its entries do, page by page, and forgets them on demand', async () => {
  const clients = [paystackClient(sandbox), flutterwaveClient(sandbox)];
  const references = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const client = clients[index % 2];
      const reference = client?.reference() ?? '';
      await client?.charge(reference);
      return reference;
    }),
  );
  await eventually(async () => expect((await operator.get('/_ledger')).json['data']).toHaveLength(40));
  const total = { currency: 'GHS', kind: 'charge', count: 20, amount: 20 * AMOUNT_MINOR, double_charged_references: 0 };
  expect((await operator.get('/_ledger/summary')).json['data']).toEqual(
    expect.arrayContaining([
      { gateway: 'paystack', ...total },
      { gateway: 'flutterwave', ...total },
    ]),
  );
  const first = await operator.get('/_ledger?limit=30');
  const rest = await operator.get(`/_ledger?limit=30&after=${String(first.json['next_after'])}`);
  expect([first.json['has_more'], rest.json['has_more']]).toEqual([true, false]);
  const seen = [first, rest]
    .flatMap(({ json }) => json['data'] as { reference: string }[])
    .map((entry) => entry.reference);
  expect(seen.toSorted()).toEqual(references.toSorted());
  const [one = '', two = ''] = references;
  expect((await operator.get(`/_ledger?reference=${one}&reference=${two}&reference=none`)).json['data']).toHaveLength(
    2,
  );
  await operator.remove('/_ledger');
  expect((await operator.get('/_ledger')).json['data']).toEqual([]);
  expect((await operator.get('/_ledger/summary')).json['data']).toEqual([]);
  expect((await paystackClient(sandbox).outcome(one)).state).toBe('missing');
});

it('a reset stops what was still to happen', async () => {
  const client = paystackClient(sandbox);
  // Later than the reset on a busy machine too.
  const approvedAfterMs = 1_000;
  await operator.fault({ gateway: 'paystack', fault: 'approve_after', ms: approvedAfterMs });
  await client.charge(client.reference());
  await operator.remove('/_ledger');
  await sleep(approvedAfterMs + 120);
  expect((await operator.get('/_ledger')).json['data']).toEqual([]);
  expect(receiver.received).toEqual([]);
});

it('lets a test play the customer', async () => {
  await operator.fault({ gateway: '*', fault: 'approve_after', ms: 0 });
  const client = paystackClient(sandbox);
  const [yes, no] = [client.reference(), client.reference()];
  await client.charge(yes);
  await client.charge(no);
  const approved = await operator.post('/_transactions/approve', { gateway: 'paystack', reference: yes });
  expect(approved.json).toMatchObject({ status: 'succeeded' });
  await operator.post('/_transactions/decline', { gateway: 'paystack', reference: no, code: 'No Way' });
  expect((await client.outcome(yes)).state).toBe('succeeded');
  expect((await client.verify(no)).body).toContain('No Way');
  expect((await operator.post('/_transactions/approve', { gateway: 'paystack', reference: yes })).status).toBe(409);
  expect((await operator.post('/_transactions/decline', { gateway: 'paystack', reference: no })).status).toBe(409);
  expect((await operator.post('/_transactions/approve', { gateway: 'paystack', reference: 'none' })).status).toBe(404);
  expect(await operator.ledger(yes)).toHaveLength(1);
});

it('keeps the accounts of one gateway apart', async () => {
  const other = {
    gateway: 'paystack',
    account: 'second',
    credentials: { secret_key: 'sk_test_second' },
    webhook_url: `${receiver.url}/elsewhere`,
  };
  expect((await operator.post('/_accounts', other)).status).toBe(201);
  const url = `${sandbox.gateways['paystack'] ?? ''}/charge`;
  const body = {
    email: 'a@b.co',
    amount: 5_000,
    currency: 'GHS',
    reference: 'same',
    mobile_money: { phone: '0241234567', provider: 'mtn' },
  };
  for (const key of ['sk_test_second', DEFAULT_CREDENTIALS.paystack.secret_key]) {
    expect((await post(url, body, { authorization: `Bearer ${key}` })).status).toBe(200);
  }
  await eventually(() =>
    expect(receiver.received.map(({ path }) => path).toSorted()).toEqual(['/elsewhere', '/paystack/main']),
  );
  expect(dig((await operator.get('/_ledger/summary')).json['data'], '0')).toBeUndefined();
  expect((await operator.get('/_ledger/summary')).json['data']).toMatchObject([
    { count: 2, double_charged_references: 0 },
  ]);
  await operator.post('/_accounts', { ...other, credentials: { secret_key: 'sk_test_changed' } });
  expect((await post(url, body, { authorization: 'Bearer sk_test_second' })).status).toBe(401);
});

it.each([
  ['/_accounts', { gateway: 'paystack', account: 'x', credentials: {} }],
  ['/_accounts', { gateway: 'paystack', account: 'x', credentials: { secret_key: 'k', more: 'm' } }],
  ['/_accounts', { gateway: 'paystack', account: 'a/b', credentials: { secret_key: 'k' } }],
  ['/_accounts', { gateway: 'paystack', account: 'x', credentials: { secret_key: 'k' }, webhook_url: 'ftp://x' }],
  ['/_transactions/approve', { gateway: 'paystack' }],
  ['/_faults', []],
])('refuses POST %s %j', async (path, body) => {
  expect((await operator.post(path, body)).status).toBe(400);
});

it('counts requests and webhooks, and describes itself', async () => {
  const client = paystackClient(sandbox);
  const reference = client.reference();
  await client.charge(reference);
  await eventually(async () => expect((await client.outcome(reference)).state).toBe('succeeded'));
  const counts = (await operator.get('/_requests/summary')).json['data'];
  expect(counts).toContainEqual({ gateway: 'paystack', operation: 'create', count: 1 });
  await eventually(async () =>
    expect((await operator.get('/_webhooks/summary')).json['data']).toMatchObject([
      { gateway: 'paystack', delivered: 1, waiting: 0 },
    ]),
  );
  const { json } = await operator.get('/');
  expect(dig(json, 'magic_phone_endings', '9904')).toBe('timeout_after_charge');
  expect(dig(json, 'gateways', 'paystack', 'url')).toBe(sandbox.gateways['paystack']);
  expect((await operator.get('/nowhere')).status).toBe(404);
});

it('says that a port is taken, and leaves nothing open', async () => {
  const port = Number(new URL(sandbox.controlUrl).port);
  // The gateways' ports come first: they are open already when the control port is refused, and have to be closed again,
  // or this test would not end.
  await expect(startSandbox({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
