/** Files of gateways through the API of the built program: whole or not at all, each once, and compared without being asked. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import type { ApiAnswer } from '../../support/api-client.js';
import {
  goldenFile,
  knownAccount,
  PAYSTACK_HEADER,
  paystackRow,
  sendFile,
  SOURCES,
  sourcesOf,
  startUploadHarness,
  type UploadHarness,
} from './upload-harness.js';

const START_TIMEOUT_MS = 180_000;

let harness: UploadHarness;
beforeAll(async () => {
  harness = await startUploadHarness();
}, START_TIMEOUT_MS);
afterAll(() => harness.close(), START_TIMEOUT_MS);

const send = (
  file: string | Buffer,
  query: Readonly<Record<string, string>>,
  { preview = false, type = 'text/csv', key = harness.adminKey } = {},
): Promise<ApiAnswer> => sendFile(file, { url: harness.program.url, key, query, preview, type });

const GATEWAYS = ['paystack', 'flutterwave', 'mtn_momo', 'monnify', 'hubtel', 'orange_money', 'wave'];

describe('a file of each gateway', () => {
  it.each(GATEWAYS)('%s: is read without saying how, kept line by line, and begins its run', async (gateway) => {
    const account = await knownAccount(harness.database, gateway);
    const answer = await send(await goldenFile(`${gateway}.csv`), { gateway_account: account.id, name: 'january.csv' });
    const golden = JSON.parse(
      await readFile(path.resolve(`src/modules/reconciliation/files/golden/${gateway}.json`), 'utf8'),
    ) as { summary: { sha256: string }; lines: readonly { reference: string | null; amountMinor: string }[] };
    expect(answer.body).toMatchObject({
      object: 'reconciliation_source',
      kind: 'file',
      name: 'january.csv',
      status: 'committed',
      format: gateway,
      gateway_account: account.id,
      lines: golden.lines.length,
      new_lines: golden.lines.length,
      problems: [],
      runs: [expect.stringMatching(/^rcr_/)],
    });
    expect(answer.status).toBe(201);
    const listed = await harness.admin.get<{ data: Record<string, unknown>[] }>(
      `${SOURCES}/${String(answer.body['id'])}/lines?limit=100`,
    );
    expect(listed.body.data.map(({ reference }) => reference)).toEqual(golden.lines.map(({ reference }) => reference));
    expect(listed.body.data.map(({ amount }) => String(amount))).toEqual(
      golden.lines.map(({ amountMinor }) => amountMinor.replace(' minor', '')),
    );
  });
});

/** One account for all that is refused: nothing of it may be there afterwards. */
describe('a file that is wrong', () => {
  const good = PAYSTACK_HEADER + paystackRow(1) + paystackRow(2);
  const cases: readonly (readonly [
    what: string,
    file: string | Buffer,
    errors: readonly { readonly pointer: string; readonly code: string }[],
  ])[] = [
    ['empty', '', [{ pointer: '', code: 'empty' }]],
    ['an Excel workbook', Buffer.from('504b030414000600', 'hex'), [{ pointer: '', code: 'not_text' }]],
    [
      'bytes of another encoding in the middle',
      Buffer.concat([
        Buffer.from(`${PAYSTACK_HEADER}${paystackRow(1, { reference: 'clé-1' })}`),
        Buffer.from(paystackRow(2, { reference: 'clé-2' }), 'latin1'),
      ]),
      [{ pointer: '/3', code: 'encoding' }],
    ],
    [
      'without a column that is needed',
      'Id,Reference,Status,Fees,Currency,Paid at\r\n1,a,success,1,NGN,2026-01-31T10:00:00Z\r\n',
      [{ pointer: '/1/Amount', code: 'column_missing' }],
    ],
    ['cut off in the middle of a row', good.slice(0, -30), [{ pointer: '/3', code: 'row_width' }]],
    [
      'with amounts in the other notation',
      PAYSTACK_HEADER + paystackRow(1, { amount: '"1.500,50"' }) + paystackRow(2, { amount: '"99,00"' }),
      [
        { pointer: '/2/Amount', code: 'amount' },
        { pointer: '/3/Amount', code: 'amount' },
      ],
    ],
    [
      'with two lines of one reference that say different things',
      good + paystackRow(2, { amount: '7.00' }),
      [{ pointer: '/4', code: 'duplicate' }],
    ],
    [
      'with several things wrong',
      PAYSTACK_HEADER +
        paystackRow(1, { status: 'perhaps' }) +
        paystackRow(2, { at: 'yesterday' }) +
        paystackRow(3, { currency: 'USD' }),
      [
        { pointer: '/2/Status', code: 'value_unknown' },
        { pointer: '/3/Paid at', code: 'time' },
        { pointer: '/4/Currency', code: 'currency' },
      ],
    ],
    [
      'with dates a year and more apart',
      good + paystackRow(3, { at: '2027-03-31T10:00:00Z' }),
      [{ pointer: '', code: 'time' }],
    ],
    ['without lines, of a time that nobody names', PAYSTACK_HEADER, [{ pointer: '', code: 'empty' }]],
    ['XML', '<?xml version="1.0"?><Document/>', [{ pointer: '', code: 'other_format' }]],
  ];

  it.each(cases)('%s: is refused as a whole, with where', async (_, file, errors) => {
    const account = await knownAccount(harness.database, 'paystack');
    const answer = await send(file, { gateway_account: account.id, mapping: 'paystack' });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ code: 'reconciliation.file_refused', problems: errors.length, more: false });
    const told = answer.body['errors'] as { pointer: string; code: string; detail: string }[];
    expect(told.map(({ pointer, code }) => ({ pointer, code }))).toEqual(errors);
    const [kept] = await harness.database.query<{ lines: number; staged: number }>(
      `SELECT (SELECT count(*) FROM reconciliation.line WHERE gateway_account_id = $1)::int AS lines,
          (SELECT count(*) FROM reconciliation.staged_line)::int AS staged`,
      [account.uuid],
    );
    expect(kept).toEqual({ lines: 0, staged: 0 });
    const { body } = await harness.admin.get(`${SOURCES}/${String(answer.body['source'])}`);
    expect(body).toMatchObject({ status: 'abandoned', new_lines: 0, runs: [] });
    expect((body['problems'] as unknown[]).length).toBeGreaterThan(0);
  });

  it('tells a hundred problems and no more', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const rows = Array.from({ length: 5_000 }, (_, index) => paystackRow(index, { status: 'perhaps' })).join('');
    const answer = await send(PAYSTACK_HEADER + rows, { gateway_account: account.id, mapping: 'paystack' });
    expect(answer.body).toMatchObject({ code: 'reconciliation.file_refused', problems: 100, more: true });
    expect(answer.body['errors']).toHaveLength(100);
  });

  it('of another mapping is not guessed at', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const answer = await send(await goldenFile('wave.csv'), { gateway_account: account.id });
    expect(answer.body).toMatchObject({ status: 422, code: 'reconciliation.mapping_unclear' });
    expect(await sourcesOf(harness.database, account.uuid)).toEqual([]);
  });
});

