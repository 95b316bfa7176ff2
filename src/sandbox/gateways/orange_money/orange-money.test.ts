import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, post, type Heard } from '../../testing/clients.js';
import { eventually, sleep } from '../../testing/eventually.js';
import { orangeLogin, orangeToken, webPaymentOrder } from '../../testing/orange-client.js';
import { startReceiver, type Received, type Receiver } from '../../testing/receiver.js';

let receiver: Receiver;
let sandbox: Sandbox;
let base: string;
let auth: Record<string, string>;
let number = 0;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0 });
  base = sandbox.gateways['orange_money'] ?? '';
  auth = await orangeToken(base);
});

afterEach(() => control(sandbox).clearFaults());

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

function orderId(): string {
  number += 1;
  return `ord_${number}_`;
}

interface Where {
  readonly country?: string;
  readonly headers?: Record<string, string>;
}

function create(order: string, fields: Readonly<Record<string, unknown>> = {}, where: Where = {}): Promise<Heard> {
  const body = webPaymentOrder(order, { notif_url: `${receiver.url}/notif/${order}`, ...fields });
  const { country = 'ci', headers = auth } = where;
  return post(`${base}/orange-money-webpay/${country}/v1/webpayment`, body, headers);
}

function status(body: unknown, { country = 'ci', headers = auth }: Where = {}): Promise<Heard> {
  return post(`${base}/orange-money-webpay/${country}/v1/transactionstatus`, body, headers);
}

async function ended(body: unknown, word: string, where: Where = {}): Promise<Heard> {
  return eventually(async () => {
    const answer = await status(body, where);
    expect(answer.json['status']).toBe(word);
    return answer;
  });
}

async function notice(order: string): Promise<Received> {
  return eventually(() => {
    const found = receiver.received.find(({ path }) => path === `/notif/${order}`);
    if (found === undefined) throw new Error('no notice yet');
    return found;
  });
}

it('lends a token for ninety days, or as long as the account says', async () => {
  expect((await orangeLogin(base)).json).toMatchObject({ token_type: 'Bearer', expires_in: 7_776_000 });
  expect((await orangeLogin(base, 'sandbox-orange', 'other')).json).toMatchObject({ code: 41 });
  const credentials = { client_id: 'brief', client_secret: 's', merchant_key: 'm', token_seconds: '2' };
  await control(sandbox).post('/_accounts', { gateway: 'orange_money', account: 'brief', credentials });
  const { json } = await orangeLogin(base, 'brief', 's');
  const headers = { authorization: `Bearer ${String(json['access_token'])}` };
  expect((await status({}, { headers })).status).toBe(404);
  await sleep(2_050);
  const expired = await status({}, { headers });
  expect([expired.status, expired.json['code']]).toEqual([401, 42]);
  expect((await status({}, { headers: {} })).json['code']).toBe(41);
});

it('makes a link, is paid, and tells it with the token of the payment and nothing else', async () => {
  const order = orderId();
  const { status: code, json } = await create(order, { amount: 1200 });
  expect(code).toBe(201);
  expect(json).toMatchObject({ status: 201, message: 'OK' });
  const { pay_token, notif_token, payment_url } = json;
  expect(payment_url).toBe(`${base}/payment/pay_token/${String(pay_token)}`);
  const question = { order_id: order, amount: 1200, pay_token };
  const paid = await ended(question, 'SUCCESS');
  expect(paid.json).toMatchObject({ order_id: order });
  expect(paid.json['txnid']).toMatch(/^MP\d{6}\.\d{4}\.A\d+$/);
  const { body, headers, method } = await notice(order);
  expect(method).toBe('POST');
  expect(JSON.parse(body)).toEqual({ status: 'SUCCESS', notif_token, txnid: paid.json['txnid'] });
  expect(Object.keys(headers).filter((name) => name.includes('signature') || name === 'authorization')).toEqual([]);
  expect((await call(String(payment_url))).body).toContain('https://shop.example/paid');
  expect(await control(sandbox).ledger(order)).toMatchObject([{ amount: 1200, currency: 'XOF' }]);
});

it('tells the status only to who knows order, amount and token', async () => {
  const order = orderId();
  const { pay_token } = (await create(order)).json;
  const right = { order_id: order, amount: 5_000, pay_token };
  expect((await status(right)).status).toBe(200);
  for (const wrong of [{ amount: 5_001 }, { pay_token: 'x' }, { order_id: 'other' }]) {
    expect((await status({ ...right, ...wrong })).json['code']).toBe(60);
  }
  expect((await status(right, { country: 'sn' })).status).toBe(404);
});

