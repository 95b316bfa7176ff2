import { startSandbox, type Sandbox } from './sandbox.js';
import {
  AMOUNT_MINOR,
  call,
  control,
  dig,
  flutterwaveClient,
  momoClient,
  paystackClient,
  type GatewayClient,
} from './testing/clients.js';
import { eventually, sleep } from './testing/eventually.js';
import { sideBySide } from './testing/side-by-side.js';
import { startReceiver, type Received, type Receiver } from './testing/receiver.js';
import { paystackSignature } from './gateways/paystack/webhook.js';
import { flutterwaveSignature } from './gateways/flutterwave/webhook.js';
import { DEFAULT_CREDENTIALS } from './accounts.js';
import { FAULT_NAMES } from './faults.js';

const NAMES = ['paystack', 'flutterwave', 'mtn_momo'] as const;

let receiver: Receiver;
let sandbox: Sandbox;
let operator: ReturnType<typeof control>;
let clients: Record<(typeof NAMES)[number], GatewayClient>;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${receiver.url}/{gateway}/{account}` });
  operator = control(sandbox);
  clients = {
    paystack: paystackClient(sandbox),
    flutterwave: flutterwaveClient(sandbox),
    mtn_momo: await momoClient(sandbox, `${receiver.url}/callback`),
  };
});

afterEach(async () => {
  receiver.answerWith(200);
  await operator.clearFaults();
});

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

/** The webhooks that speak of this reference. */
function webhooksOf(reference: string): Received[] {
  return receiver.received.filter(({ body, path }) => body.includes(reference) || path.includes(reference));
}

async function until(
  client: GatewayClient,
  reference: string,
  state: string,
): Promise<{ state: string; amountMinor: number }> {
  return eventually(async () => {
    const outcome = await client.outcome(reference);
    expect(outcome.state).toBe(state);
    return outcome;
  });
}

async function expectCharged(reference: string, times: number, amount = AMOUNT_MINOR): Promise<void> {
  const entries = await operator.ledger(reference);
  expect(entries.map((entry) => entry['amount'])).toEqual(Array.from({ length: times }, () => amount));
}

/** Sends a charge and gives up soon, as a client with a deadline does. */
async function chargeAndGiveUp(client: GatewayClient, reference: string, phone?: string): Promise<void> {
  await expect(client.charge(reference, phone, AbortSignal.timeout(150))).rejects.toThrow(/abort|timeout/i);
}

/** What a test has of one gateway: its client, and a reference that nobody else uses. */
interface At {
  readonly name: (typeof NAMES)[number];
  readonly client: GatewayClient;
  readonly reference: string;
}

function atEach(title: string, test: (at: At) => Promise<void>): void {
  sideBySide(NAMES, title, (name) => {
    const client = clients[name];
    return test({ name, client, reference: client.reference() });
  });
}

atEach('down: nothing listens, for charges and questions alike', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'down' });
  await expect(client.charge(reference)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await expect(client.verify(reference)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  await operator.clearFaults(name);
  expect((await client.outcome(reference)).state).toBe('missing');
});

atEach('down in part: its edge answers 503 to that share', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'down', rate: 0.999999 });
  expect((await client.charge(reference)).status).toBe(503);
  expect((await client.verify(reference)).status).toBe(503);
  await operator.clearFaults(name);
  expect((await client.outcome(reference)).state).toBe('missing');
});

atEach('refuse: closes its port, and opens it again', async ({ name, client, reference }) => {
  expect((await client.charge(client.reference())).status).toBeLessThan(300);
  await operator.fault({ gateway: name, fault: 'refuse' });
  await expect(client.charge(reference)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  expect((await operator.get('/_ledger/summary')).status).toBe(200);
  await operator.remove(`/_faults?gateway=${name}&fault=refuse`);
  expect((await client.charge(reference)).status).toBeLessThan(300);
});

atEach('refuse after n: serves n more charges, then closes', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'refuse', after: 1 });
  expect((await client.charge(reference)).status).toBeLessThan(300);
  await eventually(() =>
    expect(client.charge(client.reference())).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } }),
  );
});

atEach('timeout_before_charge: never answers and charges nothing', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'timeout_before_charge' });
  await chargeAndGiveUp(client, reference);
  expect((await client.outcome(reference)).state).toBe('missing');
  await expectCharged(reference, 0);
});

atEach('timeout_after_charge: never answers, and the money moves all the same', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'timeout_after_charge' });
  await chargeAndGiveUp(client, reference);
  await until(client, reference, 'succeeded');
  await expectCharged(reference, 1);
  await eventually(() => expect(webhooksOf(reference)).toHaveLength(1));
});

atEach(
  'error_5xx_before and error_5xx_after_charge: the same answer, and only the second charges',
  async ({ name, client, reference }) => {
    await operator.fault({ gateway: name, fault: 'error_5xx_before' });
    const before = await client.charge(reference);
    await operator.clearFaults(name);
    await operator.fault({ gateway: name, fault: 'error_5xx_after_charge' });
    const charged = client.reference();
    const after = await client.charge(charged);
    expect(before.status).toBeGreaterThanOrEqual(500);
    expect(after).toEqual(before);
    await until(client, charged, 'succeeded');
    await expectCharged(charged, 1);
    await expectCharged(reference, 0);
  },
);

atEach('slow: answers late', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'slow', ms: 200 });
  const begun = Date.now();
  expect((await client.charge(reference)).status).toBeLessThan(300);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(190);
});

atEach('garbage: says 200 and nonsense after it has charged', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'garbage' });
  const answer = await client.charge(reference);
  expect(answer.status).toBe(200);
  expect(() => JSON.parse(answer.body) as unknown).toThrow(SyntaxError);
  await until(client, reference, 'succeeded');
  await expectCharged(reference, 1);
});

atEach(
  'decline: fails with the provider code that was asked for, and moves nothing',
  async ({ name, client, reference }) => {
    await operator.fault({ gateway: name, fault: 'decline', code: 'SOME_PROVIDER_CODE' });
    await client.charge(reference);
    await until(client, reference, 'failed');
    expect((await client.verify(reference)).body).toContain('SOME_PROVIDER_CODE');
    await expectCharged(reference, 0);
    // Paystack has no event for a failure; the others tell it.
    if (name !== 'paystack') await eventually(() => expect(webhooksOf(reference)[0]?.body).toMatch(/failed/i));
  },
);

atEach('no_webhook: keeps silent', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'no_webhook' });
  await client.charge(reference);
  await until(client, reference, 'succeeded');
  await sleep(50);
  expect(webhooksOf(reference)).toHaveLength(0);
});

atEach('duplicate_webhook: says it three times in the same bytes', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'duplicate_webhook' });
  await client.charge(reference);
  const three = await eventually(() => {
    expect(webhooksOf(reference)).toHaveLength(3);
    return webhooksOf(reference);
  });
  expect(new Set(three.map(({ body }) => body)).size).toBe(1);
  await expectCharged(reference, 1);
});

atEach('late_webhook: speaks after the given time', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'late_webhook', ms: 250 });
  await client.charge(reference);
  await until(client, reference, 'succeeded');
  expect(webhooksOf(reference)).toHaveLength(0);
  await eventually(() => expect(webhooksOf(reference)).toHaveLength(1));
});

atEach('forged_webhook: claims a success before the customer has decided', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'forged_webhook' });
  await operator.fault({ gateway: name, fault: 'decline' });
  await client.charge(reference);
  const forged = await eventually(() => {
    const first = webhooksOf(reference)[0];
    if (first === undefined) throw new Error('no webhook yet');
    return first;
  });
  expect(forged.body).toMatch(/"status":"success(ful)?"/i);
  if (name === 'paystack') {
    const genuine = paystackSignature(forged.body, DEFAULT_CREDENTIALS.paystack.secret_key);
    expect(forged.headers['x-paystack-signature']).not.toBe(genuine);
  }
  if (name === 'flutterwave') {
    const hash = DEFAULT_CREDENTIALS.flutterwave.secret_hash;
    expect(forged.headers['verif-hash']).toBe(hash);
    expect(forged.headers['flutterwave-signature']).not.toBe(flutterwaveSignature(forged.body, hash));
  }
  await until(client, reference, 'failed');
  await expectCharged(reference, 0);
});

atEach('wrong_amount: takes and reports another amount', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'wrong_amount' });
  await client.charge(reference);
  expect(await until(client, reference, 'succeeded')).toEqual({
    state: 'succeeded',
    amountMinor: AMOUNT_MINOR - 100,
  });
  await expectCharged(reference, 1, AMOUNT_MINOR - 100);
});

atEach('late_success: failed first, paid afterwards', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'late_success', ms: 200 });
  await client.charge(reference);
  await until(client, reference, 'failed');
  await expectCharged(reference, 0);
  await until(client, reference, 'succeeded');
  await expectCharged(reference, 1);
  await eventually(() => expect(webhooksOf(reference).at(-1)?.body).toMatch(/success/i));
});

atEach('approve_after: waits for the given time, or for ever', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'approve_after', ms: 1_000 });
  await client.charge(reference);
  await sleep(120);
  expect((await client.outcome(reference)).state).toBe('pending');
  await until(client, reference, 'succeeded');
  await operator.fault({ gateway: name, fault: 'approve_after', ms: -1 });
  const never = client.reference();
  await client.charge(never);
  await sleep(120);
  expect((await client.outcome(never)).state).toBe('pending');
});

atEach('magic phones: decline, refuse, never answer, and lose the answer', async ({ client, reference }) => {
  for (const ending of ['9901', '9902']) {
    const mine = client.reference();
    await client.charge(mine, `23324123${ending}`);
    await until(client, mine, 'failed');
    await expectCharged(mine, 0);
  }
  const pending = client.reference();
  await client.charge(pending, '233241239903');
  await chargeAndGiveUp(client, reference, '233241239904');
  await until(client, reference, 'succeeded');
  await expectCharged(reference, 1);
  expect((await client.outcome(pending)).state).toBe('pending');
});

atEach('magic phones: late success, doubled webhook, no webhook', async ({ name, client }) => {
  const late = client.reference();
  const doubled = client.reference();
  const silent = client.reference();
  await client.charge(late, '233241239905');
  await client.charge(doubled, '233241239906');
  await client.charge(silent, '233241239907');
  await until(client, late, 'failed');
  await eventually(() => expect(webhooksOf(doubled)).toHaveLength(3));
  await until(client, silent, 'succeeded');
  expect(webhooksOf(silent)).toHaveLength(0);
  await operator.post('/_transactions/approve', { gateway: name, reference: late });
  await until(client, late, 'succeeded');
  await expectCharged(late, 1);
});

it('a webhook that is not taken comes again, except the one of MTN', async () => {
  receiver.answerWith(500);
  const references = Object.fromEntries(NAMES.map((name) => [name, clients[name].reference()]));
  for (const name of NAMES) await clients[name].charge(references[name] ?? '');
  await eventually(() => NAMES.forEach((name) => expect(webhooksOf(references[name] ?? '')).toHaveLength(1)));
  receiver.answerWith(200);
  await eventually(() => expect(webhooksOf(references['paystack'] ?? '')).toHaveLength(2));
  await eventually(() => expect(webhooksOf(references['flutterwave'] ?? '')).toHaveLength(2));
  expect(webhooksOf(references['mtn_momo'] ?? '')).toHaveLength(1);
});

it('the same seed and the same order of requests give the same decisions', async () => {
  const client = clients.paystack;
  const run = async (seed: number): Promise<string> => {
    await operator.fault({ gateway: 'paystack', fault: 'error_5xx_before', rate: 0.5, seed });
    let decisions = '';
    for (let index = 0; index < 24; index += 1) {
      decisions += (await client.charge(client.reference())).status === 500 ? 'x' : '.';
    }
    return decisions;
  };
  const first = await run(7);
  expect(await run(7)).toBe(first);
  expect(await run(8)).not.toBe(first);
  expect(first).toMatch(/x.*\.|\..*x/);
});

it('counts hits, replaces a fault of the same name, begins after n, and takes "*"', async () => {
  const client = clients.paystack;
  await operator.fault({ gateway: '*', fault: 'error_5xx_before', rate: 0 });
  await operator.fault({ gateway: '*', fault: 'error_5xx_before', after: 1 });
  expect((await client.charge(client.reference())).status).toBe(200);
  expect((await client.charge(client.reference())).status).toBe(500);
  expect((await clients.flutterwave.charge(client.reference())).status).toBe(503);
  expect(await operator.faults()).toEqual([
    { gateway: '*', fault: 'error_5xx_before', rate: 1, seed: 1, after: 1, begun: true, decisions: 2, hits: 2 },
  ]);
});

it('a partial refuse resets that share of the requests', async () => {
  await operator.fault({ gateway: 'paystack', fault: 'refuse', rate: 0.5, seed: 3 });
  let reset = 0;
  for (let index = 0; index < 30; index += 1) {
    await clients.paystack.verify('nothing').catch(() => (reset += 1));
  }
  expect(reset).toBeGreaterThan(4);
  expect(reset).toBeLessThan(26);
});

it.each([
  [{ gateway: 'paystack', fault: 'explode' }, FAULT_NAMES.join(', ')],
  [
    { gateway: 'stripe', fault: 'down' },
    'paystack, flutterwave, mtn_momo, monnify, wave, hubtel, orange_money, africastalking, *',
  ],
  [{ gateway: 'paystack', fault: 'down', rate: 2 }, 'rate'],
  [{ gateway: 'paystack', fault: 'down', rte: 1 }, 'unknown field rte'],
  [{ gateway: 'paystack', fault: 'slow', ms: -5 }, 'ms'],
])('refuses the fault order %j', async (order, words) => {
  const answer = await operator.fault(order);
  expect(answer.status).toBe(400);
  expect(dig(answer.json, 'error')).toContain(words);
  expect((await call(`${sandbox.controlUrl}/_faults?fault=nothing`, { method: 'DELETE' })).status).toBe(400);
});
