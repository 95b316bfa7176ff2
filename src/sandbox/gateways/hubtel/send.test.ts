import { DEFAULT_CREDENTIALS } from '../../accounts.js';
import { startSandbox, type Sandbox } from '../../sandbox.js';
import { call, control, dig, post, type Heard } from '../../testing/clients.js';
import { eventually } from '../../testing/eventually.js';
import { HUBTEL_AUTH, POS, receiveOrder } from '../../testing/hubtel-client.js';
import { startReceiver, type Received, type Receiver } from '../../testing/receiver.js';

const DEPOSIT = DEFAULT_CREDENTIALS.hubtel.prepaid_deposit_id;

let receiver: Receiver;
let sandbox: Sandbox;
let operator: ReturnType<typeof control>;
let base: string;
let number = 0;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0 });
  operator = control(sandbox);
  base = sandbox.gateways['hubtel'] ?? '';
});

afterEach(() => operator.clearFaults());

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

function reference(): string {
  number += 1;
  return `out${number}x`;
}

function sendMoney(
  ClientReference: string,
  fields: Readonly<Record<string, unknown>> = {},
  deposit: string = DEPOSIT,
): Promise<Heard> {
  const order = {
    RecipientName: 'Kofi',
    RecipientMsisdn: '233241234567',
    CustomerEmail: 'k@b.co',
    Channel: 'mtn-gh',
    Amount: 10.5,
    PrimaryCallbackURL: `${receiver.url}/sent`,
    Description: 'Salary',
    ClientReference,
    ...fields,
  };
  return post(`${base}/api/merchants/${deposit}/send/mobilemoney`, order, HUBTEL_AUTH);
}

function status(ours: string, deposit: string = DEPOSIT): Promise<Heard> {
  return call(`${base}/api/merchants/${deposit}/transactions/status?clientReference=${ours}`, { headers: HUBTEL_AUTH });
}

async function ended(ours: string, word: string): Promise<void> {
  await eventually(async () =>
    expect((await status(ours)).json).toMatchObject({ ResponseCode: '0000', Data: { transactionStatus: word } }),
  );
}

async function callback(ours: string): Promise<Received> {
  return eventually(() => {
    const found = receiver.received.find(({ body }) => body.includes(ours));
    if (found === undefined) throw new Error('no callback yet');
    return found;
  });
}

it('sends: 0001, success, and an unsigned callback to the address of the request', async () => {
  const ours = reference();
  const begun = await sendMoney(ours);
  expect(begun.json).toMatchObject({ ResponseCode: '0001', Data: { ClientReference: ours, Amount: 10.5 } });
  await ended(ours, 'success');
  const { body, path } = await callback(ours);
  expect(path).toBe('/sent');
  expect(JSON.parse(body)).toMatchObject({ ResponseCode: '0000', Data: { ClientReference: ours, Amount: 10.5 } });
  expect(await operator.ledger(ours)).toMatchObject([{ kind: 'payout', amount: 1050, currency: 'GHS' }]);
});

it('sends out of the deposit alone, which collections do not fill', async () => {
  await operator.post('/_float', { gateway: 'hubtel', currency: 'GHS', amount: 1_049 });
  const collected = reference();
  const order = receiveOrder(collected, { PrimaryCallbackUrl: `${receiver.url}/received`, Amount: 100 });
  await post(`${base}/merchantaccount/merchants/${POS}/receive/mobilemoney`, order, HUBTEL_AUTH);
  await eventually(async () => expect(await operator.ledger(collected)).toHaveLength(1));
  const tooMuch = await sendMoney(reference());
  expect([tooMuch.status, tooMuch.json['ResponseCode']]).toEqual([400, '4075']);
  const ours = reference();
  await sendMoney(ours, { Amount: 10.49 });
  await ended(ours, 'success');
  await operator.post('/_float', { gateway: 'hubtel', currency: 'GHS', amount: 10_000_000 });
});

it('tells a failure, and loses the answer of one that goes on', async () => {
  const [failed, lost] = [reference(), reference()];
  await sendMoney(failed, { RecipientMsisdn: '233241239901' });
  await ended(failed, 'failed');
  expect(JSON.parse((await callback(failed)).body)).toMatchObject({ ResponseCode: '2001', Message: 'failed' });
  await operator.fault({ gateway: 'hubtel', fault: 'error_5xx_after_charge', on: 'payout' });
  expect((await sendMoney(lost)).status).toBe(500);
  await ended(lost, 'success');
  expect(await operator.ledger(lost)).toHaveLength(1);
});

it('refuses a repeat, a deposit of somebody else, and what it does not know', async () => {
  const ours = reference();
  await sendMoney(ours);
  expect((await sendMoney(ours)).json['ResponseCode']).toBe('4000');
  expect((await sendMoney(reference(), {}, '1')).status).toBe(403);
  expect((await status(ours, '1')).status).toBe(403);
  expect((await status('none')).status).toBe(404);
  // The address of the callback has three capitals here, and two where money is received.
  const wrong = await sendMoney(reference(), { PrimaryCallbackURL: undefined, PrimaryCallbackUrl: receiver.url });
  expect(dig(wrong.json, 'ResponseCode')).toBe('4000');
});
