/** What the ledger and routing say, in whatever order, and what becomes of refunds and payouts by it. */
import fc from 'fast-check';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { FRESH, higher, type DisbursementStatus } from '../../../src/modules/payments/disbursement.js';
import { insertPayouts } from '../../../src/modules/payments/payouts/payout-batches.store.js';
import { payoutCreatedEvent } from '../../../src/modules/payments/payouts/payout-events.js';
import type { Payout } from '../../../src/modules/payments/payouts/payout.js';
import type { Refund } from '../../../src/modules/payments/refunds/refund.js';
import { countIn, insertRefunds } from '../../../src/modules/payments/refunds/refunds.store.js';
import { attempt, createHarness, heard, MERCHANT, news, type Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.close());

async function refundOf(paymentId: string, amount: number): Promise<string> {
  const refund: Refund = {
    ...FRESH,
    id: newUuid(),
    merchantId: MERCHANT,
    livemode: false,
    paymentId,
    source: 'merchant',
    capturedBy: paymentId,
    amountMinor: BigInt(amount),
    countedMinor: BigInt(amount),
    platformFeeMinor: 0n,
    currency: 'GHS',
    reason: null,
    metadata: {},
    createdAt: new Date(),
  };
  await harness.own.transaction(async (tx) => {
    await countIn(tx, refund);
    await insertRefunds(tx, [{ refund, correlationId: 'req_test' }]);
  });
  return refund.id;
}

async function payoutOf(amount: number): Promise<string> {
  const id = newUuid();
  const payout: Payout = {
    ...FRESH,
    id,
    merchantId: MERCHANT,
    livemode: false,
    reference: id,
    batchId: null,
    amountMinor: BigInt(amount),
    currency: 'GHS',
    destination: { type: 'mobile_money', network: 'mtn', phone: '+233241234567', name: 'Ama' },
    narration: null,
    metadata: {},
    createdAt: new Date(),
  };
  const event = payoutCreatedEvent(payout, { correlationId: 'req_test' });
  const owner = {
    id,
    merchantId: MERCHANT,
    livemode: false,
    reference: id,
    count: 1,
    amounts: {},
    createdAt: new Date(),
  };
  await harness.own.transaction((tx) =>
    insertPayouts(tx, owner, [{ payout, correlationId: 'req_test', event }]).then(() => undefined),
  );
  return id;
}

interface End {
  status: DisbursementStatus;
  failure_code: string | null;
  gateway: string | null;
  gateway_fee: bigint | null;
  attempt_id: string | null;
  return_attempt_id: string | null;
}

const ofTable = async (table: 'refund' | 'payout', id: string): Promise<End | undefined> =>
  (
    await harness.own.query<End & Record<string, unknown>>(
      `SELECT status, failure_code, gateway, gateway_fee, attempt_id, return_attempt_id FROM ${table === 'refund' ? 'payments.refund' : 'payments.payout'} WHERE id = $1`,
      [id],
    )
  )[0];

const counts = async (paymentId: string): Promise<unknown> =>
  (
    await harness.own.query(
      `SELECT refunding::int, refunded::int,
              (SELECT coalesce(sum(counted), 0)::int FROM payments.refund WHERE payment_id = p.id) AS counted
         FROM payments.payment p WHERE id = $1`,
      [paymentId],
    )
  )[0];

const typesOf = async (id: string): Promise<string[]> =>
  (await harness.announced(id)).map(({ type }) => type.replace(/^payments\.(?:refund|payout)_|\.v1$/g, ''));