it('counts OUV under dev, and each country’s own currency elsewhere', async () => {
  const [dev, madagascar] = [orderId(), orderId()];
  expect((await create(dev, { currency: 'OUV' }, { country: 'dev' })).status).toBe(201);
  expect((await create(orderId(), {}, { country: 'dev' })).status).toBe(400);
  expect((await create(orderId(), { currency: 'XAF' }, { country: 'cm' })).status).toBe(201);
  expect((await create(orderId(), { currency: 'OUV' })).status).toBe(400);
  expect((await create(orderId(), {}, { country: 'fr' })).status).toBe(404);
  await create(madagascar, { currency: 'MGA', amount: 700 }, { country: 'mg' });
  await eventually(async () => {
    expect(await control(sandbox).ledger(dev)).toMatchObject([{ amount: 5_000, currency: 'OUV' }]);
    // The ariary has a subunit by ISO 4217, and no payment has any.
    expect(await control(sandbox).ledger(madagascar)).toMatchObject([{ amount: 70_000, currency: 'MGA' }]);
  });
});

it('is INITIATED until the customer opens the link, then PENDING, and is not paid before they agree', async () => {
  await control(sandbox).fault({ gateway: 'orange_money', fault: 'approve_after', ms: -1 });
  const order = orderId();
  const { pay_token, payment_url } = (await create(order)).json;
  const question = { order_id: order, amount: 5_000, pay_token };
  expect((await status(question)).json).toEqual({ status: 'INITIATED', order_id: order, txnid: '' });
  await call(String(payment_url));
  expect((await status(question)).json['status']).toBe('PENDING');
  await control(sandbox).post('/_transactions/decline', { gateway: 'orange_money', reference: order });
  await ended(question, 'FAILED');
  expect(JSON.parse((await notice(order)).body)).toMatchObject({ status: 'FAILED', txnid: '' });
  expect((await call(String(payment_url))).body).toContain('https://shop.example/failed');
});

it('lets a link expire in silence, and nobody can pay it afterwards', async () => {
  const credentials = { client_id: 'hasty', client_secret: 's', merchant_key: 'm', link_seconds: '1' };
  await control(sandbox).post('/_accounts', { gateway: 'orange_money', account: 'hasty', credentials });
  const headers = { authorization: `Bearer ${String((await orangeLogin(base, 'hasty', 's')).json['access_token'])}` };
  await control(sandbox).fault({ gateway: 'orange_money', fault: 'approve_after', ms: 1_300 });
  const order = orderId();
  const { pay_token, payment_url } = (await create(order, { merchant_key: 'm' }, { headers })).json;
  await sleep(1_050);
  await ended({ order_id: order, amount: 5_000, pay_token }, 'EXPIRED', { headers });
  expect((await call(String(payment_url))).status).toBe(404);
  const byHand = { gateway: 'orange_money', account: 'hasty', reference: order };
  expect((await control(sandbox).post('/_transactions/approve', byHand)).status).toBe(409);
  await sleep(400);
  expect(await control(sandbox).ledger(order)).toEqual([]);
  expect(receiver.received.some(({ path }) => path === `/notif/${order}`)).toBe(false);
});

it.each([
  ['an order_id used before', { order_id: 'used' }, 24],
  ['an order_id of 31 characters', { order_id: 'a'.repeat(31) }, 24],
  ['no order_id', { order_id: undefined }, 23],
  ['a fraction', { amount: 10.5 }, 24],
  ['zero', { amount: 0 }, 24],
  ['the key of somebody else', { merchant_key: 'other' }, 24],
  ['no address for the notice', { notif_url: undefined }, 23],
  ['something else for an address', { return_url: 'shop' }, 24],
])('refuses %s', async (_what, fields, code) => {
  await create('used');
  const answer = await create(orderId(), fields);
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({ code, message: expect.any(String), description: expect.any(String) });
});

it('has nothing to refund, pay out or list with', async () => {
  for (const path of ['refund', 'payout', 'cashin', 'transactions']) {
    const answer = await post(`${base}/orange-money-webpay/ci/v1/${path}`, {}, auth);
    expect([answer.status, answer.json['code']]).toEqual([404, 60]);
  }
});
