import { DEFAULT_CREDENTIALS } from './accounts.js';
import { monnifySignature } from './gateways/monnify/webhook.js';
import { startSandbox, type Sandbox } from './sandbox.js';
import { AMOUNT_MINOR, control, type GatewayClient } from './testing/clients.js';
import { eventually, sleep } from './testing/eventually.js';
import { hubtelClient } from './testing/hubtel-client.js';
import { monnifyClient } from './testing/monnify-client.js';
import { orangeClient } from './testing/orange-client.js';
import { sideBySide } from './testing/side-by-side.js';
import { startReceiver, type Received, type Receiver } from './testing/receiver.js';
import { waveClient } from './testing/wave-client.js';

/** What the four differ in under a fault; faults.test.ts asks the same of the first three, which are more alike. */
const FACTS = {
  monnify: { down: 502, failed: 'failed', failureEvent: undefined, reason: 'nowhere', retries: true, asksAlways: true },
  wave: {
    down: 503,
    failed: 'failed',
    failureEvent: 'payment_failed',
    reason: 'query',
    retries: true,
    asksAlways: true,
  },
  hubtel: { down: 503, failed: 'pending', failureEvent: 'failed', reason: 'webhook', retries: false, asksAlways: true },
  // Without the answer to the creation there is no token to ask with.
  orange_money: {
    down: 503,
    failed: 'failed',
    failureEvent: 'FAILED',
    reason: 'nowhere',
    retries: false,
    asksAlways: false,
  },
} as const;
const NAMES = ['monnify', 'wave', 'hubtel', 'orange_money'] as const;

