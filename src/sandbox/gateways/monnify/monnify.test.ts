import { DEFAULT_CREDENTIALS } from '../../accounts.js';
import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, dig, post, type Heard } from '../../testing/clients.js';
import { eventually, sleep } from '../../testing/eventually.js';
import { initBody, monnifyLogin, monnifyToken } from '../../testing/monnify-client.js';
import { startReceiver, type Received, type Receiver } from '../../testing/receiver.js';
import { monnifySignature } from './webhook.js';

let receiver: Receiver;
let sandbox: Sandbox;
let base: string;
let auth: Record<string, string>;
let number = 0;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${receiver.url}/{gateway}/{account}` });
  base = sandbox.gateways['monnify'] ?? '';
  auth = await monnifyToken(base);
});

afterEach(() => control(sandbox).clearFaults());

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

function paymentReference(): string {
  number += 1;
  return `ord_${number}_`;
}

function init(ours: string, fields: Readonly<Record<string, unknown>> = {}): Promise<Heard> {
  return post(`${base}/api/v1/merchant/transactions/init-transaction`, initBody(ours, fields), auth);
}

/** @returns Monnify's own reference of a new transaction. */
async function begun(ours: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return String(dig((await init(ours, fields)).json, 'responseBody', 'transactionReference'));
}

function initPayment(transactionReference: string): Promise<Heard> {
  return post(`${base}/api/v1/merchant/bank-transfer/init-payment`, { transactionReference, bankCode: '058' }, auth);
}

function query(parameters: string): Promise<Heard> {
  return call(`${base}/api/v2/merchant/transactions/query?${parameters}`, { headers: auth });
}

async function ended(ours: string, status: string): Promise<unknown> {
  return eventually(async () => {
    const { json } = await query(`paymentReference=${ours}`);
    expect(dig(json, 'responseBody', 'paymentStatus')).toBe(status);
    return json['responseBody'];
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
  expect(monnifySignature('{"event":"x"}', 'test_secret')).toBe(
    '66b6497465ced20eff5bebc9e568bb5995e72dcacab42bb3598d21102adaeb91d1e214ffd93fbaa8887bd064d2bbcaf0ab651899767482d9305c170fcb4eb797',
  );
});

it('lends a token for an hour, or as long as the account says, and answers 401 to any other', async () => {
  expect((await monnifyLogin(base)).json).toMatchObject({
    requestSuccessful: true,
    responseCode: '0',
    responseBody: { expiresIn: 3600 },
  });
  const wrong = await monnifyLogin(base, DEFAULT_CREDENTIALS.monnify.api_key, 'other');
  expect([wrong.status, wrong.json['requestSuccessful']]).toEqual([401, false]);
  const credentials = { api_key: 'MK_BRIEF', secret_key: 's', contract_code: '1', token_seconds: '2' };
  await control(sandbox).post('/_accounts', { gateway: 'monnify', account: 'brief', credentials });
  const { json } = await monnifyLogin(base, 'MK_BRIEF', 's');
  const brief = { authorization: `Bearer ${String(dig(json, 'responseBody', 'accessToken'))}` };
  const address = `${base}/api/v2/merchant/transactions/query?paymentReference=none`;
  expect((await call(address, { headers: brief })).status).toBe(404);
  await sleep(2_050);
  expect((await call(address, { headers: brief })).status).toBe(401);
  expect((await call(address)).json).toMatchObject({ requestSuccessful: false, responseCode: '99' });
});

it('takes a transfer: a transaction, an account to pay into, PAID, and a webhook signed over its raw bytes', async () => {
  const ours = paymentReference();
  const opened = await init(ours, { amount: 1500, metaData: { a: 1 } });
  expect(opened.json).toMatchObject({
    requestSuccessful: true,
    responseCode: '0',
    responseBody: { paymentReference: ours, enabledPaymentMethod: ['CARD', 'ACCOUNT_TRANSFER'] },
  });
  const theirs = String(dig(opened.json, 'responseBody', 'transactionReference'));
  expect(theirs).toMatch(/^MNFY\|67\|\d{14}\|\d+$/);
  // Nobody has been asked for anything yet.
  await sleep(120);
  await ended(ours, 'PENDING');
  const account = (await initPayment(theirs)).json['responseBody'];
  expect(account).toMatchObject({ transactionReference: theirs, amount: 1500, accountDurationSeconds: 2400 });
  expect(dig(account, 'accountNumber')).toMatch(/^\d{10}$/);
  expect(dig((await initPayment(theirs)).json, 'responseBody', 'accountNumber')).toBe(dig(account, 'accountNumber'));
  expect(await ended(ours, 'PAID')).toMatchObject({
    transactionReference: theirs,
    amountPaid: '1500.00',
    totalPayable: '1500.00',
    settlementAmount: '1490.00',
    currency: 'NGN',
    paymentMethod: 'ACCOUNT_TRANSFER',
    customer: { email: 'a@b.co', name: 'Ada' },
    metaData: { a: 1 },
  });
  const { body, headers, path } = await webhook(ours);
  expect(path).toBe('/monnify/main');
  expect(headers['monnify-signature']).toBe(monnifySignature(body, DEFAULT_CREDENTIALS.monnify.secret_key));
  expect(JSON.parse(body)).toMatchObject({
    eventType: 'SUCCESSFUL_TRANSACTION',
    eventData: {
      transactionReference: theirs,
      paymentReference: ours,
      amountPaid: 1500,
      totalPayable: 1500,
      settlementAmount: '1490',
      paymentStatus: 'PAID',
      paymentSourceInformation: [{ amountPaid: 1500 }],
    },
  });
  expect(await control(sandbox).ledger(ours)).toMatchObject([{ amount: 150_000, currency: 'NGN' }]);
});

it('is asked by its own reference with the bars encoded, and by either reference without requestSuccessful', async () => {
  const ours = paymentReference();
  const theirs = await begun(ours);
  const encoded = await call(`${base}/api/v2/transactions/${encodeURIComponent(theirs)}`, { headers: auth });
  expect(encoded.json).toMatchObject({ requestSuccessful: true, responseBody: { paymentReference: ours } });
  const bare = await call(`${base}/api/v2/transactions/${theirs}`, { headers: auth });
  expect(bare.status).toBe(400);
  expect(bare.body).toContain('<html>');
  for (const parameters of [`paymentReference=${ours}`, `transactionReference=${encodeURIComponent(theirs)}`]) {
    const { json } = await query(parameters);
    expect(dig(json, 'responseBody', 'amountPaid')).toBe('0.00');
    expect([json['responseCode'], 'requestSuccessful' in json]).toEqual(['0', false]);
  }
  expect((await query('paymentReference=none')).json).toMatchObject({ requestSuccessful: false, responseCode: '99' });
  expect((await query('')).status).toBe(400);
});

it('takes a card on its page only, and leads back with the reference', async () => {
  const ours = paymentReference();
  const { json } = await init(ours, { paymentMethods: ['CARD'] });
  expect((await initPayment(String(dig(json, 'responseBody', 'transactionReference')))).status).toBe(400);
  const page = String(dig(json, 'responseBody', 'checkoutUrl'));
  expect((await call(page)).body).toContain('in progress');
  expect(await ended(ours, 'PAID')).toMatchObject({ paymentMethod: 'CARD' });
  expect((await call(page)).body).toContain(`https://shop.example/back?paymentReference=${ours}`);
  expect(JSON.parse((await webhook(ours)).body)).toMatchObject({ eventData: { paymentSourceInformation: {} } });
  expect((await call(`${base}/checkout/MNFY%7C1%7C1%7C1`)).status).toBe(404);
});

