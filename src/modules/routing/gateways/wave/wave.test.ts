import type { GatewayOutcome } from '../gateway-adapter.js';
import { GatewayHttpClient } from '../http-client.js';
import { answer, chargeOf, FakeGateway, queryOf, REFERENCE } from '../testing/fake-gateway.js';
import { WaveAdapter } from './wave.adapter.js';
import { readSession, readSessionById, readSessions } from './wave.answers.js';

const OTHER = '0193f5c2a1b27c3d8e4f5a6b7c8d9e10';
const LAUNCH = 'https://pay.wave.com/c/cos-18qq25rgr100a';
const open = {
  id: 'cos-18qq25rgr100a',
  amount: '1000',
  checkout_status: 'open',
  client_reference: REFERENCE,
  currency: 'XOF',
  error_url: 'https://us.example',
  last_payment_error: null,
  business_name: 'Shop',
  payment_status: 'processing',
  transaction_id: null,
  success_url: 'https://us.example',
  wave_launch_url: LAUNCH,
  when_completed: null,
  when_created: '2026-01-01T10:00:00Z',
  when_expires: '2026-01-01T10:30:00Z',
};
const paid = {
  ...open,
  checkout_status: 'complete',
  payment_status: 'succeeded',
  transaction_id: 'T_1',
  when_completed: '2026-01-01T10:05:00Z',
};
const expired = { ...open, checkout_status: 'expired', payment_status: 'cancelled' };
const succeeded = {
  kind: 'succeeded',
  amountMinor: 1_000n,
  currency: 'XOF',
  reference: REFERENCE,
  feeMinor: null,
  code: 'succeeded',
  handles: { session_id: open.id, transaction_id: 'T_1' },
};

const read = (data: object): GatewayOutcome => readSession(answer(200, { ...open, ...data }), 'XOF');
const list = (...result: object[]): GatewayOutcome => readSessions(answer(200, { result }), REFERENCE, 'XOF');

describe("Wave's sessions", () => {
  it('waits for the customer while one is open, and sends them to the app', () => {
    expect(read({})).toEqual({
      kind: 'pending',
      code: 'open',
      nextAction: { type: 'redirect', url: LAUNCH },
      handles: { session_id: open.id },
    });
  });

  it('does not take a failed payment for the end of an open session', () => {
    expect(
      read({ last_payment_error: { code: 'insufficient-funds', message: 'x' }, payment_status: 'cancelled' }),
    ).toMatchObject({
      kind: 'pending',
      code: 'insufficient-funds',
      nextAction: { url: LAUNCH },
    });
  });

  it('is paid when it is complete and its payment succeeded', () => {
    expect(read(paid)).toEqual(succeeded);
  });

  it.each([
    ['an open session', { ...paid, checkout_status: 'open' }, 'contradictory_answer'],
    ['an expired session', { ...paid, checkout_status: 'expired' }, 'contradictory_answer'],
    ['no amount', { ...paid, amount: null }, 'incomplete_success'],
    ['a negative amount', { ...paid, amount: '-1000' }, 'incomplete_success'],
    ['no currency', { ...paid, currency: null }, 'incomplete_success'],
    ['no reference', { ...paid, client_reference: null }, 'incomplete_success'],
  ])('does not believe a success with %s', (_name, data, code) => {
    expect(read(data)).toEqual({ kind: 'unknown', code });
  });

  it('cuts what is no whole franc, and keeps another currency', () => {
    expect(read({ ...paid, amount: '1000.99' })).toMatchObject({ amountMinor: 1_000n });
    expect(read({ ...paid, amount: '10.50', currency: 'GHS' })).toMatchObject({ amountMinor: 1_050n, currency: 'GHS' });
  });

  it.each([
    [null, 'expired', 'customer', false],
    ['insufficient-funds', 'insufficient-funds', 'customer', false],
    ['blocked-account', 'blocked-account', 'customer', false],
    ['payer-mobile-mismatch', 'payer-mobile-mismatch', 'customer', false],
    ['kyb-limits-exceeded', 'kyb-limits-exceeded', 'merchant', true],
    ['Moon Is Full', 'Moon_Is_Full', 'ambiguous', false],
    ['constructor', 'constructor', 'ambiguous', false],
  ])('ends unpaid when it expired, with the last error %p as the reason', (code, expected, blame, retryable) => {
    const lastError = code === null ? null : { code, message: 'x' };
    expect(read({ ...expired, last_payment_error: lastError })).toEqual({
      kind: 'declined',
      code: expected,
      blame,
      retryable,
      handles: { session_id: open.id },
    });
  });

  it('is over when it is complete without a payment, and not yet while that is being processed', () => {
    expect(read({ checkout_status: 'complete', payment_status: 'cancelled' })).toMatchObject({
      kind: 'declined',
      code: 'cancelled',
    });
    expect(read({ checkout_status: 'complete' })).toMatchObject({
      kind: 'pending',
      code: 'processing',
      nextAction: null,
    });
  });

  it.each([
    [{ checkout_status: 'paused' }, 'paused'],
    [{ checkout_status: 'complete', payment_status: 'held' }, 'held'],
    [{ checkout_status: 7 }, 'unparsable_answer'],
    [{ id: '../v1/payout' }, 'unparsable_answer'],
  ])('does not guess at %j', (data, code) => {
    expect(read(data)).toEqual({ kind: 'unknown', code });
  });

  it.each([
    [400, { code: 'request-malformed' }, { kind: 'not_sent', code: 'request-malformed', blame: 'merchant' }],
    [401, { code: 'invalid-auth', message: 'x' }, { kind: 'not_sent', code: 'invalid-auth', blame: 'merchant' }],
    [403, { code: 'api-key-scope' }, { kind: 'not_sent', code: 'api-key-scope', blame: 'merchant' }],
    [
      422,
      { code: 'request-validation-error', details: [] },
      { kind: 'not_sent', code: 'request-validation-error', blame: 'merchant' },
    ],
    [429, { code: 'too-many-requests' }, { kind: 'not_sent', code: 'rate_limited', blame: 'gateway' }],
    [409, { code: 'conflict' }, { kind: 'unknown', code: 'http_409' }],
    [500, { code: 'internal-server-error' }, { kind: 'unknown', code: 'http_500' }],
    [503, '<html>', { kind: 'unknown', code: 'http_503' }],
    [403, '<html>', { kind: 'unknown', code: 'http_403' }],
    [200, '<html>', { kind: 'unknown', code: 'unparsable_answer' }],
  ])('reads %p with %j', (status, body, expected) => {
    expect(readSession(answer(status, body), 'XOF')).toEqual(expected);
  });

  it('reads not found only from Wave itself', () => {
    const none = { code: 'checkout-session-not-found', message: 'x' };
    expect(readSessionById(answer(404, none), 'XOF')).toEqual({ kind: 'not_found', code: none.code });
    expect(readSession(answer(404, none), 'XOF').kind).toBe('not_sent');
    expect(readSessionById(answer(404, '<html>'), 'XOF')).toEqual({ kind: 'unknown', code: 'http_404' });
  });
});

