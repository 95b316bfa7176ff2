/** Refunds and payouts over HTTP: one answer per key, whoever asks how often; nothing of others; nothing that must not get in. */
import { randomUUID } from 'node:crypto';
import { encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import type { ApiAnswer } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import { createHarness, news, publicId, startFront, type Front, type Harness } from './harness.js';

let harness: Harness;
let front: Front;
beforeAll(async () => {
  harness = await createHarness();
  front = await startFront(harness.database);
}, 180_000);
afterAll(async () => {
  await front?.stop();
  await harness.close();
});

interface List {
  data: Record<string, unknown>[];
  has_more: boolean;
}

const CARD = '4111111111111111';
const WALLET = { type: 'mobile_money', network: 'mtn', phone: '+233241234567', name: 'Ama Mensah' };
const BANK = { type: 'bank_account', bank_code: '058', account_number: '0123456789', name: 'Ada Obi' };

const payout = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  amount: 5_000,
  currency: 'GHS',
  reference: randomUUID(),
  destination: WALLET,
  ...change,
});

const post = (path: string, body: unknown, key: string = randomUUID(), prefer?: string): Promise<ApiAnswer> =>
  front.merchant.post(path, body, { idempotencyKey: key, ...(prefer === undefined ? {} : { prefer }) });

const refundsOf = (payment: string): string => `/v1/payments/${publicId('payment', payment)}/refunds`;

function expectProblem(answer: ApiAnswer, status: number, code: string, pointer?: string): void {
  expect([answer.status, answer.body['code'], answer.text]).toEqual([status, code, answer.text]);
  if (pointer !== undefined) expect(answer.body['errors']).toContainEqual(expect.objectContaining({ pointer }));
}

async function rows(): Promise<unknown> {
  const tables = [
    'payments.refund',
    'payments.payout',
    'payments.payout_batch',
    'idempotency.key',
    'messaging.outbox',
  ].map((table) => `(SELECT count(*)::int FROM ${table}) AS "${table}"`);
  return harness.database.query(
    `SELECT ${tables.join(', ')}, (SELECT sum(refunding)::int FROM payments.payment) AS refunding`,
  );
}

