import { GatewayHttpClient, type HttpAnswer } from '../http-client.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { BooksQuery } from '../gateway-parts.js';
import { PATIENT_MS, patienceFor, startScriptedGateway, type ScriptedGateway } from '../testing/scripted-gateway.js';
import { PaystackBooks, readSettlementPage, readTransactionPage } from './paystack.books.js';
import { PaystackCalls } from './paystack.calls.js';

const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';

const line = (over: object = {}): object => ({
  id: 4099260516,
  domain: 'test',
  status: 'success',
  reference: REFERENCE,
  amount: 40_333,
  requested_amount: 30_050,
  fees: 10_283,
  currency: 'NGN',
  created_at: '2026-01-01T09:14:24.000Z',
  paid_at: '2026-01-01T09:15:02.000Z',
  ...over,
});
/** The published settlement: a thousand processed, five of fees. */
const settlement = (over: object = {}): object => ({
  id: 3090024,
  status: 'success',
  currency: 'NGN',
  total_amount: 995,
  effective_amount: 995,
  total_fees: 5,
  total_processed: 1000,
  deductions: null,
  settlement_date: '2026-01-02T00:00:00.000Z',
  ...over,
});
const page = (
  data: readonly object[],
  meta: object | null = { total: 1, perPage: '50', page: 1, pageCount: 1 },
): HttpAnswer => ({
  kind: 'answered',
  status: 200,
  body: Buffer.from(JSON.stringify({ status: true, message: 'x', data, ...(meta === null ? {} : { meta }) })),
});
const TO = new Date('2026-01-02T00:00:00Z');

describe("Paystack's books", () => {
  it('read a transaction as its verification is read', () => {
    expect(readTransactionPage(page([line()]), 'NGN', TO)).toEqual({
      kind: 'page',
      items: [
        {
          kind: 'charge',
          id: '4099260516',
          reference: REFERENCE,
          status: 'succeeded',
          amountMinor: 30_050n,
          feeMinor: 0n,
          currency: 'NGN',
          occurredAt: new Date('2026-01-01T09:14:24Z'),
        },
      ],
      next: null,
    });
  });

  it('count hundredths of francs, cut amounts and round fees up', () => {
    const francs = line({ currency: 'XOF', amount: 150_099, requested_amount: null, fees: 2_201 });
    expect(readTransactionPage(page([francs]), 'XOF', TO)).toMatchObject({
      items: [{ amountMinor: 1_500n, feeMinor: 23n }],
    });
  });

  it.each([
    ['failed', 'failed'],
    ['abandoned', 'pending'],
    ['ongoing', 'pending'],
    ['reversed', 'reversed'],
  ])('know %s', (status, expected) => {
    expect(readTransactionPage(page([line({ status, fees: null })]), 'NGN', TO)).toMatchObject({
      items: [{ status: expected }],
    });
  });

  it('leave what begins at the end of the window to the next one', () => {
    const late = line({ id: 2, created_at: '2026-01-02T00:00:00.000Z' });
    expect(readTransactionPage(page([line(), late]), 'NGN', TO)).toMatchObject({ items: [{ id: '4099260516' }] });
    expect(readTransactionPage(page([line(), late]), 'NGN', null)).toMatchObject({ items: [{}, {}] });
  });

  it.each([
    ['has no id', { id: null }, 'unparsable_answer'],
    ['has an id beyond exact integers', { id: 2 ** 60 }, 'unparsable_answer'],
    ['has no amount', { amount: null }, 'unparsable_answer'],
    ['has a fee that is no amount', { fees: 'x' }, 'unparsable_answer'],
    ['has no date', { created_at: 'yesterday' }, 'unparsable_answer'],
    ['has a status that nobody listed', { status: 'brand_new' }, 'unlisted_status'],
  ])('fail as a page when a line %s', (_name, over, code) => {
    expect(readTransactionPage(page([line(), line(over)]), 'NGN', TO)).toEqual({ kind: 'failed', code });
  });

  it('say which page follows, and fail where the answer does not say', () => {
    expect(readTransactionPage(page([], { page: 2, pageCount: 3 }), 'NGN', TO)).toMatchObject({ next: '3' });
    expect(readTransactionPage(page([], null), 'NGN', TO)).toEqual({ kind: 'failed', code: 'unparsable_answer' });
  });

  it('read settlements', () => {
    expect(readSettlementPage(page([settlement()]), 'NGN')).toMatchObject({
      items: [
        {
          id: '3090024',
          status: 'settled',
          grossMinor: 1_000n,
          feesMinor: 5n,
          netMinor: 995n,
          settledAt: new Date('2026-01-02T00:00:00Z'),
        },
      ],
    });
    expect(readSettlementPage(page([settlement({ status: 'processing' })]), 'NGN')).toMatchObject({
      items: [{ status: 'pending', settledAt: null }],
    });
    expect(readSettlementPage(page([settlement({ effective_amount: '-1' })]), 'NGN').kind).toBe('failed');
  });
});

describe("asking for Paystack's books", () => {
  const http = new GatewayHttpClient();
  const books = new PaystackBooks(new PaystackCalls(http));
  let gateway: ScriptedGateway;
  const account = (): GatewayAccount => ({
    id: 'a',
    gateway: 'paystack',
    name: 'main',
    livemode: false,
    baseUrl: gateway.baseUrl,
    credentials: { secret_key: 'k' },
  });
  const query = (over: Partial<BooksQuery> = {}): BooksQuery => ({
    from: new Date('2026-01-01T00:00:00Z'),
    to: TO,
    cursor: null,
    currency: 'NGN',
    timeoutMs: PATIENT_MS,
    ...over,
  });

  beforeAll(async () => {
    gateway = await startScriptedGateway();
  });
  afterAll(async () => {
    await http.close();
    await gateway.close();
  });
  beforeEach(() => {
    gateway.calls.length = 0;
    gateway.answerWith(() => ({ status: 200, body: { status: true, data: [], meta: { page: 1, pageCount: 1 } } }));
  });

  it('is done page by page, within the window', async () => {
    await books.listTransactions(account(), query());
    await books.listSettlements(account(), query({ cursor: '7' }));
    await books.listSettled(account(), '12', { cursor: null, currency: 'NGN', timeoutMs: PATIENT_MS });
    const window = 'from=2026-01-01T00%3A00%3A00.000Z&to=2026-01-02T00%3A00%3A00.000Z';
    expect(gateway.calls.map(({ url }) => url)).toEqual([
      `/transaction?perPage=50&page=1&${window}`,
      `/settlement?perPage=50&page=7&${window}`,
      '/settlement/12/transactions?perPage=50&page=1',
    ]);
  });

  it('sends nothing but numbers as page or settlement', async () => {
    expect(await books.listTransactions(account(), query({ cursor: '1&status=failed' }))).toEqual({
      kind: 'failed',
      code: 'invalid_cursor',
    });
    expect(await books.listSettled(account(), '../balance', query())).toEqual({
      kind: 'failed',
      code: 'invalid_settlement_id',
    });
    expect(gateway.calls).toEqual([]);
  });

  it.each([
    ['hang', 'timeout'],
    [{ status: 429, body: {} }, 'rate_limited'],
    [{ status: 500, body: '<html>' }, 'http_500'],
    [{ status: 200, body: { status: false } }, 'unparsable_answer'],
  ] as const)('fails with a code when the answer is %j', async (said, code) => {
    gateway.answerWith(() => said);
    const hurried = query({ timeoutMs: patienceFor(said) });
    expect(await books.listTransactions(account(), hurried)).toEqual({ kind: 'failed', code });
  });
});