describe('the end of a refund or payout', () => {
  const NAMES = ['placed', 'attempted', 'failed', 'succeeded', 'returned'] as const;
  const STATUS: Readonly<Record<(typeof NAMES)[number], DisbursementStatus>> = {
    placed: 'processing',
    attempted: 'processing',
    failed: 'failed',
    succeeded: 'succeeded',
    returned: 'returned',
  };

  /** What is heard, in which order, how often, and in how many transactions. */
  const stories = fc
    .subarray([...NAMES], { minLength: 1 })
    .chain((subset) =>
      fc.tuple(
        fc.shuffledSubarray([...subset, ...subset], { minLength: subset.length }),
        fc.shuffledSubarray(subset, { minLength: subset.length, maxLength: subset.length }),
        fc.array(fc.nat({ max: 3 }), { minLength: 20, maxLength: 20 }),
      ),
    )
    .map(([some, all, cuts]) => ({ order: [...some, ...all], cuts }));

  it.each(['refund', 'payout'] as const)(
    'of a %s is the same in whatever order and however often its events come',
    async (kind) => {
      await fc.assert(
        fc.asyncProperty(stories, async ({ order, cuts }) => {
          const paymentId = await harness.succeededPayment(1_000);
          const id = kind === 'refund' ? await refundOf(paymentId, 400) : await payoutOf(400);
          const attemptId = newUuid();
          const all = news(kind, id, 400, attemptId);
          let rest = order.map((name) => all[name]);
          for (const cut of cuts) {
            const batch = rest.slice(0, cut + 1);
            rest = rest.slice(cut + 1);
            const holds = batch.filter(({ type }) => type.startsWith('ledger.'));
            if (holds.length > 0) await harness.handle(harness.onHold, holds);
            const told = batch.filter(({ type }) => type.startsWith('routing.'));
            if (told.length > 0) await harness.handle(harness.onDisbursement, told);
          }
          const status = order.map((name) => STATUS[name]).reduce(higher, 'processing');
          const has = (name: (typeof NAMES)[number]): boolean => order.includes(name);
          expect(await ofTable(kind, id)).toEqual({
            status,
            failure_code: status === 'failed' ? 'account_closed' : null,
            gateway: has('succeeded') ? 'paystack' : null,
            gateway_fee: has('succeeded') ? 15n : null,
            attempt_id: has('succeeded') ? attemptId : null,
            return_attempt_id: has('returned') ? attemptId : null,
          });
          const told = await typesOf(id);
          expect(new Set(told).size).toBe(told.length);
          for (const name of ['succeeded', 'returned'] as const) expect(told.includes(name)).toBe(has(name));
          if (status === 'failed') expect(told).toContain('failed');
          if (kind === 'refund') {
            const counted = ['processing', 'succeeded'].includes(status) ? 400 : 0;
            const refunded = status === 'succeeded' ? 400 : 0;
            expect(await counts(paymentId)).toEqual({ refunding: counted, refunded, counted });
          }
        }),
        { numRuns: 40 },
      );
    },
    120_000,
  );
});

describe('a hold', () => {
  it('that is placed lets routing go on, once', async () => {
    const paymentId = await harness.succeededPayment(1_000);
    const refundId = await refundOf(paymentId, 400);
    const payoutId = await payoutOf(400);
    const events = [news('refund', refundId, 400).placed, news('payout', payoutId, 400).placed];
    for (let time = 0; time < 2; time += 1) await harness.handle(harness.onHold, events);
    expect(await harness.announced(refundId)).toEqual([
      { type: 'payments.refund_funded.v1', payload: expect.objectContaining({ captured_by: paymentId, amount: 400 }) },
    ]);
    expect((await harness.announced(payoutId)).map(({ type }) => type)).toEqual([
      'payments.payout_created.v1',
      'payments.payout_funded.v1',
    ]);
  });

  it('that is refused fails it, and a refund gives back the room it took', async () => {
    const paymentId = await harness.succeededPayment(1_000);
    const refundId = await refundOf(paymentId, 400);
    expect(await counts(paymentId)).toEqual({ refunding: 400, refunded: 0, counted: 400 });
    await harness.handle(harness.onHold, [news('refund', refundId, 400).refused]);
    expect(await ofTable('refund', refundId)).toMatchObject({ status: 'failed', failure_code: 'insufficient_funds' });
    expect(await counts(paymentId)).toEqual({ refunding: 0, refunded: 0, counted: 0 });
    expect(await harness.announced(refundId)).toMatchObject([
      {
        type: 'payments.refund_failed.v1',
        payload: { failure_code: 'insufficient_funds', resource: { status: 'failed' } },
      },
    ]);
  });
});

describe('a success after a failure', () => {
  it('is announced, and counts again', async () => {
    const paymentId = await harness.succeededPayment(1_000);
    const refundId = await refundOf(paymentId, 1_000);
    const { failed, succeeded } = news('refund', refundId, 1_000);
    await harness.handle(harness.onDisbursement, [failed]);
    expect(await counts(paymentId)).toMatchObject({ refunding: 0 });
    await harness.handle(harness.onDisbursement, [succeeded]);
    expect(await counts(paymentId)).toEqual({ refunding: 1_000, refunded: 1_000, counted: 1_000 });
    expect(await typesOf(refundId)).toEqual(['failed', 'succeeded']);
  });

  it('counts what room others have left, is told all the same, and makes an alarm', async () => {
    const paymentId = await harness.succeededPayment(1_000);
    const first = await refundOf(paymentId, 1_000);
    const { failed, succeeded } = news('refund', first, 1_000);
    await harness.handle(harness.onDisbursement, [failed]);
    const second = await refundOf(paymentId, 700);
    await harness.handle(harness.onDisbursement, [succeeded]);
    expect(await counts(paymentId)).toEqual({ refunding: 1_000, refunded: 300, counted: 1_000 });
    expect(await typesOf(first)).toEqual(['failed', 'succeeded']);
    expect(await harness.metrics.registry.metrics()).toContain('sankofa_refunds_beyond_capture_total 1');
    // The other one fails after all: what it had taken is the first's.
    await harness.handle(harness.onDisbursement, [news('refund', second, 700).failed]);
    expect(await counts(paymentId)).toEqual({ refunding: 1_000, refunded: 1_000, counted: 1_000 });
  });
});

