/** What a day came to. */
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { REPORT_COLUMNS, reportRows } from '../../../src/modules/reconciliation/reports/report.views.js';
import { listReports, type DayReport } from '../../../src/modules/reconciliation/reports/reports.store.js';
import { DAILY } from '../../../src/modules/reconciliation/runs/runs.store.js';
import { plantDay } from '../../support/planted-day.js';
import { askForRun, DAY, startHarness, takeDay, workThrough, type Harness } from './harness.js';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());

const reportsOf = (account: string): Promise<readonly DayReport[]> =>
  listReports(harness.ours, {
    gatewayAccountId: account,
    day: null,
    livemode: null,
    limit: 10,
    before: null,
    after: null,
  });
const announced = (account: string) =>
  harness.database.query<{ payload: Record<string, unknown> }>(
    `SELECT payload FROM messaging.outbox WHERE type = 'reconciliation.day_reported.v1' AND payload->>'gateway_account_id' = $1`,
    [account],
  );

describe('the report of a day', () => {
  it('says what moved here and there, how much of it is matched, and what differs; once', async () => {
    const account = newUuid();
    const plants = { missing_here: 2, missing_there: 3, amount: 1 };
    const day = plantDay({
      seed: 3,
      gatewayAccountId: account,
      merchantId: newUuid(),
      day: DAY,
      plain: 40,
      plants,
      odd: {},
    });
    await takeDay(harness, account, day);
    await askForRun(harness, account, 'asked for');
    await workThrough(harness);
    expect(await reportsOf(account)).toEqual([]);
    await askForRun(harness, account, DAILY);
    const run = await workThrough(harness);

    const [report] = await reportsOf(account);
    const sum = (amounts: readonly unknown[]): string =>
      String(amounts.reduce<bigint>((total, each) => total + BigInt(String(each)), 0n));
    expect(report).toMatchObject({ runId: run.id, day: DAY.toISOString().slice(0, 10) });
    expect(report?.figures).toEqual([
      {
        kind: 'payment',
        currency: 'NGN',
        count: 44,
        amount: sum(day.records.map((row) => row['moved_amount'])),
        fee: sum(day.records.map((row) => row['fee'])),
        matchedCount: 41,
        matchedAmount: expect.any(String) as string,
        lineCount: 43,
        lineAmount: sum(day.lines.map(({ amountMinor }) => amountMinor)),
        lineFee: sum(day.lines.map(({ feeMinor }) => feeMinor ?? 0n)),
      },
    ]);
    expect(report?.breaks).toEqual([
      { side: 'gateway', kind: 'amount', open: 1, closed: 0 },
      { side: 'gateway', kind: 'missing_here', open: 2, closed: 0 },
      { side: 'gateway', kind: 'missing_there', open: 3, closed: 0 },
    ]);
    expect((await announced(account)).map(({ payload }) => payload)).toMatchObject([
      { open_breaks: 6, closed_breaks: 0 },
    ]);
  });

  it('is there for a day on which nothing moved, and as a row of CSV', async () => {
    const account = newUuid();
    await askForRun(harness, account, DAILY);
    await workThrough(harness);
    const [report] = await reportsOf(account);
    expect(report).toMatchObject({ figures: [], breaks: [] });
    const rows = report === undefined ? [] : reportRows(report);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toHaveLength(REPORT_COLUMNS.length);
  });
});
