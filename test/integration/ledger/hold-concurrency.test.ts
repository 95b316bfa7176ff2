import { newUuid } from '../../../src/kernel/ids/ids.js';
import {
  asked,
  CAPTURED_BY,
  collect,
  HAPPENINGS,
  settle,
  take,
  told,
  type Asked,
  type Happening,
} from './disbursement-events.js';
import { createHarness, differences, disagreements, type LedgerHarness, type LedgerProcess } from './harness.js';

const PROCESSES = 8;

let harness: LedgerHarness;

beforeEach(async () => {
  harness = await createHarness();
});

afterEach(() => harness.close());

function crowd(): [LedgerProcess, ...LedgerProcess[]] {
  return [harness.process(), ...Array.from({ length: PROCESSES - 1 }, () => harness.process())];
}

async function statesOf(ledger: LedgerProcess, all: readonly Asked[]): Promise<ReadonlyMap<string, string>> {
  const rows = await ledger.database.query<{ id: string; state: string }>(
    'SELECT subject_id AS id, state FROM ledger.hold WHERE subject_id = ANY($1)',
    [all.map(({ id }) => id)],
  );
  return new Map(rows.map(({ id, state }) => [id, state]));
}

interface Parts {
  readonly kind: string;
  readonly free: bigint;
  readonly held: bigint;
  readonly posted: bigint;
}

function partsOf(ledger: LedgerProcess, merchantId: string): Promise<Parts[]> {
  return ledger.database.query<Parts>(
    `SELECT kind, credits_posted - debits_posted - debits_pending AS free, credits_pending AS held, credits_posted - debits_posted AS posted
       FROM ledger.account WHERE merchant_id = $1 ORDER BY kind`,
    [merchantId],
  );
}

const shuffled = <T>(from: readonly T[]): T[] =>
  from
    .map((value) => ({ value, rank: Math.random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ value }) => value);

function* chunks<T>(from: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < from.length; start += size) yield from.slice(start, start + size);
}

describe('eight processes at once on one merchant', () => {
  it('never hold more than there is, and refuse only what there was too little for', async () => {
    const processes = crowd();
    const [first] = processes;
    const merchant = newUuid();
    await collect(first, merchant, 10_000, undefined, { attempt_id: CAPTURED_BY });
    await settle(first, merchant, 4_000n);
    const all = Array.from({ length: 800 }, (_, index) =>
      asked(merchant, 1 + Math.floor(Math.random() * 60), { kind: index % 2 === 0 ? 'payout' : 'refund' }),
    );
    await Promise.all(
      processes.map(async (process, index) => {
        const own = all.filter((_, position) => position % PROCESSES === index);
        for (const batch of chunks(own, 20))
          await take(
            process,
            batch.map((each) => told(each, 'created')),
          );
      }),
    );
    const states = await statesOf(first, all);
    const sum = (state: string): number =>
      all.filter(({ id }) => states.get(id) === state).reduce((total, { amount }) => total + amount, 0);
    const [available, pending, reserved] = await partsOf(first, merchant);
    const free = (available?.free ?? 0n) + (pending?.free ?? 0n);
    expect(reserved?.held).toBe(BigInt(sum('pending')));
    expect(free).toBe(10_000n - BigInt(sum('pending')));
    expect(available?.free).toBeGreaterThanOrEqual(0n);
    expect(pending?.free).toBeGreaterThanOrEqual(0n);
    // What is free only ever became less: whoever was refused asked for more than is free now.
    const refused = all.filter(({ id }) => states.get(id) === 'refused').map(({ amount }) => amount);
    expect(refused.length).toBeGreaterThan(100);
    expect(BigInt(Math.min(...refused))).toBeGreaterThan(free);
    expect(await disagreements(first)).toBe(0n);
  });

  it('wait for nobody in a circle, beside others who post to the same accounts, and keep what is owed', async () => {
    const processes = crowd();
    const [first] = processes;
    const merchants = [newUuid(), newUuid(), newUuid()];
    for (const merchant of merchants) {
      await collect(first, merchant, 5_000);
      await settle(first, merchant, 1_000n);
    }
    const all = Array.from({ length: 240 }, (_, index) =>
      asked(merchants[index % 3] ?? '', 1 + Math.floor(Math.random() * 100), {
        kind: index % 2 === 0 ? 'payout' : 'refund',
        source: index % 10 === 1 ? 'surplus' : 'merchant',
        fee: index % 3,
      }),
    );
    const story = all.flatMap((of, index): { of: Asked; what: Happening }[] => {
      const whats = HAPPENINGS.filter((_, position) => position === 0 || ((index >> 1) >> (position - 1)) % 2 === 0);
      return whats.map((what) => ({ of, what }));
    });
    await Promise.all(
      processes.map(async (process, index) => {
        // Everything is told twice, by whoever, in an order of each one's own.
        const own = shuffled([...story, ...story]).filter((_, position) => position % PROCESSES < 4);
        for (const batch of chunks(own, 40)) {
          await take(
            process,
            batch.map(({ of, what }) => told(of, what)),
          );
          const merchant = merchants[index % 3] ?? '';
          await collect(process, merchant, 3);
          await settle(process, merchant, 1n);
        }
      }),
    );
    // What nobody happened to tell.
    for (const batch of chunks(story, 100))
      await take(
        first,
        batch.map(({ of, what }) => told(of, what)),
      );
    for (const merchant of merchants) {
      const sum = (what: Happening): number =>
        story
          .filter((each) => each.what === what && each.of.merchantId === merchant && each.of.source === 'merchant')
          .reduce((total, { of }) => total + of.amount, 0);
      const [{ collected } = { collected: 0n }] = await first.database.query<{ collected: bigint }>(
        `SELECT sum(t.amount)::bigint AS collected FROM ledger.transfer t JOIN ledger.account a ON a.id = t.credit_account_id WHERE t.kind = 'collection' AND a.merchant_id = $1`,
        [merchant],
      );
      const owed = (await partsOf(first, merchant)).reduce((total, { posted }) => total + posted, 0n);
      expect(owed).toBe(collected - BigInt(sum('succeeded')) + BigInt(sum('returned')));
    }
    const states = new Set((await statesOf(first, all)).values());
    expect(states).toContain('posted');
    expect(states).toContain('voided');
    expect(await disagreements(first)).toBe(0n);
    expect(await differences(first)).toEqual({ 'GHS test': 0n });
  });
});

describe('ten thousand payouts', () => {
  it('are held and posted, in the batches in which they come', async () => {
    const ledger = harness.process();
    const merchants = Array.from({ length: 20 }, () => newUuid());
    for (const merchant of merchants) await collect(ledger, merchant, 1_000_000);
    const all = Array.from({ length: 10_000 }, (_, index) =>
      asked(merchants[index % 20] ?? '', 100 + (index % 7), { fee: 1 }),
    );
    for (const what of ['created', 'succeeded'] as const)
      for (const batch of chunks(all, 250))
        await take(
          ledger,
          batch.map((each) => told(each, what)),
        );
    const [row] = await ledger.database.query(
      `SELECT count(*)::int AS holds, count(*) FILTER (WHERE state = 'posted')::int AS posted,
              (SELECT count(*)::int FROM ledger.transfer WHERE kind LIKE 'payout%') AS transfers,
              (SELECT sum(debits_pending + credits_pending)::int FROM ledger.account) AS pending FROM ledger.hold`,
    );
    expect(row).toEqual({ holds: 10_000, posted: 10_000, transfers: 30_000, pending: 0 });
    expect(await disagreements(ledger)).toBe(0n);
  }, 120_000);
});
