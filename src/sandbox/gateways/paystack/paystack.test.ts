import { DEFAULT_CREDENTIALS } from '../../accounts.js';
import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, dig, PAYSTACK_AUTH, paystackClient, post, type Heard } from '../../testing/clients.js';
import { eventually } from '../../testing/eventually.js';
import { startReceiver, type Receiver } from '../../testing/receiver.js';
import { paystackSignature } from './webhook.js';

/** Longer than a busy machine takes to ask. */
const LOOKED_AT_WITHIN_MS = 1_000;

let receiver: Receiver;
let sandbox: Sandbox;
let base: string;
let number = 0;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${receiver.url}/{gateway}/{account}` });
  base = sandbox.gateways['paystack'] ?? '';
});

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

function reference(): string {
  number += 1;
  return `order-${number}.a=b`;
}

function charge(fields: Readonly<Record<string, unknown>>): Promise<Heard> {
  return post(`${base}/charge`, { email: 'a@b.co', amount: 50_000, currency: 'NGN', ...fields }, PAYSTACK_AUTH);
}

function get(path: string): Promise<Heard> {
  return call(`${base}${path}`, { headers: PAYSTACK_AUTH });
}

async function paid(ours: string): Promise<Heard> {
  return eventually(async () => {
    const answer = await get(`/transaction/verify/${encodeURIComponent(ours)}`);
    expect(dig(answer.json, 'data', 'status')).toBe('success');
    return answer;
  });
}

/** In this test the imaginary customer takes so long that one can look before. */
async function approveLater(): Promise<void> {
  await control(sandbox).fault({ gateway: 'paystack', fault: 'approve_after', ms: LOOKED_AT_WITHIN_MS });
}

afterEach(() => control(sandbox).clearFaults());

it('signs as the known-answer vector says', () => {
  expect(paystackSignature('{"event":"x"}', 'test_secret')).toBe(
    '66b6497465ced20eff5bebc9e568bb5995e72dcacab42bb3598d21102adaeb91d1e214ffd93fbaa8887bd064d2bbcaf0ab651899767482d9305c170fcb4eb797',
  );
});

it('charges mobile money: pay_offline, pending, success, webhook signed over its raw bytes', async () => {
  const ours = reference();
  const mobile = {
    currency: 'GHS',
    amount: '1050',
    mobile_money: { phone: '0241234567', provider: 'mtn' },
    metadata: { a: 1 },
  };
  await approveLater();
  const begun = await charge({ reference: ours, ...mobile });
  expect(begun.status).toBe(200);
  expect(begun.json).toMatchObject({
    status: true,
    message: 'Charge attempted',
    data: { reference: ours, status: 'pay_offline' },
  });
  expect(dig((await get(`/transaction/verify/${ours}`)).json, 'data', 'status')).toBe('pending');
  const { json } = await paid(ours);
  expect(json['data']).toMatchObject({
    reference: ours,
    amount: 1050,
    requested_amount: 1050,
    currency: 'GHS',
    channel: 'mobile_money',
    metadata: { a: 1 },
  });
  const id = String(dig(json, 'data', 'id'));
  expect(dig((await get(`/transaction/${id}`)).json, 'data', 'reference')).toBe(ours);
  const webhook = await eventually(() => {
    const found = receiver.received.find(({ body }) => body.includes(ours));
    if (found === undefined) throw new Error('no webhook yet');
    return found;
  });
  expect(webhook).toMatchObject({ method: 'POST', path: '/paystack/main' });
  expect(webhook.headers['x-paystack-signature']).toBe(
    paystackSignature(webhook.body, DEFAULT_CREDENTIALS.paystack.secret_key),
  );
  expect(JSON.parse(webhook.body)).toMatchObject({
    event: 'charge.success',
    data: { reference: ours, status: 'success' },
  });
});

it('counts XOF in hundredths on the wire and in francs in the ledger', async () => {
  const ours = reference();
  await charge({
    reference: ours,
    amount: 150_050,
    currency: 'XOF',
    mobile_money: { phone: '2250700000000', provider: 'orange' },
  });
  expect(dig((await paid(ours)).json, 'data', 'amount')).toBe(150_000);
  expect(await control(sandbox).ledger(encodeURIComponent(ours))).toMatchObject([{ amount: 1500, currency: 'XOF' }]);
});

it('refuses a reference used before, without a second charge', async () => {
  const client = paystackClient(sandbox);
  const ours = client.reference();
  await client.charge(ours);
  const again = await client.charge(ours);
  expect(again.status).toBe(400);
  expect(again.json).toMatchObject({ status: false, code: 'duplicate_reference', type: 'validation_error' });
  const initialized = await post(
    `${base}/transaction/initialize`,
    { email: 'a@b.co', amount: 50_000, reference: ours },
    PAYSTACK_AUTH,
  );
  expect(initialized.json).toMatchObject({ message: 'Duplicate Transaction Reference' });
  await paid(ours);
  expect(await control(sandbox).ledger(ours)).toHaveLength(1);
});

it('shows an account for a transfer and a code for USSD, and asks a bank customer for the OTP', async () => {
  const transfer = reference();
  const dial = reference();
  const bank = reference();
  const account = await charge({ reference: transfer, bank_transfer: { account_expires_at: '2030-01-01T00:00:00Z' } });
  expect(account.json['data']).toMatchObject({
    status: 'pending_bank_transfer',
    account_number: expect.stringMatching(/^\d{10}$/),
  });
  const code = await charge({ reference: dial, ussd: { type: '737' } });
  expect(code.json['data']).toMatchObject({ status: 'pay_offline', ussd_code: expect.stringMatching(/^\*737\*/) });
  const asked = await charge({ reference: bank, bank: { code: '057', account_number: '0000000000' } });
  expect(asked.json['data']).toMatchObject({ status: 'send_otp' });
  const answered = await post(`${base}/charge/submit_otp`, { reference: bank, otp: '123456' }, PAYSTACK_AUTH);
  expect(answered.json['data']).toMatchObject({ status: 'pending' });
  await Promise.all([paid(transfer), paid(dial), paid(bank)]);
  expect(dig((await get(`/charge/${bank}`)).json, 'data', 'status')).toBe('success');
});

it('charges a saved card at once, and declines it at once', async () => {
  const body = { email: 'a@b.co', amount: 50_000, authorization_code: 'AUTH_x', reference: reference() };
  const good = await post(`${base}/transaction/charge_authorization`, body, PAYSTACK_AUTH);
  expect(good.json['data']).toMatchObject({ status: 'success', gateway_response: 'Successful' });
  const bad = await charge({ reference: reference(), authorization_code: 'AUTH_x', phone: '08012349901' });
  expect(bad.status).toBe(200);
  expect(bad.json['data']).toMatchObject({ status: 'failed', gateway_response: 'Insufficient Funds' });
});

it('hosts a page: abandoned until it is opened, paid afterwards, and back to the merchant', async () => {
  const ours = reference();
  const body = { email: 'a@b.co', amount: '50000', reference: ours, callback_url: 'https://shop.example/back?a=1' };
  const { json } = await post(`${base}/transaction/initialize`, body, PAYSTACK_AUTH);
  expect(dig((await get(`/transaction/verify/${ours}`)).json, 'data', 'status')).toBe('abandoned');
  const page = String(dig(json, 'data', 'authorization_url'));
  expect((await call(page)).body).toContain('in progress');
  await paid(ours);
  expect((await call(page)).body).toContain('https://shop.example/back?a=1&amp;trxref=');
  expect((await call(`${page}zz`)).status).toBe(404);
});

it('lists by pages and by status, newest first', async () => {
  const ours = reference();
  await post(`${base}/transaction/initialize`, { email: 'a@b.co', amount: '50000', reference: ours }, PAYSTACK_AUTH);
  const { json } = await get('/transaction?perPage=1&page=1&status=abandoned');
  expect(json['data']).toMatchObject([{ reference: ours, status: 'abandoned' }]);
  expect(json['meta']).toMatchObject({ perPage: 1, page: 1 });
});

it('answers 401 to a wrong or missing key and 400 to an unknown reference', async () => {
  const wrong = await call(`${base}/transaction/verify/x`, { headers: { authorization: 'Bearer sk_test_other' } });
  expect(wrong.status).toBe(401);
  expect(wrong.json).toMatchObject({ status: false, message: 'Invalid key' });
  expect((await call(`${base}/transaction/verify/x`)).status).toBe(401);
  const unknown = await get('/transaction/verify/never-seen');
  expect(unknown.status).toBe(400);
  expect(unknown.json).toMatchObject({ status: false, message: 'Transaction reference not found' });
  expect((await get('/nowhere')).status).toBe(404);
});

const MOBILE = { currency: 'GHS', mobile_money: { phone: '0241234567', provider: 'mtn' } };

it.each([
  ['a reference with an underscore', { ...MOBILE, reference: 'a_b' }],
  ['an amount with a decimal point', { ...MOBILE, amount: 10.5 }],
  ['a negative amount', { ...MOBILE, amount: -100 }],
  ['an amount below the minimum', { bank: { code: '057', account_number: '0000000000' }, amount: 4_999 }],
  ['an amount above the maximum', { ...MOBILE, amount: 1_000_000_001 }],
  ['an unknown currency', { ...MOBILE, currency: 'XAF' }],
  ['no email', { ...MOBILE, email: undefined }],
  ['no instrument', { currency: 'GHS' }],
  ['two instruments', { ...MOBILE, ussd: { type: '737' } }],
  ['mobile money in naira', { ...MOBILE, currency: 'NGN' }],
])('refuses %s with 400', async (_what, fields) => {
  const answer = await charge(fields);
  expect(answer.status).toBe(400);
  expect(answer.json['status']).toBe(false);
});

it('refuses a body that is no JSON, or too large', async () => {
  const post = (body: string): Promise<Heard> =>
    call(`${base}/charge`, { method: 'POST', headers: PAYSTACK_AUTH, body });
  expect((await post('{"email"')).status).toBe(400);
  expect((await post(`{"email":"${'a'.repeat(70_000)}"}`)).status).toBe(413);
});
