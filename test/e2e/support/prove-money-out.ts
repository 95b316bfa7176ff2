/**
 * What became of every refund and payout, judged from outside: the API against the sandbox's own books, hold by hold and sum by sum. To be
 * asked when the gateways are well again: then what can be learned is learned, and what is open is really unknown.
 */
import { encodeId } from '../../../src/kernel/ids/ids.js';
import { eventually } from '../../support/eventually.js';
import type { LedgerLine } from '../../support/program.js';
import { addedUp, movedBySandbox, proveBooks, sandboxTotals, type Moved } from './books.js';
import { groupBy } from '../../../src/kernel/collections/group-by.js';
import { balancesOf, type DisbursementResource } from './money-out.js';
import {
  everyCase,
  everyEvent,
  everyPage,
  everyPayment,
  type AttemptResource,
  type PaymentWithAttempts,
} from './payments.js';
import { aMoment, type System } from './system.js';

export type Out = DisbursementResource & {
  readonly attempts: readonly AttemptResource[];
  /** Of a refund. */
  readonly payment?: string;
  readonly source?: string;
  readonly platform_fee?: number;
};

interface Hold {
  readonly id: string;
  readonly status: 'pending' | 'posted' | 'voided' | 'refused';
  readonly amount: number;
  readonly currency: string;
  readonly refund_id: string | null;
  readonly payout_id: string | null;
}

/** Everything there is to judge by, of one moment of rest. */
export interface MoneyOut {
  readonly payments: readonly PaymentWithAttempts[];
  readonly all: readonly Out[];
  readonly holds: readonly Hold[];
  /** Of attempts that people are shown: unknown, with null, or quarantined, with what was paid. By the attempt's id. */
  readonly cases: ReadonlyMap<string, number | null>;
  /** Attempts of which a gateway once said no, by their ids: what left by these may have come after a failure, or after another. */
  readonly declined: ReadonlySet<string>;
  /** What the sandbox paid out, or got back, by reference. */
  readonly paid: ReadonlyMap<string, readonly LedgerLine[]>;
  /** What it gave back, by the reference of the charge: not every gateway takes one for a refund. */
  readonly givenBack: ReadonlyMap<string, readonly LedgerLine[]>;
}

/** Where it proves nothing that a gateway does not know a refund or payout (Paystack: for the first quarter of an hour): it stays unknown, as a case. */
const NEVER_PROVEN: readonly string[] = [
  'paystack refund',
  'flutterwave refund',
  'wave refund',
  'flutterwave payout',
  'monnify payout',
  'hubtel payout',
];
/** A refund there has no reference of ours: while one is in doubt, the next of its charge waits. */
const ONE_AFTER_THE_OTHER: readonly string[] = ['paystack', 'flutterwave', 'wave'];

const LIVE: readonly string[] = ['started', 'pending', 'unknown', 'quarantined'];
/** How often balances are looked at, in ms. */
const WATCH_EVERY_MS = 200;

export async function proveMoneyOut(system: System, timeoutMs: number): Promise<MoneyOut> {
  await untilQuiet(system, timeoutMs);
  await proveBooks(system, timeoutMs);
  const found = await gather(system);
  const totals = await sandboxTotals(system);
  const doubles = totals.filter((each) =>
    Object.entries(each).some(([name, n]) => name.startsWith('double_') && n > 0),
  );
  expect(doubles).toEqual([]);
  // What resources say left is what the sandbox says, and by proveBooks what clearing accounts say.
  expect(movedByResources(found)).toEqual(await movedBySandbox(system));
  expect(strangers(found)).toEqual([]);
  expectNone(found.all, (out) => contradictionOf(found, out));
  expectNone(found.payments, (payment) => overRefunded(found, payment));
  expectNone(found.all, (out) => wrongHold(found, out));
  expect(found.holds).toHaveLength(found.all.filter(({ source }) => source !== 'surplus').length);
  await proveBalances(system, found);
  await proveMerchantHeard(system, found);
  expect(await system.database.query('SELECT * FROM messaging.delivery WHERE abandoned_at IS NOT NULL')).toEqual([]);
  return found;
}

