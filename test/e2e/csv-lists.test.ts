/** Every list that operators have is CSV too: of exactly the same filter, page after page, with nothing in it that a spreadsheet takes for a formula. */
import type { ApiAnswer } from '../support/api-client.js';
import { must } from '../support/person.js';
import { pay } from './support/payments.js';
import { startSystem, type System } from './support/system.js';
import { twoPeople } from './support/two-people.js';

const START_TIMEOUT_MS = 180_000;
const FORMULA = '=HYPERLINK("https://evil.example")';

interface Operation {
  readonly parameters?: readonly { readonly name: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly paths: Readonly<Record<string, { readonly get?: Operation }>>;
}

/** Lists of a handful within something else, or that are no list of things: of each why. */
const NOT_EXPORTED: readonly string[] = [
  // Parts of one thing's page.
  '/admin/v1/events',
  '/admin/v1/names',
  '/admin/v1/ledger/booked',
  '/admin/v1/reconciliation/records',
  // A handful, shown whole and filtered by the screen alone.
  '/admin/v1/reconciliation/gateway_accounts',
  '/admin/v1/reconciliation/mappings',
  '/admin/v1/routing/gateways',
  // Whoever asks for their own, or one person's: shown whole, a few.
  '/admin/v1/session/all',
  '/admin/v1/admins/{id}/sessions',
];

describe('Lists as CSV', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ queue: 'postgresql', split: false });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  const linkOf = ({ headers }: ApiAnswer): string | undefined =>
    /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
  const rowsOf = (text: string): readonly string[] => text.trim().split('\r\n').slice(1);

  it('is said of each list whose answer the document knows', async () => {
    const { paths } = must(await system.admin.get<Document>('/openapi.json'), 200).body;
    const lists = Object.entries(paths).filter(
      ([path, { get }]) =>
        path.startsWith('/admin/v1/') && JSON.stringify(get?.responses['200'] ?? '').includes('"has_more"'),
    );
    expect(lists.length).toBeGreaterThan(15);
    const without = lists
      .filter(([, { get }]) => !(get?.parameters ?? []).some(({ name }) => name === 'format'))
      .map(([path]) => path);
    expect(without.toSorted()).toEqual([...NOT_EXPORTED].toSorted());
  });

  it('goes on from page to page, has all that JSON has, and makes formulas harmless', async () => {
    for (const name of [FORMULA, '@cmd', 'Boutique "Awa", Lomé'])
      must(await system.admin.post('/admin/v1/merchants', { name, platform_fee_bps: 10 }), 201);
    const all = must(await system.admin.get<{ data: { id: string }[] }>('/admin/v1/merchants?limit=100'), 200).body
      .data;
    const rows: string[] = [];
    let path: string | undefined = '/admin/v1/merchants?limit=2&format=csv';
    while (path !== undefined) {
      const answer: ApiAnswer = must(await system.admin.get(path), 200);
      expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
      expect(answer.headers.get('content-disposition')).toBe('attachment; filename="merchants.csv"');
      rows.push(...rowsOf(answer.text));
      path = linkOf(answer);
    }
    expect(rows.map((row) => row.split(',')[0])).toEqual(all.map(({ id }) => id));
    expect(rows.find((row) => row.includes('HYPERLINK'))).toContain(`,"'=HYPERLINK(""https://evil.example"")",10,`);
    expect(rows.find((row) => row.includes('cmd'))).toContain(`,'@cmd,10,`);
    expect(rows.find((row) => row.includes('Awa'))).toContain(`,"Boutique ""Awa"", Lomé",10,`);
  });

  it('is what the lists answer, each under its own filter', async () => {
    await pay(system);
    const { maker } = await twoPeople(system);
    const schedule = {
      content: { fees: [{ currency: 'GHS', fee: { tiers: [{ percent_bps: 100 }] } }] },
      note: 'first',
    };
    must(await maker.post('/admin/v1/payments/fee_schedules', schedule), 201);
    const merchants = must(await system.admin.get<{ data: { id: string }[] }>('/admin/v1/merchants'), 200).body.data;
    const lists = [
      '/admin/v1/payments?livemode=false&status=succeeded',
      '/admin/v1/payments/fee_schedules?merchant=none',
      '/admin/v1/ledger/accounts?livemode=false&currency=GHS',
      `/admin/v1/merchants/${merchants.at(-1)?.id ?? ''}/api_keys?limit=5`,
      '/admin/v1/admins?limit=50',
      '/admin/v1/roles',
      '/admin/v1/approvals?limit=50',
      '/admin/v1/webhook_deliveries?status=delivered',
    ];
    for (const list of lists) {
      const json = must(await system.admin.get<{ data: readonly unknown[] }>(list), 200).body;
      const csv = must(await system.admin.get(list, { headers: { accept: 'text/csv' } }), 200);
      const [header = ''] = csv.text.split('\r\n');
      expect([list, rowsOf(csv.text).filter((row) => row !== '').length]).toEqual([list, json.data.length]);
      // A time says which zone it is of.
      expect([list, header.split(',').filter((column) => column.endsWith('_at'))]).toEqual([list, []]);
    }
    for (const list of ['/admin/v1/refunds?livemode=false', '/admin/v1/dead_letters', '/admin/v1/invitations'])
      expect((await system.admin.get(`${list}${list.includes('?') ? '&' : '?'}format=csv`)).text).toMatch(
        /^[a-z_,0-9]+\r\n$/,
      );
    expect((await system.merchant.get('/admin/v1/merchants?format=csv')).status).toBe(403);
    expect((await system.admin.get('/admin/v1/merchants?limit=101')).status).toBe(400);
    expect((await system.admin.get('/admin/v1/roles?format=xls')).status).toBe(400);
  });
});
