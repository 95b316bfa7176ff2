/** Days with discrepancies planted into them: every one is found and called what it is, and nothing else is. */
import fc from 'fast-check';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { ODD, plantDay, PLANTS, type Odd, type Plant, type PlantedDay } from '../../support/planted-day.js';
import {
  askForRun,
  DAY,
  DAY_MS,
  everyDecision,
  everyResult,
  foundBreaks,
  matchedRecords,
  startHarness,
  takeDay,
  workThrough,
  type Harness,
} from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const few = { min: 0, max: 3 };
const counts = <Name extends string>(names: readonly Name[]) =>
  fc
    .tuple(...names.map(() => fc.integer(few)))
    .map(
      (values) => Object.fromEntries(names.map((name, index) => [name, values[index] ?? 0])) as Record<Name, number>,
    );

const anyDay = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  plain: fc.integer({ min: 0, max: 60 }),
  plants: counts<Plant>(PLANTS),
  odd: counts<Odd>(ODD),
});

const planted = (account: string, of: Parameters<typeof plantDay>[0] | object): PlantedDay =>
  plantDay({ gatewayAccountId: account, merchantId: newUuid(), day: DAY, ...of } as Parameters<typeof plantDay>[0]);

/** A line that is late may be another day's. */
const isOfDay = ({ occurredAt }: { readonly occurredAt: Date }): boolean =>
  occurredAt.getTime() < DAY.getTime() + DAY_MS;

const nonZero = (given: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(given).filter(([, count]) => count > 0));

describe('a run', () => {
  it('finds all that was planted and nothing else, and changes nothing when it is repeated', async () => {
    await fc.assert(
      fc.asyncProperty(anyDay, fc.integer({ min: 1, max: 70 }), async (of, chunk) => {
        const account = newUuid();
        const day = planted(account, of);
        await takeDay(harness, account, day);
        await askForRun(harness, account);
        const first = await workThrough(harness, { chunk });
        expect(first).toMatchObject({
          state: 'succeeded',
          counts: { records: day.records.length, lines: day.lines.filter(isOfDay).length },
        });
        expect(await foundBreaks(harness, account)).toEqual(day.breaks);
        expect(nonZero(await matchedRecords(harness, account))).toEqual(nonZero(day.matched));

        const before = await everyResult(harness, account);
        await askForRun(harness, account);
        const second = await workThrough(harness);
        expect(second.counts).toMatchObject({ opened: 0, changed: 0, closed: 0 });
        expect(await everyResult(harness, account)).toEqual(before);
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  it('decides the same whatever the order of the lines', async () => {
    const decisions = [];
    for (const turn of [0, 1]) {
      const own = await startHarness();
      try {
        const account = '01890000-0000-7000-8000-0000000000aa';
        const all = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 2]));
        const day = plantDay({
          seed: 11,
          gatewayAccountId: account,
          merchantId: account,
          day: DAY,
          plain: 20,
          plants: all(PLANTS),
          odd: all(ODD),
        });
        const lines =
          turn === 0 ? day.lines : day.lines.toReversed().map((line, index) => ({ ...line, line: index + 2 }));
        await takeDay(own, account, { ...day, lines });
        await askForRun(own, account);
        await workThrough(own, { chunk: turn === 0 ? 7 : 2_000 });
        decisions.push(await everyDecision(own, account));
      } finally {
        await own.close();
      }
    }
    expect(decisions[0]?.length).toBeGreaterThan(60);
    expect(decisions[1]).toEqual(decisions[0]);
  }, 60_000);
});
