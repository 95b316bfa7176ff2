/** Thousands of payments while every gateway fails in every way: afterwards the books agree to the last pesewa. */
import { eventually } from '../support/eventually.js';
import type { LedgerLine } from '../support/program.js';
import { proveBooks, sandboxTotals, trialBalance } from './support/books.js';
import { groupBy } from '../../src/kernel/collections/group-by.js';
import { postAll, type Order } from './support/load.js';
import { mixedOrders, setMixture } from './support/mixture.js';
import { describeInEachMode, sizeFrom } from './support/modes.js';
import { everyCase, everyEvent, everyPayment, type PaymentWithAttempts } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
/** An attempt that nobody answered for is asked about after 5 s, 15 s and 30 s; and a share for each payment. */
const quietWithinMs = (payments: number): number => 120_000 + payments * 30;

/** Of the payments, those that are sure to be taken with a wrong amount. */
const CERTAIN_MISTAKES = 12;

const ENDED = ['succeeded', 'failed'];
const TOOK_MONEY = ['succeeded', 'surplus', 'quarantined'];

describeInEachMode('Under every fault at once', (mode) => {
  const payments = sizeFrom('E2E_MIXED', mode.split ? 300 : 900);
  let system: System;
  beforeAll(async () => {
    system = await startSystem(mode);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  it(
    `nothing is lost, doubled or invented in ${payments} payments`,
    async () => {
      const orders = mixedOrders(payments);
      const half = Math.floor(payments / 2);
      const misread = await payWrongAmounts(system, orders.splice(0, CERTAIN_MISTAKES));
      await setMixture(system, 0);
      const first = await postAll(system, orders.slice(0, half));
      await setMixture(system, 1);
      const second = await postAll(system, orders.slice(half));
      expect(new Set([...misread, ...first, ...second]).size).toBe(payments);
      // From now on questions are answered, so that what can be learned is learned.
      await system.sandbox.clearFaults();
      const settled = await untilQuiet(system, payments);
      await proveBooks(system, 60_000);
      await proveEachPayment(system, settled);
      await proveMerchantsHeard(system, payments);
    },
    2 * quietWithinMs(payments),
  );
});

/**
 * Payments of which every gateway takes another amount. Among the mixture that is rare: which gateway's turn it is depends
 * on what its breaker has seen, and so on the machine's pace; a run that never met one would prove nothing of it.
 */
async function payWrongAmounts(system: System, orders: readonly Order[]): Promise<readonly string[]> {
  await system.sandbox.setFault({ gateway: '*', fault: 'wrong_amount' });
  const paid = await postAll(system, orders);
  await eventually(
    async () => {
      const quarantined = (await everyCase(system)).filter(({ status }) => status === 'quarantined');
      expect(quarantined).toHaveLength(orders.length);
    },
    { timeoutMs: 30_000, everyMs: 100 },
  );
  return paid;
}

interface Settled {
  readonly payments: readonly PaymentWithAttempts[];
  /** What moved at the sandbox, by attempt reference. */
  readonly charges: ReadonlyMap<string, readonly LedgerLine[]>;
}

/**
 * Quiet: every payment is final or stands among the cases that operators see, and an attempt that is unknown has taken
 * nothing. Before that a question is still due.
 */
function untilQuiet(system: System, count: number): Promise<Settled> {
  return eventually(
    async () => {
      const payments = await everyPayment(system);
      expect(payments).toHaveLength(count);
      // Afterwards: reading thousands of payments takes a while, and what they say they took must be in the books by then.
      const charges = groupBy(await system.sandbox.ledger(), ({ reference }) => reference);
      const cases = new Set((await everyCase(system)).map((each) => each.payment_id));
      const hidden = payments.filter(({ id, status }) => !ENDED.includes(status) && !cases.has(id));
      const undiscovered = payments
        .flatMap(({ attempts }) => attempts)
        .filter(({ status, reference }) => !TOOK_MONEY.includes(status) && charges.has(reference));
      expect([hidden.length, hidden.slice(0, 2)]).toEqual([0, []]);
      expect([undiscovered.length, undiscovered.slice(0, 2)]).toEqual([0, []]);
      return { payments, charges };
    },
    { timeoutMs: quietWithinMs(count), everyMs: 1_000 },
  );
}

async function proveEachPayment(system: System, { payments, charges }: Settled): Promise<void> {
  const totals = await sandboxTotals(system);
  // No reference was charged twice: not even where a gateway would have let us.
  expect(totals.map((total) => total.double_charged_references)).toEqual(totals.map(() => 0));
  const contradictions = payments.filter((payment) => !isCoherent(payment, charges));
  expect([contradictions.length, contradictions.slice(0, 2)]).toEqual([0, []]);
  const known = new Set(payments.flatMap(({ attempts }) => attempts.map(({ reference }) => reference)));
  expect([...charges.keys()].filter((reference) => !known.has(reference))).toEqual([]);
  // Money may turn up late only where a gateway had said no: whatever was given up as never sent has taken none.
  const concluded = await conclusions(system);
  const wronglyGivenUp = [...charges.keys()].filter((reference) => concluded.get(reference) === 'not_sent');
  expect([wronglyGivenUp.length, wronglyGivenUp.slice(0, 2)]).toEqual([0, []]);
  const surplus = payments.flatMap(({ attempts }) => attempts.filter(({ status }) => status === 'surplus'));
  expect(surplus.filter(({ reference }) => concluded.get(reference) !== 'declined')).toEqual([]);

  // A run in which nothing strange happened would prove nothing.
  const statuses = new Set(payments.flatMap(({ attempts }) => attempts.map(({ status }) => status)));
  expect([...statuses]).toEqual(
    expect.arrayContaining(['succeeded', 'declined', 'not_sent', 'unknown', 'quarantined']),
  );
  expect(payments.filter(({ attempts }) => attempts.length > 1).length).toBeGreaterThan(0);
  expect((await trialBalance(system)).data.map(({ currency }) => currency)).toEqual(['GHS', 'NGN', 'XOF']);
}

/** As what each attempt was first given up, by reference: kept in the events, whatever became of it later. */
async function conclusions(system: System): Promise<ReadonlyMap<string, string>> {
  const rows = await system.database.query<{ reference: string; status: string }>(
    `SELECT payload->'attempt'->>'reference' AS reference, payload->'attempt'->>'status' AS status FROM messaging.outbox
      WHERE type = 'routing.attempt_concluded.v1' ORDER BY xid DESC, seq DESC`,
  );
  return new Map(rows.map(({ reference, status }) => [reference, status]));
}

/** What a payment says of itself against what moved. */
function isCoherent(payment: PaymentWithAttempts, charges: Settled['charges']): boolean {
  const winners = payment.attempts.filter(({ status }) => status === 'succeeded');
  if (winners.length !== (payment.status === 'succeeded' ? 1 : 0)) return false;
  return payment.attempts.every(({ status, reference }) => {
    const taken = charges.get(reference) ?? [];
    if (!TOOK_MONEY.includes(status)) return taken.length === 0;
    const [charge] = taken;
    if (taken.length !== 1 || charge?.currency !== payment.currency) return false;
    return status === 'quarantined' ? charge.amount !== payment.amount : charge.amount === payment.amount;
  });
}

/** The merchant heard of each end, once per end; a payment that failed first and succeeded later has two. */
async function proveMerchantsHeard(system: System, count: number): Promise<void> {
  await eventually(
    async () => {
      // Anew each time: what was unknown may have come to its end since.
      const payments = await everyPayment(system);
      expect(payments).toHaveLength(count);
      const told = groupBy(everyEvent(system), ({ paymentId }) => paymentId);
      const unheard = payments.filter(({ id, status }) => {
        const ends = (told.get(id) ?? []).map(({ type }) => type).filter((type) => type !== 'payment.requires_action');
        if (new Set(ends).size !== ends.length) return true;
        return ENDED.includes(status) ? !ends.includes(`payment.${status}`) : ends.length > 0;
      });
      expect([unheard.length, unheard.slice(0, 2)]).toEqual([0, []]);
    },
    { timeoutMs: 60_000, everyMs: 1_000 },
  );
}
