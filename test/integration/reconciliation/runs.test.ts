/** Runs that are killed, taken over, canceled, or asked for twice; and breaks that go away. */
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { RunEngine } from '../../../src/modules/reconciliation/runs/engine.js';
import {
  cancelRun,
  claimRun,
  findRun,
  LostRun,
  type Run,
} from '../../../src/modules/reconciliation/runs/runs.store.js';
import { takeLines } from '../../../src/modules/reconciliation/lines/take-lines.js';
import { eventually } from '../../support/eventually.js';
import { inBatches, ODD, plantDay, PLANTS, storeDay, type PlantedDay } from '../../support/planted-day.js';
import { startProcess } from '../../support/program.js';
import {
  askForRun,
  DAY,
  DAY_MS,
  everyDecision,
  everyResult,
  foundBreaks,
  startHarness,
  takeDay,
  workThrough,
  type Harness,
} from './harness.js';

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

const each = (names: readonly string[], count: number) => Object.fromEntries(names.map((name) => [name, count]));

function dayOf(account: string, plain = 150, differing: Partial<Parameters<typeof plantDay>[0]> = {}): PlantedDay {
  return plantDay({
    seed: 5,
    gatewayAccountId: account,
    merchantId: account,
    day: DAY,
    plain,
    plants: each(PLANTS, 2),
    odd: each(ODD, 2),
    ...differing,
  });
}

const expireLease = (run: Run) =>
  harness.database.query(`UPDATE reconciliation.run SET lease_until = now() - interval '1 second' WHERE id = $1`, [
    run.id,
  ]);

async function claim(): Promise<Run> {
  const run = await claimRun(harness.ours);
  if (run === undefined) throw new Error('no run is due');
  return run;
}

describe('a run that is killed', () => {
  it.each(['records', 'lines', 'leftovers'])(
    'among its %s goes on where it was, and comes to what it would have',
    async (phase) => {
      const account = '01890000-0000-7000-8000-0000000000bb';
      const day = dayOf(account);
      const undisturbed = await startHarness();
      try {
        for (const each of [harness, undisturbed]) await takeDay(each, account, day);
        await askForRun(undisturbed, account);
        await workThrough(undisturbed);

        const asked = await askForRun(harness, account);
        const chunk = 5;
        const child = startProcess(
          process.execPath,
          [
            '--import',
            './scripts/typescript/register.mjs',
            'test/integration/reconciliation/work-on-run.ts',
            String(chunk),
            phase,
          ],
          { DATABASE_URL: harness.database.url },
          'a process that works on a run',
        );
        await eventually(() => expect(child.logs()).toContain('in the middle'), { timeoutMs: 60_000, everyMs: 20 });
        await child.kill9();
        const left = await findRun(harness.ours, asked.id);
        expect(left).toMatchObject({ state: 'running', phase });
        expect(await claimRun(harness.ours)).toBeUndefined();

        await expireLease(asked);
        const run = await workThrough(harness);
        expect(run).toMatchObject({ id: asked.id, state: 'succeeded', tries: 2, fence: 2n });
        // Every record was walked through once, by the one process or the other.
        expect(run.counts.records).toBe(day.records.length);
        expect(await foundBreaks(harness, account)).toEqual(day.breaks);
        expect(await everyDecision(harness, account)).toEqual(await everyDecision(undisturbed, account));
      } finally {
        await undisturbed.close();
      }
    },
    120_000,
  );
});

describe('a run that another process has taken over', () => {
  it('is written by that one alone', async () => {
    const account = newUuid();
    await takeDay(harness, account, dayOf(account, 10));
    await askForRun(harness, account);
    const asleep = await claim();
    await expireLease(asleep);
    const awake = await claim();
    expect(awake).toMatchObject({ id: asleep.id, fence: asleep.fence + 1n });
    await expect(new RunEngine({ database: harness.ours }).work(asleep)).rejects.toThrow(LostRun);
    expect(await everyResult(harness, account)).toEqual([]);
    expect(await new RunEngine({ database: harness.ours }).work(awake)).toBe('succeeded');
    expect((await everyResult(harness, account)).length).toBeGreaterThan(0);
  });
});

describe('runs', () => {
  it('are one per job and window, and one at a time per account', async () => {
    const account = newUuid();
    const [first, again] = [await askForRun(harness, account, 'daily'), await askForRun(harness, account, 'daily')];
    expect(again.id).toBe(first.id);
    const other = await askForRun(harness, account, 'asked for');
    const elsewhere = await askForRun(harness, newUuid(), 'daily');
    const claimed = await Promise.all([1, 2, 3, 4].map(() => claimRun(harness.ours).catch(() => undefined)));
    const ids = claimed.flatMap((run) => (run === undefined ? [] : [run.id]));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => id === first.id || id === other.id).length).toBeLessThanOrEqual(1);
    expect([first.id, other.id, elsewhere.id]).toEqual(expect.arrayContaining(ids));
  });

  it('end at the next chunk when they are canceled, and at once when nobody works on them', async () => {
    const account = newUuid();
    await takeDay(harness, account, dayOf(account, 30));
    const asked = await askForRun(harness, account);
    const run = await claim();
    let chunks = 0;
    const engine = new RunEngine({
      database: harness.ours,
      chunk: 5,
      onProgress: () => {
        chunks += 1;
        if (chunks === 2) void cancelRun(harness.ours, asked.id);
      },
    });
    expect(await engine.work(run)).toBe('canceled');
    const ended = await findRun(harness.ours, asked.id);
    expect(ended?.state).toBe('canceled');
    expect(ended?.done).toBeLessThan(ended?.total ?? 0n);

    const queued = await askForRun(harness, account);
    expect(await cancelRun(harness.ours, queued.id)).toMatchObject({ state: 'canceled' });
    expect(await cancelRun(harness.ours, queued.id)).toBeUndefined();
    expect(await claimRun(harness.ours)).toBeUndefined();
  });
});