/** Does this, and sees to it that no balance is below zero at any time of it. */
export async function neverOverdrawn(system: System, work: () => Promise<void>): Promise<void> {
  const state = { working: true };
  const watched = (async () => {
    while (state.working) {
      // The program may be away just now.
      const balances = await balancesOf(system).catch(() => []);
      const overdrawn = balances.filter((each) => Math.min(each.pending, each.available, each.reserved) < 0);
      if (overdrawn.length > 0) return overdrawn;
      await aMoment(WATCH_EVERY_MS);
    }
    return [];
  })();
  try {
    await work();
  } finally {
    state.working = false;
  }
  expect(await watched).toEqual([]);
}

async function gather(system: System): Promise<MoneyOut> {
  const outs = (path: string) => everyPage<Out>(system.merchant, `/v1/${path}?expand[]=attempts`);
  const payments = await everyPayment(system);
  const all = [...(await outs('refunds')), ...(await outs('payouts'))];
  const holds = await everyPage<Hold>(system.merchant, '/v1/ledger/holds');
  const cases = new Map((await everyCase(system)).map((each) => [each.id, each.captured_amount]));
  const declined = await declinedOnce(system);
  // At last, so that what is said to have left is in it.
  const lines = await system.sandbox.ledger();
  const of = (...kinds: readonly string[]) => lines.filter(({ kind }) => kinds.includes(kind));
  return {
    payments,
    all,
    holds,
    cases,
    declined,
    paid: groupBy(of('payout', 'payout_return'), ({ reference }) => reference),
    givenBack: groupBy(of('refund'), ({ charge_reference: charge, reference }) => charge ?? reference),
  };
}

async function declinedOnce(system: System): Promise<ReadonlySet<string>> {
  const rows = await system.databaseOf('routing').query<{ id: string }>(
    `SELECT DISTINCT payload->'attempt'->>'attempt_id' AS id FROM messaging.outbox
      WHERE type = 'routing.disbursement_attempted.v1' AND payload->'attempt'->>'status' = 'declined'`,
  );
  return new Set(rows.map(({ id }) => encodeId('attempt', id)));
}

/** Quiet: nothing is processing that could still be learned, and of nothing that left is it unknown. */
function untilQuiet(system: System, timeoutMs: number): Promise<void> {
  return eventually(
    async () => {
      const found = await gather(system);
      expectNone(found.all, (out) =>
        out.status !== 'processing' || isReallyUnknown(found, out) ? undefined : 'is processing',
      );
      // What came back is told by webhook, or found by looking again.
      expectNone(found.all, (out) => contradictionOf(found, out));
    },
    { timeoutMs, everyMs: 500 },
  );
}

function isReallyUnknown(found: MoneyOut, out: Out): boolean {
  const last = out.attempts.at(-1);
  if (last === undefined) return false;
  if (found.cases.has(last.id)) {
    if (last.status === 'quarantined') return true;
    return last.status === 'unknown' && NEVER_PROVEN.includes(`${last.gateway} ${out.object}`);
  }
  return (
    ONE_AFTER_THE_OTHER.includes(last.gateway) &&
    found.all.some(
      (other) =>
        other.payment === out.payment &&
        other.object === 'refund' &&
        other.id !== out.id &&
        other.attempts.some(({ id, status }) => status === 'unknown' && found.cases.has(id)),
    )
  );
}