describe('several sessions of one reference', () => {
  it('are paid when one of them is', () => {
    expect(list(expired, { ...open, id: 'cos-2' }, paid)).toEqual(succeeded);
  });

  it('paid more than once report the first one, the same whatever their order, and say so', () => {
    const later = { ...paid, id: 'cos-2', when_completed: '2026-01-01T10:06:00Z', transaction_id: 'T_2' };
    const expected = { ...succeeded, code: 'succeeded_more_than_once' };
    expect(list(paid, later)).toEqual(expected);
    expect(list(later, paid)).toEqual(expected);
  });

  it('wait while one can still be paid, whatever became of the others', () => {
    expect(list(expired, open)).toMatchObject({ kind: 'pending', nextAction: { url: LAUNCH } });
  });

  it('are unknown while one of them is', () => {
    expect(list(expired, { ...open, checkout_status: 'paused' }, open)).toEqual({ kind: 'unknown', code: 'paused' });
  });

  it('are over when all of them are, and not found when none is ours', () => {
    expect(list(expired, { ...expired, id: 'cos-2' })).toMatchObject({ kind: 'declined', code: 'expired' });
    expect(list()).toEqual({ kind: 'not_found', code: 'checkout-session-not-found' });
    expect(list({ ...paid, client_reference: OTHER })).toMatchObject({ kind: 'not_found' });
  });
});

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

describe("Wave's collections", () => {
  const charge = chargeOf({
    amountMinor: 1_000n,
    currency: 'XOF',
    method: { type: 'mobile_money', network: 'wave', phone: '+221 77 123 45 67' },
  });
  const query = queryOf({ amountMinor: 1_000n, currency: 'XOF', methodType: 'mobile_money' });
  const search = `GET /v1/checkout/sessions/search?client_reference=${REFERENCE}`;

  it('open a session for the wallet that was named', async () => {
    gateway.reply = () => [200, open];
    expect(await adapter.charge(account(), charge)).toMatchObject({ kind: 'pending' });
    expect(gateway.seen[0]?.headers.authorization).toBe('Bearer wave_sn_prod_x');
    expect(gateway.sent()).toEqual({
      amount: '1000',
      currency: 'XOF',
      client_reference: REFERENCE,
      success_url: 'https://us.example/webhooks',
      error_url: 'https://us.example/webhooks',
      restrict_payer_mobile: '+221771234567',
    });
  });

  it('ask by the id where it is known, and by our reference otherwise', async () => {
    gateway.reply = ({ url }) => [200, url.includes('search') ? { result: [paid] } : paid];
    expect(await adapter.status(account(), { ...query, handles: { session_id: open.id } })).toEqual(succeeded);
    expect(await adapter.status(account(), query)).toEqual(succeeded);
    expect(gateway.calls).toEqual([`GET /v1/checkout/sessions/${open.id}`, search]);
  });

  it('look for another session when the known one was not paid', async () => {
    gateway.reply = ({ url }) => [
      200,
      url.includes('search') ? { result: [expired, { ...paid, id: 'cos-2' }] } : expired,
    ];
    expect(await adapter.status(account(), { ...query, handles: { session_id: open.id } })).toMatchObject({
      kind: 'succeeded',
      handles: { session_id: 'cos-2' },
    });
  });

  it("are not led to somebody else's session by an id, nor anywhere else by what is none", async () => {
    gateway.reply = ({ url }) => [200, url.includes('search') ? { result: [] } : { ...paid, client_reference: OTHER }];
    expect((await adapter.status(account(), { ...query, handles: { session_id: open.id } })).kind).toBe('not_found');
    gateway.seen.length = 0;
    await adapter.status(account(), { ...query, handles: { session_id: '../../payout' } });
    expect(gateway.calls).toEqual([search]);
  });
});
