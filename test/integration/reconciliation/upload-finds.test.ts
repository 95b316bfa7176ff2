/** From a file to its breaks, and from breaks to a file: nobody has to ask for a run. */
import { parse } from 'csv-parse/sync';
import { toDecimal } from '../../../src/kernel/money/money.js';
import type { IncomingLine } from '../../../src/modules/reconciliation/lines/line.js';
import { FOUND_BREAKS, plantDay, storeDay } from '../../support/planted-day.js';
import { DAY, DAY_MS } from './harness.js';
import {
  knownAccount,
  PAYSTACK_HEADER,
  sendFile,
  startUploadHarness,
  untilRunEnded,
  type UploadHarness,
} from './upload-harness.js';

const START_TIMEOUT_MS = 180_000;
const BREAKS = '/admin/v1/reconciliation/breaks';

let harness: UploadHarness;
beforeAll(async () => {
  harness = await startUploadHarness();
}, START_TIMEOUT_MS);
afterAll(() => harness.close(), START_TIMEOUT_MS);

const STATUS = { succeeded: 'success', failed: 'failed', pending: 'pending', reversed: 'reversed' } as const;

/** As the dashboard would export it. */
function rowOf(line: IncomingLine): string {
  const fee = line.feeMinor === null ? '' : toDecimal(line.feeMinor, 2);
  return `${line.id ?? ''},${line.reference ?? ''},${STATUS[line.status]},${toDecimal(line.amountMinor, 2)},${fee},${line.currency},${line.occurredAt.toISOString()}\r\n`;
}

async function downloaded(path: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await harness.admin.get(path, { headers });
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="\w+\.csv"$/);
  const rows: Record<string, string>[] = parse(answer.text, { columns: true });
  return { rows, link: answer.headers.get('link') };
}

describe('a file with discrepancies', () => {
  it(
    'has them found by the run that it begins, which are listed and downloaded',
    async () => {
      const account = await knownAccount(harness.database, 'paystack');
      const day = plantDay({
        seed: 11,
        gatewayAccountId: account.uuid,
        merchantId: account.uuid,
        day: DAY,
        plain: 200,
        plants: {
          missing_here: 3,
          missing_there: 3,
          amount: 3,
          currency: 1,
          fee: 3,
          status_declined_here: 2,
          late_time: 2,
        },
        odd: { declined: 3, instalments: 2, unlisted_fee: 2 },
      });
      await storeDay((sql, values) => harness.database.query(sql, values), day);
      const file = PAYSTACK_HEADER + day.lines.map(rowOf).join('');
      const window = { from: DAY.toISOString(), to: new Date(DAY.getTime() + DAY_MS).toISOString() };
      // Instalments are two lines of one reference.
      const { mapping } = (
        await harness.admin.get<{ mapping: Record<string, unknown> }>('/admin/v1/reconciliation/mappings/paystack')
      ).body;
      const own = { gateway: 'paystack', mapping: { ...mapping, id: 'by_id', unique: 'id' } };
      expect((await harness.admin.post('/admin/v1/reconciliation/mappings', own)).status).toBe(201);
      const { body } = await sendFile(file, {
        url: harness.program.url,
        key: harness.adminKey,
        query: { gateway_account: account.id, mapping: 'by_id', ...window },
      });
      expect(body).toMatchObject({ status: 'committed', covers: ['payment'], lines: day.lines.length });
      const [run] = body['runs'] as string[];
      const ended = await untilRunEnded(harness.admin, String(run));
      expect(ended).toMatchObject({
        job: expect.stringMatching(/^file /) as string,
        counts: { opened: day.breaks.length },
      });
      const found = await harness.database.query<{ found: string }>(FOUND_BREAKS, [account.uuid]);
      expect(found.map((each) => each.found).toSorted()).toEqual(day.breaks);

      const listed = await harness.admin.get<{ data: { id: string }[] }>(
        `/admin/v1/reconciliation/runs/${String(run)}/breaks?limit=100`,
      );
      const ids = listed.body.data.map(({ id }) => id);
      expect(ids).toHaveLength(day.breaks.length);
      const all = await downloaded(`/admin/v1/reconciliation/runs/${String(run)}/breaks?format=csv`);
      expect(all.rows.map(({ id }) => id)).toEqual(ids);
      expect(all.link).toBeNull();
      const amounts = await downloaded(`${BREAKS}?gateway_account=${account.id}&kind=amount&limit=2`, {
        accept: 'text/csv',
      });
      expect(amounts.rows).toHaveLength(2);
      expect(amounts.rows[0]).toMatchObject({
        kind: 'amount',
        gateway_account: account.id,
        amount: '500',
        differences: expect.stringMatching(/^amount: \d+ \/ \d+$/) as string,
      });
      const next = /^<([^>]+)>; rel="next"$/.exec(amounts.link ?? '')?.[1];
      const rest = await downloaded(String(next));
      expect(rest.rows).toHaveLength(1);
      expect(rest.rows[0]?.['id']).not.toBe(amounts.rows[1]?.['id']);
    },
    START_TIMEOUT_MS,
  );

  it(
    'puts no formula into a spreadsheet',
    async () => {
      const account = await knownAccount(harness.database, 'paystack');
      const at = new Date(DAY.getTime() + DAY_MS / 2).toISOString();
      const formula = '=HYPERLINK(""https://evil.example"",""1"")';
      const file = `${PAYSTACK_HEADER}77,"${formula}",success,10.00,0.10,NGN,${at}\r\n@SUM(1),b,success,10.00,0.10,NGN,${at}\r\n`;
      const query = { gateway_account: account.id, mapping: 'paystack' };
      const { body } = await sendFile(file, { url: harness.program.url, key: harness.adminKey, query });
      const [run] = body['runs'] as string[];
      await untilRunEnded(harness.admin, String(run));
      const { rows } = await downloaded(`/admin/v1/reconciliation/runs/${String(run)}/breaks?format=csv`);
      expect(rows.map(({ reference, gateway_id }) => [reference, gateway_id]).toSorted()).toEqual([
        [`'${formula.replaceAll('""', '"')}`, '77'],
        ['b', "'@SUM(1)"],
      ]);
      for (const cell of rows.flatMap((row) => Object.values(row))) expect(cell).not.toMatch(/^\s*[=+@]/);
    },
    START_TIMEOUT_MS,
  );

  it('shows a page of a hundred as JSON, and is for operators', async () => {
    expect((await harness.admin.get(`${BREAKS}?limit=101`)).body).toMatchObject({
      errors: [{ pointer: 'limit', code: 'max' }],
    });
    expect((await harness.admin.get(`${BREAKS}?limit=10001&format=csv`)).status).toBe(400);
    expect((await harness.merchant.get(`${BREAKS}?format=csv`)).status).toBe(403);
    expect((await harness.admin.get(`/admin/v1/reconciliation/runs/rcr_${'0'.repeat(26)}/breaks`)).status).toBe(404);
  });
});
