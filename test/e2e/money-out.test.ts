/** Refunds and payouts through the whole program: what was taken goes back, what is owed goes out, once, and the books agree. */
import { randomUUID } from 'node:crypto';

import { eventually } from '../support/eventually.js';
import { proveBooks } from './support/books.js';
import { heal, payOutBy } from './support/gateways.js';
import { describeInEachMode } from './support/modes.js';
import {
  balanceIn,
  leftFor,
  payOut,
  readDisbursement,
  refund,
  total,
  untilDisbursed,
  type DisbursementResource,
} from './support/money-out.js';
import { eventsOf, mobileMoney, pay, read, untilTold } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 120_000;

describeInEachMode('Money out', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ ...mode, env: { RETRY_PAUSE_PERCENT: '20' } });
    // By worth a payout might go to a gateway that takes nothing back. Long before it matters.
    await payOutBy(system, { type: 'order', gateways: ['paystack'] });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);
  afterEach(() => heal(system), TEST_TIMEOUT_MS);

  const chargeOf = async (id: string): Promise<string> => {
    const winner = (await read(system, id)).attempts.find(({ status }) => status === 'succeeded');
    if (winner === undefined) throw new Error('nobody won');
    return winner.reference;
  };
  /** With what is owed to the merchant, when all is booked. */
  const onePaid = async (amount: number) => {
    const payment = await pay(system, mobileMoney({ amount }));
    expect(payment.status).toBe('succeeded');
    await proveBooks(system);
    return { payment, owed: total(await balanceIn(system)) };
  };
  const untilOwed = (amount: number): Promise<void> =>
    eventually(async () => expect(total(await balanceIn(system))).toBe(amount));

  it(
    'gives back everything of the only payment there is, our fee with it',
    async () => {
      const { payment, owed } = await onePaid(10_000);
      expect(owed).toBe(9_950);
      const { status, body } = await refund(system, payment, { reason: 'Out of stock' });
      expect([status, body]).toMatchObject([201, { status: 'succeeded', amount: 10_000, platform_fee: 50 }]);
      await untilTold(system, body.id, ['refund.succeeded']);
      expect(await leftFor(system, 'refund', await chargeOf(payment.id))).toMatchObject([{ amount: 10_000 }]);
      expect((await read(system, payment.id)) as object).toMatchObject({ refunded: 10_000, refunding: 0 });
      await untilOwed(0);
      const { body: holds } = await system.merchant.get<{ data: object[] }>('/v1/ledger/holds');
      expect(holds.data).toMatchObject([{ refund_id: body.id, status: 'posted', amount: 9_950 }]);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'gives back in parts and never more than was captured, however many ask at once',
    async () => {
      const { payment, owed } = await onePaid(10_000);
      const key = randomUUID();
      const first = await refund(system, payment, { amount: 2_500 }, { key });
      expect(first.body).toMatchObject({ status: 'succeeded', amount: 2_500 });
      const again = await refund(system, payment, { amount: 2_500 }, { key });
      expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([first.text, 'true']);
      expect((await refund(system, payment, { amount: 2_400 }, { key })).status).toBe(422);
      const asked = await Promise.all(
        Array.from({ length: 20 }, () => refund(system, payment, { amount: 1_750 }, { prefer: '' })),
      );
      const taken = asked.filter(({ status }) => status === 202);
      expect(taken).toHaveLength(4);
      const refused = asked.filter(({ status }) => status !== 202).map(({ body }) => body);
      for (const problem of refused) expect(problem).toMatchObject({ code: 'refund.exceeds_payment', refundable: 500 });
      for (const { body } of taken) await untilDisbursed(system, body, 'succeeded');
      const last = await refund(system, payment);
      expect(last.body).toMatchObject({ status: 'succeeded', amount: 500 });
      const given = await leftFor(system, 'refund', await chargeOf(payment.id));
      expect(given.reduce((sum, { amount }) => sum + amount, 0)).toBe(10_000);
      await untilOwed(owed - 9_950);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'pays out what is owed and nothing else',
    async () => {
      const { owed } = await onePaid(20_000);
      const { status, body } = await payOut(system, 15_000);
      expect([status, body]).toMatchObject([201, { status: 'succeeded', amount: 15_000 }]);
      await untilTold(system, body.id, ['payout.succeeded']);
      const { attempts } = await readDisbursement(system, body);
      const left = await Promise.all(attempts.map(({ reference }) => leftFor(system, 'payout', reference)));
      expect(left.flat()).toMatchObject([{ amount: 15_000 }]);
      const tooMuch = await payOut(system, owed - 15_000 + 1);
      expect(tooMuch.body).toMatchObject({ status: 'failed', failure_code: 'insufficient_funds' });
      expect((await readDisbursement(system, tooMuch.body)).attempts).toEqual([]);
      expect(total(await balanceIn(system))).toBe(owed - 15_000);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'pays a batch of people, whose progress can be read',
    async () => {
      await onePaid(50_000);
      const rows = Array.from({ length: 25 }, (_, index) => ({
        amount: 1_000 + index,
        currency: 'GHS',
        reference: `row-${randomUUID()}`,
        destination: {
          type: 'mobile_money',
          network: 'mtn',
          phone: `+2332412345${10 + index}`,
          name: `Worker ${index}`,
        },
      }));
      const wrong = rows.map((row, index) => (index === 7 ? { ...row, amount: 0 } : row));
      const post = (payouts: readonly object[]) =>
        system.merchant.post<{ id: string; errors?: object[] }>(
          '/v1/payout_batches',
          { reference: `batch-${randomUUID()}`, payouts },
          { idempotencyKey: randomUUID() },
        );
      const refused = await post(wrong);
      expect([refused.status, refused.body.errors]).toMatchObject([422, [{ pointer: '/payouts/7/amount' }]]);
      const { status, body } = await post(rows);
      expect(status).toBe(202);
      const batch = await eventually(
        async () => {
          const { body: progress } = await system.merchant.get(`/v1/payout_batches/${body.id}`);
          expect(JSON.stringify(progress)).not.toContain('"processing":{"count":1');
          expect(progress).toMatchObject({ status: 'completed' });
          return progress;
        },
        { timeoutMs: 60_000, everyMs: 200 },
      );
      expect(JSON.stringify(batch)).toContain(String(rows.reduce((sum, { amount }) => sum + amount, 0)));
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it.each(['timeout_after_charge', 'error_5xx_after_charge', 'garbage'])(
    'whose answer is lost (%s) leaves once, and its hold stays until that is known',
    async (fault) => {
      const { payment, owed } = await onePaid(30_000);
      for (const on of ['refund', 'payout'] as const) await system.sandbox.setFault({ gateway: '*', fault, on });
      const all: DisbursementResource[] = [];
      for (let count = 0; count < 3; count += 1) {
        all.push((await refund(system, payment, { amount: 1_000 + count }, { prefer: '' })).body);
        all.push((await payOut(system, 2_000 + count, {}, '')).body);
      }
      for (const each of all) await untilDisbursed(system, each, 'succeeded');
      for (const each of all) await untilTold(system, each.id, [`${each.object}.succeeded`]);
      const given = await leftFor(system, 'refund', await chargeOf(payment.id));
      expect(given.map(({ amount }) => amount).toSorted()).toEqual([1_000, 1_001, 1_002]);
      const paid = await Promise.all(
        all
          .filter(({ object }) => object === 'payout')
          .map(async (each) => {
            const { attempts } = await readDisbursement(system, each);
            expect(attempts.filter(({ status }) => status !== 'not_sent')).toHaveLength(1);
            const left = await Promise.all(attempts.map(({ reference }) => leftFor(system, 'payout', reference)));
            return left.flat().length;
          }),
      );
      expect(paid).toEqual([1, 1, 1]);
      // Our fee on what is given back, rounded down for each, was never theirs.
      await untilOwed(owed - 3_003 + 15 - 6_003);
      expect(await balanceIn(system)).toMatchObject({ reserved: 0 });
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'goes to the next gateway when one declines it, and is free again when all do',
    async () => {
      const { owed } = await onePaid(10_000);
      await system.sandbox.setFault({ gateway: 'paystack', fault: 'decline', on: 'payout' });
      const { body } = await payOut(system, 1_000);
      const elsewhere = await untilDisbursed(system, body, 'succeeded');
      expect(elsewhere.gateway).not.toBe('paystack');
      await system.sandbox.setFault({ gateway: '*', fault: 'decline', on: 'payout' });
      const nowhere = await untilDisbursed(system, (await payOut(system, 1_000)).body, 'failed');
      expect(new Set(nowhere.attempts.map(({ status }) => status))).toEqual(new Set(['declined']));
      await untilTold(system, nowhere.id, ['payout.failed']);
      await eventually(async () => expect(await balanceIn(system)).toMatchObject({ reserved: 0 }));
      expect(total(await balanceIn(system))).toBe(owed - 1_000);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'that comes back is the merchant’s again',
    async () => {
      const { owed } = await onePaid(10_000);
      // What an earlier test broke may be shut out yet: then payouts go elsewhere, and do not come back.
      let gone = 0;
      const body = await eventually(
        async () => {
          const { body: made } = await payOut(system, 200);
          gone += 200;
          expect((await untilDisbursed(system, made, 'succeeded')).gateway).toBe('paystack');
          return made;
        },
        { everyMs: 1_000 },
      );
      const { attempts, gateway } = await readDisbursement(system, body);
      const reference = attempts.find(({ status }) => status === 'succeeded')?.reference;
      const answer = await fetch(`${system.sandbox.controlUrl}/_transactions/return`, {
        method: 'POST',
        body: JSON.stringify({ gateway, kind: 'payout', reference }),
      });
      expect(answer.ok).toBe(true);
      await untilDisbursed(system, body, 'returned');
      await eventually(() => expect(eventsOf(system, body.id).map(({ type }) => type)).toContain('payout.returned'));
      await untilOwed(owed - gone + 200);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );
});