/** What a refund or payout says of itself against what moved. */
function contradictionOf(found: MoneyOut, out: Out): string | undefined {
  const ended = (status: string): number => out.attempts.filter((each) => each.status === status).length;
  const [succeeded, returned] = [ended('succeeded'), ended('returned')];
  if (succeeded !== (out.status === 'succeeded' ? 1 : 0)) return `has ${succeeded} attempts that succeeded`;
  if (returned !== (out.status === 'returned' ? 1 : 0)) return `has ${returned} attempts that came back`;
  const others = out.status === 'processing' ? out.attempts.slice(0, -1) : out.attempts;
  const live = others.find(({ status }) => LIVE.includes(status));
  if (live !== undefined) return `is ${out.status} while its attempt at ${live.gateway} is ${live.status}`;
  const unexcused = out.attempts.find(({ id, status }) => status === 'surplus' && !found.declined.has(id));
  if (unexcused !== undefined) return `was paid twice, though ${unexcused.gateway} had not said no`;
  if (out.object === 'refund') {
    const payment = found.payments.find(({ id }) => id === out.payment);
    return payment && wrongRefunds(found, payment);
  }
  for (const attempt of out.attempts) {
    const moved = (found.paid.get(attempt.reference) ?? []).map(({ kind, amount }) => `${kind} ${amount}`).join(', ');
    const expected = linesOf(found, out, attempt).join(', ');
    if (moved !== expected) return `is ${attempt.status} at ${attempt.gateway}, which moved [${moved}]`;
  }
  return undefined;
}

/** What must stand in a gateway's books for an attempt. */
function linesOf(found: MoneyOut, { object, amount }: Out, { id, status }: AttemptResource): readonly string[] {
  switch (status) {
    case 'succeeded':
    case 'surplus':
      return [`${object} ${amount}`];
    case 'returned':
      return [`${object} ${amount}`, `${object}_return ${amount}`];
    case 'quarantined':
      return [`${object} ${found.cases.get(id)}`];
    default:
      return [];
  }
}

/** A charge's refunds by the gateway's books are those that we say were given back, one for one. */
function wrongRefunds(found: MoneyOut, payment: PaymentWithAttempts): string | undefined {
  const charge = payment.attempts.find(({ status }) => status === 'succeeded');
  const given = (found.givenBack.get(charge?.reference ?? '') ?? []).map(({ amount }) => `refund ${amount}`);
  const believed = found.all
    .filter((out) => out.payment === payment.id)
    .flatMap((out) => out.attempts.flatMap((attempt) => linesOf(found, out, attempt)));
  const [theirs, ours] = [given, believed].map((lines) => lines.toSorted().join(', '));
  return theirs === ours ? undefined : `of ${payment.id} [${theirs}] was given back, not [${ours}]`;
}

function overRefunded({ all, givenBack }: MoneyOut, payment: PaymentWithAttempts): string | undefined {
  const { refunded, refunding } = payment as unknown as Readonly<Record<'refunded' | 'refunding', number>>;
  const own = all.filter((out) => out.payment === payment.id);
  const sum = (statuses: readonly string[]): number =>
    own.filter(({ status }) => statuses.includes(status)).reduce((total, { amount }) => total + amount, 0);
  const charge = payment.attempts.find(({ status }) => status === 'succeeded');
  const left = (givenBack.get(charge?.reference ?? '') ?? []).reduce((total, { amount }) => total + amount, 0);
  if (refunded !== sum(['succeeded'])) return `shows ${refunded} as refunded`;
  if (refunding !== sum(['processing'])) return `shows ${refunding} as refunding`;
  const captured = payment.status === 'succeeded' ? payment.amount : 0;
  return Math.max(left, refunded + refunding) > captured ? `gave back ${left} of ${captured}` : undefined;
}

/** A hold for each, of its amount, with the end of what it was for. */
function wrongHold(
  { holds, declined }: MoneyOut,
  { id, object, amount, status, failure_code: code, ...out }: Out,
): string | undefined {
  if (out.source === 'surplus') return undefined;
  const own = holds.filter((hold) => hold[`${object}_id`] === id);
  const [hold] = own;
  if (hold === undefined || own.length > 1) return `has ${own.length} holds`;
  if (hold.amount !== amount - (out.platform_fee ?? 0) || hold.currency !== out.currency) return 'is not what was held';
  // It had failed first: then what was held was given free, and the money was drawn when it left after all.
  const failedFirst = out.attempts.some(
    (each) => declined.has(each.id) && ['succeeded', 'returned'].includes(each.status),
  );
  const gone = failedFirst ? ['posted', 'voided'] : ['posted'];
  const ends = {
    processing: ['pending'],
    failed: code === 'insufficient_funds' ? ['refused'] : ['voided'],
    succeeded: gone,
    returned: gone,
  }[status];
  return ends.includes(hold.status) ? undefined : `is ${status}, and its hold ${hold.status}`;
}