it.each([
  ['less', 50, 'UNDERPAID', '49.00', '50.00'],
  ['more, where there is little to take less of', 0.5, 'OVERPAID', '1.50', '0.50'],
])('says so when %s was paid, as a success of its own kind', async (_what, amount, status, paid, payable) => {
  const ours = paymentReference();
  await control(sandbox).fault({ gateway: 'monnify', fault: 'wrong_amount' });
  await initPayment(await begun(ours, { amount }));
  expect(await ended(ours, status)).toMatchObject({ amountPaid: paid, totalPayable: payable });
  expect(JSON.parse((await webhook(ours)).body)).toMatchObject({
    eventType: 'SUCCESSFUL_TRANSACTION',
    eventData: { paymentStatus: status, amountPaid: Number(paid) },
  });
});

it('has no event for a failure', async () => {
  const ours = paymentReference();
  await control(sandbox).fault({ gateway: 'monnify', fault: 'decline', code: 'EXPIRED' });
  await initPayment(await begun(ours));
  await ended(ours, 'EXPIRED');
  await sleep(60);
  expect(receiver.received.filter(({ body }) => body.includes(ours))).toEqual([]);
});

it('signs nothing where the account wants it so, as its own sandbox does', async () => {
  const credentials = { api_key: 'MK_BARE', secret_key: 's', contract_code: '7', webhook_signature: 'none' };
  await control(sandbox).post('/_accounts', { gateway: 'monnify', account: 'bare', credentials });
  const { json } = await monnifyLogin(base, 'MK_BARE', 's');
  const bare = { authorization: `Bearer ${String(dig(json, 'responseBody', 'accessToken'))}` };
  const ours = paymentReference();
  const body = initBody(ours, { contractCode: '7' });
  const opened = await post(`${base}/api/v1/merchant/transactions/init-transaction`, body, bare);
  await call(String(dig(opened.json, 'responseBody', 'checkoutUrl')));
  expect((await webhook(ours)).headers['monnify-signature']).toBeUndefined();
});

it.each([
  ['a reference used before', { paymentReference: 'used' }, 422],
  ['zero', { amount: 0 }, 400],
  ['three decimals', { amount: 1.555 }, 400],
  ['another currency', { currencyCode: 'GHS' }, 400],
  ['no reference', { paymentReference: undefined }, 400],
  ['a strange address', { customerEmail: 'nobody' }, 400],
  ['a contract of somebody else', { contractCode: '1' }, 404],
  ['an unknown method', { paymentMethods: ['CASH'] }, 400],
])('refuses %s in its envelope', async (_what, fields, status) => {
  await init('used');
  const answer = await init(paymentReference(), fields);
  expect(answer.status).toBe(status);
  expect(answer.json).toMatchObject({ requestSuccessful: false, responseCode: '99' });
});
