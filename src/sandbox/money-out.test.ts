import { startSandbox, type Sandbox } from './sandbox.js';
import { AMOUNT_MINOR, call, control, dig, PAYSTACK_AUTH, paystackClient, post } from './testing/clients.js';
import { eventually, sleep } from './testing/eventually.js';
import { flutterwavePayer, momoPayer, newReference, paystackPayer, type Payer } from './testing/payers.js';
import { startReceiver, type Received, type Receiver } from './testing/receiver.js';

const NAMES = ['paystack', 'flutterwave', 'mtn_momo'] as const;

let receiver: Receiver;
let sandbox: Sandbox;
let operator: ReturnType<typeof control>;
let payers: Record<(typeof NAMES)[number], Payer>;

beforeAll(async () => {
  receiver = await startReceiver();
  sandbox = await startSandbox({ port: 0, webhookUrl: `${receiver.url}/{gateway}/{account}` });
  operator = control(sandbox);
  payers = {
    paystack: paystackPayer(sandbox),
    flutterwave: flutterwavePayer(sandbox),
    mtn_momo: await momoPayer(sandbox, `${receiver.url}/callback`),
  };
});

afterEach(() => operator.clearFaults());

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

function webhooksOf(reference: string): Received[] {
  return receiver.received.filter(({ body, path }) => body.includes(reference) || path.includes(reference));
}

async function expectPaidOut(reference: string, times: number, amount = AMOUNT_MINOR): Promise<void> {
  const entries = await operator.ledger(reference);
  const expected = Array.from({ length: times }, () => ['payout', amount]);
  expect(entries.map((entry) => [entry['kind'], entry['amount']])).toEqual(expected);
}

describe.each(NAMES)('payouts of %s under faults', (name) => {
  let payer: Payer;
  let reference: string;

  beforeEach(() => {
    payer = payers[name];
    reference = newReference();
  });

  const fault = (order: Readonly<Record<string, unknown>>): Promise<unknown> =>
    operator.fault({ gateway: name, on: 'payout', ...order });
  const until = (state: string, of = reference): Promise<void> =>
    eventually(async () => expect(await payer.state(of)).toBe(state));
  const payAndGiveUp = (phone?: string): Promise<void> =>
    expect(payer.payout(reference, phone, AbortSignal.timeout(400))).rejects.toThrow(/abort|timeout/i);

  it('timeout_before_charge and timeout_after_charge: silence, and only the second pays, once', async () => {
    await fault({ fault: 'timeout_before_charge' });
    await payAndGiveUp();
    await operator.clearFaults();
    expect(await payer.state(reference)).toBe('missing');
    await fault({ fault: 'timeout_after_charge' });
    await payAndGiveUp();
    await until('success');
    await operator.clearFaults();
    const again = await payer.payout(reference);
    expect(again.status).toBeGreaterThanOrEqual(400);
    await expectPaidOut(reference, 1);
  });

  it('error_5xx_before, error_5xx_after_charge and garbage: no truth, and the last two pay', async () => {
    await fault({ fault: 'error_5xx_before' });
    const before = await payer.payout(reference);
    await operator.clearFaults();
    await fault({ fault: 'error_5xx_after_charge' });
    const paid = newReference();
    expect(await payer.payout(paid)).toEqual(before);
    await operator.clearFaults();
    await fault({ fault: 'garbage' });
    const nonsense = newReference();
    const { body } = await payer.payout(nonsense);
    expect(() => JSON.parse(body) as unknown).toThrow(SyntaxError);
    await until('success', paid);
    await until('success', nonsense);
    await expectPaidOut(reference, 0);
    await expectPaidOut(paid, 1);
    await expectPaidOut(nonsense, 1);
  });

  it('decline and late_success: failed, and only the second is paid afterwards', async () => {
    await fault({ fault: 'decline', code: 'SOME_PROVIDER_CODE' });
    await payer.payout(reference);
    await until('failed');
    await eventually(() => expect(webhooksOf(reference)[0]?.body).toContain('SOME_PROVIDER_CODE'));
    await operator.clearFaults();
    await fault({ fault: 'late_success', ms: 300 });
    const late = newReference();
    await payer.payout(late);
    await until('failed', late);
    await until('success', late);
    await expectPaidOut(reference, 0);
    await expectPaidOut(late, 1);
  });

  it('no_webhook, duplicate_webhook, late_webhook and wrong_amount', async () => {
    const [silent, doubled, late, wrong] = [reference, newReference(), newReference(), newReference()];
    for (const [kind, of] of [
      ['no_webhook', silent],
      ['duplicate_webhook', doubled],
      ['late_webhook', late],
      ['wrong_amount', wrong],
    ] as const) {
      await fault({ fault: kind, ...(kind === 'late_webhook' ? { ms: 600 } : {}) });
      await payer.payout(of);
      await operator.clearFaults();
    }
    await eventually(() => expect(webhooksOf(doubled)).toHaveLength(3));
    await eventually(() => expect(webhooksOf(late)).toHaveLength(1));
    await until('success', silent);
    await until('success', wrong);
    expect(webhooksOf(silent)).toHaveLength(0);
    await expectPaidOut(wrong, 1, AMOUNT_MINOR - 100);
  });

  it('approve_after: the bank waits for ever, until somebody plays it', async () => {
    await fault({ fault: 'approve_after', ms: 0 });
    await payer.payout(reference);
    await sleep(120);
    expect(await payer.state(reference)).toBe('pending');
    await operator.post('/_transactions/approve', { gateway: name, kind: 'payout', reference });
    await until('success');
    await expectPaidOut(reference, 1);
  });

  it('magic phones: cannot be paid, never paid, paid in silence, and nobody who could refuse', async () => {
    const [failing, stuck, fine] = [newReference(), newReference(), newReference()];
    await payer.payout(failing, '233241239901');
    await payer.payout(stuck, '233241239903');
    await payer.payout(fine, '233241239902');
    await payAndGiveUp('233241239904');
    await until('success');
    await until('failed', failing);
    await until('success', fine);
    expect(await payer.state(stuck)).toBe('pending');
    await expectPaidOut(reference, 1);
  });

  it('strikes nothing it is not aimed at', async () => {
    await operator.fault({ gateway: name, fault: 'error_5xx_before' });
    await operator.fault({ gateway: name, fault: 'error_5xx_before', on: 'refund' });
    expect((await payer.payout(reference)).status).toBeLessThan(300);
    expect((await operator.faults()).map(({ decisions }) => decisions)).toEqual([0, 0]);
    await operator.fault({ gateway: name, fault: 'error_5xx_before', on: 'any' });
    expect((await payer.payout(newReference())).status).toBeGreaterThanOrEqual(500);
  });
});

