import { newUuid } from '../../../src/kernel/ids/ids.js';
import { rollUp, totalsByDay } from '../../../src/modules/ledger/statements/day-totals.store.js';
import {
  createHarness,
  disagreements,
  openTestAccounts,
  transfer,
  type LedgerHarness,
  type LedgerProcess,
} from './harness.js';

let harness: LedgerHarness;
let ledger: LedgerProcess;

beforeAll(async () => {
  harness = await createHarness();
  ledger = harness.process();
});

afterAll(() => harness.close());

async function bookedTimes(id: string): Promise<string[]> {
  const rows = await ledger.database.query<{ at: string }>(
    'SELECT booked_at::text AS at FROM ledger.entry WHERE account_id = $1 ORDER BY account_version',
    [id],
  );
  return rows.map(({ at }) => at);
}

describe('when something was booked', () => {
  it('is never before what stands before it, even if the clock was put back', async () => {
    const [a = '', b = '', c = ''] = await openTestAccounts(ledger, [{}, {}, {}]);
    await ledger.post([transfer(a, b, 1n)]);
    await harness.superuser.query(`UPDATE ledger.account SET last_booked_at = '2100-01-01' WHERE id = $1`, [a]);
    await ledger.post([transfer(a, b, 1n), transfer(b, c, 1n)]);
    const [first = '', second = ''] = await bookedTimes(a);
    expect(second.slice(0, 10)).toBe('2100-01-01');
    expect(first < second).toBe(true);
    // The whole batch has one time, so that no moment divides it.
    expect(await bookedTimes(c)).toEqual([second]);
    await ledger.post([transfer(c, b, 1n)]);
    expect((await bookedTimes(c)).at(-1)).toBe(second);
    expect(await disagreements(ledger)).toBe(0n);
  });

  it('grows in the order of versions where many book at once', async () => {
    const accounts = await openTestAccounts(ledger, [{}, {}, {}]);
    const [a = '', b = '', c = ''] = accounts;
    const processes = Array.from({ length: 4 }, () => harness.process());
    await Promise.all(
      processes.map(async (process) => {
        for (let round = 0; round < 25; round += 1) await process.post([transfer(a, b, 1n), transfer(b, c, 1n)]);
      }),
    );
    const times = await bookedTimes(b);
    expect(times).toEqual([...times].sort());
  });

  it('lets a trial balance of any moment come out even', async () => {
    const [a = '', b = ''] = await openTestAccounts(ledger, [{ kind: 'bank' }, { livemode: false }]);
    for (let round = 1n; round <= 5n; round += 1n) await ledger.post([transfer(a, b, round)]);
    const times = await bookedTimes(a);
    for (const [index, moment] of times.entries()) {
      const { accounts } = await ledger.trialBalance.readBefore(moment, undefined);
      const net = accounts.reduce((sum, { debits, credits }) => sum + debits - credits, 0n);
      expect(net).toBe(0n);
      expect(accounts.find(({ id }) => id === a)?.debits).toBe(BigInt((index * (index + 1)) / 2));
    }
  });
});

describe('totals by day', () => {
  it('are the same before, while and after they are rolled up, for entries of any day', async () => {
    const [a = '', b = ''] = await openTestAccounts(ledger, [{}, {}]);
    const days = ['2026-01-30', '2026-01-31', '2026-02-01'];
    const post = (count: number): Promise<unknown> =>
      ledger.post(
        Array.from({ length: count }, (_, index) =>
          transfer(a, b, BigInt(1 + (index % 3)), {
            id: newUuid(),
            effectiveAt: new Date(`${days[index % 3] ?? ''}T23:59:59.999Z`),
          }),
        ),
      );
    const asked = (): Promise<unknown> => Promise.all(days.map((day) => totalsByDay(ledger.database, b, day)));
    const expected = (perDay: bigint): unknown[] => [
      { debits: 0n, credits: perDay },
      { debits: 0n, credits: 3n * perDay },
      { debits: 0n, credits: 6n * perDay },
    ];
    await post(900);
    expect(await rollUp(ledger.database, 20)).toBe(0);
    expect(await asked()).toEqual(expected(300n));
    await post(900);
    expect(await rollUp(ledger.database, 20)).toBe(2);
    expect(await asked()).toEqual(expected(600n));
    await post(600);
    expect(await asked()).toEqual(expected(800n));
    // Two at once take nothing twice.
    await Promise.all([rollUp(ledger.database, 1), rollUp(harness.process().database, 20)]);
    expect(await asked()).toEqual(expected(800n));
    const rolled = await ledger.database.query(
      'SELECT account_version AS version FROM ledger.rolled_up WHERE account_id = $1',
      [b],
    );
    expect(rolled).toEqual([{ version: 2400n }]);
  });
});