describe('a refund', () => {
  it('of a part, then of the rest, and never of more', async () => {
    const payment = await harness.succeededPayment(10_000);
    const first = await post(refundsOf(payment), { amount: 4_000, reason: 'damaged', metadata: { ticket: '7' } });
    expect(first.status).toBe(202);
    expect(first.body).toEqual({
      object: 'refund',
      id: expect.stringMatching(/^re_[0-9a-z]{26}$/),
      livemode: false,
      status: 'processing',
      amount: 4_000,
      currency: 'GHS',
      payment: publicId('payment', payment),
      source: 'merchant',
      reason: 'damaged',
      platform_fee: 0,
      metadata: { ticket: '7' },
      failure_code: null,
      gateway: null,
      fees: { gateway: null },
      created_at: expect.any(String),
      concluded_at: null,
      returned_at: null,
    });
    expect((await front.merchant.get(`/v1/refunds/${String(first.body['id'])}`)).body).toEqual(first.body);
    const tooMuch = await post(refundsOf(payment), { amount: 6_001 });
    expectProblem(tooMuch, 422, 'refund.exceeds_payment');
    expect(tooMuch.body).toMatchObject({ refundable: 6_000, currency: 'GHS' });
    const rest = await post(refundsOf(payment), {});
    expect(rest.body).toMatchObject({ amount: 6_000, reason: null });
    expectProblem(await post(refundsOf(payment), {}), 422, 'refund.exceeds_payment');
    const { body } = await front.merchant.get(`/v1/payments/${publicId('payment', payment)}`);
    expect(body).toMatchObject({ amount: 10_000, refunded: 0, refunding: 10_000 });
    const uuids = await harness.own.query<{ id: string }>('SELECT id FROM payments.refund WHERE payment_id = $1', [
      payment,
    ]);
    const one = uuids.find(({ id }) => publicId('refund', id) === first.body['id']);
    await harness.handle(harness.onDisbursement, [news('refund', one?.id ?? '', 4_000).succeeded]);
    const after = await front.merchant.get(`/v1/payments/${publicId('payment', payment)}`);
    expect(after.body).toMatchObject({ refunded: 4_000, refunding: 6_000 });
    const shown = await front.merchant.get(`/v1/refunds/${String(first.body['id'])}?expand[]=attempts`);
    expect(shown.body).toMatchObject({ status: 'succeeded', gateway: 'paystack', fees: { gateway: 15 } });
    expect(shown.body['attempts']).toMatchObject([{ object: 'attempt', gateway: 'paystack', status: 'succeeded' }]);
  });

  it('is refused of a payment that has not succeeded, or is not there', async () => {
    const open = await harness.succeededPayment(10_000, { status: 'processing' });
    expectProblem(await post(refundsOf(open), {}), 409, 'refund.payment_not_succeeded');
    expectProblem(await post(refundsOf(newUuid()), {}), 404, 'payment.not_found');
    expectProblem(await post('/v1/payments/pay_nonsense/refunds', {}), 404, 'payment.not_found');
  });

  it('asked for a hundred times at once comes to no more than was captured', async () => {
    const payment = await harness.succeededPayment(10_000);
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(refundsOf(payment), { amount: 300 })));
    const accepted = answers.filter(({ status }) => status === 202);
    expect(accepted).toHaveLength(33);
    for (const answer of answers) if (answer.status !== 202) expectProblem(answer, 422, 'refund.exceeds_payment');
    expect(
      await harness.own.query(
        `SELECT p.refunding::int, sum(r.amount)::int AS sum FROM payments.payment p JOIN payments.refund r ON r.payment_id = p.id WHERE p.id = $1 GROUP BY p.id`,
        [payment],
      ),
    ).toEqual([{ refunding: 9_900, sum: 9_900 }]);
  }, 60_000);

  it('sent fifty times at once with one key is one refund, with one answer', async () => {
    const payment = await harness.succeededPayment(10_000);
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post(refundsOf(payment), { amount: 10_000 }, key)),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers[0]?.status).toBe(202);
    expect(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true')).toHaveLength(49);
    // Also when nothing is left, and the cache of answers does not know it (another process).
    expect((await post(refundsOf(payment), { amount: 10_000 }, key)).text).toBe(answers[0]?.text);
    expectProblem(await post(refundsOf(payment), { amount: 9_999 }, key), 422, 'idempotency.key_reused');
    const other = await harness.succeededPayment(10_000);
    expectProblem(await post(refundsOf(other), { amount: 10_000 }, key), 422, 'idempotency.key_reused');
  }, 60_000);

  it('gives nothing back for an amount of null, which may be a sum gone wrong', async () => {
    const payment = await harness.succeededPayment(10_000);
    expectProblem(await post(refundsOf(payment), { amount: null }), 422, 'request.invalid');
    const { body } = await front.merchant.get(`/v1/payments/${publicId('payment', payment)}`);
    expect(body).toMatchObject({ refunded: 0, refunding: 0 });
  });

  it('uses up no key when it is refused', async () => {
    const payment = await harness.succeededPayment(10_000);
    const key = randomUUID();
    const before = await rows();
    expectProblem(await post(refundsOf(payment), { amount: 10_001 }, key), 422, 'refund.exceeds_payment');
    expect(await rows()).toEqual(before);
    expect((await post(refundsOf(payment), { amount: 10_000 }, key)).status).toBe(202);
  });

  it('is waited for with Prefer: wait, and the answer is final', async () => {
    const payment = await harness.succeededPayment(10_000);
    const key = randomUUID();
    const waiting = post(refundsOf(payment), {}, key, 'wait=20');
    const id = await eventually(async () => {
      const [row] = await harness.own.query<{ id: string }>('SELECT id FROM payments.refund WHERE payment_id = $1', [
        payment,
      ]);
      if (row === undefined) throw new Error('no refund yet');
      return row.id;
    });
    expectProblem(await post(refundsOf(payment), {}, key), 409, 'idempotency.key_in_use');
    await harness.handle(harness.onHold, [news('refund', id, 10_000).refused]);
    const answer = await waiting;
    expect([answer.status, answer.body['status'], answer.body['failure_code']]).toEqual([
      201,
      'failed',
      'insufficient_funds',
    ]);
    expect((await post(refundsOf(payment), {}, key)).text).toBe(answer.text);
  });

  it('is listed by payment, status and source, newest first, in pages', async () => {
    const payment = await harness.succeededPayment(10_000);
    for (const amount of [1, 2, 3]) await post(refundsOf(payment), { amount });
    const list = async (query: string): Promise<unknown[]> =>
      (await front.merchant.get<List>(query)).body.data.map((each) => each['amount']);
    const id = publicId('payment', payment);
    expect(await list(`/v1/refunds?payment=${id}`)).toEqual([3, 2, 1]);
    expect(await list(`${refundsOf(payment)}?status=processing&source=merchant`)).toEqual([3, 2, 1]);
    expect(await list(`/v1/refunds?payment=${id}&status=failed`)).toEqual([]);
    const page = await front.merchant.get<List>(`/v1/refunds?payment=${id}&limit=2`);
    expect(page.body.has_more).toBe(true);
    expect(await list(`/v1/refunds?payment=${id}&starting_after=${String(page.body.data[1]?.['id'])}`)).toEqual([1]);
  });

  it.each([
    [{ amount: 0 }, '/amount'],
    [{ amount: -1 }, '/amount'],
    [{ amount: 1.5 }, '/amount'],
    [{ amount: '100' }, '/amount'],
    [{ reason: '' }, '/reason'],
    [{ reason: 'r'.repeat(201) }, '/reason'],
    [{ metadata: { n: 1 } }, '/metadata'],
    [{ ammount: 1 }, '/ammount'],
  ])('of %j is refused, and nothing is stored', async (body, pointer) => {
    const payment = await harness.succeededPayment(10_000);
    const before = await rows();
    expectProblem(await post(refundsOf(payment), body), 422, 'request.invalid', pointer);
    expectProblem(await post(refundsOf(payment), { reason: `card ${CARD}` }), 422, 'request.card_number');
    expectProblem(await front.merchant.post(refundsOf(payment), {}), 400, 'idempotency.key_missing');
    expect(await rows()).toEqual(before);
  });
});