it('timeout_after_charge on a refund: silence, and the refund is made once', async () => {
  const client = paystackClient(sandbox);
  const reference = client.reference();
  await client.charge(reference);
  await eventually(async () => expect((await client.outcome(reference)).state).toBe('succeeded'));
  await operator.fault({ gateway: 'paystack', fault: 'timeout_after_charge', on: 'refund' });
  const url = `${sandbox.gateways['paystack'] ?? ''}/refund`;
  const gone = post(url, { transaction: reference }, PAYSTACK_AUTH, AbortSignal.timeout(400));
  await expect(gone).rejects.toThrow(/abort|timeout/i);
  await eventually(async () => expect(await operator.ledger(reference)).toHaveLength(2));
  const { json } = await call(`${url}?transaction=${reference}`, { headers: PAYSTACK_AUTH });
  expect(json['data']).toMatchObject([{ amount: AMOUNT_MINOR, status: 'processed' }]);
});

it.each([
  [{ gateway: 'paystack', fault: 'decline', on: 'salary' }, 'charge, refund, payout, any'],
  [{ gateway: 'paystack', fault: 'down', on: 'payout' }, 'cannot be aimed'],
  [{ gateway: 'paystack', fault: 'forged_webhook', on: 'payout' }, 'charges only'],
  [{ gateway: 'paystack', fault: 'returned', on: 'refund' }, 'payouts only'],
  [{ gateway: 'mtn_momo', fault: 'returned' }, 'mtn_momo has no word'],
])('refuses the fault order %j', async (order, words) => {
  const answer = await operator.fault(order);
  expect([answer.status, dig(answer.json, 'error')]).toEqual([400, expect.stringContaining(words)]);
});

it('books equal what was paid: in, back, out and come back, and the balance is their sum', async () => {
  await operator.remove('/_ledger');
  await operator.post('/_float', { gateway: 'paystack', currency: 'GHS', amount: 100_000 });
  const client = paystackClient(sandbox);
  const [reference, paidOut, cameBack] = [client.reference(), newReference(), newReference()];
  await client.charge(reference);
  await eventually(async () => expect((await client.outcome(reference)).state).toBe('succeeded'));
  const url = sandbox.gateways['paystack'] ?? '';
  await post(`${url}/refund`, { transaction: reference, amount: 1_000 }, PAYSTACK_AUTH);
  await payers.paystack.payout(paidOut);
  await operator.fault({ gateway: 'paystack', fault: 'returned', ms: 50 });
  await payers.paystack.payout(cameBack);
  await eventually(async () => expect((await operator.get('/_ledger')).json['data']).toHaveLength(5));
  const totals = (await operator.get('/_ledger/summary')).json['data'] as { kind: string; amount: number }[];
  const sums = Object.fromEntries(totals.map(({ kind, amount }) => [kind, amount]));
  expect(sums).toEqual({ charge: 5_000, refund: 1_000, payout: 10_000, payout_return: 5_000 });
  const { json } = await operator.get('/_float?gateway=paystack&currency=GHS');
  expect(json).toMatchObject({ float: 95_000, balance: 99_000, held: 0, available: 99_000 });
  const emptied = await operator.post('/_float', { gateway: 'paystack', currency: 'GHS', balance: 500 });
  expect(emptied.json).toMatchObject({ float: -3_500, balance: 500, held: 0, available: 500 });
  const counts = (await operator.get('/_requests/summary')).json['data'];
  expect(counts).toContainEqual(expect.objectContaining({ gateway: 'paystack', operation: 'payout' }));
  expect(counts).toContainEqual(expect.objectContaining({ gateway: 'paystack', operation: 'refund' }));
});