describe('what is merely odd', () => {
  it('is taken as it is meant: formulas are text, and what repeats itself counts once', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const file = PAYSTACK_HEADER + paystackRow(1, { reference: '=1+1' }) + paystackRow(2) + paystackRow(2);
    const { body, status } = await send(file, { gateway_account: account.id });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      lines: 2,
      report: {
        duplicates: 1,
        notices: [
          'A row repeats an earlier one and was counted once.',
          'A cell looks like a formula; it was read as text.',
        ],
      },
    });
  });

  it('keeps times as instants, whatever zone they were written in', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const file =
      PAYSTACK_HEADER +
      paystackRow(1, { at: '2026-01-31T11:00:00+01:00' }) +
      paystackRow(2, { at: '2026-01-31T05:30:00-05:00' });
    const { body } = await send(file, { gateway_account: account.id });
    expect(body).toMatchObject({ from: '2026-01-31T10:00:00.000Z', to: '2026-01-31T10:30:01.000Z' });
  });
});

describe('the time that a file covers', () => {
  const file = PAYSTACK_HEADER + paystackRow(1) + paystackRow(2);

  it('is from its first line to its last when nobody says', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const { body } = await send(file, { gateway_account: account.id });
    expect(body).toMatchObject({
      from: '2026-01-31T10:00:01.000Z',
      to: '2026-01-31T10:00:03.000Z',
      covers: ['payment'],
    });
  });

  it('is what is stated, and is compared in runs of a month at most', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const { body } = await send(file, {
      gateway_account: account.id,
      from: '2025-12-15T00:00:00Z',
      to: '2026-02-01T00:00:00Z',
      covers: 'payment,refund',
      as_of: '2026-02-01T00:00:00Z',
    });
    expect(body).toMatchObject({
      from: '2025-12-15T00:00:00.000Z',
      to: '2026-02-01T00:00:00.000Z',
      as_of: '2026-02-01T00:00:00.000Z',
      covers: ['payment', 'refund'],
    });
    const windows = await harness.database.query(
      `SELECT window_from::text AS from, window_to::text AS to FROM reconciliation.run WHERE gateway_account_id = $1 ORDER BY window_from`,
      [account.uuid],
    );
    expect(windows).toEqual([
      { from: '2025-12-15 00:00:00+00', to: '2026-01-15 00:00:00+00' },
      { from: '2026-01-15 00:00:00+00', to: '2026-02-01 00:00:00+00' },
    ]);
  });

  it('may be one of which it has nothing', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const window = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
    const { body, status } = await send(PAYSTACK_HEADER, { gateway_account: account.id, ...window });
    expect(status).toBe(201);
    expect(body).toMatchObject({ lines: 0, covers: ['payment'] });
  });

  it('is not one in which none of its lines lies', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const window = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
    const { body } = await send(file, { gateway_account: account.id, ...window });
    expect(body).toMatchObject({ code: 'reconciliation.file_refused', errors: [{ pointer: '', code: 'time' }] });
  });

  it.each([
    [{ from: '2026-01-01T00:00:00Z' }, 'to'],
    [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'to'],
    [{ as_of: '2999-01-01T00:00:00Z' }, 'as_of'],
    [{ covers: 'charges' }, 'covers'],
    [{ livemode: 'true' }, 'livemode'],
    [{ gateway_account: 'gwa_nobody' }, 'gateway_account'],
  ] as const)('is refused as %j', async (query, pointer) => {
    const account = await knownAccount(harness.database, 'paystack');
    const { status, body } = await send(file, { gateway_account: account.id, ...query });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'request.invalid_parameter', errors: [{ pointer }] });
  });
});