describe('a payout', () => {
  it('is taken once per key and once per reference', async () => {
    const body = payout({ narration: 'Salary', metadata: { n: '1' } });
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/v1/payouts', body, key)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]?.body).toMatchObject({
      object: 'payout',
      id: expect.stringMatching(/^po_/),
      status: 'processing',
      reference: body['reference'],
      batch: null,
      destination: WALLET,
      narration: 'Salary',
    });
    const twin = await post('/v1/payouts', body);
    expectProblem(twin, 409, 'payout.duplicate_reference');
    expect(twin.body['payout_id']).toBe(answers[0]?.body['id']);
    expectProblem(await post('/v1/payouts', { ...body, amount: 1 }, key), 422, 'idempotency.key_reused');
    const raced = payout();
    const both = await Promise.all([post('/v1/payouts', raced), post('/v1/payouts', raced)]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([202, 409]);
    const [row] = await harness.own.query<{ id: string }>('SELECT id FROM payments.payout WHERE reference = $1', [
      body['reference'],
    ]);
    expect(await harness.announced(row?.id ?? '')).toEqual([
      { type: 'payments.payout_created.v1', payload: expect.objectContaining({ amount: 5_000, batch_id: null }) },
    ]);
    const found = await front.merchant.get<List>(
      `/v1/payouts?reference=${String(body['reference'])}&status=processing`,
    );
    expect(found.body.data).toEqual([answers[0]?.body]);
  });

  it.each([
    ['a bank account in naira', { currency: 'NGN', destination: BANK }],
    ['a bank account in cedi', { destination: { ...BANK, bank_code: 'GH130100', account_number: '1234567890123' } }],
    ['a wallet in Senegal', { currency: 'XOF', destination: { ...WALLET, network: 'wave', phone: '+221770000000' } }],
    ['a wallet in Cameroon', { currency: 'XAF', destination: { ...WALLET, phone: '+237670000000' } }],
  ])('to %s is taken', async (_, change) => {
    expect((await post('/v1/payouts', payout(change))).status).toBe(202);
  });

  it.each([
    [
      'an unknown kind of destination',
      { destination: { type: 'cash', name: 'A' } },
      'request.invalid',
      '/destination/type',
    ],
    ['no name', { destination: { ...WALLET, name: undefined } }, 'request.invalid', '/destination/name'],
    ['no destination', { destination: undefined }, 'request.invalid', '/destination'],
    [
      'a field of another kind',
      { destination: { ...WALLET, bank_code: '058' } },
      'request.invalid',
      '/destination/bank_code',
    ],
    [
      'a phone of another country',
      { destination: { ...WALLET, phone: '+221770000000' } },
      'request.invalid',
      '/destination/phone',
    ],
    [
      'an account number too short',
      { currency: 'NGN', destination: { ...BANK, account_number: '012345678' } },
      'request.invalid',
      '/destination/account_number',
    ],
    [
      'a bank code of four digits',
      { currency: 'NGN', destination: { ...BANK, bank_code: '0058' } },
      'request.invalid',
      '/destination/bank_code',
    ],
    [
      'an unknown network',
      { destination: { ...WALLET, network: 'wave' } },
      'payout.destination_not_supported',
      '/destination/network',
    ],
    ['a wallet in naira', { currency: 'NGN' }, 'payout.destination_not_supported', '/destination/network'],
    [
      'a bank account in francs',
      { currency: 'XOF', destination: BANK },
      'payout.destination_not_supported',
      '/destination/type',
    ],
    ['an amount of zero', { amount: 0 }, 'request.invalid', '/amount'],
    ['no reference', { reference: undefined }, 'request.invalid', '/reference'],
    ['a name of spaces', { destination: { ...WALLET, name: '  ' } }, 'request.invalid', '/destination/name'],
    [
      'a name whose end is written backwards',
      { destination: { ...WALLET, name: 'Ama \u202EhasnaM' } },
      'request.invalid',
      '/destination/name',
    ],
    ['a narration of nothing that is seen', { narration: '\u200B\u2060' }, 'request.invalid', '/narration'],
    ['a narration too long', { narration: 'n'.repeat(101) }, 'request.invalid', '/narration'],
    [
      'a card number as the account',
      { currency: 'NGN', destination: { ...BANK, account_number: CARD } },
      'request.card_number',
      undefined,
    ],
  ])('with %s is refused, and nothing is stored', async (_, change, code, pointer) => {
    const before = await rows();
    expectProblem(await post('/v1/payouts', payout(change)), 422, code, pointer);
    expect(await rows()).toEqual(before);
  });

  it.each([
    '/v1/payouts?status=paid',
    '/v1/payouts?batch=po_1',
    '/v1/payouts?starting_after=nonsense',
    '/v1/payouts?expand[]=batch',
    '/v1/refunds?payment=nonsense',
    '/v1/refunds?source=gift',
    '/v1/payout_batches?status=completed',
    '/v1/payout_batches?limit=101',
  ])('%s is refused', async (path) => {
    expectProblem(await front.merchant.get(path), 400, 'request.invalid_parameter');
  });
});

