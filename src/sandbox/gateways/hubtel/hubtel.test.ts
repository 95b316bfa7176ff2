import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, dig, post, type Heard } from '../../testing/clients.js';
import { eventually } from '../../testing/eventually.js';
import { HUBTEL_AUTH, hubtelAuth, POS, receiveOrder } from '../../testing/hubtel-client.js';
import { startReceiver, type Received, type Receiver } from '../../testing/receiver.js';

let receiver: Receiver;
let sandbox: Sandbox;
let base: string;
let number = 0;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0 });
  base = sandbox.gateways['hubtel'] ?? '';
});

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

function reference(): string {
  number += 1;
  return `ord${number}x`;
}

function receive(ours: string, fields: Readonly<Record<string, unknown>> = {}, headers = HUBTEL_AUTH): Promise<Heard> {
  const order = receiveOrder(ours, { PrimaryCallbackUrl: `${receiver.url}/callback`, ...fields });
  return post(`${base}/merchantaccount/merchants/${POS}/receive/mobilemoney`, order, headers);
}

function status(query: string, headers = HUBTEL_AUTH): Promise<Heard> {
  return call(`${base}/transactions/${POS}/status?${query}`, { headers });
}

async function paid(ours: string): Promise<unknown> {
  return eventually(async () => {
    const { json } = await status(`clientReference=${ours}`);
    expect(dig(json, 'data', 'status')).toBe('Paid');
    return json['data'];
  });
}

async function callback(ours: string): Promise<Received> {
  return eventually(() => {
    const found = receiver.received.find(({ body }) => body.includes(ours));
    if (found === undefined) throw new Error('no callback yet');
    return found;
  });
}

it('prompts the handset: 0001 with the charges on top, Paid, and an unsigned callback to the address of the request', async () => {
  const ours = reference();
  const begun = await receive(ours, { Amount: 0.8 });
  expect(begun.json).toMatchObject({
    ResponseCode: '0001',
    Data: { ClientReference: ours, Amount: 0.8, Charges: 0.05, AmountAfterCharges: 0.8, AmountCharged: 0.85 },
  });
  expect(await paid(ours)).toMatchObject({
    clientReference: ours,
    transactionId: dig(begun.json, 'Data', 'TransactionId'),
    paymentMethod: 'mobilemoney',
    amount: 0.8,
    charges: 0.05,
  });
  const { body, headers, path, method } = await callback(ours);
  expect([method, path]).toEqual(['POST', '/callback']);
  expect(Object.keys(headers).filter((name) => name.includes('signature') || name === 'authorization')).toEqual([]);
  expect(JSON.parse(body)).toMatchObject({
    ResponseCode: '0000',
    Message: 'success',
    Data: { ClientReference: ours, Amount: 0.8, AmountCharged: 0.85 },
  });
  expect(await control(sandbox).ledger(ours)).toMatchObject([{ amount: 80, currency: 'GHS' }]);
});

it('answers the status by any of three references, with 0000 whatever became of the payment', async () => {
  const ours = reference();
  await receive(ours);
  const data = await paid(ours);
  for (const query of [
    `hubtelTransactionId=${String(dig(data, 'transactionId'))}`,
    `networkTransactionId=${String(dig(data, 'externalTransactionId'))}`,
  ]) {
    expect(dig((await status(query)).json, 'data', 'clientReference')).toBe(ours);
  }
  const unpaid = reference();
  await receive(unpaid, { CustomerMsisdn: '233241239901' });
  expect(JSON.parse((await callback(unpaid)).body)).toMatchObject({ ResponseCode: '2001', Message: 'failed' });
  expect((await status(`clientReference=${unpaid}`)).json).toMatchObject({
    responseCode: '0000',
    data: { status: 'Unpaid', externalTransactionId: null },
  });
  expect((await status('clientReference=none')).status).toBe(404);
  expect((await status('')).status).toBe(400);
});

