import { randomUUID } from 'node:crypto';
import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, momoClient, momoToken, post, type Heard } from '../../testing/clients.js';
import { eventually } from '../../testing/eventually.js';
import { startReceiver, type Receiver } from '../../testing/receiver.js';

let receiver: Receiver;
let sandbox: Sandbox;
let operator: ReturnType<typeof control>;
let base: string;
let auth: Record<string, string>;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0 });
  operator = control(sandbox);
  base = sandbox.gateways['mtn_momo'] ?? '';
  auth = await momoToken(base, 'disbursement');
});

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

interface Order {
  readonly fields?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly target?: string;
}

function send(what: 'transfer' | 'refund', id: string, { fields, headers, target }: Order = {}): Promise<Heard> {
  const payee = { partyIdType: 'MSISDN', partyId: '233241234567' };
  const body = {
    amount: '15.50',
    currency: 'GHS',
    externalId: 'x',
    payee,
    payerMessage: 'm',
    payeeNote: 'n',
    ...fields,
  };
  return post(`${base}/disbursement/v1_0/${what}`, body, {
    ...auth,
    'x-target-environment': target ?? 'mtnghana',
    'x-reference-id': id,
    ...headers,
  });
}

function get(path: string, target = 'mtnghana', headers = auth): Promise<Heard> {
  return call(`${base}/disbursement/v1_0${path}`, { headers: { ...headers, 'x-target-environment': target } });
}

async function became(what: 'transfer' | 'refund', id: string, status: string, target?: string): Promise<Heard> {
  return eventually(async () => {
    const answer = await get(`/${what}/${id}`, target);
    expect(answer.json['status']).toBe(status);
    return answer;
  });
}

/** 50.00 GHS, collected. */
async function collected(): Promise<string> {
  const client = await momoClient(sandbox);
  const id = client.reference();
  await client.charge(id);
  await eventually(async () => expect((await client.outcome(id)).state).toBe('succeeded'));
  return id;
}

it('accepts in silence, pays out once, calls back once by PUT, and refuses a used reference', async () => {
  const id = randomUUID();
  const accepted = await send('transfer', id, { headers: { 'x-callback-url': `${receiver.url}/out/${id}` } });
  expect([accepted.status, accepted.body]).toEqual([202, '']);
  const { json } = await became('transfer', id, 'SUCCESSFUL');
  expect(json).toMatchObject({
    amount: '15.50',
    financialTransactionId: expect.stringMatching(/^\d+$/),
    payee: { partyId: '233241234567' },
  });
  const told = await eventually(() => {
    const found = receiver.received.find(({ path }) => path === `/out/${id}`);
    if (found === undefined) throw new Error('no callback yet');
    return found;
  });
  expect([told.method, JSON.parse(told.body)]).toEqual(['PUT', json]);
  expect((await send('transfer', id)).status).toBe(409);
  expect((await send('refund', id, { fields: { referenceIdToRefund: randomUUID() } })).status).toBe(409);
  expect(await operator.ledger(id)).toMatchObject([{ kind: 'payout', amount: 1_550, currency: 'GHS' }]);
});

it('gives parts of a request to pay back, and a refund above the rest fails and books nothing', async () => {
  const charge = await collected();
  const [first, above, unknown] = [randomUUID(), randomUUID(), randomUUID()];
  expect((await send('refund', first, { fields: { referenceIdToRefund: charge, amount: '20' } })).status).toBe(202);
  expect((await send('refund', above, { fields: { referenceIdToRefund: charge, amount: '30.01' } })).status).toBe(202);
  await send('refund', unknown, { fields: { referenceIdToRefund: randomUUID() } });
  await became('refund', first, 'SUCCESSFUL');
  for (const doomed of [above, unknown]) {
    expect((await became('refund', doomed, 'FAILED')).json['reason']).toBe('INTERNAL_PROCESSING_ERROR');
    expect(await operator.ledger(doomed)).toEqual([]);
  }
  expect(await operator.ledger(first)).toMatchObject([{ kind: 'refund', amount: 2_000, charge_reference: charge }]);
  const rest = randomUUID();
  await send('refund', rest, { fields: { referenceIdToRefund: charge, amount: '30' } });
  await became('refund', rest, 'SUCCESSFUL');
  expect((await operator.ledger(charge)).map(({ kind, amount }) => [kind, amount])).toEqual([
    ['charge', 5_000],
    ['refund', 2_000],
    ['refund', 3_000],
  ]);
});

