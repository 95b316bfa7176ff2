import { DEFAULT_CREDENTIALS } from '../../accounts.js';
import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, dig, post, type Heard } from '../../testing/clients.js';
import { eventually } from '../../testing/eventually.js';
import { initBody, monnifyLogin, monnifyToken } from '../../testing/monnify-client.js';
import { startReceiver, type Receiver } from '../../testing/receiver.js';
import { monnifySignature } from './webhook.js';

const WALLET = DEFAULT_CREDENTIALS.monnify.wallet_account_number;

let receiver: Receiver;
let sandbox: Sandbox;
let operator: ReturnType<typeof control>;
let base: string;
let auth: Record<string, string>;
let number = 0;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${receiver.url}/{gateway}/{account}` });
  operator = control(sandbox);
  base = sandbox.gateways['monnify'] ?? '';
  auth = await monnifyToken(base);
});

afterEach(() => operator.clearFaults());

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

function reference(kind: string): string {
  number += 1;
  return `${kind}_${number}_`;
}

/** Every payout of these tests goes to an account of its own, as the guard looks at the account. */
function freshAccount(): string {
  number += 1;
  return String(1_000_000_000 + number);
}

/** @returns Monnify's own reference of a payment of NGN 500 that was paid. */
async function paid(ours: string): Promise<string> {
  const { json } = await post(
    `${base}/api/v1/merchant/transactions/init-transaction`,
    initBody(ours, { amount: 500 }),
    auth,
  );
  await call(String(dig(json, 'responseBody', 'checkoutUrl')));
  await eventually(async () => expect(await operator.ledger(ours)).toHaveLength(1));
  return String(dig(json, 'responseBody', 'transactionReference'));
}

function refund(transactionReference: string, refundReference: string, refundAmount: number): Promise<Heard> {
  const body = { transactionReference, refundReference, refundAmount, refundReason: 'Returned', customerNote: 'Sorry' };
  return post(`${base}/api/v1/refunds/initiate-refund`, body, auth);
}

function disburse(ours: string, fields: Readonly<Record<string, unknown>> = {}, headers = auth): Promise<Heard> {
  const body = {
    amount: 200.5,
    reference: ours,
    narration: 'Salary',
    destinationBankCode: '058',
    destinationAccountNumber: freshAccount(),
    currency: 'NGN',
    sourceAccountNumber: WALLET,
    ...fields,
  };
  return post(`${base}/api/v2/disbursements/single`, body, headers);
}

function get(path: string, headers = auth): Promise<Heard> {
  return call(`${base}${path}`, { headers });
}

async function summary(ours: string, status: string, headers = auth): Promise<unknown> {
  return eventually(async () => {
    const { json } = await get(`/api/v2/disbursements/single/summary?reference=${ours}`, headers);
    expect(dig(json, 'responseBody', 'status')).toBe(status);
    return json['responseBody'];
  });
}

async function events(ours: string, count: number): Promise<unknown[]> {
  return eventually(() => {
    const found = receiver.received.filter(({ body }) => body.includes(ours));
    expect(found).toHaveLength(count);
    for (const { body, headers } of found) {
      expect(headers['monnify-signature']).toBe(monnifySignature(body, DEFAULT_CREDENTIALS.monnify.secret_key));
    }
    return found.map(({ body }) => dig(JSON.parse(body), 'eventType'));
  });
}

it('gives back a part, then the rest, and the payment is REFUNDED', async () => {
  const [ours, part, rest] = [reference('ord'), reference('rf'), reference('rf')];
  const theirs = await paid(ours);
  const begun = await refund(theirs, part, 200);
  expect(begun.json['responseBody']).toMatchObject({
    refundReference: part,
    transactionReference: theirs,
    refundAmount: 200,
    refundType: 'PARTIAL_REFUND',
    refundStatus: 'PENDING',
  });
  expect(await events(part, 1)).toEqual(['SUCCESSFUL_REFUND']);
  expect(dig((await get(`/api/v1/refunds/${part}`)).json, 'responseBody', 'refundStatus')).toBe('COMPLETED');
  const query = `/api/v2/merchant/transactions/query?paymentReference=${ours}`;
  expect(dig((await get(query)).json, 'responseBody', 'paymentStatus')).toBe('PAID');
  expect((await refund(theirs, reference('rf'), 300.5)).json['responseCode']).toBe('R3');
  expect((await refund(theirs, rest, 300)).json['responseCode']).toBe('0');
  await events(rest, 1);
  expect(dig((await get(query)).json, 'responseBody', 'paymentStatus')).toBe('REFUNDED');
  expect(await operator.ledger(part)).toMatchObject([{ kind: 'refund', amount: 20_000, charge_reference: ours }]);
  const list = (await get('/api/v1/refunds?page=0&size=1')).json['responseBody'];
  expect(list).toMatchObject({ content: [{ refundReference: rest }], number: 0, size: 1 });
});

it('refuses refunds with its own codes, and tells one that fails', async () => {
  const theirs = await paid(reference('ord'));
  const failing = reference('rf');
  await operator.fault({ gateway: 'monnify', fault: 'decline', on: 'refund' });
  await refund(theirs, failing, 100);
  expect(await events(failing, 1)).toEqual(['FAILED_REFUND']);
  expect((await refund(theirs, failing, 100)).json['responseCode']).toBe('R9');
  expect((await refund(theirs, reference('rf'), 99)).json['responseCode']).toBe('R4');
  expect((await refund('MNFY|67|1|1', reference('rf'), 100)).status).toBe(404);
  const { json } = await operator.get('/_float?gateway=monnify&currency=NGN');
  const collected = Number(json['balance']) - Number(json['float']);
  await operator.post('/_float', { gateway: 'monnify', currency: 'NGN', amount: 0 });
  await operator.clearFaults();
  // What was collected is there to give back; only money that went out otherwise is missing.
  const out = reference('po');
  await disburse(out, { amount: collected / 100 });
  await summary(out, 'SUCCESS');
  expect((await refund(theirs, reference('rf'), 100)).json['responseCode']).toBe('R5');
  await operator.post('/_float', { gateway: 'monnify', currency: 'NGN', amount: 100_000_000 });
  await operator.fault({ gateway: 'monnify', fault: 'approve_after', ms: 0 });
  const unpaid = await post(
    `${base}/api/v1/merchant/transactions/init-transaction`,
    initBody(reference('ord'), { amount: 500 }),
    auth,
  );
  const open = String(dig(unpaid.json, 'responseBody', 'transactionReference'));
  expect((await refund(open, reference('rf'), 100)).status).toBe(400);
});

it('pays out of the wallet: pending, SUCCESS, a webhook, and the balance is less', async () => {
  const ours = reference('po');
  const wallet = `/api/v2/disbursements/wallet-balance?accountNumber=${WALLET}`;
  const before = Number(dig((await get(wallet)).json, 'responseBody', 'availableBalance'));
  const begun = await disburse(ours);
  expect(begun.json['responseBody']).toMatchObject({ amount: 200.5, reference: ours, status: 'PENDING', totalFee: 20 });
  expect(await summary(ours, 'SUCCESS')).toMatchObject({ amount: 200.5, narration: 'Salary', twoFaEnabled: false });
  expect(await events(ours, 1)).toEqual(['SUCCESSFUL_DISBURSEMENT']);
  expect(await operator.ledger(ours)).toMatchObject([{ kind: 'payout', amount: 20_050, currency: 'NGN' }]);
  const after = (await get(wallet)).json['responseBody'];
  expect(after).toEqual({ availableBalance: before - 200.5, ledgerBalance: before - 200.5 });
  expect((await get('/api/v2/disbursements/wallet-balance?accountNumber=1')).status).toBe(404);
  const list = (await get('/api/v2/disbursements/single/transactions?size=1')).json['responseBody'];
  expect(list).toMatchObject({ content: [{ reference: ours }] });
});

it('takes the same amount to the same account within two minutes for a repeat, whatever the reference', async () => {
  const to = { destinationAccountNumber: freshAccount(), amount: 321 };
  const first = reference('po');
  expect((await disburse(first, to)).json['responseCode']).toBe('0');
  const twin = await disburse(reference('po'), to);
  expect([twin.status, twin.json['responseCode']]).toEqual([400, 'D07']);
  expect((await disburse(reference('po'), { ...to, amount: 322 })).json['responseCode']).toBe('0');
  const again = await disburse(first, { ...to, amount: 323 });
  expect([again.status, again.json['responseCode']]).toEqual([422, '99']);
});

it('waits for the code where the account has two-factor authentication', async () => {
  const credentials = {
    api_key: 'MK_OTP',
    secret_key: 's',
    contract_code: '1',
    wallet_account_number: '2',
    otp: 'required',
  };
  await operator.post('/_accounts', { gateway: 'monnify', account: 'otp', credentials });
  const { json } = await monnifyLogin(base, 'MK_OTP', 's');
  const mine = { authorization: `Bearer ${String(dig(json, 'responseBody', 'accessToken'))}` };
  const ours = reference('po');
  const begun = await disburse(ours, { sourceAccountNumber: '2' }, mine);
  expect(dig(begun.json, 'responseBody', 'status')).toBe('PENDING_AUTHORIZATION');
  const step = (name: string, body: unknown): Promise<Heard> =>
    post(`${base}/api/v2/disbursements/single/${name}`, body, mine);
  expect((await step('resend-otp', { reference: ours })).status).toBe(200);
  expect((await step('validate-otp', { reference: ours, authorizationCode: 'x' })).status).toBe(400);
  expect(dig((await step('validate-otp', { reference: ours, authorizationCode: '123456' })).json, 'responseCode')).toBe(
    '0',
  );
  await summary(ours, 'SUCCESS', mine);
  expect((await step('validate-otp', { reference: ours, authorizationCode: '123456' })).status).toBe(400);
  expect((await step('validate-otp', { reference: 'none', authorizationCode: '123456' })).status).toBe(404);
});

it('tells a transfer that failed, and one that came back', async () => {
  const [failed, returned] = [reference('po'), reference('po')];
  await disburse(failed, { destinationAccountNumber: '1234569901', async: true });
  await summary(failed, 'FAILED');
  expect(await events(failed, 1)).toEqual(['FAILED_DISBURSEMENT']);
  await operator.fault({ gateway: 'monnify', fault: 'returned', ms: 100 });
  await disburse(returned);
  await summary(returned, 'REVERSED');
  expect(await events(returned, 2)).toEqual(['SUCCESSFUL_DISBURSEMENT', 'REVERSED_DISBURSEMENT']);
  expect((await operator.ledger(returned)).map(({ kind }) => kind)).toEqual(['payout', 'payout_return']);
});

it('loses the answer and pays all the same; the summary tells', async () => {
  const ours = reference('po');
  await operator.fault({ gateway: 'monnify', fault: 'error_5xx_after_charge', on: 'payout' });
  expect((await disburse(ours)).status).toBe(500);
  await summary(ours, 'SUCCESS');
  expect(await operator.ledger(ours)).toHaveLength(1);
});

it.each([
  ['zero', { amount: 0 }],
  ['no narration', { narration: '' }],
  ['nine digits for an account', { destinationAccountNumber: '123456789' }],
  ['no bank', { destinationBankCode: undefined }],
  ['another currency', { currency: 'GHS' }],
  ['another wallet', { sourceAccountNumber: '1' }],
  ['more than there is', { amount: 999_999_999_999 }],
])('pays nothing out for %s', async (_what, fields) => {
  const ours = reference('po');
  const { status, json } = await disburse(ours, fields);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(json).toMatchObject({ requestSuccessful: false, responseCode: '99' });
  expect((await get(`/api/v2/disbursements/single/summary?reference=${ours}`)).status).toBe(404);
});

it('lists payments page by page, by either reference, by time and by status', async () => {
  const [one, two] = [reference('ord'), reference('ord')];
  const begunAt = Date.now();
  const theirs = await paid(one);
  await paid(two);
  const search = (parameters: string): Promise<Heard> => get(`/api/v1/transactions/search?${parameters}`);
  const newest = (await search('page=0&size=1&paymentStatus=PAID')).json['responseBody'];
  expect(newest).toMatchObject({ content: [{ paymentReference: two }], number: 0, last: false });
  expect(dig((await search('page=1&size=1')).json, 'responseBody', 'content', '0')).toBeUndefined();
  expect((await search('page=1&size=1')).json['responseBody']).toMatchObject({ content: [{ paymentReference: one }] });
  for (const parameters of [
    `paymentReference=${one}`,
    `transactionReference=${encodeURIComponent(theirs)}`,
    `paymentReference=${one}&from=${begunAt}&to=${Date.now()}`,
  ]) {
    const { json } = await search(parameters);
    expect(json['responseBody']).toMatchObject({ content: [{ paymentReference: one }], totalElements: 1, last: true });
  }
  expect(dig((await search(`paymentReference=${one}&to=${begunAt - 1}`)).json, 'responseBody', 'empty')).toBe(true);
  expect((await search('from=yesterday')).status).toBe(400);
});

it('tells a settlement when the operator orders one: what was paid less fees and refunds, each payment once', async () => {
  const credentials = { api_key: 'MK_SETTLED', secret_key: 's', contract_code: '1' };
  await operator.post('/_accounts', { gateway: 'monnify', account: 'settled', credentials });
  const { json } = await monnifyLogin(base, 'MK_SETTLED', 's');
  const mine = { authorization: `Bearer ${String(dig(json, 'responseBody', 'accessToken'))}` };
  const [one, two, back] = [reference('ord'), reference('ord'), reference('rf')];
  let theirs = '';
  for (const ours of [one, two]) {
    const body = initBody(ours, { amount: 500, contractCode: '1' });
    const opened = await post(`${base}/api/v1/merchant/transactions/init-transaction`, body, mine);
    theirs = String(dig(opened.json, 'responseBody', 'transactionReference'));
    await call(String(dig(opened.json, 'responseBody', 'checkoutUrl')));
    await eventually(async () => expect(await operator.ledger(ours)).toHaveLength(1));
  }
  const order = { refundReference: back, refundAmount: 100, refundReason: 'Returned', customerNote: 'Sorry' };
  await post(`${base}/api/v1/refunds/initiate-refund`, { transactionReference: theirs, ...order }, mine);
  await eventually(async () => expect(await operator.ledger(back)).toHaveLength(1));
  const settle = (): Promise<Heard> => operator.post('/_settlements', { gateway: 'monnify', account: 'settled' });
  expect((await settle()).json['data']).toMatchObject([{ charges: 2, refunds: 1, currency: 'NGN' }]);
  const webhook = await eventually(() => {
    const found = receiver.received.find(({ body }) => body.includes('"SETTLEMENT"'));
    if (found === undefined) throw new Error('no webhook yet');
    return found;
  });
  expect(webhook.path).toBe('/monnify/settled');
  expect(webhook.headers['monnify-signature']).toBe(monnifySignature(webhook.body, 's'));
  expect(JSON.parse(webhook.body)).toMatchObject({
    eventData: {
      settlementReference: expect.stringMatching(/^SETTLE-/),
      amount: '880',
      transactionsCount: 2,
      transactions: [{ paymentReference: one }, { paymentReference: two }],
    },
  });
  expect((await settle()).json['data']).toEqual([]);
});