/** What was paid to other references than ours, or given back of other charges. */
function strangers({ payments, all, paid, givenBack }: MoneyOut): readonly string[] {
  const known = new Set([...payments, ...all].flatMap(({ attempts }) => attempts.map(({ reference }) => reference)));
  return [...paid.keys(), ...givenBack.keys()].filter((reference) => !known.has(reference));
}

function movedByResources(found: MoneyOut): Moved {
  const charges = found.payments.flatMap(({ attempts, currency, amount }) =>
    attempts
      .filter(({ status }) => status === 'succeeded' || status === 'surplus')
      .map(({ gateway }) => [`${gateway} ${currency} charge`, amount] as const),
  );
  const outs = found.all.flatMap((out) =>
    out.attempts.flatMap((attempt) =>
      linesOf(found, out, attempt).map((line) => {
        const [kind, amount] = line.split(' ');
        return [`${attempt.gateway} ${out.currency} ${kind}`, Number(amount)] as const;
      }),
    ),
  );
  return addedUp([...charges, ...outs]);
}

/** What is owed to the merchant is what was paid to it, less what left; and what is reserved is what is held. */
async function proveBalances(system: System, { payments, all, holds }: MoneyOut): Promise<void> {
  const owed = addedUp([
    ...payments
      .filter(({ status }) => status === 'succeeded')
      .map(({ currency, amount, fees }) => [currency, amount - fees.platform] as const),
    ...all
      .filter(({ status, source }) => status === 'succeeded' && source !== 'surplus')
      .map(({ currency, amount, platform_fee: fee = 0 }) => [currency, fee - amount] as const),
  ]);
  const pending = holds.filter(({ status }) => status === 'pending');
  const held = addedUp(pending.map(({ currency, amount }) => [currency, amount]));
  const balances = await balancesOf(system);
  const shown = (of: (balance: (typeof balances)[number]) => number): Moved =>
    addedUp(balances.map((balance) => [balance.currency, of(balance)]));
  expect(shown((balance) => balance.pending + balance.available + balance.reserved)).toEqual(owed);
  expect(shown(({ reserved }) => reserved)).toEqual(held);
  for (const balance of balances)
    expect(Math.min(balance.pending, balance.available, balance.reserved)).toBeGreaterThanOrEqual(0);
}

/** Of each end once, of the one that stands in any case, and of nothing that did not happen. */
async function proveMerchantHeard(system: System, { all }: MoneyOut): Promise<void> {
  const before: Readonly<Record<Out['status'], readonly string[]>> = {
    processing: [],
    failed: [],
    succeeded: ['failed'],
    returned: ['failed', 'succeeded'],
  };
  await eventually(
    () => {
      const told = groupBy(everyEvent(system), ({ paymentId }) => paymentId);
      expectNone(all, ({ id, object, status }) => {
        const types = (told.get(id) ?? []).map(({ type }) => type.replace(`${object}.`, ''));
        const others = types.filter((type) => type !== status);
        if (new Set(types).size !== types.length) return `was told twice: ${types.join(', ')}`;
        if (status !== 'processing' && !types.includes(status)) return `was not told: ${types.join(', ')}`;
        return others.every((type) => before[status].includes(type)) ? undefined : `was told as ${types.join(', ')}`;
      });
    },
    { timeoutMs: 30_000, everyMs: 250 },
  );
}

/** Shows what is wrong with the first few. */
function expectNone<T extends { readonly id: string }>(
  all: readonly T[],
  wrong: (each: T) => string | undefined,
): void {
  const found = all.flatMap((each) => {
    const text = wrong(each);
    return text === undefined ? [] : [`${each.id} ${text}: ${JSON.stringify(each)}`];
  });
  expect([found.length, found.slice(0, 3)]).toEqual([0, []]);
}