describe('the same file', () => {
  const file = PAYSTACK_HEADER + Array.from({ length: 3_000 }, (_, index) => paystackRow(index)).join('');

  it('again is answered with what it became', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const first = await send(file, { gateway_account: account.id, name: 'first.csv' });
    const again = await send(file, { gateway_account: account.id, name: 'again.csv' });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ code: 'reconciliation.source_known', source: first.body['id'] });
    const elsewhere = await knownAccount(harness.database, 'paystack');
    expect((await send(file, { gateway_account: elsewhere.id })).status).toBe(201);
  });

  it('twice at once is one source', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const answers = await Promise.all([1, 2].map(() => send(file, { gateway_account: account.id })));
    const [won, lost] = answers.toSorted((a, b) => a.status - b.status);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    expect(lost?.body).toMatchObject({ code: 'reconciliation.source_known', source: won?.body['id'] });
    const states = await sourcesOf(harness.database, account.uuid);
    expect(states.map(({ state }) => state).toSorted()).toEqual(['abandoned', 'committed']);
    const [{ lines } = { lines: 0 }] = await harness.database.query<{ lines: number }>(
      'SELECT count(*)::int AS lines FROM reconciliation.line WHERE gateway_account_id = $1',
      [account.uuid],
    );
    expect(lines).toBe(3_000);
  });

  it('is listed by account, kind and state', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const { body } = await send(file, { gateway_account: account.id });
    await send(file, { gateway_account: account.id });
    const listed = async (query: string): Promise<unknown[]> =>
      (
        await harness.admin.get<{ data: { id: unknown }[] }>(`${SOURCES}?gateway_account=${account.id}&${query}`)
      ).body.data.map(({ id }) => id);
    expect(await listed('status=committed')).toEqual([body['id']]);
    expect(await listed('kind=bank')).toEqual([]);
    expect(await listed('kind=file')).toHaveLength(2);
  });
});

describe('a preview', () => {
  it('shows how the first rows would be read, what is wrong with them, and which mappings fit', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const file = PAYSTACK_HEADER + paystackRow(1) + paystackRow(2, { amount: '1.500' });
    const { status, body } = await send(file, { gateway_account: account.id }, { preview: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      format: 'csv',
      encoding: 'utf-8',
      delimiter: ',',
      header_line: 1,
      headers: ['Id', 'Reference', 'Status', 'Amount', 'Fees', 'Currency', 'Paid at'],
      mapping: 'paystack',
      fits: [{ mapping: 'paystack', rows_with_problems: 1 }],
      rows: [
        { line: 2, parsed: { reference: 'order-1', amount: 150_050, fee: 1_575 }, problems: [] },
        { line: 3, parsed: null, problems: [{ line: 3, column: 'Amount' }] },
      ],
    });
    expect(await sourcesOf(harness.database, account.uuid)).toEqual([]);
  });

  it('reads no more than the head of a large file', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const file = PAYSTACK_HEADER + Array.from({ length: 200_000 }, (_, index) => paystackRow(index)).join('');
    const { status, body } = await send(file, { gateway_account: account.id, rows: '2' }, { preview: true });
    expect(status).toBe(200);
    expect(body['rows']).toHaveLength(2);
  });
});