let receiver: Receiver;
let sandbox: Sandbox;
let operator: ReturnType<typeof control>;
let clients: Record<(typeof NAMES)[number], GatewayClient>;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${receiver.url}/{gateway}/{account}` });
  operator = control(sandbox);
  clients = {
    monnify: await monnifyClient(sandbox),
    wave: waveClient(sandbox),
    hubtel: hubtelClient(sandbox, `${receiver.url}/callback`),
    orange_money: await orangeClient(sandbox, `${receiver.url}/notif`),
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

async function until(client: GatewayClient, reference: string, state: string): Promise<number> {
  return eventually(async () => {
    const outcome = await client.outcome(reference);
    expect(outcome.state).toBe(state);
    return outcome.amountMinor;
  });
}

async function untilCharged(reference: string, amount = AMOUNT_MINOR): Promise<void> {
  await eventually(async () => expect(await operator.ledger(reference)).toMatchObject([{ amount }]));
}

async function expectNothingCharged(reference: string): Promise<void> {
  expect(await operator.ledger(reference)).toEqual([]);
}

/** Sends a charge and gives up soon, as a client with a deadline does. */
async function chargeAndGiveUp(client: GatewayClient, reference: string, phone?: string): Promise<void> {
  await expect(client.charge(reference, phone, AbortSignal.timeout(250))).rejects.toThrow(/abort|timeout/i);
}

/** What a test has of one gateway: its client, and a reference that nobody else uses. */
interface At {
  readonly name: (typeof NAMES)[number];
  readonly client: GatewayClient;
  readonly reference: string;
  readonly facts: (typeof FACTS)[(typeof NAMES)[number]];
}

function atEach(title: string, test: (at: At) => Promise<void>): void {
  sideBySide(NAMES, title, (name) => {
    const client = clients[name];
    return test({ name, client, reference: client.reference(), facts: FACTS[name] });
  });
}

atEach(
  'down: nothing listens; down in part: its edge answers that share; refuse: its port is closed',
  async ({ name, client, reference, facts }) => {
    for (const fault of ['down', 'refuse']) {
      await operator.fault({ gateway: name, fault });
      await expect(client.charge(reference)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
      await operator.clearFaults(name);
    }
    await operator.fault({ gateway: name, fault: 'down', rate: 0.999999 });
    expect((await client.charge(reference)).status).toBe(facts.down);
    await operator.clearFaults(name);
    expect((await client.outcome(reference)).state).toBe('missing');
  },
);

atEach('timeout_before_charge: never answers and charges nothing', async ({ name, client, reference }) => {
  await operator.fault({ gateway: name, fault: 'timeout_before_charge' });
  await chargeAndGiveUp(client, reference);
  expect((await client.outcome(reference)).state).toBe('missing');
  await expectNothingCharged(reference);
});

atEach(
  'timeout_after_charge: never answers, and the money moves all the same',
  async ({ name, client, reference, facts }) => {
    await operator.fault({ gateway: name, fault: 'timeout_after_charge' });
    await chargeAndGiveUp(client, reference);
    await untilCharged(reference);
    await eventually(() => expect(webhooksOf(reference)).toHaveLength(1));
    expect((await client.outcome(reference)).state).toBe(facts.asksAlways ? 'succeeded' : 'missing');
  },
);

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
    await untilCharged(charged);
    await expectNothingCharged(reference);
  },
);

atEach(
  'slow: answers late; garbage: says 200 and nonsense after it has charged',
  async ({ name, client, reference }) => {
    await operator.fault({ gateway: name, fault: 'slow', ms: 200 });
    const begun = Date.now();
    expect((await client.charge(client.reference())).status).toBeLessThan(300);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(190);
    await operator.clearFaults(name);
    await operator.fault({ gateway: name, fault: 'garbage' });
    const answer = await client.charge(reference);
    expect(answer.status).toBe(200);
    expect(() => JSON.parse(answer.body) as unknown).toThrow(SyntaxError);
    await untilCharged(reference);
  },
);

atEach(
  'decline: fails and moves nothing, and the reason is told where the API has a place for it',
  async ({ name, client, reference, facts }) => {
    await operator.fault({ gateway: name, fault: 'decline', code: 'SOME_PROVIDER_CODE' });
    await client.charge(reference);
    await until(client, reference, facts.failed);
    if (facts.failureEvent !== undefined) {
      await eventually(() => expect(webhooksOf(reference)[0]?.body).toContain(facts.failureEvent));
    }
    await expectNothingCharged(reference);
    const code = 'SOME_PROVIDER_CODE';
    expect((await client.verify(reference)).body.includes(code)).toBe(facts.reason === 'query');
    expect(webhooksOf(reference).some(({ body }) => body.includes(code))).toBe(
      facts.reason === 'webhook' || facts.reason === 'query',
    );
  },
);

atEach(
  'no_webhook, late_webhook, duplicate_webhook: none, later, three times in the same bytes',
  async ({ name, client, reference }) => {
    await operator.fault({ gateway: name, fault: 'no_webhook' });
    const silent = client.reference();
    await client.charge(silent);
    await operator.clearFaults(name);
    await operator.fault({ gateway: name, fault: 'late_webhook', ms: 1_500 });
    const late = client.reference();
    await client.charge(late);
    await until(client, late, 'succeeded');
    expect(webhooksOf(late)).toHaveLength(0);
    await operator.clearFaults(name);
    await operator.fault({ gateway: name, fault: 'duplicate_webhook' });
    await client.charge(reference);
    await eventually(() => expect(webhooksOf(reference)).toHaveLength(3));
    expect(new Set(webhooksOf(reference).map(({ body }) => body)).size).toBe(1);
    await eventually(() => expect(webhooksOf(late)).toHaveLength(1));
    await until(client, silent, 'succeeded');
    expect(webhooksOf(silent)).toHaveLength(0);
  },
);

atEach(
  'forged_webhook: claims a success before the customer has decided, and proves nothing',
  async ({ name, client, reference, facts }) => {
    await operator.fault({ gateway: name, fault: 'forged_webhook' });
    await operator.fault({ gateway: name, fault: 'decline' });
    await client.charge(reference);
    const forged = await eventually(() => {
      const first = webhooksOf(reference)[0];
      if (first === undefined) throw new Error('no webhook yet');
      return first;
    });
    expect(forged.body).toMatch(/"PAID"|succeeded|"0000"|"SUCCESS"/);
    if (name === 'monnify') {
      const { secret_key } = DEFAULT_CREDENTIALS.monnify;
      expect(forged.headers['monnify-signature']).toMatch(/^[0-9a-f]{128}$/);
      expect(forged.headers['monnify-signature']).not.toBe(monnifySignature(forged.body, secret_key));
    }
    await until(client, reference, facts.failed);
    await expectNothingCharged(reference);
  },
);

atEach(
  'wrong_amount: takes another amount, and reports it where the API tells amounts',
  async ({ name, client, reference }) => {
    await operator.fault({ gateway: name, fault: 'wrong_amount' });
    await client.charge(reference);
    await untilCharged(reference, AMOUNT_MINOR - 100);
    const reported = await until(client, reference, 'succeeded');
    expect(reported).toBe(name === 'orange_money' ? Number.NaN : AMOUNT_MINOR - 100);
  },
);

atEach('late_success: failed first, paid afterwards', async ({ name, client, reference, facts }) => {
  await operator.fault({ gateway: name, fault: 'late_success', ms: 1_000 });
  await client.charge(reference);
  await until(client, reference, facts.failed);
  await expectNothingCharged(reference);
  await untilCharged(reference);
  await until(client, reference, 'succeeded');
  await eventually(() => expect(webhooksOf(reference).at(-1)?.body).toMatch(/PAID|completed|0000|SUCCESS/));
});

atEach(
  'approve_after: waits for the given time, or for ever, and the operator can play the customer',
  async ({ name, client, reference }) => {
    await operator.fault({ gateway: name, fault: 'approve_after', ms: -1 });
    const never = client.reference();
    await client.charge(never);
    await operator.fault({ gateway: name, fault: 'approve_after', ms: 1_000 });
    await client.charge(reference);
    expect((await client.outcome(reference)).state).toBe('pending');
    await until(client, reference, 'succeeded');
    expect((await client.outcome(never)).state).toBe('pending');
    await operator.post('/_transactions/approve', { gateway: name, reference: never });
    await untilCharged(never);
  },
);

atEach('magic phones do what they do everywhere', async ({ name, client, facts }) => {
  const mine = Object.fromEntries(
    ['9901', '9902', '9903', '9904', '9905', '9906', '9907'].map((ending) => [ending, client.reference()]),
  );
  for (const [ending, ours] of Object.entries(mine)) {
    if (ending === '9904') await chargeAndGiveUp(client, ours, '233241239904');
    else await client.charge(ours, `23324123${ending}`);
  }
  for (const ending of ['9904', '9906', '9907']) await untilCharged(mine[ending] ?? '');
  for (const ending of ['9901', '9902']) {
    await until(client, mine[ending] ?? '', facts.failed);
    await expectNothingCharged(mine[ending] ?? '');
  }
  expect((await client.outcome(mine['9903'] ?? '')).state).toBe('pending');
  await eventually(() => expect(webhooksOf(mine['9906'] ?? '')).toHaveLength(3));
  expect(webhooksOf(mine['9907'] ?? '')).toHaveLength(0);
  await operator.post('/_transactions/approve', { gateway: name, reference: mine['9905'] });
  await untilCharged(mine['9905'] ?? '');
});

it('a webhook that is not taken comes again where the gateway repeats them, and is lost elsewhere', async () => {
  receiver.answerWith(500);
  const references = Object.fromEntries(NAMES.map((name) => [name, clients[name].reference()]));
  const heard = (name: string): number => webhooksOf(references[name] ?? '').length;
  for (const name of NAMES) await clients[name].charge(references[name] ?? '');
  await eventually(() => NAMES.forEach((name) => expect(heard(name)).toBe(1)));
  receiver.answerWith(200);
  // Whoever repeats them does so after a second.
  await eventually(() => NAMES.filter((name) => FACTS[name].retries).forEach((name) => expect(heard(name)).toBe(2)));
  // The others had their turn before these, but for a moment.
  await sleep(150);
  expect(NAMES.map(heard)).toEqual(NAMES.map((name) => (FACTS[name].retries ? 2 : 1)));
});
