/**
 * Gateways that fail, lie and fall silent. The sandbox's own books are the witness: whatever a gateway says, the customer is
 * never charged twice, and what they were charged is booked.
 */
import { eventually } from '../support/eventually.js';
import type { Fault, LedgerLine } from '../support/program.js';
import { balanceOf, proveBooks } from './support/books.js';
import { approve, heal, prefer, type Gateway } from './support/gateways.js';
import { describeInEachMode } from './support/modes.js';
import {
  eventsOf,
  everyCase,
  mobileMoney,
  mobileMoneyFrom,
  pay,
  read,
  untilStatus,
  untilTold,
  type PaymentResource,
  type PaymentWithAttempts,
} from './support/payments.js';
import { aMoment, CHARGE_TIMEOUT_MS, startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;

/**
 * Pauses before a gateway is asked again are three tenths of the usual ones: 1.5 s, then 4.5 s, then 9 s, a fifth more or less. The first
 * question comes when a charge that times out has been given up, after 1 s.
 */
const PAUSES = { RETRY_PAUSE_PERCENT: '30' };
/** Three questions, on a machine that does other things as well. */
const RESOLVED_WITHIN_MS = 60_000;
/** Two questions must find nothing before the same charge is sent again. */
const SENT_AGAIN_WITHIN_MS = 75_000;
/** A success that comes after the first question has been answered, and before the second. */
const LATE_MS = 3_200;

describeInEachMode('When a gateway fails', (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ ...mode, env: PAUSES });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);
  afterEach(() => heal(system), TEST_TIMEOUT_MS);

  const breakPaystack = (...faults: readonly Omit<Fault, 'gateway'>[]): Promise<unknown> =>
    Promise.all(faults.map((fault) => system.sandbox.setFault({ gateway: 'paystack', ...fault })));

  /** Everything that moved under any attempt of a payment. */
  const chargesOf = async (id: string): Promise<readonly LedgerLine[]> => {
    const { attempts } = await read(system, id);
    return system.sandbox.ledger(...attempts.map(({ reference }) => reference));
  };

  const expectOneCharge = async (payment: PaymentResource): Promise<void> => {
    expect(await chargesOf(payment.id)).toEqual([
      expect.objectContaining({ kind: 'charge', amount: payment.amount, currency: payment.currency }),
    ]);
  };

  const shown = ({ attempts }: PaymentWithAttempts): unknown =>
    attempts.map(({ gateway, status, blame }) => ({ gateway, status, blame }));

  it.each(['down', 'refuse'])(
    'by being unreachable (%s), payments succeed through the next one',
    async (fault) => {
      await breakPaystack({ fault });
      const payments = await Promise.all(Array.from({ length: 5 }, () => pay(system)));
      const direct = [{ gateway: 'flutterwave', status: 'succeeded', blame: null }];
      const failedOver = [{ gateway: 'paystack', status: 'not_sent', blame: 'gateway' }, ...direct];
      const ways = [];
      for (const { id } of payments) {
        const payment = await read(system, id);
        expect(payment).toMatchObject({ status: 'succeeded', gateway: 'flutterwave' });
        await expectOneCharge(payment);
        ways.push(shown(payment));
      }
      // Three failures open the breaker: payments that are planned after that go to the next gateway without asking this one.
      expect(ways).toContainEqual(failedOver);
      for (const way of ways) expect([failedOver, direct]).toContainEqual(way);
      // The breaker is open now: but for a probe now and then, nobody waits for a dead gateway any more.
      await eventually(async () =>
        expect(shown(await read(system, (await pay(system)).id))).toEqual([
          { gateway: 'flutterwave', status: 'succeeded', blame: null },
        ]),
      );
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'all at once, the payment fails after each was tried, and nobody was charged',
    async () => {
      await system.sandbox.setFault({ gateway: '*', fault: 'refuse' });
      const payment = await pay(system);
      expect(payment).toMatchObject({ status: 'failed', failure_code: expect.any(String) });
      const { attempts } = await read(system, payment.id);
      expect(attempts.map(({ gateway, status }) => [gateway, status]).toSorted()).toEqual([
        ['flutterwave', 'not_sent'],
        ['hubtel', 'not_sent'],
        ['mtn_momo', 'not_sent'],
        ['paystack', 'not_sent'],
      ]);
      await untilTold(system, payment.id, ['payment.failed']);
      expect(await chargesOf(payment.id)).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  const unknowns = ['timeout_after_charge', 'error_5xx_after_charge', 'garbage'];

  it.each(unknowns)(
    'to say how a charge ended (%s), its webhook settles it and no other gateway is asked',
    async (fault) => {
      await breakPaystack({ fault });
      const payment = await pay(system);
      expect(payment).toMatchObject({ status: 'succeeded', gateway: 'paystack' });
      expect((await read(system, payment.id)).attempts).toHaveLength(1);
      await expectOneCharge(payment);
      await proveBooks(system);
      // The webhook comes before the call is given up, which is held against the gateway then, and must not be in the next test.
      if (fault === 'timeout_after_charge') await aMoment(CHARGE_TIMEOUT_MS);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'to say how charges ended and sends no webhooks either, the resolver learns the truth',
    async () => {
      const waiting: string[] = [];
      for (const fault of unknowns) {
        await system.sandbox.clearFaults();
        await breakPaystack({ fault }, { fault: 'no_webhook' });
        const payment = await pay(system, mobileMoney(), '');
        waiting.push(payment.id);
        await eventually(async () =>
          expect(shown(await read(system, payment.id))).toEqual([
            { gateway: 'paystack', status: 'unknown', blame: 'ambiguous' },
          ]),
        );
      }
      for (const id of waiting) {
        const settled = await untilStatus(system, id, 'succeeded', RESOLVED_WITHIN_MS);
        expect(shown(settled)).toEqual([{ gateway: 'paystack', status: 'succeeded', blame: null }]);
        await expectOneCharge(settled);
        await untilTold(system, id, ['payment.succeeded']);
      }
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'silently before it charged, the payment is visibly unknown, and sent to the same gateway again instead of elsewhere',
    async () => {
      await breakPaystack({ fault: 'timeout_before_charge' });
      const payment = await pay(system, mobileMoney(), 'wait=3');
      expect(payment.status).toBe('processing');
      expect(shown(await read(system, payment.id))).toEqual([
        { gateway: 'paystack', status: 'unknown', blame: 'ambiguous' },
      ]);
      const cases = await everyCase(system);
      expect(cases.filter((each) => each.payment_id === payment.id)).toEqual([
        expect.objectContaining({ gateway: 'paystack', status: 'unknown' }),
      ]);
      expect(await chargesOf(payment.id)).toEqual([]);

      await system.sandbox.clearFaults();
      const settled = await untilStatus(system, payment.id, 'succeeded', SENT_AGAIN_WITHIN_MS);
      expect(shown(settled)).toEqual([{ gateway: 'paystack', status: 'succeeded', blame: null }]);
      await expectOneCharge(settled);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'because the customer cannot or will not pay, nobody else is asked',
    async () => {
      // Paystack sends no webhook of a failure: it is learned by the first question.
      const [noFunds, noWish] = ['9901', '9902'];
      const payments = await Promise.all([noFunds, noWish].map((digits) => pay(system, mobileMoneyFrom(digits))));
      for (const { id } of payments) {
        const payment = await read(system, id);
        expect(payment).toMatchObject({ status: 'failed', failure_code: expect.any(String) });
        expect(shown(payment)).toEqual([{ gateway: 'paystack', status: 'declined', blame: 'customer' }]);
        expect(await chargesOf(id)).toEqual([]);
        await untilTold(system, id, ['payment.failed']);
      }
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'by taking another amount, the money goes into suspense and the payment does not succeed',
    async () => {
      await breakPaystack({ fault: 'wrong_amount' });
      const before = await balanceOf(system, 'GHS', 'suspense');
      const payment = await pay(system, mobileMoney({ amount: 7_000 }), 'wait=2');
      expect(payment.status).toBe('processing');
      await eventually(async () => expect(await balanceOf(system, 'GHS', 'suspense')).toBe(before + 6_900));
      expect(shown(await read(system, payment.id))).toEqual([
        { gateway: 'paystack', status: 'quarantined', blame: null },
      ]);
      const cases = await everyCase(system);
      expect(cases.filter((each) => each.payment_id === payment.id)).toEqual([
        expect.objectContaining({ status: 'quarantined', captured_amount: 6_900 }),
      ]);
      expect(eventsOf(system, payment.id)).toEqual([]);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'first and succeeds later, the payment succeeds after all, and the merchant hears both',
    async () => {
      // Paystack sends no webhook of a failure: it is learned by the first question.
      await breakPaystack({ fault: 'late_success', ms: LATE_MS });
      const payment = await pay(system);
      expect(payment.status).toBe('failed');
      const settled = await untilStatus(system, payment.id, 'succeeded');
      expect(settled).toMatchObject({ gateway: 'paystack', failure_code: null });
      await untilTold(system, payment.id, ['payment.failed', 'payment.succeeded']);
      await expectOneCharge(settled);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'for a reason of its own, another is asked; if it took the money after all, that is surplus and shown as such',
    async () => {
      await breakPaystack({ fault: 'late_success', ms: LATE_MS, code: 'System Malfunction' });
      await proveBooks(system);
      const before = await balanceOf(system, 'GHS', 'suspense');
      const payment = await pay(system);
      expect(payment).toMatchObject({ status: 'succeeded', gateway: 'flutterwave' });
      const two = [
        { gateway: 'paystack', status: 'surplus', blame: null },
        { gateway: 'flutterwave', status: 'succeeded', blame: null },
      ];
      await eventually(async () => expect(shown(await read(system, payment.id))).toEqual(two));
      // The one charge too many is the gateway's doing, and it is on nobody's balance but in suspense.
      expect(await chargesOf(payment.id)).toHaveLength(2);
      // It is shown as soon as routing knows, and booked a moment later.
      await eventually(async () => expect(await balanceOf(system, 'GHS', 'suspense')).toBe(before + payment.amount));
      await proveBooks(system);
      expect(eventsOf(system, payment.id).filter(({ type }) => type === 'payment.succeeded')).toHaveLength(1);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'to send its webhook once, the payment is booked and told once',
    async () => {
      await breakPaystack({ fault: 'duplicate_webhook' });
      // What was paid before has to be booked before.
      await proveBooks(system);
      const before = await balanceOf(system, 'GHS', 'merchant_pending');
      const payment = await pay(system);
      expect(payment.status).toBe('succeeded');
      await untilTold(system, payment.id, ['payment.succeeded']);
      // The third copy comes 250 ms after the first two.
      await aMoment();
      await proveBooks(system);
      const { fees, amount } = payment;
      expect(await balanceOf(system, 'GHS', 'merchant_pending')).toBe(before + amount - fees.platform);
      expect(eventsOf(system, payment.id)).toHaveLength(1);
      await expectOneCharge(payment);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'to send its webhook in time, the payment succeeds when it comes, once',
    async () => {
      await breakPaystack({ fault: 'late_webhook', ms: 1_500 });
      const payment = await pay(system);
      expect(payment).toMatchObject({ status: 'succeeded', gateway: 'paystack' });
      await untilTold(system, payment.id, ['payment.succeeded']);
      await expectOneCharge(payment);
      await proveBooks(system);
    },
    TEST_TIMEOUT_MS,
  );

  const gateways: readonly Gateway[] = ['flutterwave', 'mtn_momo', 'paystack'];

  describe.each(gateways)('that is %s', (gateway) => {
    beforeAll(() => prefer(system, gateway), TEST_TIMEOUT_MS);

    it(
      'forged webhooks in its name change nothing',
      async () => {
        await system.sandbox.setFault({ gateway, fault: 'forged_webhook' });
        await system.sandbox.setFault({ gateway, fault: 'approve_after', ms: 0 });
        const payment = await pay(system, mobileMoney(), 'wait=2');
        const waiting = await eventually(async () => {
          const found = await read(system, payment.id);
          expect(found.attempts).toEqual([expect.objectContaining({ gateway })]);
          return found;
        });
        expect(['processing', 'requires_action']).toContain(waiting.status);
        await proveBooks(system);
        expect(eventsOf(system, payment.id).map(({ type }) => type)).not.toContain('payment.succeeded');

        await approve(system, gateway, waiting.attempts[0]?.reference ?? '');
        const settled = await untilStatus(system, payment.id, 'succeeded', RESOLVED_WITHIN_MS);
        await expectOneCharge(settled);
        await proveBooks(system);
      },
      TEST_TIMEOUT_MS,
    );

    it(
      'in every way that leaves the outcome open, each of many payments is charged once',
      async () => {
        for (const [index, fault] of [...unknowns, 'no_webhook'].entries())
          await system.sandbox.setFault({ gateway: '*', fault, rate: 0.4, seed: index + 1 });
        const payments = await Promise.all(Array.from({ length: 12 }, () => pay(system, mobileMoney(), '')));
        for (const payment of payments)
          await expectOneCharge(await untilStatus(system, payment.id, 'succeeded', RESOLVED_WITHIN_MS));
        await proveBooks(system);
      },
      TEST_TIMEOUT_MS,
    );
  });
});
