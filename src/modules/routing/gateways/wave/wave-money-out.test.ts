import type { GatewayTransaction, Page } from '../gateway-parts.js';
import { GatewayHttpClient } from '../http-client.js';
import { FakeGateway, REFERENCE } from '../testing/fake-gateway.js';
import { WaveAdapter } from './wave.adapter.js';

const OTHER = '0193f5c2a1b27c3d8e4f5a6b7c8d9e10';
/** Sessions, as far as refunds look at them. */
const open = {
  id: 'cos-18qq25rgr100a',
  client_reference: REFERENCE,
  checkout_status: 'open',
  payment_status: 'processing',
};
const paid = { ...open, checkout_status: 'complete', payment_status: 'succeeded' };
const expired = { ...open, checkout_status: 'expired', payment_status: 'cancelled' };

const gateway = new FakeGateway();
let http: GatewayHttpClient;
let adapter: WaveAdapter;
const account = () => gateway.account('wave', { api_key: 'wave_sn_prod_x', webhook_secret: 's' });

beforeAll(() => gateway.start());
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.reset();
  http = new GatewayHttpClient();
  adapter = new WaveAdapter(http);
});
afterEach(() => http.close());

describe("Wave's refunds", () => {
  const charge = { reference: REFERENCE, handles: { session_id: open.id }, amountMinor: 1_000n };
  const request = {
    reference: OTHER,
    charge,
    amountMinor: 1_000n,
    currency: 'XOF',
    reason: null,
    callbackUrl: '',
    timeoutMs: 20_000,
  } as const;
  const query = {
    ...request,
    handles: {},
    requestedAt: new Date(Date.now() - 1_000),
    knownIds: [],
  };
  const line = {
    timestamp: new Date().toISOString(),
    transaction_id: 'T_R',
    transaction_type: 'api_checkout_refund',
    amount: '-1000',
    fee: '0',
    balance: '5',
    currency: 'XOF',
    is_reversal: false,
    client_reference: REFERENCE,
    checkout_api_session_id: open.id,
  };
  const page = (items: object[], next: string | null = null) => ({
    page_info: { start_cursor: null, end_cursor: next, has_next_page: next !== null },
    date: '2026-01-01',
    items,
  });

  it('give back a session, whose figures come later', async () => {
    gateway.reply = () => [200, ''];
    expect(await adapter.refunds.refund(account(), request)).toEqual({
      kind: 'pending',
      code: 'accepted',
      nextAction: null,
      handles: { session_id: open.id },
    });
    expect(gateway.calls).toEqual([`POST /v1/checkout/sessions/${open.id}/refund`]);
  });

  it('find the session by the reference of its charge', async () => {
    gateway.reply = ({ url }) => [200, url.includes('search') ? { result: [expired, { ...paid, id: 'cos-9' }] } : ''];
    await adapter.refunds.refund(account(), { ...request, charge: { ...charge, handles: {} } });
    expect(gateway.calls.at(-1)).toBe('POST /v1/checkout/sessions/cos-9/refund');
  });

  it('ask for nothing where there is nothing to give back, or only part of it is to be', async () => {
    gateway.reply = () => [200, { result: [open] }];
    const without = { ...request, charge: { ...charge, handles: {} } };
    expect(await adapter.refunds.refund(account(), without)).toEqual({
      kind: 'not_sent',
      code: 'charge_not_found',
      blame: 'gateway',
    });
    expect(await adapter.refunds.refund(account(), { ...request, amountMinor: 999n })).toMatchObject({
      kind: 'not_sent',
      code: 'partial_refund_unsupported',
    });
    gateway.reply = () => undefined;
    expect((await adapter.refunds.refund(account(), without)).kind).toBe('not_sent');
    expect(gateway.calls.filter((call) => call.startsWith('POST'))).toEqual([]);
  });

  it('do not know what became of one that was cut off', async () => {
    gateway.reply = () => undefined;
    expect((await adapter.refunds.refund(account(), request)).kind).toBe('unknown');
    gateway.reply = () => [500, { code: 'internal-server-error' }];
    expect((await adapter.refunds.refund(account(), request)).kind).toBe('unknown');
    gateway.reply = () => [404, { code: 'checkout-session-not-found' }];
    expect((await adapter.refunds.refund(account(), request)).kind).toBe('not_sent');
  });

  it('are found in the books, on whatever page they are', async () => {
    gateway.reply = ({ url }) => [
      200,
      url.includes('after=') ? page([line]) : page([{ ...line, transaction_type: 'api_checkout' }], 'cursor/1'),
    ];
    expect(await adapter.refunds.status(account(), query)).toEqual({
      kind: 'succeeded',
      amountMinor: 1_000n,
      currency: 'XOF',
      reference: OTHER,
      feeMinor: null,
      code: 'succeeded',
      handles: { id: 'T_R' },
    });
    expect(gateway.calls.at(-1)).toMatch(/after=cursor%2F1$/);
  });

  it('are not found among those of other sessions, or those that are accounted for', async () => {
    gateway.reply = () => [200, page([{ ...line, checkout_api_session_id: 'cos-2' }])];
    expect((await adapter.refunds.status(account(), query)).kind).toBe('not_found');
    gateway.reply = () => [200, page([line])];
    expect((await adapter.refunds.status(account(), { ...query, knownIds: ['T_R'] })).kind).toBe('not_found');
  });

  it('are unknown while the books cannot be read', async () => {
    gateway.reply = () => [500, '<html>'];
    expect(await adapter.refunds.status(account(), query)).toEqual({ kind: 'unknown', code: 'http_500' });
  });
});

