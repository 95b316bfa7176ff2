import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { Transfer } from '../../../src/modules/ledger/transfers/transfer.js';
import {
  createHarness,
  differences,
  disagreements,
  openTestAccounts,
  transfer,
  type LedgerHarness,
} from './harness.js';

const POSTERS = 8;
const BATCHES = 12;
const BATCH = 60;

let harness: LedgerHarness;

beforeAll(async () => {
  harness = await createHarness();
});

afterAll(() => harness.close());

function pick<T>(from: readonly T[]): T {
  const picked = from[Math.floor(Math.random() * from.length)];
  if (picked === undefined) throw new Error('nothing to pick from');
  return picked;
}

function twoOf(accounts: readonly string[]): [string, string] {
  const first = pick(accounts);
  return [first, pick(accounts.filter((each) => each !== first))];
}

interface Final {
  id: string;
  debits: bigint;
  credits: bigint;
  version: bigint;
  first: bigint;
  last: bigint;
  entries: bigint;
}

describe('eight processes posting at once to ten accounts', () => {
  it('lose nothing, wait for nobody in a circle, and number entries without gaps', async () => {
    const processes = Array.from({ length: POSTERS }, () => harness.process());
    const [first] = processes;
    if (first === undefined) throw new Error('no process');
    const accounts = await openTestAccounts(
      first,
      Array.from({ length: 10 }, () => ({})),
    );
    // A tenth of what everybody posts are the same transfers, in an order of each one's own.
    const shared = Array.from({ length: 40 }, () => transfer(...twoOf(accounts), 3n));
    const counts: Record<string, number> = {};
    const posted: Transfer[] = [];
    await Promise.all(
      processes.map(async (process) => {
        for (let round = 0; round < BATCHES; round += 1) {
          const batch = Array.from({ length: BATCH }, () =>
            Math.random() < 0.1
              ? pick(shared)
              : transfer(...twoOf(accounts), BigInt(1 + Math.floor(Math.random() * 1_000))),
          );
          const outcomes = await process.post(batch);
          for (const [index, outcome] of outcomes.entries()) {
            counts[outcome] = (counts[outcome] ?? 0) + 1;
            const each = batch[index];
            if (outcome === 'posted' && each !== undefined) posted.push(each);
          }
        }
      }),
    );
    expect((counts['posted'] ?? 0) + (counts['replayed'] ?? 0)).toBe(POSTERS * BATCHES * BATCH);
    expect(counts['replayed']).toBeGreaterThan(100);
    expect(new Set(posted.map((each) => each.id)).size).toBe(posted.length);

    const finals = await first.database.query<Final>(
      `SELECT a.id, a.debits_posted AS debits, a.credits_posted AS credits, a.version, min(e.account_version) AS first, max(e.account_version) AS last, count(*) AS entries
       FROM ledger.account a JOIN ledger.entry e ON e.account_id = a.id GROUP BY a.id`,
    );
    expect(finals).toHaveLength(10);
    for (const final of finals) {
      const sum = (side: 'debitAccountId' | 'creditAccountId'): bigint =>
        posted.filter((each) => each[side] === final.id).reduce((total, each) => total + each.amountMinor, 0n);
      expect({ debits: final.debits, credits: final.credits }).toEqual({
        debits: sum('debitAccountId'),
        credits: sum('creditAccountId'),
      });
      expect([final.first, final.last, final.entries]).toEqual([1n, final.version, final.version]);
    }
    expect(await disagreements(first)).toBe(0n);
    expect(await differences(first)).toEqual({ 'NGN test': 0n });
  });

  it('never let a limit be broken between them', async () => {
    const processes = Array.from({ length: POSTERS }, () => harness.process());
    const [first] = processes;
    if (first === undefined) throw new Error('no process');
    const [bank = '', wallet = ''] = await openTestAccounts(first, [
      { kind: 'bank' },
      { kind: 'merchant_available', limitMode: 'debits_must_not_exceed_credits' },
    ]);
    await first.post([transfer(bank, wallet, 1_000n)]);
    const outcomes = await Promise.all(
      processes.map((process) => process.post(Array.from({ length: 40 }, () => transfer(wallet, bank, 10n)))),
    );
    expect(outcomes.flat().filter((outcome) => outcome === 'posted')).toHaveLength(100);
    expect(outcomes.flat().filter((outcome) => outcome === 'limit_exceeded')).toHaveLength(POSTERS * 40 - 100);
  });

  it('agree on who was first when one id is claimed with accounts that have nothing in common', async () => {
    const processes = Array.from({ length: POSTERS }, () => harness.process());
    const [first] = processes;
    if (first === undefined) throw new Error('no process');
    for (let round = 0; round < 6; round += 1) {
      const accounts = await openTestAccounts(
        first,
        Array.from({ length: POSTERS * 2 }, () => ({})),
      );
      // Half of them ask in reverse, and for long enough to meet: whoever inserted as asked would wait in a circle.
      const ids = Array.from({ length: 300 }, () => newUuid());
      const batches = processes.map((_, index) =>
        (index % 2 === 0 ? ids : ids.toReversed()).map((id) =>
          transfer(accounts[2 * index] ?? '', accounts[2 * index + 1] ?? '', 5n, { id }),
        ),
      );
      const outcomes = (
        await Promise.all(processes.map((process, index) => process.post(batches[index] ?? [])))
      ).flat();
      expect(outcomes.filter((outcome) => outcome === 'posted')).toHaveLength(ids.length);
      expect(outcomes.filter((outcome) => outcome === 'conflict')).toHaveLength(ids.length * (POSTERS - 1));
    }
    expect(await disagreements(first)).toBe(0n);
  });
});