describe('a batch of payouts', () => {
  it('of ten thousand is taken whole, within seconds, and counted while it runs', async () => {
    const payouts = Array.from({ length: 10_000 }, (_, index) =>
      payout(
        index % 4 === 0
          ? { currency: 'NGN', destination: BANK, amount: 100 }
          : { amount: 1_000, metadata: { row: String(index) } },
      ),
    );
    const reference = randomUUID();
    const key = randomUUID();
    const startedAt = performance.now();
    const answer = await post('/v1/payout_batches', { reference, payouts }, key);
    const ms = Math.round(performance.now() - startedAt);
    process.stdout.write(`a batch of 10,000 payouts was taken in ${ms} ms\n`);
    expect([answer.status, answer.text.slice(0, 200)]).toEqual([202, answer.text.slice(0, 200)]);
    expect(ms).toBeLessThan(20_000);
    const none = { count: 0, amounts: {} };
    expect(answer.body).toEqual({
      object: 'payout_batch',
      id: expect.stringMatching(/^pob_/),
      livemode: false,
      status: 'processing',
      reference,
      count: 10_000,
      amounts: { NGN: 250_000, GHS: 7_500_000 },
      created_at: expect.any(String),
      progress: {
        processing: { count: 10_000, amounts: { NGN: 250_000, GHS: 7_500_000 } },
        failed: none,
        succeeded: none,
        returned: none,
      },
    });
    const id = String(answer.body['id']);
    expect((await post('/v1/payout_batches', { reference, payouts }, key)).text).toBe(answer.text);
    expect((await front.merchant.get(`/v1/payout_batches/${id}`)).body).toEqual(answer.body);
    const list = await front.merchant.get<List>(`/v1/payouts?batch=${id}&limit=3`);
    expect(list.body.data.map((each) => each['batch'])).toEqual([id, id, id]);
    expect(
      await harness.database.query(
        `SELECT count(*)::int AS rows, count(DISTINCT o.aggregateid)::int AS told FROM payments.payout p
           LEFT JOIN messaging.outbox o ON o.aggregateid = p.id::text AND o.type = 'payments.payout_created.v1'
          WHERE p.batch_id IS NOT NULL`,
      ),
    ).toEqual([{ rows: 10_000, told: 10_000 }]);

    const some = await harness.own.query<{ id: string; amount: bigint }>(
      `SELECT id, amount FROM payments.payout WHERE batch_id IS NOT NULL AND currency = 'GHS' LIMIT 10`,
    );
    await harness.handle(
      harness.onDisbursement,
      some.map((each, index) => news('payout', each.id, 1_000)[index < 7 ? 'succeeded' : 'failed']),
    );
    expect((await front.merchant.get(`/v1/payout_batches/${id}`)).body).toMatchObject({
      status: 'processing',
      progress: {
        processing: { count: 9_990, amounts: { NGN: 250_000, GHS: 7_490_000 } },
        succeeded: { count: 7, amounts: { GHS: 7_000 } },
        failed: { count: 3, amounts: { GHS: 3_000 } },
      },
    });
    expectProblem(
      await post('/v1/payout_batches', { reference, payouts: [payout()] }),
      409,
      'payout_batch.duplicate_reference',
    );
  }, 120_000);

  it('is taken whole or not at all, and every fault has its pointer', async () => {
    const taken = payout();
    await post('/v1/payouts', taken);
    const before = await rows();
    const good = Array.from({ length: 20 }, () => payout());
    const refuse = async (index: number, change: Record<string, unknown>, pointer: string): Promise<void> => {
      const payouts = good.map((row, at) => (at === index ? { ...row, ...change } : row));
      const answer = await post('/v1/payout_batches', { reference: randomUUID(), payouts });
      expectProblem(answer, 422, 'request.invalid', pointer);
    };
    await refuse(17, { amount: 0 }, '/payouts/17/amount');
    await refuse(3, { destination: { ...WALLET, phone: '024' } }, '/payouts/3/destination/phone');
    await refuse(4, { destination: { ...WALLET, network: 'wave' } }, '/payouts/4/destination/network');
    await refuse(5, { extra: 1 }, '/payouts/5/extra');
    await refuse(19, { reference: good[2]?.['reference'] }, '/payouts/19/reference');
    await refuse(8, { reference: taken['reference'] }, '/payouts/8/reference');
    const bad = Array.from({ length: 500 }, () => payout({ amount: 0 }));
    const capped = await post('/v1/payout_batches', { reference: randomUUID(), payouts: bad });
    expect(capped.body['errors']).toHaveLength(100);
    for (const payouts of [[], 'none', undefined, [1], [null], Array(10_001).fill(1)])
      expectProblem(await post('/v1/payout_batches', { reference: randomUUID(), payouts }), 422, 'request.invalid');
    const huge = Array.from({ length: 10_000 }, () => payout({ amount: 1_000_000_000_000 }));
    expectProblem(
      await post('/v1/payout_batches', { reference: randomUUID(), payouts: huge }),
      422,
      'request.invalid',
      '/payouts',
    );
    expect(await rows()).toEqual(before);
    const answer = await post('/v1/payout_batches', { reference: randomUUID(), payouts: good });
    expect(answer.status).toBe(202);
    const ids = await harness.own.query<{ id: string }>(
      `SELECT p.id FROM payments.payout p JOIN payments.payout_batch b ON b.id = p.batch_id WHERE b.count = 20`,
    );
    await harness.handle(
      harness.onHold,
      ids.map(({ id }) => news('payout', id, 5_000).refused),
    );
    const { body } = await front.merchant.get(`/v1/payout_batches/${String(answer.body['id'])}`);
    expect(body).toMatchObject({ status: 'completed', progress: { failed: { count: 20 }, processing: { count: 0 } } });
    const listed = await front.merchant.get<List>('/v1/payout_batches');
    expect(listed.body.data.map((each) => [each['count'], each['status']])).toContainEqual([20, 'completed']);
  }, 120_000);

  it('may be large only of whom we know, a few at a time, and of no other route', async () => {
    const large = JSON.stringify({ reference: 'r', payouts: [], filler: 'x'.repeat(200_000) });
    const options = { idempotencyKey: randomUUID() };
    const to = (path: string, body: string, client = front.merchant): Promise<ApiAnswer> =>
      client.postRaw(path, body, options);
    expectProblem(await to('/v1/payout_batches', large), 422, 'request.invalid', '/filler');
    expectProblem(await to('/v1/payouts', large), 413, 'request.too_large');
    expectProblem(await to('/v1/payout_batches', `"${'x'.repeat(9 * 1024 * 1024)}"`), 413, 'request.too_large');
    const stranger = front.merchant.withKey('sk_test_nobody');
    expectProblem(await to('/v1/payout_batches', large, stranger), 401, 'auth.invalid_credentials');
    expectProblem(
      await to('/v1/payout_batches', large, front.merchant.withKey(undefined)),
      401,
      'auth.missing_credentials',
    );
    const payouts = Array.from({ length: 2_000 }, () => payout({ amount: 0 }));
    const crowd = await Promise.all(
      Array.from({ length: 6 }, () => post('/v1/payout_batches', { reference: randomUUID(), payouts })),
    );
    const codes = crowd.map(({ body }) => body['code']);
    expect(codes).toContain('request.invalid');
    for (const answer of crowd) {
      if (answer.body['code'] === 'request.invalid') continue;
      expectProblem(answer, 429, 'service.rate_limited');
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    expect(codes).toContain('service.rate_limited');
    expectProblem(await to('/v1/payout_batches', large), 422, 'request.invalid', '/filler');
  }, 60_000);
});

it('shows no merchant what belongs to another, or to the other mode', async () => {
  const payment = await harness.succeededPayment(10_000);
  const refund = String((await post(refundsOf(payment), { amount: 1 })).body['id']);
  const single = String((await post('/v1/payouts', payout())).body['id']);
  const batch = String((await post('/v1/payout_batches', { reference: randomUUID(), payouts: [payout()] })).body['id']);
  for (const client of [front.stranger, front.live]) {
    expectProblem(await client.get(`/v1/refunds/${refund}`), 404, 'refund.not_found');
    expectProblem(await client.get(`/v1/payouts/${single}`), 404, 'payout.not_found');
    expectProblem(await client.get(`/v1/payout_batches/${batch}`), 404, 'payout_batch.not_found');
    expectProblem(await client.get(refundsOf(payment)), 404, 'payment.not_found');
    expectProblem(
      await client.post(refundsOf(payment), {}, { idempotencyKey: randomUUID() }),
      404,
      'payment.not_found',
    );
    for (const path of [
      '/v1/refunds',
      '/v1/payouts',
      '/v1/payout_batches',
      `/v1/payouts?batch=${batch}`,
      `/v1/refunds?payment=${publicId('payment', payment)}`,
    ])
      expect((await client.get<List>(path)).body.data).toEqual([]);
  }
  expectProblem(await front.merchant.get(`/v1/payouts/${refund}`), 404, 'payout.not_found');
  expectProblem(await front.merchant.get(`/v1/refunds/${encodeId('refund', newUuid())}`), 404, 'refund.not_found');
});
