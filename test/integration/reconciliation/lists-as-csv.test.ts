/** Settlements, entries of banks and day reports as CSV: the rows that the list has, page after page, and nobody's formulas. */
import { parse } from 'csv-parse/sync';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { ApiAnswer } from '../../support/api-client.js';
import { goldenFile, sendFile, startUploadHarness, type UploadHarness } from './upload-harness.js';

const START_TIMEOUT_MS = 180_000;
const LISTS = '/admin/v1/reconciliation';

type Row = Readonly<Record<string, string>>;
interface Page {
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

let harness: UploadHarness;
beforeAll(async () => {
  harness = await startUploadHarness();
  await sendFile(await goldenFile('camt053-08.xml'), {
    url: harness.program.url,
    key: harness.adminKey,
    query: { kind: 'bank' },
    type: 'application/xml',
  });
  for (let number = 0; number < 3; number += 1) {
    await harness.database.query(
      `INSERT INTO reconciliation.settlement (id, gateway_account_id, gateway, livemode, gateway_id, status, currency, gross, fees, net, settled_at, told_at)
       VALUES ($1, $2, 'paystack', $3, $4, 'settled', 'GHS', 1000, 10, 990, now(), now())`,
      [newUuid(), newUuid(), number > 0, `=stl_${number}`],
    );
    const [runId, account] = [newUuid(), newUuid()];
    await harness.database.query(
      `INSERT INTO reconciliation.run (id, job, gateway_account_id, gateway, livemode, window_from, window_to, state, finished_at)
       VALUES ($1, 'daily', $2, 'paystack', $3, '2026-01-31', '2026-02-01', 'succeeded', now())`,
      [runId, account, number > 0],
    );
    await harness.database.query(
      `INSERT INTO reconciliation.day_report (id, run_id, gateway_account_id, gateway, livemode, day, figures, breaks)
       VALUES ($1, $2, $3, 'paystack', $4, '2026-01-31', '[]', '[]')`,
      [newUuid(), runId, account, number > 0],
    );
  }
}, START_TIMEOUT_MS);
afterAll(() => harness.close(), START_TIMEOUT_MS);

/** Every page, each of so many rows, as links lead from one to the next. */
async function downloaded(path: string, limit: number): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let next: string | undefined = `${path}&format=csv&limit=${limit}`; next !== undefined;) {
    const { status, headers, text }: ApiAnswer = await harness.admin.get(next);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8; header=present']);
    const page = parse(text, { columns: true, bom: true }) as Row[];
    expect(page.length).toBeLessThanOrEqual(limit);
    rows.push(...page);
    [, next] = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '') ?? [];
  }
  return rows;
}

describe('a list as CSV', () => {
  it.each([
    ['settlements', 'id', 2],
    ['bank_lines', 'id', 1],
    ['reports', 'gateway_account', 2],
  ])('of %s has what the list has, of the mode that is asked for', async (list, column, limit) => {
    const path = `${LISTS}/${list}?livemode=true`;
    const { body } = await harness.admin.get<Page>(path);
    const shown = body.data.map((each) => String(each[column]));
    expect(shown.length).toBeGreaterThan(1);
    for (const size of [limit, 1, 100]) {
      const rows = await downloaded(path, size);
      expect(rows.map((row) => row[column])).toEqual(shown);
      expect(rows.every((row) => row['livemode'] === 'true')).toBe(true);
    }
    expect((await downloaded(`${LISTS}/${list}?livemode=false`, 100)).length).toBe(list === 'bank_lines' ? 0 : 1);
  });

  it('has texts of others as texts, which no spreadsheet takes for formulas', async () => {
    const rows = await downloaded(`${LISTS}/settlements?livemode=true`, 100);
    expect(rows.map((row) => row['gateway_id'])).toEqual([`'=stl_2`, `'=stl_1`]);
    expect(rows[0]).toMatchObject({ gross: '1000', fees: '10', net: '990', currency: 'GHS', bank_line: '' });
  });
});
