import { DEFAULT_CREDENTIALS } from '../../accounts.js';
import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, dig, FLUTTERWAVE_AUTH, post, type Heard } from '../../testing/clients.js';
import { eventually } from '../../testing/eventually.js';
import { startReceiver, type Received, type Receiver } from '../../testing/receiver.js';
import { flutterwaveSignature } from './webhook.js';

let receiver: Receiver;
let sandbox: Sandbox;
let base: string;
let number = 0;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${receiver.url}/{gateway}/{account}` });
  base = `${sandbox.gateways['flutterwave'] ?? ''}/v3`;
});

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

function txRef(): string {
  number += 1;
  return `order_${number}_`;
}

function charge(type: string, fields: Readonly<Record<string, unknown>>): Promise<Heard> {
  const common = { email: 'a@b.co', phone_number: '22507000000', amount: 1500, currency: 'XOF' };
  return post(`${base}/charges?type=${type}`, { ...common, ...fields }, FLUTTERWAVE_AUTH);
}

function get(path: string): Promise<Heard> {
  return call(`${base}${path}`, { headers: FLUTTERWAVE_AUTH });
}

async function finished(ours: string, status = 'successful'): Promise<Heard> {
  return eventually(async () => {
    const answer = await get(`/transactions/verify_by_reference?tx_ref=${ours}`);
    expect(dig(answer.json, 'data', 'status')).toBe(status);
    return answer;
  });
}

async function webhook(ours: string): Promise<Received> {
  return eventually(() => {
    const found = receiver.received.find(({ body }) => body.includes(ours));
    if (found === undefined) throw new Error('no webhook yet');
    return found;
  });
}

it('signs as the known-answer vector says', () => {
  expect(flutterwaveSignature('{"event":"x"}', 'test_secret')).toBe('Le1OhnfEk7Ga1Ybtg/C8Pf8kk9EdJWVqpnvDZkqyaec=');
});

it('takes two slashes for one, as its own client library asks', async () => {
  const answer = await call(`${base.replace('/v3', '//v3')}/balances`, { headers: FLUTTERWAVE_AUTH });
  expect(answer.status).toBe(200);
});

it('charges francs: pending with an id, then successful, and a webhook with both proofs', async () => {
  const ours = txRef();
  const begun = await charge('mobile_money_franco', { tx_ref: ours });
  expect(begun.json).toMatchObject({
    status: 'success',
    message: 'Charge initiated',
    data: { tx_ref: ours, amount: 1500, app_fee: 37.5, currency: 'XOF', status: 'pending' },
    meta: { authorization: { mode: 'callback' } },
  });
  await finished(ours);
  const byId = await get(`/transactions/${String(dig(begun.json, 'data', 'id'))}/verify`);
  expect(byId.json['data']).toMatchObject({ tx_ref: ours, amount: 1500, charged_amount: 1500, amount_settled: 1462.5 });
  const { headers, body, path } = await webhook(ours);
  const hash = DEFAULT_CREDENTIALS.flutterwave.secret_hash;
  expect(path).toBe('/flutterwave/main');
  expect(headers['verif-hash']).toBe(hash);
  expect(headers['flutterwave-signature']).toBe(flutterwaveSignature(body, hash));
  expect(JSON.parse(body)).toMatchObject({ event: 'charge.completed', data: { tx_ref: ours, status: 'successful' } });
  expect(await control(sandbox).ledger(ours)).toMatchObject([{ amount: 1500, currency: 'XOF' }]);
});

it.each([
  ['mobile_money_ghana', 'GHS', { network: 'MTN' }],
  ['mobile_money_rwanda', 'RWF', {}],
  ['mobile_money_uganda', 'UGX', {}],
  ['mobile_money_zambia', 'ZMW', {}],
])('%s gives an address and no id, and the customer pays', async (type, currency, more) => {
  const ours = txRef();
  const { json } = await charge(type, { tx_ref: ours, currency, ...more });
  expect(json['data']).toBeUndefined();
  expect(dig(json, 'meta', 'authorization')).toMatchObject({ mode: 'redirect' });
  await finished(ours);
  expect((await call(String(dig(json, 'meta', 'authorization', 'redirect')))).body).toContain('Paid');
});

it('gives an account for a transfer, a code for USSD, and an answer without meta for Tanzania', async () => {
  const transfer = await charge('bank_transfer', { tx_ref: txRef(), currency: 'NGN', amount: '1500.5' });
  expect(transfer.json['data']).toBeUndefined();
  expect(dig(transfer.json, 'meta', 'authorization')).toMatchObject({
    transfer_amount: '1500.50',
    mode: 'banktransfer',
  });
  const ussd = await charge('ussd', { tx_ref: txRef(), currency: 'NGN', account_bank: '058' });
  expect(dig(ussd.json, 'meta', 'authorization')).toMatchObject({ mode: 'ussd' });
  const plain = await charge('mobile_money_tanzania', { tx_ref: txRef(), currency: 'TZS' });
  expect(plain.json['meta']).toBeUndefined();
});

it('charges a token at once, through either endpoint', async () => {
  const ours = txRef();
  const body = { tx_ref: ours, token: 'flw-t1nf-x', amount: 20.25, currency: 'NGN', email: 'a@b.co' };
  const answer = await post(`${base}/tokenized-charges`, body, FLUTTERWAVE_AUTH);
  expect(answer.json['data']).toMatchObject({ status: 'successful', amount: 20.25, payment_type: 'card' });
  expect(await control(sandbox).ledger(ours)).toMatchObject([{ amount: 2025 }]);
  const card = await charge('card', { ...body, tx_ref: txRef(), phone_number: '08012349902' });
  expect(card.json['data']).toMatchObject({ status: 'failed' });
});

it('really charges twice for one tx_ref, and its books say so', async () => {
  const ours = txRef();
  await charge('mobile_money_franco', { tx_ref: ours, currency: 'XAF' });
  expect((await charge('mobile_money_franco', { tx_ref: ours, currency: 'XAF' })).status).toBe(200);
  await eventually(async () => expect(await control(sandbox).ledger(ours)).toHaveLength(2));
  const { json } = await control(sandbox).get('/_ledger/summary');
  expect(json['data']).toContainEqual({
    gateway: 'flutterwave',
    currency: 'XAF',
    kind: 'charge',
    count: 2,
    amount: 3000,
    double_charged_references: 1,
  });
  expect(dig((await get(`/transactions?tx_ref=${ours}`)).json, 'meta', 'page_info', 'total')).toBe(2);
});

it('hosts a page that has no transaction before it is opened', async () => {
  const ours = txRef();
  const body = {
    tx_ref: ours,
    amount: 10,
    currency: 'GHS',
    redirect_url: 'https://shop.example/',
    customer: { email: 'a@b.co' },
  };
  const { json } = await post(`${base}/payments`, body, FLUTTERWAVE_AUTH);
  expect((await get(`/transactions/verify_by_reference?tx_ref=${ours}`)).status).toBe(404);
  const link = String(dig(json, 'data', 'link'));
  await call(link);
  await finished(ours);
  expect((await call(link)).body).toContain('status=successful&amp;tx_ref=');
});

it('tells a failure as charge.completed, and sends a webhook again when asked', async () => {
  const ours = txRef();
  const { json } = await charge('mobile_money_franco', { tx_ref: ours, phone_number: '22507009901' });
  await finished(ours, 'failed');
  expect(JSON.parse((await webhook(ours)).body)).toMatchObject({
    event: 'charge.completed',
    data: { status: 'failed', processor_response: 'Insufficient Funds' },
  });
  const again = await post(`${base}/transactions/${String(dig(json, 'data', 'id'))}/resend-hook`, {}, FLUTTERWAVE_AUTH);
  expect(again.status).toBe(200);
  await eventually(() => expect(receiver.received.filter(({ body }) => body.includes(ours))).toHaveLength(2));
});

it('answers 401 to a wrong key and says when there is no such transaction', async () => {
  const wrong = await call(`${base}/transactions/1/verify`, {
    headers: { authorization: 'Bearer FLWSECK_TEST-other' },
  });
  expect(wrong.status).toBe(401);
  expect(wrong.json).toEqual({ status: 'error', message: 'Invalid authorization key', data: null });
  expect((await get('/transactions/1/verify')).json).toMatchObject({
    status: 'error',
    message: 'No transaction was found for this id',
  });
});

it.each([
  ['a fraction of a franc', 'mobile_money_franco', { amount: 10.5 }],
  ['three decimals in naira', 'bank_transfer', { currency: 'NGN', amount: '10.555' }],
  ['zero', 'mobile_money_franco', { amount: 0 }],
  ['words for an amount', 'mobile_money_franco', { amount: '1e3' }],
  ['cedis for francs', 'mobile_money_franco', { currency: 'GHS' }],
  ['no network in Ghana', 'mobile_money_ghana', { currency: 'GHS' }],
  ['no tx_ref', 'mobile_money_franco', { tx_ref: undefined }],
  ['an unknown type', 'mobile_money_atlantis', {}],
  ['card data', 'card', { currency: 'NGN', card_number: '4084084084084081' }],
])('refuses %s with 400', async (_what, type, fields) => {
  const answer = await charge(type, { tx_ref: txRef(), ...fields });
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({ status: 'error', data: null });
});