describe('who may, and what', () => {
  const file = PAYSTACK_HEADER + paystackRow(1);

  it.each([
    ['POST', ''],
    ['POST', '/preview'],
    ['GET', ''],
    ['GET', '/rcs_00000000000000000000000000'],
    ['GET', '/rcs_00000000000000000000000000/lines'],
  ])('%s %s is for operators', async (method, suffix) => {
    const ask = (key: string | undefined): Promise<Response> =>
      fetch(`${harness.program.url}${SOURCES}${suffix}`, {
        method,
        headers: { 'content-type': 'text/csv', ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
        ...(method === 'POST' ? { body: file } : {}),
      });
    expect((await ask(undefined)).status).toBe(401);
    expect((await ask(harness.merchantKey)).status).toBe(403);
    expect((await ask(harness.adminKey)).status).not.toBe(403);
  });

  it('refuses a body of another type unread', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    for (const type of ['application/json', 'multipart/form-data', 'image/png']) {
      const { status, body } = await send(file, { gateway_account: account.id }, { type });
      expect(status).toBe(415);
      expect(body).toMatchObject({ code: 'request.unsupported_media_type' });
    }
  });

  it('knows no account at which nothing ever happened', async () => {
    const nobody = `gwa_${'0'.repeat(26)}`;
    expect((await send(file, { gateway_account: nobody })).body).toMatchObject({
      code: 'reconciliation.account_unknown',
    });
    expect((await send(file, {})).body).toMatchObject({ errors: [{ pointer: 'gateway_account', code: 'missing' }] });
    expect((await harness.admin.get(`${SOURCES}/rcs_${'0'.repeat(26)}`)).status).toBe(404);
  });
});

describe("the house's own mappings", () => {
  const MAPPINGS = '/admin/v1/reconciliation/mappings';

  it('are copies of shipped ones, in versions that never change, and read what these do not', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const shipped = (await harness.admin.get<{ mapping: Record<string, unknown> }>(`${MAPPINGS}/paystack`)).body
      .mapping;
    const id = `house_${newUuid().replaceAll('-', '').slice(0, 12)}`;
    const mapping = {
      ...shipped,
      id,
      name: 'Paystack, our bookkeeper’s copy',
      amount: { from: 'column', column: ['Betrag'] },
    };
    const save = (body: unknown): Promise<ApiAnswer> => harness.admin.post(MAPPINGS, body);
    const saved = await save({ gateway: 'paystack', mapping });
    expect(saved.status).toBe(201);
    expect(saved.body).toMatchObject({ id: `${id}@1`, version: 1, gateway: 'paystack', shipped: false });
    expect((await save({ gateway: 'paystack', mapping })).body).toMatchObject({ id: `${id}@1` });

    const file = PAYSTACK_HEADER.replace('Amount', 'Betrag') + paystackRow(1, { amount: '"1500,50"', fee: '"15,75"' });
    const query = { gateway_account: account.id };
    expect((await send(file, query)).body).toMatchObject({ code: 'reconciliation.mapping_unclear' });
    const numbers = { decimal: 'comma', thousands: ['space'] };
    expect((await save({ gateway: 'paystack', mapping: { ...mapping, numbers } })).body).toMatchObject({
      id: `${id}@2`,
    });
    expect((await send(file, query, { preview: true })).body).toMatchObject({
      mapping: `${id}@2`,
      rows: [{ parsed: { amount: 150_050 } }],
    });
    expect((await send(file, { ...query, mapping: `${id}@1` })).body).toMatchObject({
      code: 'reconciliation.file_refused',
      errors: [
        { pointer: '/2/Betrag', code: 'amount' },
        { pointer: '/2/Fees', code: 'amount' },
      ],
    });
    expect((await send(file, query)).body).toMatchObject({ status: 'committed', format: `${id}@2` });

    const listed = (await harness.admin.get<{ data: { id: string }[] }>(MAPPINGS)).body.data.map((each) => each.id);
    expect(listed).toEqual(expect.arrayContaining([`${id}@2`, ...GATEWAYS, 'bank']));
    expect(listed).not.toContain(`${id}@1`);
  });

  it('are refused with where they are wrong', async () => {
    const { mapping } = (await harness.admin.get<{ mapping: Record<string, unknown> }>(`${MAPPINGS}/wave`)).body;
    const save = async (body: unknown): Promise<unknown> => (await harness.admin.post(MAPPINGS, body)).body;
    expect(await save({ gateway: 'wave', mapping })).toMatchObject({ code: 'reconciliation.mapping_conflict' });
    expect(await save({ gateway: 'wave', mapping: { ...mapping, id: 'mine', delimiter: '#' } })).toMatchObject({
      code: 'request.invalid',
      errors: [{ pointer: '/mapping/delimiter' }],
    });
    expect(await save({ mapping: { ...mapping, id: 'mine' } })).toMatchObject({ errors: [{ pointer: '/gateway' }] });
    expect((await harness.admin.get(`${MAPPINGS}/nobodys`)).body).toMatchObject({
      code: 'reconciliation.mapping_not_found',
    });
    expect((await harness.merchant.get(MAPPINGS)).status).toBe(403);
    expect((await harness.merchant.post(MAPPINGS, { mapping })).status).toBe(403);
  });
});