it('moves many refunds of few payments at once, in whatever order, without a deadlock', async () => {
  const paymentIds = await Promise.all(Array.from({ length: 4 }, () => harness.succeededPayment(1_000)));
  const refunds = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => refundOf(paymentIds[index % 4] ?? '', 100)),
  );
  const events = refunds.map((id, index) =>
    index % 3 === 0 ? news('refund', id, 100).failed : news('refund', id, 100).succeeded,
  );
  await Promise.all(
    [0, 1, 2, 3, 4, 5].map((part) => {
      const own = events.filter((_, index) => index % 6 === part);
      return harness.handle(harness.onDisbursement, part % 2 === 0 ? own : own.toReversed());
    }),
  );
  for (const paymentId of paymentIds) {
    const rows = await harness.own.query<{ sum: number }>(
      `SELECT coalesce(sum(amount), 0)::int AS sum FROM payments.refund WHERE payment_id = $1 AND status = 'succeeded'`,
      [paymentId],
    );
    const sum = rows[0]?.sum;
    expect(await counts(paymentId)).toEqual({ refunding: sum, refunded: sum, counted: sum });
  }
});

describe('a surplus capture', () => {
  const surplusOf = (paymentId: string, attemptId: string) =>
    heard('routing.surplus_captured.v1', {
      payment_id: paymentId,
      livemode: false,
      attempt: attempt('surplus', 3, attemptId),
      amount: 1_000,
      currency: 'GHS',
      gateway_fee: 10,
    });

  it('is refunded by itself, once however often it is heard of, and counts nothing against the payment', async () => {
    const paymentId = await harness.succeededPayment(1_000);
    const attemptId = newUuid();
    const before = await harness.metrics.registry.getSingleMetricAsString('sankofa_surplus_captures_total');
    expect(before).not.toContain('gateway="paystack"');
    for (let time = 0; time < 2; time += 1)
      await harness.handle(harness.onRouting, [surplusOf(paymentId, attemptId), surplusOf(paymentId, attemptId)]);
    const refunds = await harness.own.query<{ id: string }>(
      `SELECT id, source, reason, amount::int, captured_by FROM payments.refund WHERE payment_id = $1`,
      [paymentId],
    );
    expect(refunds).toEqual([
      { id: expect.any(String), source: 'surplus', reason: 'surplus', amount: 1_000, captured_by: attemptId },
    ]);
    const id = refunds[0]?.id ?? '';
    expect(await harness.announced(id)).toMatchObject([
      { type: 'payments.refund_created.v1', payload: { source: 'surplus', amount: 1_000, payment_id: paymentId } },
    ]);
    expect(await counts(paymentId)).toEqual({ refunding: 0, refunded: 0, counted: 0 });
    expect(await harness.metrics.registry.getSingleMetricAsString('sankofa_surplus_captures_total')).toContain(
      'sankofa_surplus_captures_total{gateway="paystack"} 1',
    );
    // It goes its way without touching what the payment counts.
    const { placed, succeeded, returned } = news('refund', id, 1_000);
    await harness.handle(harness.onHold, [placed]);
    await harness.handle(harness.onDisbursement, [succeeded]);
    await harness.handle(harness.onDisbursement, [returned]);
    expect(await counts(paymentId)).toEqual({ refunding: 0, refunded: 0, counted: 0 });
    expect(await typesOf(id)).toEqual(['created', 'funded', 'succeeded', 'returned']);
  });
});

it('keeps refunds at or below what was captured in the database itself, not in code', async () => {
  const paymentId = await harness.succeededPayment(1_000);
  await refundOf(paymentId, 1_000);
  await expect(refundOf(paymentId, 1)).rejects.toThrow('payment_refunding');
});