describe("Wave's payouts", () => {
  const request = {
    reference: REFERENCE,
    amountMinor: 5_000n,
    currency: 'XOF',
    destination: { type: 'mobile_money', network: 'wave', phone: '+221771234567', name: 'Awa' },
    narration: 'Salary',
    callbackUrl: '',
    timeoutMs: 20_000,
  } as const;
  const query = {
    reference: REFERENCE,
    handles: {},
    amountMinor: 5_000n,
    currency: 'XOF',
    destinationType: 'mobile_money',
    timeoutMs: 20_000,
  } as const;
  const payout = {
    id: 'pt-1',
    currency: 'XOF',
    receive_amount: '5000',
    fee: '50',
    mobile: '+221771234567',
    name: 'Awa',
    status: 'succeeded',
    timestamp: '2026-01-01T10:00:00Z',
  };

  it('are sent under our reference as the key', async () => {
    gateway.reply = () => [200, payout];
    expect(await adapter.payouts.payout(account(), request)).toEqual({
      kind: 'succeeded',
      amountMinor: 5_000n,
      currency: 'XOF',
      reference: REFERENCE,
      feeMinor: 50n,
      code: 'succeeded',
      handles: { id: 'pt-1' },
    });
    expect(gateway.seen[0]?.headers['idempotency-key']).toBe(REFERENCE);
    expect(gateway.sent()).toEqual({
      currency: 'XOF',
      receive_amount: '5000',
      mobile: '+221771234567',
      name: 'Awa',
      payment_reason: 'Salary',
      client_reference: REFERENCE,
    });
  });

  it.each([
    [{ status: 'processing' }, { kind: 'pending', code: 'processing' }],
    [{ status: 'reversed' }, { kind: 'returned', code: 'reversed' }],
    [
      { status: 'failed', payout_error: { error_code: 'insufficient-funds', error_message: 'x' } },
      { kind: 'declined', code: 'insufficient-funds', blame: 'merchant', retryable: true },
    ],
    [
      { status: 'failed', payout_error: { error_code: 'recipient-limit-exceeded', error_message: 'x' } },
      { kind: 'declined', code: 'recipient-limit-exceeded', blame: 'ambiguous', retryable: false },
    ],
    [{ status: 'failed' }, { kind: 'declined', code: 'failed', retryable: false }],
    [{ status: 'odd' }, { kind: 'unknown', code: 'odd' }],
    [{ receive_amount: null }, { kind: 'unknown', code: 'incomplete_success' }],
  ])('read %j', async (data, expected) => {
    gateway.reply = () => [200, { ...payout, ...data }];
    expect(await adapter.payouts.payout(account(), request)).toMatchObject(expected);
    expect(await adapter.payouts.status(account(), { ...query, handles: { id: 'pt-1' } })).toMatchObject(expected);
  });

  it('ask what became of the first one when the key was used with another body', async () => {
    gateway.reply = () => [422, { code: 'idempotency-mismatch', message: 'x' }];
    expect(await adapter.payouts.payout(account(), request)).toEqual({
      kind: 'duplicate',
      code: 'idempotency-mismatch',
    });
    gateway.reply = () => [400, { code: 'insufficient-funds', message: 'x' }];
    expect(await adapter.payouts.payout(account(), request)).toMatchObject({ kind: 'not_sent', blame: 'merchant' });
  });

  it('are searched for by our reference, and what may have paid counts first', async () => {
    gateway.reply = () => [
      200,
      {
        result: [
          { ...payout, status: 'failed' },
          { ...payout, id: 'pt-2' },
        ],
      },
    ];
    expect(await adapter.payouts.status(account(), query)).toMatchObject({
      kind: 'succeeded',
      handles: { id: 'pt-2' },
    });
    expect(gateway.calls).toEqual([`GET /v1/payouts/search?client_reference=${REFERENCE}`]);
    gateway.reply = () => [200, { result: [] }];
    expect(await adapter.payouts.status(account(), query)).toEqual({ kind: 'not_found', code: 'payout-not-found' });
  });

  it("ignore an id that leads to somebody else's", async () => {
    gateway.reply = ({ url }) => [
      200,
      url.includes('search') ? { result: [] } : { ...payout, client_reference: OTHER },
    ];
    expect((await adapter.payouts.status(account(), { ...query, handles: { id: 'pt-1' } })).kind).toBe('not_found');
  });

  it('go to Wave wallets only', async () => {
    const bank = { type: 'bank_account', bankCode: '1', accountNumber: '2', name: 'A' } as const;
    expect(await adapter.payouts.payout(account(), { ...request, destination: bank })).toMatchObject({
      code: 'unsupported_destination',
    });
    expect(gateway.calls).toEqual([]);
  });
});

