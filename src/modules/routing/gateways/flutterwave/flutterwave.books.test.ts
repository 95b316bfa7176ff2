import { GatewayHttpClient, type HttpAnswer } from '../http-client.js';
import type { GatewayAccount } from '../gateway-adapter.js';
import type { BooksQuery } from '../gateway-parts.js';
import {
  PATIENT_MS,
  startScriptedGateway,
  type ScriptedAnswer,
  type ScriptedGateway,
} from '../testing/scripted-gateway.js';
import { readSettledIds, readSettlementPage, readTransactionPage } from './flutterwave.book-lines.js';
import { FlutterwaveBooks } from './flutterwave.books.js';
import { FlutterwaveCalls } from './flutterwave.calls.js';

const REFERENCE = '0193f5c2a1b27c3d8e4f5a6b7c8d9e0f';

/** As in the published list, where ids are text. */
const line = (over: object = {}): object => ({
  id: '989208',
  tx_ref: REFERENCE,
  flw_ref: 'URF_1578001706192_7697035',
  amount: 100_000,
  currency: 'NGN',
  charged_amount: 100_000,
  app_fee: 26.875,
  merchant_fee: 0,
  processor_response: 'Approved Or Completed Successfully',
  status: 'successful',
  created_at: '2026-01-02T21:48:26.000Z',
  amount_settled: 99_973.12,
  ...over,
});
/** The published settlement with refunds in it. */
const settlement = (over: object = {}): object => ({
  id: 41440,
  due_date: '2026-01-03T00:00:00.000Z',
  processed_date: null,
  status: 'completed',
  currency: 'NGN',
  gross_amount: 30_620,
  app_fee: 620,
  merchant_fee: 0,
  chargeback: 0,
  refund: 20_114,
  stampduty_charge: 0.5,
  net_amount: 9_886,
  transaction_count: 2,
  meta: [906262, 906336],
  refund_meta: [4169],
  ...over,
});
const page = (data: readonly object[], current = 1, pages = 1): HttpAnswer => ({
  kind: 'answered',
  status: 200,
  body: Buffer.from(
    JSON.stringify({
      status: 'success',
      data,
      meta: { page_info: { total: 1, current_page: current, total_pages: pages } },
    }),
  ),
});
const window = {
  from: new Date('2026-01-02T10:00:00Z'),
  to: new Date('2026-01-02T23:30:00Z'),
  currency: 'NGN',
} as const;

describe("Flutterwave's books", () => {
  it('read a transaction as its verification is read', () => {
    expect(readTransactionPage(page([line()]), window)).toEqual({
      kind: 'page',
      items: [
        {
          kind: 'charge',
          id: '989208',
          reference: REFERENCE,
          status: 'succeeded',
          amountMinor: 10_000_000n,
          feeMinor: 2_688n,
          currency: 'NGN',
          occurredAt: new Date('2026-01-02T21:48:26Z'),
        },
      ],
      next: null,
    });
  });

  it('give the lines of the window, of days that were asked for whole', () => {
    const at = (created_at: string): object => line({ created_at });
    const lines = [at('2026-01-02T09:59:59.999Z'), at('2026-01-02T10:00:00.000Z'), at('2026-01-02T23:30:00.000Z')];
    expect(readTransactionPage(page(lines, 1, 2), window)).toMatchObject({
      items: [{ occurredAt: window.from }],
      next: '2',
    });
  });

  it.each([
    ['has no id', { id: null }, 'unparsable_answer'],
    ['has no amount', { amount: null }, 'unparsable_answer'],
    ['has a fee that is no amount', { app_fee: 'x' }, 'unparsable_answer'],
    ['has no date', { created_at: null }, 'unparsable_answer'],
    ['has a status that nobody listed', { status: 'brand_new' }, 'unlisted_status'],
  ])('fail as a page when a line %s, though it may be outside the window', (_name, over, code) => {
    expect(readTransactionPage(page([line(), line(over)]), window)).toEqual({ kind: 'failed', code });
  });

  it('read what is pending and failed', () => {
    const pending = line({ status: 'pending', app_fee: null, processor_response: null });
    expect(readTransactionPage(page([pending, line({ status: 'failed' })]), window)).toMatchObject({
      items: [{ status: 'pending', feeMinor: null }, { status: 'failed' }],
    });
  });

  it('read settlements, whose fees are of several kinds', () => {
    expect(readSettlementPage(page([settlement()]), 'NGN')).toMatchObject({
      items: [
        {
          id: '41440',
          status: 'settled',
          grossMinor: 3_062_000n,
          feesMinor: 62_050n,
          netMinor: 988_600n,
          settledAt: new Date('2026-01-03T00:00:00Z'),
        },
      ],
    });
    expect(readSettlementPage(page([settlement({ status: 'pending' })]), 'NGN')).toMatchObject({
      items: [{ status: 'pending', settledAt: null }],
    });
    expect(readSettlementPage(page([settlement({ app_fee: null })]), 'NGN').kind).toBe('failed');
  });

  it('name what a settlement is made of, in an array or in the same as text', () => {
    const read = (over: object): unknown =>
      readSettledIds({
        kind: 'answered',
        status: 200,
        body: Buffer.from(JSON.stringify({ status: 'success', data: settlement(over) })),
      });
    const expected = [
      { kind: 'charge', id: '906262' },
      { kind: 'charge', id: '906336' },
      { kind: 'refund', id: '4169' },
    ];
    expect(read({})).toEqual(expected);
    expect(read({ meta: '[906262,906336]' })).toEqual(expected);
    expect(read({ refund_meta: null })).toEqual(expected.slice(0, 2));
    expect(read({ meta: null })).toEqual({ kind: 'failed', code: 'unparsable_answer' });
    expect(read({ transaction_count: 3 })).toEqual({ kind: 'failed', code: 'settlement_incomplete' });
  });
});

