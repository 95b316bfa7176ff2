import { createHmac } from 'node:crypto';
import { DEFAULT_CREDENTIALS } from '../../accounts.js';
import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, dig, post, type Heard } from '../../testing/clients.js';
import { eventually, sleep } from '../../testing/eventually.js';
import { startReceiver, type Received, type Receiver } from '../../testing/receiver.js';
import { sessionOrder, WAVE_AUTH, wavesSessions } from '../../testing/wave-client.js';
import { waveSignature } from './webhook.js';

let receiver: Receiver;
let sandbox: Sandbox;
let base: string;
let number = 0;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${receiver.url}/{gateway}/{account}` });
  base = sandbox.gateways['wave'] ?? '';
});

afterEach(() => control(sandbox).clearFaults());

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

function reference(): string {
  number += 1;
  return `ord_${number}_`;
}

function create(fields: Readonly<Record<string, unknown>>, headers = WAVE_AUTH): Promise<Heard> {
  return post(`${base}/v1/checkout/sessions`, sessionOrder(fields), headers);
}

function get(path: string): Promise<Heard> {
  return call(`${base}/v1/checkout/sessions${path}`, { headers: WAVE_AUTH });
}

async function complete(id: unknown): Promise<Heard> {
  return eventually(async () => {
    const answer = await get(`/${String(id)}`);
    expect(answer.json).toMatchObject({ checkout_status: 'complete', payment_status: 'succeeded' });
    return answer;
  });
}

async function webhooks(ours: string, count: number): Promise<Received[]> {
  return eventually(() => {
    const found = receiver.received.filter(({ body }) => body.includes(ours));
    expect(found).toHaveLength(count);
    return found;
  });
}

function events(received: readonly Received[]): unknown[] {
  return received.map(({ body }) => dig(JSON.parse(body), 'type'));
}

/** An account with webhook credentials of its own, and the header with its key. */
async function account(
  name: string,
  credentials: Readonly<Record<string, string>>,
): Promise<{ authorization: string }> {
  const api_key = `wave_sn_test_${name}`;
  await control(sandbox).post('/_accounts', {
    gateway: 'wave',
    account: name,
    credentials: { api_key, ...credentials },
  });
  return { authorization: `Bearer ${api_key}` };
}

it('signs as the known-answer vector says, with nothing between timestamp and body', () => {
  expect(waveSignature('1700000000', '{"event":"x"}', 'test_secret')).toBe(
    '71c7c30e68f23cdbd0a24a32585581122223a9afefad08d58f249c1116e3d475',
  );
});

it('opens a session, is paid through its link, and tells it with an event id and a signature', async () => {
  const ours = reference();
  const opened = await create({ client_reference: ours, amount: '1000' });
  expect(opened.json).toMatchObject({
    amount: '1000',
    currency: 'XOF',
    checkout_status: 'open',
    payment_status: 'processing',
    client_reference: ours,
    last_payment_error: null,
    transaction_id: null,
    when_completed: null,
  });
  const { id } = opened.json;
  const lifeMs = Date.parse(String(opened.json['when_expires'])) - Date.parse(String(opened.json['when_created']));
  expect(lifeMs).toBe(30 * 60_000);
  const { json } = await complete(id);
  const byTransaction = await get(`?transaction_id=${String(json['transaction_id'])}`);
  expect(byTransaction.json['id']).toBe(id);
  const page = await call(String(json['wave_launch_url']));
  expect(page.body).toContain('https://shop.example/paid');
  const [webhook] = await webhooks(ours, 1);
  const body = webhook?.body ?? '';
  expect(webhook?.path).toBe('/wave/main');
  const event = JSON.parse(body) as unknown;
  expect(event).toMatchObject({ type: 'checkout.session.completed', data: { id, payment_status: 'succeeded' } });
  expect(dig(event, 'id')).toMatch(/^EV_/);
  const [, timestamp = '', v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(webhook?.headers['wave-signature'])) ?? [];
  const { signing_secret } = DEFAULT_CREDENTIALS.wave;
  expect(v1).toBe(createHmac('sha256', signing_secret).update(`${timestamp}${body}`).digest('hex'));
  expect(await control(sandbox).ledger(ours)).toMatchObject([{ amount: 1000, currency: 'XOF' }]);
});

it('makes two payable sessions of one client_reference, and finds both', async () => {
  const ours = reference();
  const [one, two] = [await create({ client_reference: ours }), await create({ client_reference: ours })];
  expect(one.json['id']).not.toBe(two.json['id']);
  await complete(one.json['id']);
  await complete(two.json['id']);
  expect((await wavesSessions(base, ours)).map((session) => dig(session, 'id'))).toEqual([
    one.json['id'],
    two.json['id'],
  ]);
  expect(await control(sandbox).ledger(ours)).toHaveLength(2);
  expect(await wavesSessions(base, 'none')).toEqual([]);
  expect((await get('/search')).status).toBe(422);
});

it('a failed try is an event and no end: the session stays open and is paid later', async () => {
  const ours = reference();
  const { json } = await create({ client_reference: ours, restrict_payer_mobile: '+221770009901' });
  expect(events(await webhooks(ours, 1))).toEqual(['checkout.session.payment_failed']);
  expect((await get(`/${String(json['id'])}`)).json).toMatchObject({
    checkout_status: 'open',
    payment_status: 'processing',
    last_payment_error: { code: 'insufficient-funds' },
  });
  await control(sandbox).post('/_transactions/approve', { gateway: 'wave', reference: ours });
  expect((await complete(json['id'])).json['last_payment_error']).toBeNull();
  expect(events(await webhooks(ours, 2))).toContain('checkout.session.completed');
});

it('an expired session cannot be paid any more, not even late; a paid one does not expire', async () => {
  const ours = reference();
  await control(sandbox).fault({ gateway: 'wave', fault: 'late_success', ms: 2_000 });
  const { json } = await create({ client_reference: ours });
  await webhooks(ours, 1);
  const expire = (id: unknown): Promise<Heard> =>
    post(`${base}/v1/checkout/sessions/${String(id)}/expire`, {}, WAVE_AUTH);
  expect(await expire(json['id'])).toMatchObject({ status: 200, body: '' });
  expect((await get(`/${String(json['id'])}`)).json).toMatchObject({
    checkout_status: 'expired',
    payment_status: 'cancelled',
  });
  expect((await call(String(json['wave_launch_url']))).status).toBe(404);
  const byHand = await control(sandbox).post('/_transactions/approve', { gateway: 'wave', reference: ours });
  expect(byHand.status).toBe(409);
  await sleep(2_200);
  expect(await control(sandbox).ledger(ours)).toEqual([]);
  await control(sandbox).clearFaults();
  const paid = await create({});
  await complete(paid.json['id']);
  expect((await expire(paid.json['id'])).status).toBe(409);
  expect((await expire('cos-0')).json['code']).toBe('checkout-session-not-found');
});

it('proves its webhooks with a shared secret where the account has one', async () => {
  const ours = reference();
  const key = await account('shared', { shared_secret: 'wave_sn_AKS_1', signing_secret: 'unused' });
  await create({ client_reference: ours }, key);
  const [webhook] = await webhooks(ours, 1);
  expect(webhook?.headers).toMatchObject({ authorization: 'Bearer wave_sn_AKS_1' });
  expect(webhook?.headers['wave-signature']).toBeUndefined();
});

it('signs with both secrets during a rotation, and with none where there is none', async () => {
  const [rotated, bare] = [reference(), reference()];
  await create({ client_reference: rotated }, await account('rotating', { signing_secret: 'new, old' }));
  const [webhook] = await webhooks(rotated, 1);
  const [t = '', first, second] = String(webhook?.headers['wave-signature']).split(',');
  const [, timestamp = ''] = t.split('=');
  expect([first, second]).toEqual(
    ['new', 'old'].map((secret) => `v1=${waveSignature(timestamp, webhook?.body ?? '', secret)}`),
  );
  await create({ client_reference: bare }, await account('bare', {}));
  const [unsigned] = await webhooks(bare, 1);
  expect([unsigned?.headers['wave-signature'], unsigned?.headers.authorization]).toEqual([undefined, undefined]);
});

it('keeps other wallets in their own currency', async () => {
  const ours = reference();
  const gambia = await account('gambia', { currency: 'GMD' });
  expect((await create({ client_reference: ours, currency: 'GMD', amount: '10.50' }, gambia)).json['amount']).toBe(
    '10.5',
  );
  await eventually(async () => expect(await control(sandbox).ledger(ours)).toMatchObject([{ amount: 1050 }]));
  expect((await create({}, gambia)).status).toBe(422);
});

it('answers errors with a code, a message and details', async () => {
  const missing = await post(`${base}/v1/checkout/sessions`, sessionOrder({}));
  expect([missing.status, missing.json['code']]).toEqual([401, 'missing-auth-header']);
  const wrong = await create({}, { authorization: 'Bearer wave_sn_other' });
  expect([wrong.status, wrong.json['code']]).toEqual([401, 'invalid-auth']);
  expect((await get('/cos-none')).json).toMatchObject({ code: 'checkout-session-not-found' });
});

it.each([
  ['a number for an amount', { amount: 1000 }, 'amount'],
  ['a fraction of a franc', { amount: '10.5' }, 'amount'],
  ['zero', { amount: '0' }, 'amount'],
  ['another currency', { currency: 'GHS' }, 'currency'],
  ['an address without TLS', { success_url: 'http://shop.example' }, 'success_url'],
  ['no address for failures', { error_url: undefined }, 'error_url'],
  ['a national number', { restrict_payer_mobile: '770000000' }, 'restrict_payer_mobile'],
])('refuses %s', async (_what, fields, field) => {
  const { status, json } = await create(fields);
  expect(status).toBe(422);
  expect(json).toMatchObject({ code: 'request-validation-error', details: [{ loc: ['body', field] }] });
});