describe("Wave's books", () => {
  const base = { timestamp: '2026-01-01T10:00:00Z', currency: 'XOF', fee: '10', client_reference: REFERENCE };
  const query = {
    from: new Date('2026-01-01T00:00:00Z'),
    to: new Date('2026-01-02T12:00:00Z'),
    cursor: null,
    currency: 'XOF',
    timeoutMs: 20_000,
  } as const;
  const page = (items: object[], next?: string) => ({
    page_info: { end_cursor: next ?? null, has_next_page: next !== undefined },
    items,
  });

  it('list what went through the API, without its sign', async () => {
    gateway.reply = () => [
      200,
      page([
        { ...base, transaction_id: 'T1', transaction_type: 'api_checkout', amount: '1000' },
        { ...base, transaction_id: 'T2', transaction_type: 'api_checkout_refund', amount: '-1000', fee: null },
        { ...base, transaction_id: 'T3', transaction_type: 'api_payout', amount: '-500' },
        { ...base, transaction_id: 'T4', transaction_type: 'api_payout_reversal', amount: '500' },
        { ...base, transaction_id: 'T5', transaction_type: 'merchant_sweep', amount: '-9' },
        {
          ...base,
          transaction_id: 'T6',
          transaction_type: 'api_checkout',
          amount: '1',
          timestamp: '2025-12-31T23:59:59Z',
        },
      ]),
    ];
    const listed = await adapter.books.listTransactions?.(account(), query);
    expect(listed).toMatchObject({
      kind: 'page',
      items: [
        { kind: 'charge', id: 'T1', reference: REFERENCE, status: 'succeeded', amountMinor: 1_000n, feeMinor: 10n },
        { kind: 'refund', id: 'T2', reference: null, amountMinor: 1_000n, feeMinor: null },
        { kind: 'payout', id: 'T3', amountMinor: 500n },
        { kind: 'payout_return', id: 'T4', amountMinor: 500n },
      ],
      next: '2026-01-02',
    });
  });

  it('go through the pages of a day, then through the days', async () => {
    gateway.reply = ({ url }) => [200, url.includes('01-01') && !url.includes('after') ? page([], 'c1') : page([])];
    const cursors: (string | null)[] = [];
    for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
      const listed: Page<GatewayTransaction> | undefined = await adapter.books.listTransactions?.(account(), {
        ...query,
        cursor,
      });
      cursor = listed?.kind === 'page' ? listed.next : null;
      cursors.push(cursor);
    }
    expect(cursors).toEqual(['2026-01-01 c1', '2026-01-02', null]);
    expect(gateway.calls).toEqual([
      'GET /v1/transactions?date=2026-01-01',
      'GET /v1/transactions?date=2026-01-01&after=c1',
      'GET /v1/transactions?date=2026-01-02',
    ]);
  });

  it.each([
    [
      'a line that cannot be read',
      page([{ ...base, transaction_id: 'T1', transaction_type: 'api_checkout', amount: 'x' }]),
      'unparsable_line',
    ],
    ['a next page that is nowhere', { page_info: { has_next_page: true }, items: [] }, 'unparsable_answer'],
    ['nonsense', '<html>', 'unparsable_answer'],
  ])('are not given with %s', async (_name, body, code) => {
    gateway.reply = () => [200, body];
    expect(await adapter.books.listTransactions?.(account(), query)).toEqual({ kind: 'failed', code });
  });

  it('have a page of a thousand lines, which is more than other answers may have', async () => {
    const line = { ...base, transaction_type: 'api_checkout', amount: '1', counterparty_name: 'x'.repeat(300) };
    gateway.reply = () => [200, page(Array.from({ length: 1_000 }, (_, n) => ({ ...line, transaction_id: `T${n}` })))];
    const listed = await adapter.books.listTransactions?.(account(), query);
    expect(listed?.kind === 'page' && listed.items.length).toBe(1_000);
  });

  it('say what is in the wallet', async () => {
    gateway.reply = () => [200, { amount: '10245', currency: 'XOF' }];
    expect(await adapter.float.balances(account(), 20_000)).toEqual({
      kind: 'balances',
      balances: [{ currency: 'XOF', availableMinor: 10_245n }],
    });
    gateway.reply = () => [403, { code: 'api-key-scope' }];
    expect(await adapter.float.balances(account(), 20_000)).toEqual({ kind: 'failed', code: 'api-key-scope' });
    gateway.reply = () => [200, { amount: 'much', currency: 'XOF' }];
    expect(await adapter.float.balances(account(), 20_000)).toEqual({ kind: 'failed', code: 'unparsable_answer' });
  });
});