describe("asking for Flutterwave's books", () => {
  const http = new GatewayHttpClient();
  const books = new FlutterwaveBooks(new FlutterwaveCalls(http));
  let gateway: ScriptedGateway;
  const account = (): GatewayAccount => ({
    id: 'a',
    gateway: 'flutterwave',
    name: 'main',
    livemode: false,
    baseUrl: gateway.baseUrl,
    credentials: { secret_key: 'k' },
  });
  const query = (over: Partial<BooksQuery> = {}): BooksQuery => ({
    ...window,
    cursor: null,
    timeoutMs: PATIENT_MS,
    ...over,
  });
  const ok = (data: unknown): ScriptedAnswer => ({ status: 200, body: { status: 'success', data } });

  beforeAll(async () => {
    gateway = await startScriptedGateway();
  });
  afterAll(async () => {
    await http.close();
    await gateway.close();
  });
  beforeEach(() => {
    gateway.calls.length = 0;
  });
  const asked = (): string[] => gateway.calls.map(({ url }) => url);

  it('is done by whole days, with the hour that Lagos is ahead', async () => {
    gateway.answerWith(() => ({ status: 500, body: '' }));
    await books.listTransactions(account(), query());
    await books.listSettlements(account(), query({ to: new Date('2026-01-02T23:00:00Z'), cursor: '3' }));
    expect(asked()).toEqual([
      '/v3/transactions?from=2026-01-02&to=2026-01-03&page=1',
      '/v3/settlements?from=2026-01-02&to=2026-01-02&page=3',
    ]);
  });

  const refund = {
    id: 4169,
    tx_id: 906262,
    amount_refunded: 12.5,
    status: 'completed',
    created_at: '2026-01-02T12:00:00Z',
  };
  const lineAt = (url: string): ScriptedAnswer => {
    if (url.startsWith('/v3/settlements')) return ok(settlement());
    return ok(url.startsWith('/v3/refunds') ? refund : line({ id: url.split('/')[3] }));
  };

  it('asks about every transaction and refund of a settlement', async () => {
    gateway.answerWith(({ url }) => lineAt(url));
    expect(await books.listSettled(account(), '41440', query())).toMatchObject({
      kind: 'page',
      items: [
        { kind: 'charge', id: '906262', status: 'succeeded' },
        { kind: 'charge', id: '906336', status: 'succeeded' },
        { kind: 'refund', id: '4169', status: 'succeeded', amountMinor: 1_250n, currency: 'NGN' },
      ],
      next: null,
    });
  });

  it('gives a large settlement in pages', async () => {
    const meta = Array.from({ length: 25 }, (_, index) => index + 1);
    const large = settlement({ meta, refund_meta: null, transaction_count: 25 });
    gateway.answerWith(({ url }) => (url.startsWith('/v3/settlements') ? ok(large) : lineAt(url)));
    const [second, third] = [query({ cursor: '2' }), query({ cursor: '3' })];
    expect(await books.listSettled(account(), '1', second)).toMatchObject({ items: { length: 10 }, next: '3' });
    expect(await books.listSettled(account(), '1', third)).toMatchObject({ items: { length: 5 }, next: null });
  });

  it('is no page when one line cannot be had', async () => {
    gateway.answerWith(({ url }) => (url.includes('906336') ? { status: 500, body: '' } : lineAt(url)));
    expect(await books.listSettled(account(), '41440', query())).toEqual({ kind: 'failed', code: 'http_500' });
  });

  it('sends nothing but numbers as page or settlement', async () => {
    expect(await books.listTransactions(account(), query({ cursor: '0' }))).toMatchObject({ code: 'invalid_cursor' });
    expect(await books.listSettled(account(), '../x', query())).toMatchObject({ code: 'invalid_settlement_id' });
    expect(asked()).toEqual([]);
  });
});