it('hosts a page, and calls back in the words of the checkout', async () => {
  const ours = reference();
  const order = {
    totalAmount: 12.5,
    description: 'Order',
    callbackUrl: `${receiver.url}/checkout`,
    returnUrl: 'https://shop.example/paid',
    cancellationUrl: 'https://shop.example/failed',
    merchantAccountNumber: POS,
    clientReference: ours,
  };
  const { json } = await post(`${base}/items/initiate`, order, HUBTEL_AUTH);
  expect(json).toMatchObject({ responseCode: '0000', status: 'Success', data: { clientReference: ours } });
  expect(dig((await status(`clientReference=${ours}`)).json, 'data', 'status')).toBe('Unpaid');
  expect((await call(String(dig(json, 'data', 'checkoutDirectUrl')))).body).toContain('in progress');
  await paid(ours);
  expect((await call(String(dig(json, 'data', 'checkoutUrl')))).body).toContain('https://shop.example/paid');
  expect(JSON.parse((await callback(ours)).body)).toMatchObject({
    ResponseCode: '0000',
    Status: 'Success',
    Data: { CheckoutId: dig(json, 'data', 'checkoutId'), ClientReference: ours, Status: 'Success', Amount: 12.5 },
  });
  expect((await post(`${base}/items/initiate`, order, HUBTEL_AUTH)).status).toBe(400);
  for (const strange of [{ totalAmount: 0 }, { returnUrl: 'x' }, { clientReference: 'a-b' }, { description: '' }]) {
    const answer = await post(
      `${base}/items/initiate`,
      { ...order, clientReference: reference(), ...strange },
      HUBTEL_AUTH,
    );
    expect(answer.json['ResponseCode']).toBe('4000');
  }
});

it('lets in only addresses on the list, and shows all others a page', async () => {
  const credentials = { api_id: 'far', api_key: 'k', pos_sales_id: POS, allowed_ips: '10.0.0.1, 10.0.0.2' };
  await control(sandbox).post('/_accounts', { gateway: 'hubtel', account: 'far', credentials });
  const refused = await receive(reference(), {}, hubtelAuth('far', 'k'));
  expect(refused.status).toBe(403);
  expect(refused.body).toContain('<html>');
  const near = { ...credentials, api_id: 'near', allowed_ips: '10.0.0.1,127.0.0.1' };
  await control(sandbox).post('/_accounts', { gateway: 'hubtel', account: 'near', credentials: near });
  expect((await receive(reference(), {}, hubtelAuth('near', 'k'))).json['ResponseCode']).toBe('0001');
});

it('refuses strangers, and accounts that are somebody else’s', async () => {
  expect((await receive(reference(), {}, hubtelAuth('sandbox-hubtel', 'other'))).status).toBe(401);
  const url = `${base}/merchantaccount/merchants/1/receive/mobilemoney`;
  expect((await post(url, receiveOrder(reference()), HUBTEL_AUTH)).status).toBe(403);
  const elsewhere = await call(`${base}/transactions/1/status?clientReference=x`, { headers: HUBTEL_AUTH });
  expect(elsewhere.status).toBe(403);
});

it.each([
  ['a reference used before', { ClientReference: 'used' }],
  ['a reference with a dash', { ClientReference: 'a-b' }],
  ['a reference of 37 characters', { ClientReference: 'a'.repeat(37) }],
  ['a national number', { CustomerMsisdn: '0241234567' }],
  ['an unknown channel', { Channel: 'mtn' }],
  ['three decimals', { Amount: 0.805 }],
  ['a string for an amount', { Amount: '0.80' }],
  ['no address for the callback', { PrimaryCallbackUrl: undefined }],
  ['no description', { Description: '' }],
])('refuses %s with 4000', async (_what, fields) => {
  await receive('used');
  const { status: code, json } = await receive(reference(), fields);
  expect([code, json['ResponseCode']]).toEqual([400, '4000']);
});
