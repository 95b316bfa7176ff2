/** Killing the program in the middle of its work, and proving afterwards that nothing was lost and nothing doubled. */
import { randomUUID } from 'node:crypto';

import { eventually } from '../../support/eventually.js';
import { proveBooks, sandboxTotals } from './books.js';
import { postAll, type Order } from './load.js';
import { everyCase, everyEvent, everyPayment, mobileMoney } from './payments.js';
import type { System } from './system.js';

/**
 * The longest road of a payment whose sender died: its lease runs out, then it is asked about after 5 s, 15 s and 30 s. And
 * a share for each payment.
 */
export function quietWithinMs(payments: number): number {
  return 120_000 + payments * 30;
}

/** Different amounts, so that a mix-up shows. */
export function makeOrders(count: number): readonly Order[] {
  return Array.from({ length: count }, (_, index) => ({
    key: randomUUID(),
    body: mobileMoney({ amount: 1_000 + index }),
  }));
}

/**
 * Sends all orders until they are accepted. When a third of them are, all processes are killed; after `meanwhile` they are
 * started again.
 */
export async function payThroughCrash(
  system: System,
  orders: readonly Order[],
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<readonly string[]> {
  const crashAt = Math.ceil(orders.length / 3);
  let crash: Promise<void> | undefined;
  const ids = await postAll(system, orders, (accepted) => {
    if (accepted !== crashAt) return;
    crash = system
      .kill9()
      .then(meanwhile)
      .then(() => system.restart());
  });
  expect(crash).toBeDefined();
  await crash;
  return ids;
}

/** The gateways are healthy: so each payment succeeds, once it is known what became of it. */
export async function proveNothingLostOrDoubled(
  system: System,
  orders: readonly Order[],
  ids: readonly string[],
): Promise<void> {
  const timeoutMs = quietWithinMs(orders.length);
  expect(new Set(ids).size).toBe(orders.length);
  await untilNothingIsHidden(system, orders.length, timeoutMs);
  await eventually(
    async () => {
      const others = (await everyPayment(system)).filter(({ status }) => status !== 'succeeded');
      expect([others.length, others.slice(0, 2)]).toEqual([0, []]);
    },
    { timeoutMs, everyMs: 1_000 },
  );
  const totals = await sandboxTotals(system);
  expect(totals.map((total) => total.double_charged_references)).toEqual(totals.map(() => 0));
  const charged = totals.reduce((sum, { amount }) => sum + amount, 0);
  const ordered = orders.reduce((sum, { body }) => sum + Number(body['amount']), 0);
  expect([totals.reduce((sum, { count }) => sum + count, 0), charged]).toEqual([orders.length, ordered]);
  await proveBooks(system, timeoutMs);
  await eventually(() => expect(toldToHaveSucceeded(system)).toEqual(ids.toSorted()), { timeoutMs, everyMs: 500 });
  // The same keys again are the same payments.
  expect(await postAll(system, orders)).toEqual(ids);
  expect(await everyPayment(system)).toHaveLength(orders.length);
}

/** Every accepted payment is there, and is final or stands among the cases that operators see. */
function untilNothingIsHidden(system: System, count: number, timeoutMs: number): Promise<void> {
  return eventually(
    async () => {
      const payments = await everyPayment(system);
      expect(payments).toHaveLength(count);
      const cases = new Set((await everyCase(system)).map((each) => each.payment_id));
      const open = payments.filter(({ status, id }) => status !== 'succeeded' && status !== 'failed' && !cases.has(id));
      expect([open.length, open.slice(0, 2)]).toEqual([0, []]);
    },
    { timeoutMs, everyMs: 1_000 },
  );
}

/** Payments of which the merchant heard that they succeeded: one entry per distinct event, however often it was sent. */
function toldToHaveSucceeded(system: System): readonly string[] {
  const events = everyEvent(system).filter(({ type }) => type === 'payment.succeeded');
  return events.map(({ paymentId }) => paymentId).toSorted();
}
