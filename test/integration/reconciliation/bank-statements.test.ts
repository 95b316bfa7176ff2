/** Statements of banks through the API: each entry once, in however many statements it stands. */
import { Database } from '../../../src/kernel/database/database.js';
import { readBankLines } from '../../../src/modules/reconciliation/bank/bank.store.js';
import type { ApiAnswer } from '../../support/api-client.js';
import { goldenFile, sendFile, SOURCES, startUploadHarness, type UploadHarness } from './upload-harness.js';

const START_TIMEOUT_MS = 180_000;
const BANK_LINES = '/admin/v1/reconciliation/bank_lines';

let harness: UploadHarness;
beforeAll(async () => {
  harness = await startUploadHarness();
}, START_TIMEOUT_MS);
afterAll(() => harness.close(), START_TIMEOUT_MS);

const send = (
  file: string | Buffer,
  query: Readonly<Record<string, string>> = {},
  { type = 'application/xml', preview = false } = {},
): Promise<ApiAnswer> =>
  sendFile(file, { url: harness.program.url, key: harness.adminKey, query: { kind: 'bank', ...query }, type, preview });

const listed = async (query: string): Promise<Record<string, unknown>[]> =>
  (await harness.admin.get<{ data: Record<string, unknown>[] }>(`${BANK_LINES}?${query}`)).body.data;

const balance = (code: string, amount: string, day: string): string =>
  `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="GHS">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>`;

interface Entry {
  readonly amount: string;
  readonly day: string;
  readonly reference?: string;
  readonly text?: string;
  readonly status?: string;
}

/** All on one line, as banks write XML. */
function statement(id: string, iban: string, opening: number, entries: readonly Entry[], closing?: string): string {
  const sum = entries
    .filter(({ status = 'BOOK' }) => status === 'BOOK')
    .reduce((total, { amount }) => total + Number(amount), opening);
  const days = entries.map(({ day }) => day).toSorted();
  return (
    `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>${id}</Id>` +
    `<Acct><Id><IBAN>${iban}</IBAN></Id><Ccy>GHS</Ccy></Acct>${balance('OPBD', opening.toFixed(2), days[0] ?? '')}` +
    balance('CLBD', closing ?? sum.toFixed(2), days.at(-1) ?? '') +
    entries
      .map(
        ({ amount, day, reference, text, status = 'BOOK' }) =>
          `<Ntry><Amt Ccy="GHS">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>${status}</Cd></Sts><BookgDt><Dt>${day}</Dt></BookgDt>` +
          `${reference === undefined ? '' : `<AcctSvcrRef>${reference}</AcctSvcrRef>`}<BkTxCd><Prtry><Cd>NTRF</Cd></Prtry></BkTxCd>` +
          `${text === undefined ? '' : `<AddtlNtryInf>${text}</AddtlNtryInf>`}</Ntry>`,
      )
      .join('') +
    '</Stmt></BkToCstmrStmt></Document>'
  );
}

