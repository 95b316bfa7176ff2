import { randomUUID } from 'node:crypto';
import { DEFAULT_CREDENTIALS } from '../../accounts.js';
import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, momoToken, post, type Heard } from '../../testing/clients.js';
import { eventually, sleep } from '../../testing/eventually.js';
import { startReceiver, type Receiver } from '../../testing/receiver.js';

let receiver: Receiver;
let sandbox: Sandbox;
let base: string;
let auth: Record<string, string>;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0 });
  base = sandbox.gateways['mtn_momo'] ?? '';
  auth = await momoToken(base);
});

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

interface Order {
  readonly amount?: unknown;
  readonly currency?: string;
  readonly target?: string;
  readonly phone?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function requestToPay(id: string, order: Order = {}): Promise<Heard> {
  const body = {
    amount: order.amount ?? '15.50',
    currency: order.currency ?? 'GHS',
    externalId: 'order-1',
    payer: { partyIdType: 'MSISDN', partyId: order.phone ?? '233241234567' },
    payerMessage: 'm',
    payeeNote: 'n',
  };
  const headers = {
    ...auth,
    'x-target-environment': order.target ?? 'mtnghana',
    'x-reference-id': id,
    ...order.headers,
  };
  return post(`${base}/collection/v1_0/requesttopay`, body, headers);
}

function get(path: string, target = 'mtnghana', headers = auth): Promise<Heard> {
  return call(`${base}/collection/v1_0${path}`, { headers: { ...headers, 'x-target-environment': target } });
}

async function settled(id: string, status: string, target?: string): Promise<Heard> {
  return eventually(async () => {
    const answer = await get(`/requesttopay/${id}`, target);
    expect(answer.json['status']).toBe(status);
    return answer;
  });
}

it('accepts in silence, pays, and calls back once by PUT without a signature', async () => {
  const id = randomUUID();
  // The imaginary customer takes so long that one can look before, on a busy machine as well.
  await control(sandbox).fault({ gateway: 'mtn_momo', fault: 'approve_after', ms: 1_000 });
  const accepted = await requestToPay(id, { headers: { 'x-callback-url': `${receiver.url}/momo/${id}` } });
  expect([accepted.status, accepted.body]).toEqual([202, '']);
  await control(sandbox).clearFaults();
  const pending = await get(`/requesttopay/${id}`);
  expect(pending.json).toMatchObject({ status: 'PENDING', amount: '15.50', currency: 'GHS', externalId: 'order-1' });
  expect(pending.json['financialTransactionId']).toBeUndefined();
  const { json } = await settled(id, 'SUCCESSFUL');
  expect(json).toMatchObject({
    financialTransactionId: expect.stringMatching(/^\d+$/),
    payer: { partyId: '233241234567' },
  });
  const callback = await eventually(() => {
    const found = receiver.received.find(({ path }) => path === `/momo/${id}`);
    if (found === undefined) throw new Error('no callback yet');
    return found;
  });
  expect(callback.method).toBe('PUT');
  expect(JSON.parse(callback.body)).toEqual(json);
  expect(Object.keys(callback.headers).filter((name) => name.includes('signature'))).toEqual([]);
  expect(await control(sandbox).ledger(id)).toMatchObject([{ amount: 1550, currency: 'GHS' }]);
});

it('refuses a reference id used before, whatever its case', async () => {
  const id = randomUUID();
  await requestToPay(id);
  const again = await requestToPay(id.toUpperCase());
  expect(again.status).toBe(409);
  expect(again.json).toEqual({
    code: 'RESOURCE_ALREADY_EXIST',
    message: 'Duplicated reference id. Creation of resource failed.',
  });
  await settled(id, 'SUCCESSFUL');
  expect(await control(sandbox).ledger(id)).toHaveLength(1);
});

it('knows nothing of an unknown reference', async () => {
  const answer = await get(`/requesttopay/${randomUUID()}`);
  expect(answer.status).toBe(404);
  expect(answer.json).toMatchObject({ code: 'RESOURCE_NOT_FOUND' });
});

it.each([
  ['mtnivorycoast', 'XOF'],
  ['mtnbenin', 'XOF'],
  ['mtncameroon', 'XAF'],
  ['mtnguineaconakry', 'GNF'],
  ['sandbox', 'EUR'],
])('%s takes %s and nothing else', async (target, currency) => {
  expect((await requestToPay(randomUUID(), { target, currency, amount: '100' })).status).toBe(202);
  const other = await requestToPay(randomUUID(), { target, currency: 'GHS', amount: '100' });
  expect(other.status).toBe(500);
  expect(other.json).toMatchObject({ code: 'INVALID_CURRENCY' });
});

it.each([
  ['46733123450', 'INTERNAL_PROCESSING_ERROR'],
  ['46733123451', 'APPROVAL_REJECTED'],
  ['46733123452', 'EXPIRED'],
  ['46733123455', 'PAYER_NOT_FOUND'],
  ['46733123463', 'COULD_NOT_PERFORM_TRANSACTION'],
])("MTN's own test number %s fails with %s in the sandbox environment", async (phone, reason) => {
  const id = randomUUID();
  const order = { target: 'sandbox', currency: 'EUR', amount: '5', phone };
  expect((await requestToPay(id, order)).status).toBe(202);
  expect((await settled(id, 'FAILED', 'sandbox')).json['reason']).toBe(reason);
});

it('gives tokens to the right credentials only, and takes them until they expire', async () => {
  const { api_user, api_key, subscription_key } = DEFAULT_CREDENTIALS.mtn_momo;
  const token = (user: string, key: string, subscription: string): Promise<Heard> =>
    post(
      `${base}/collection/token/`,
      {},
      {
        authorization: `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`,
        'ocp-apim-subscription-key': subscription,
      },
    );
  expect((await token(api_user, api_key, subscription_key)).json).toMatchObject({ expires_in: 3600 });
  expect((await token(api_user, 'wrong', subscription_key)).status).toBe(401);
  expect((await token(api_user, api_key, 'wrong')).status).toBe(401);
  expect((await token('nobody', api_key, subscription_key)).status).toBe(401);
  expect((await get('/account/balance', 'mtnghana', { ...auth, authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await get('/account/balance', 'mtnghana', { ...auth, 'ocp-apim-subscription-key': 'wrong' })).status).toBe(
    401,
  );
  const brief = { api_user: randomUUID(), api_key: 'k', subscription_key: 's', token_seconds: '1' };
  await control(sandbox).post('/_accounts', { gateway: 'mtn_momo', account: 'brief', credentials: brief });
  const { json } = await token(brief.api_user, 'k', 's');
  const headers = { authorization: `Bearer ${String(json['access_token'])}`, 'ocp-apim-subscription-key': 's' };
  expect((await get('/account/balance', 'mtnghana', headers)).status).toBe(200);
  await sleep(1_050);
  expect((await get('/account/balance', 'mtnghana', headers)).status).toBe(401);
});

it('tells the balance and whether an account holder is active', async () => {
  const id = randomUUID();
  await requestToPay(id, { target: 'mtnuganda', currency: 'UGX', amount: '700' });
  await settled(id, 'SUCCESSFUL', 'mtnuganda');
  expect((await get('/account/balance', 'mtnuganda')).json).toEqual({ availableBalance: '700', currency: 'UGX' });
  expect((await get('/accountholder/msisdn/233241234567/active')).json).toEqual({ result: true });
});

it.each([
  ['no UUID', 'order-1', {}, 400],
  ['a UUID that is not version 4', '01890a5d-ac96-774b-bcce-b302099a8057', {}, 400],
  ['an amount that is a number', undefined, { amount: 15 }, 400],
  ['a fraction of a franc', undefined, { amount: '1.5', target: 'mtnbenin', currency: 'XOF' }, 400],
  ['zero', undefined, { amount: '0' }, 400],
  ['a plus sign in the number', undefined, { phone: '+233241234567' }, 400],
  ['an empty callback address', undefined, { headers: { 'x-callback-url': '' } }, 400],
  ['an unknown target environment', undefined, { target: 'mtnatlantis' }, 500],
])('refuses %s', async (_what, id, order, status) => {
  expect((await requestToPay(id ?? randomUUID(), order)).status).toBe(status);
});