it('pays out of a deposit that collections do not fill; more than that fails and books nothing', async () => {
  const zambia = { target: 'mtnzambia', fields: { currency: 'ZMW', amount: '60' } };
  await operator.post('/_float', { gateway: 'mtn_momo', currency: 'ZMW', amount: 10_000 });
  const [first, second] = [randomUUID(), randomUUID()];
  await send('transfer', first, zambia);
  await send('transfer', second, zambia);
  await became('transfer', first, 'SUCCESSFUL', 'mtnzambia');
  expect((await became('transfer', second, 'FAILED', 'mtnzambia')).json['reason']).toBe('NOT_ENOUGH_FUNDS');
  expect(await operator.ledger(second)).toEqual([]);
  expect((await get('/account/balance', 'mtnzambia')).json).toEqual({ availableBalance: '40', currency: 'ZMW' });
});

it.each([
  ['46733123455', 'PAYEE_NOT_FOUND'],
  ['46733123456', 'PAYEE_NOT_ALLOWED_TO_RECEIVE'],
])("MTN's own test number %s fails with %s in the sandbox environment", async (partyId, reason) => {
  const id = randomUUID();
  const fields = { currency: 'EUR', payee: { partyIdType: 'MSISDN', partyId } };
  expect((await send('transfer', id, { fields, target: 'sandbox' })).status).toBe(202);
  expect((await became('transfer', id, 'FAILED', 'sandbox')).json['reason']).toBe(reason);
});

it('opens each product with its own token and subscription key only', async () => {
  const collection = await momoToken(base);
  expect((await get('/account/balance', 'mtnghana', collection)).status).toBe(401);
  const mixed = { ...auth, 'ocp-apim-subscription-key': collection['ocp-apim-subscription-key'] ?? '' };
  expect((await get('/account/balance', 'mtnghana', mixed)).status).toBe(401);
  const other = await call(`${base}/collection/v1_0/account/balance`, {
    headers: { ...auth, 'x-target-environment': 'mtnghana' },
  });
  expect(other.status).toBe(401);
  const credentials = { api_user: randomUUID(), api_key: 'k', subscription_key: 's' };
  await operator.post('/_accounts', { gateway: 'mtn_momo', account: 'collects', credentials });
  const basic = `Basic ${Buffer.from(`${credentials.api_user}:k`).toString('base64')}`;
  const headers = { authorization: basic, 'ocp-apim-subscription-key': 's' };
  expect((await post(`${base}/collection/token/`, {}, headers)).status).toBe(200);
  expect((await post(`${base}/disbursement/token/`, {}, headers)).status).toBe(401);
});

it.each([
  ['no UUID', 'order-1', {}, 400],
  ['an amount that is a number', undefined, { fields: { amount: 15 } }, 400],
  ['no payee', undefined, { fields: { payee: undefined } }, 400],
  ['another currency', undefined, { fields: { currency: 'XOF' } }, 500],
  ['an unknown target environment', undefined, { target: 'mtnatlantis' }, 500],
])('refuses %s', async (_what, id, order, status) => {
  expect((await send('transfer', id ?? randomUUID(), order)).status).toBe(status);
});

it('knows nothing of an unknown reference, and refuses a refund of nothing', async () => {
  expect((await get(`/transfer/${randomUUID()}`)).json).toMatchObject({ code: 'RESOURCE_NOT_FOUND' });
  expect((await get(`/refund/${randomUUID()}`)).status).toBe(404);
  expect((await send('refund', randomUUID())).status).toBe(400);
});