describe('a statement', () => {
  it.each(['camt053-02.xml', 'camt053-06-prefixed.xml', 'camt053-08.xml'])(
    'in camt.053 (%s) is kept entry by entry, with its balances',
    async (name) => {
      const { status, body } = await send(await goldenFile(name), { name });
      expect(status).toBe(201);
      expect(body).toMatchObject({
        kind: 'bank',
        status: 'committed',
        gateway_account: null,
        format: 'camt.053',
        runs: [],
      });
      const report = body['report'] as { statements: { opening_balance: number; closing_balance: number }[] };
      expect(report.statements.length).toBeGreaterThan(0);
      const lines = await harness.admin.get<{ data: { amount: number }[] }>(
        `${SOURCES}/${String(body['id'])}/lines?limit=100`,
      );
      const moved = lines.body.data.reduce((sum, { amount }) => sum + amount, 0);
      const stated = report.statements.reduce(
        (sum, { opening_balance, closing_balance }) => sum + closing_balance - opening_balance,
        0,
      );
      expect(body['new_lines']).toBe(lines.body.data.length);
      if (body['repeated_lines'] === 0) expect(moved).toBe(stated);
    },
  );

  it('in CSV needs to be told how it is read, and of which account it is', async () => {
    const file = await goldenFile('bank.csv');
    const type = 'text/csv';
    expect((await send(file, {}, { type })).body).toMatchObject({ code: 'reconciliation.mapping_unclear' });
    expect((await send(file, { mapping: 'bank' }, { type })).body).toMatchObject({
      code: 'reconciliation.file_refused',
      errors: [{ code: 'value_missing', detail: expect.stringContaining('bank_account') as string }],
    });
    const taken = await send(file, { mapping: 'bank', bank_account: '9876 543 210' }, { type });
    expect(taken.body).toMatchObject({ status: 'committed', format: 'bank' });
    const lines = await listed('account=9876543210&limit=100');
    expect(lines).toHaveLength(Number(taken.body['lines']));
    expect(lines).toContainEqual(
      expect.objectContaining({
        booked_on: '2026-01-31',
        amount: 14_775_000,
        currency: 'NGN',
        description: 'NIP/PAYSTACK/SETTLEMENT 77',
        references: { bank_reference: 'FT26031ABC' },
      }),
    );
    const preview = await send(file, { mapping: 'bank' }, { type, preview: true });
    expect(preview.body).toMatchObject({ format: 'csv', mapping: 'bank' });
  });

  it('that overlaps another doubles nothing, and equal entries of a day stay two', async () => {
    const iban = 'GH11TEST0000000000000001';
    const [monday, tuesday, wednesday] = ['2026-03-02', '2026-03-03', '2026-03-04'] as const;
    const twins = [1, 2].map(() => ({ amount: '25.00', day: tuesday, text: 'POS settlement' }));
    const first = [{ amount: '100.00', day: monday, reference: 'REF-1' }, ...twins];
    const second = [...twins, { amount: '7.00', day: wednesday, reference: 'REF-2' }];
    expect((await send(statement('S1', iban, 10, first))).body).toMatchObject({
      lines: 3,
      new_lines: 3,
      repeated_lines: 0,
    });
    expect((await send(statement('S2', iban, 110, second))).body).toMatchObject({
      lines: 3,
      new_lines: 1,
      repeated_lines: 2,
    });
    const all = await listed(`account=${iban}&limit=100`);
    expect(all.map(({ amount }) => amount).toSorted()).toEqual([10_000, 2_500, 2_500, 700].toSorted());
    const pages = await listed(`account=${iban}&limit=2`);
    expect(pages.map(({ id }) => id)).toEqual(all.slice(0, 2).map(({ id }) => id));
    expect(
      (await listed(`account=${iban}&limit=2&starting_after=${String(pages[1]?.['id'])}`)).map(({ id }) => id),
    ).toEqual(all.slice(2).map(({ id }) => id));
    expect(
      (await listed(`account=${iban}&limit=3&ending_before=${String(all[3]?.['id'])}`)).map(({ id }) => id),
    ).toEqual(all.slice(0, 3).map(({ id }) => id));
  });

  it('of which not all is booked keeps what is', async () => {
    const iban = 'GH11TEST0000000000000002';
    const entries = [
      { amount: '10.00', day: '2026-03-02', reference: 'A' },
      { amount: '99.00', day: '2026-03-02', reference: 'B', status: 'PDNG' },
    ];
    const { body } = await send(statement('S3', iban, 0, entries));
    expect(body).toMatchObject({
      lines: 1,
      report: { notices: [expect.stringContaining('1 entries are not booked yet') as string] },
    });
  });

  it('in which somebody wrote a card number is kept without it', async () => {
    const iban = 'GH11TEST0000000000000007';
    await send(
      statement('S8', iban, 0, [{ amount: '10.00', day: '2026-03-02', text: 'card 4111111111111111 thanks' }]),
    );
    expect(await listed(`account=${iban}`)).toMatchObject([{ description: 'card 411111******1111 thanks' }]);
  });

  it('whose balances do not fit is refused as a whole', async () => {
    const iban = 'GH11TEST0000000000000003';
    const file = statement('S4', iban, 5, [{ amount: '10.00', day: '2026-03-02', reference: 'A' }], '16.00');
    expect((await send(file)).body).toMatchObject({
      code: 'reconciliation.file_refused',
      errors: [{ code: 'balance' }],
    });
    const cut = await send(file.slice(0, -60));
    expect(cut.status).toBe(422);
    expect(await listed(`account=${iban}`)).toEqual([]);
  });

  it('of another account than was said is refused', async () => {
    const file = statement('S5', 'GH11TEST0000000000000004', 0, [{ amount: '10.00', day: '2026-03-02' }]);
    expect((await send(file, { bank_account: 'GH99' })).body).toMatchObject({ errors: [{ code: 'statement' }] });
    expect((await send(file, { gateway_account: `gwa_${'0'.repeat(26)}` })).status).toBe(400);
  });

  it('again is answered with what it became, also when it comes twice at once', async () => {
    const file = statement('S6', 'GH11TEST0000000000000005', 0, [{ amount: '10.00', day: '2026-03-02' }]);
    const answers = await Promise.all([send(file), send(file)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const known = answers.find(({ status }) => status === 201)?.body['id'];
    expect((await send(file)).body).toMatchObject({ code: 'reconciliation.source_known', source: known });
  });

  it('is read by account, currency, amount and days', async () => {
    const iban = 'GH11TEST0000000000000006';
    const entries = ['2026-03-02', '2026-03-05', '2026-03-09'].map((day) => ({ amount: '40.00', day }));
    await send(statement('S7', iban, 0, [...entries, { amount: '41.00', day: '2026-03-05' }]));
    const database = new Database({ url: harness.database.url, owner: 'reconciliation', poolSize: 1 });
    try {
      const query = { account: iban, currency: 'GHS', livemode: true, from: '2026-03-03', to: '2026-03-09', limit: 10 };
      const days = async (more: { readonly amountMinor?: bigint }): Promise<readonly string[]> =>
        (await readBankLines(database, { ...query, ...more })).map(({ bookedOn, amount }) => `${bookedOn} ${amount}`);
      expect(await days({ amountMinor: 4_000n })).toEqual(['2026-03-05 4000', '2026-03-09 4000']);
      expect((await days({})).toSorted()).toEqual(['2026-03-05 4000', '2026-03-05 4100', '2026-03-09 4000']);
      expect(await days({ amountMinor: -4_000n })).toEqual([]);
    } finally {
      await database.close();
    }
    expect(await listed(`account=${iban}&amount=4100`)).toHaveLength(1);
    expect((await harness.merchant.get(BANK_LINES)).status).toBe(403);
  });
});