describe('a break', () => {
  it('closes when what was missing comes, with why', async () => {
    const account = newUuid();
    const day = dayOf(account, 5, { plants: { missing_here: 1, missing_there: 1, ledger_missing_here: 1 }, odd: {} });
    await takeDay(harness, account, day);
    await askForRun(harness, account);
    await workThrough(harness);
    expect(await foundBreaks(harness, account)).toEqual(day.breaks);

    // What each side lacked, it has now.
    const known = new Set([...day.records, ...day.movements].flatMap((row) => [row['attempt_id'], row['transfer_id']]));
    const later = plantedCounterparts(day, known);
    await storeDay((sql, values) => harness.database.query(sql, values), later);
    await takeLines(
      harness.ours,
      {
        kind: 'listing',
        name: 'later',
        gatewayAccountId: account,
        gateway: 'paystack',
        livemode: true,
        from: DAY,
        to: new Date(DAY.getTime() + DAY_MS),
        checksum: null,
        covers: ['payment'],
      },
      inBatches(later.lines),
    );
    await askForRun(harness, account);
    const run = await workThrough(harness);
    expect(run.counts).toMatchObject({ closed: 4 });
    const closed = await harness.database.query<{ kind: string; side: string; closed_why: string; closed_by: string }>(
      `SELECT kind, side, closed_why, closed_by FROM reconciliation.break WHERE gateway_account_id = $1 AND closed_at IS NOT NULL ORDER BY kind, side`,
      [account],
    );
    expect(closed).toEqual([
      {
        kind: 'missing_here',
        side: 'gateway',
        closed_why: 'it belongs to something that we know of',
        closed_by: run.id,
      },
      {
        kind: 'missing_here',
        side: 'ledger',
        closed_why: 'it belongs to something that we know of',
        closed_by: run.id,
      },
      {
        kind: 'missing_here',
        side: 'ledger',
        closed_why: 'it belongs to something that we know of',
        closed_by: run.id,
      },
      { kind: 'missing_there', side: 'gateway', closed_why: 'the other side has it', closed_by: run.id },
    ]);
  });
});

/** For each side of a day what it lacks. */
function plantedCounterparts(
  day: PlantedDay,
  known: ReadonlySet<unknown>,
): Pick<PlantedDay, 'records' | 'movements' | 'lines'> {
  const [model] = day.records;
  const references = new Set(day.records.map(({ key }) => key));
  const unknown = day.lines.filter(({ reference }) => !references.has(reference));
  const orphan = day.movements.find(({ attempt_id: id }) => !day.records.some((each) => each['attempt_id'] === id));
  const lonely = day.records.find(({ key }) => !day.lines.some(({ reference }) => reference === key));
  if (model === undefined || orphan === undefined || lonely === undefined)
    throw new Error('the day lacks what it should lack');
  const recordOf = (attemptId: string, reference: string, amount: number, fee: number, startedAt: string) => ({
    ...model,
    attempt_id: attemptId,
    reference,
    key: reference,
    amount,
    moved_amount: amount,
    fee,
    started_at: startedAt,
    concluded_at: startedAt,
  });
  const dashed = (hex: string): string =>
    [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  const found = unknown.map((line) =>
    recordOf(
      dashed(line.reference ?? ''),
      line.reference ?? '',
      Number(line.amountMinor),
      Number(line.feeMinor),
      line.occurredAt.toISOString(),
    ),
  );
  const orphans = day.movements.filter(({ attempt_id: id }) => id === orphan['attempt_id']);
  const [amount, fee] = orphans.map(({ amount: value }) => Number(value));
  const id = String(orphan['attempt_id']);
  const owner = recordOf(id, id.replaceAll('-', ''), amount ?? 0, fee ?? 0, String(orphan['effective_at']));
  const lineOf = (record: Readonly<Record<string, unknown>>, number: number) => ({
    ...(day.lines[0] as PlantedDay['lines'][number]),
    line: number,
    id: `later${number}`,
    reference: String(record['key']),
    amountMinor: BigInt(Number(record['amount'])),
    feeMinor: BigInt(Number(record['fee'])),
    occurredAt: new Date(String(record['started_at'])),
  });
  expect(known.has(owner.attempt_id)).toBe(true);
  return {
    records: [...found, owner],
    movements: found
      .map((record) => ({
        ...orphan,
        transfer_id: newUuid(),
        attempt_id: record.attempt_id,
        kind: 'collection',
        side: 'debit',
        amount: record.amount,
      }))
      .concat(
        found.map((record) => ({
          ...orphan,
          transfer_id: newUuid(),
          attempt_id: record.attempt_id,
          kind: 'gateway_fee',
          side: 'credit',
          amount: record.fee,
        })),
      ),
    lines: [lineOf(lonely, 900), lineOf(owner, 901)],
  };
}
