/** What must not get in: each refused with a clear problem+json, and nothing stored. */
import { randomUUID } from 'node:crypto';
import { keysUsed } from '../../src/kernel/access/key-use.js';
import { accessEvents } from '../../src/kernel/audit/audit.events.js';
import type { ApiAnswer, ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { badPreferences, badQueries, CARD, cardCases, fieldCases, INVALID, rawCases } from './support/bad-requests.js';
import { describeInEachMode } from './support/modes.js';
import { mobileMoney, pay } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 180_000;
const STILL_FOR_MS = 1_000;
/** Which the ledger tells by itself. */
const OF_NOBODY = 'ledger.head_signed.v1';

/** Everything that a request could leave behind. */
const TABLES = [
  'payments.payment',
  'idempotency.key',
  'routing.payment',
  'routing.gateway_webhook',
  'ledger.transfer',
  'notification.endpoint',
  'notification.delivery',
  'auth.merchant',
  'auth.api_key',
];

interface Foreign {
  readonly payment: string;
  readonly endpoint: string;
  readonly event: string;
  readonly account: string;
}

describeInEachMode('Bad input', (mode) => {
  let system: System;
  let live: ApiClient;
  let other: ApiClient;
  let foreign: Foreign;
  let revoked: string;

  beforeAll(async () => {
    system = await startSystem(mode);
    const [own] = (await system.admin.get<{ data: { id: string }[] }>('/admin/v1/merchants')).body.data;
    live = system.merchant.withKey((await createKey(own?.id ?? '', true)).secret);
    const stranger = await system.admin.post('/admin/v1/merchants', { name: 'Stranger', platform_fee_bps: 0 });
    other = system.merchant.withKey((await createKey(String(stranger.body['id']), false)).secret);
    const leaving = await createKey(own?.id ?? '', false);
    revoked = leaving.secret;
    for (const client of [live, other, system.merchant.withKey(revoked)]) await untilStatusIs(client, 200);
    await system.admin.delete(`/admin/v1/api_keys/${leaving.id}`);
    await untilStatusIs(system.merchant.withKey(revoked), 401);
    foreign = await ownThings();
    await untilStill();
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  let before: unknown;
  beforeEach(async () => {
    before = await rows();
  });
  afterEach(async () => expect(await rows()).toEqual(before));

  async function createKey(merchant: string, livemode: boolean): Promise<{ id: string; secret: string }> {
    const { status, text, body } = await system.admin.post(`/admin/v1/merchants/${merchant}/api_keys`, { livemode });
    if (status !== 201) throw new Error(text);
    return { id: String(body['id']), secret: String(body['secret']) };
  }

  /** Keys begin and cease to work when the access projection has heard of it. */
  function untilStatusIs(client: ApiClient, status: number): Promise<void> {
    return eventually(async () => expect((await client.get('/v1/payments')).status).toBe(status));
  }

  /** One of everything that belongs to the demo merchant. */
  async function ownThings(): Promise<Foreign> {
    const payment = await pay(system);
    const firstId = async (path: string): Promise<string> =>
      eventually(async () => {
        const { body } = await system.merchant.get<{ data: { id: string }[] }>(path);
        if (body.data[0] === undefined) throw new Error(`nothing at ${path}`);
        return body.data[0].id;
      });
    await eventually(() => expect(system.receiver.deliveries).toHaveLength(1));
    return {
      payment: payment.id,
      endpoint: await firstId('/v1/webhook_endpoints'),
      event: await firstId('/v1/events'),
      account: await firstId('/v1/ledger/accounts'),
    };
  }

  /** What follows a payment beside its webhook has followed. */
  async function untilStill(): Promise<void> {
    let last: unknown;
    await eventually(
      async () => {
        const [seen, now] = [last, await rows()];
        last = now;
        expect(now).toEqual(seen);
      },
      { everyMs: STILL_FOR_MS },
    );
  }

  /** Besides what the audit log is told, and when keys were used. */
  async function rows(): Promise<unknown> {
    const counts = TABLES.map((table) => `(SELECT count(*)::int FROM ${table}) AS "${table}"`);
    const events = `(SELECT jsonb_object_agg(type, count) FROM (SELECT type, count(*)::int FROM messaging.outbox WHERE type <> ALL($1) GROUP BY 1) t)`;
    return system.database.query(`SELECT ${counts.join(', ')}, ${events} AS "messaging.outbox"`, [
      [OF_NOBODY, keysUsed.type, ...accessEvents.map(({ type }) => type)],
    ]);
  }

  function expectProblem(answer: ApiAnswer, status: number, code: string, pointer?: string): void {
    expect([answer.status, answer.body['code'], answer.text]).toEqual([status, code, answer.text]);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      type: `/problems/${code}`,
      title: expect.any(String),
      status,
      instance: expect.stringMatching(/^\//),
      request_id: answer.headers.get('request-id'),
      retryable: expect.any(Boolean),
    });
    expect(answer.headers.get('request-id')).toMatch(/^req_/);
    if (pointer !== undefined)
      expect(answer.body['errors']).toContainEqual(expect.objectContaining({ pointer, code: expect.any(String) }));
    expect(answer.text).not.toContain(CARD);
  }

  const post = (body: unknown): Promise<ApiAnswer> =>
    system.merchant.post('/v1/payments', body, { idempotencyKey: randomUUID() });

  it.each(fieldCases.map((fieldCase) => ({ fieldCase, what: fieldCase[0] })))(
    'with $what is refused',
    async ({ fieldCase: [, change, code, pointer] }) => {
      expectProblem(await post(mobileMoney(change)), 422, code, pointer);
    },
    TEST_TIMEOUT_MS,
  );

  it.each(cardCases)('with a card number in %s is refused', async (_, change) => {
    const answer = await post(mobileMoney(change));
    expectProblem(answer, 422, 'request.card_number');
  });

  it.each(rawCases)('that is %s is refused', async (_, body, status, code) => {
    const answer = await system.merchant.postRaw('/v1/payments', body, { idempotencyKey: randomUUID() });
    expectProblem(answer, status, code);
  });

  it('is refused with a card number on other routes as well', async () => {
    expectProblem(
      await system.merchant.post('/v1/webhook_endpoints', { url: 'http://127.0.0.1:9/', description: CARD }),
      422,
      'request.card_number',
    );
    expectProblem(
      await system.admin.post('/admin/v1/merchants', { name: CARD, platform_fee_bps: 0 }),
      422,
      'request.card_number',
    );
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'multipart/form-data; boundary=x'])(
    'of type %s is refused',
    async (type) => {
      const headers = { 'content-type': type };
      const body = JSON.stringify(mobileMoney());
      expectProblem(
        await system.merchant.postRaw('/v1/payments', body, { idempotencyKey: randomUUID(), headers }),
        415,
        'request.unsupported_media_type',
      );
    },
  );

  it('over 64 KB is refused, whatever its type and however its length is told', async () => {
    const body = JSON.stringify(mobileMoney({ description: 'd'.repeat(65 * 1024) }));
    for (const type of ['application/json', 'text/plain']) {
      const options = { idempotencyKey: randomUUID(), headers: { 'content-type': type } };
      expectProblem(await system.merchant.postRaw('/v1/payments', body, options), 413, 'request.too_large');
    }
    const chunked = await fetch(`${system.programOf('payments').url}/v1/payments`, {
      method: 'POST',
      headers: { authorization: `Bearer ${system.secretKey}`, 'content-type': 'application/json' },
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
    expect(await chunked.json()).toMatchObject({ code: 'request.too_large' });
  });

  it('of up to 64 KB is judged by what it says', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, 'v'.repeat(501)]));
    expectProblem(await post(mobileMoney({ metadata })), 422, INVALID, '/metadata');
  });

  it.each(badPreferences)('Prefer: %s is refused', async (prefer) => {
    expectProblem(
      await system.merchant.post('/v1/payments', mobileMoney(), { idempotencyKey: randomUUID(), prefer }),
      400,
      'request.invalid_parameter',
    );
  });

  it.each(badQueries)('%s is refused', async (path) => {
    expectProblem(await system.merchant.get(path), 400, 'request.invalid_parameter');
  });

  it.each([
    '/admin/v1/dead_letters?limit=0',
    '/admin/v1/merchants?starting_after=x',
    '/admin/v1/routing/cases?opened=x',
  ])('%s is refused', async (path) => {
    expectProblem(await system.admin.get(path), 400, 'request.invalid_parameter');
  });

  it.each([
    ['/from', { from: '2026-12-31T23:59:60Z', to: '2027-01-02T00:00:00Z' }],
    ['/to', { from: '2026-12-01T00:00:00Z', to: '2026-12-31T23:59:60Z' }],
  ])('a maintenance window with a leap second in %s is refused', async (pointer, times) => {
    const window = { gateway: 'wave', ...times, reason: 'x' };
    const answer = await system.admin.post('/admin/v1/routing/maintenance_windows', window);
    expectProblem(answer, 422, INVALID);
    expect(answer.body['errors']).toMatchObject([{ pointer }]);
  });

  it('a key that is missing, malformed, unknown or revoked opens nothing', async () => {
    const client = system.merchant.withKey(undefined);
    expectProblem(await client.get('/v1/payments'), 401, 'auth.missing_credentials');
    const [head, tail] = [system.secretKey.slice(0, -1), system.secretKey.slice(-1)];
    const wrong = [
      'nonsense',
      `${head}${tail === 'x' ? 'y' : 'x'}`,
      `${system.secretKey}x`,
      system.secretKey.replace('sk_test_', 'sk_live_'),
      revoked,
    ];
    for (const key of wrong) {
      const answer = await client.withKey(key).post('/v1/payments', mobileMoney(), { idempotencyKey: randomUUID() });
      expectProblem(answer, 401, 'auth.invalid_credentials');
      expect(answer.text).not.toContain(key);
    }
    for (const authorization of [
      `Basic ${system.secretKey}`,
      'Bearer',
      system.secretKey,
      `Bearer ${system.secretKey} x`,
    ]) {
      const answer = await client.get('/v1/payments', { headers: { authorization } });
      expect(answer.status).toBe(401);
    }
    expectProblem(await client.get('/admin/v1/merchants'), 401, 'auth.missing_credentials');
  });

  it('a key opens only what it is for', async () => {
    const body = mobileMoney();
    const asAdmin = await system.admin.post('/v1/payments', body, { idempotencyKey: randomUUID() });
    expectProblem(asAdmin, 403, 'auth.forbidden');
    for (const path of [
      '/admin/v1/merchants',
      '/admin/v1/ledger/trial_balance',
      '/admin/v1/dead_letters',
      '/admin/v1/routing/cases',
    ])
      expectProblem(await system.merchant.get(path), 403, 'auth.forbidden');
    for (const path of ['/v1/payments', '/v1/balances', '/v1/events'])
      expectProblem(await system.admin.get(path), 403, 'auth.forbidden');
  });

  it('an id of another merchant, or of the other mode, is answered like one that does not exist', async () => {
    for (const client of [other, live]) {
      expectProblem(await client.get(`/v1/payments/${foreign.payment}`), 404, 'payment.not_found');
      expectProblem(await client.get(`/v1/ledger/accounts/${foreign.account}`), 404, 'ledger.account_not_found');
      expectProblem(
        await client.get(`/v1/ledger/accounts/${foreign.account}/entries`),
        404,
        'ledger.account_not_found',
      );
      expectProblem(await client.get(`/v1/webhook_endpoints/${foreign.endpoint}`), 404, 'webhook_endpoint.not_found');
      expectProblem(
        await client.delete(`/v1/webhook_endpoints/${foreign.endpoint}`),
        404,
        'webhook_endpoint.not_found',
      );
      expectProblem(
        await client.post(`/v1/webhook_endpoints/${foreign.endpoint}/roll_secret`),
        404,
        'webhook_endpoint.not_found',
      );
      expectProblem(await client.get(`/v1/events/${foreign.event}`), 404, 'event.not_found');
      expectProblem(await client.post(`/v1/events/${foreign.event}/redeliver`, {}), 404, 'event.not_found');
      for (const path of ['/v1/payments', '/v1/balances', '/v1/ledger/accounts', '/v1/events', '/v1/webhook_endpoints'])
        expect((await client.get(path)).body['data']).toEqual([]);
    }
    expectProblem(await other.get('/v1/payments/pay_nonsense'), 404, 'payment.not_found');
    expectProblem(await other.get(`/v1/payments/${foreign.event}`), 404, 'payment.not_found');
    expectProblem(await other.get('/v1/payments/%00'), 404, 'payment.not_found');
  });

  it('an address or method that is not there is said so', async () => {
    expectProblem(await system.merchant.get('/v1/payment'), 404, 'request.not_found');
    expectProblem(await system.merchant.delete('/v1/payments'), 404, 'request.not_found');
    expectProblem(await system.merchant.get('/v1/payments/%zz'), 404, 'request.not_found');
    expectProblem(await system.merchant.get(`/v1/payments/${'x'.repeat(3_000)}`), 404, 'request.not_found');
  });

  it('webhooks of nobody, or signed by nobody, are refused', async () => {
    const event = { event: 'charge.success', data: { id: 1, reference: 'x' } };
    const client = system.merchant.withKey(undefined);
    expectProblem(await client.post('/webhooks/paystack/main', event), 401, 'gateway.webhook_rejected');
    expectProblem(await client.post('/webhooks/flutterwave/main', event), 401, 'gateway.webhook_rejected');
    expectProblem(await client.post('/webhooks/paystack/nobody', event), 404, 'gateway.unknown_account');
    expectProblem(await client.post('/webhooks/mpesa/main', event), 404, 'gateway.unknown_account');
  });

  it('what nobody signed cannot keep what is genuine from being stored', async () => {
    const client = system.merchant.withKey(undefined);
    const text = 'SUCCESSFUL\u0000\uD800';
    const forged = { externalId: text, status: text, financialTransactionId: text };
    const answers = await Promise.all(Array.from({ length: 50 }, () => client.post('/webhooks/mtn_momo/main', forged)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    // One row for all fifty: it is one event, and it is about nothing of ours.
    const kept = await system.database.query('DELETE FROM routing.gateway_webhook WHERE reference IS NULL RETURNING 1');
    expect(kept).toHaveLength(1);
  });

  it('webhook endpoints at addresses that may not be called are refused', async () => {
    const urls = ['ftp://example.com/', 'nonsense', 'http://user:password@127.0.0.1/', 'javascript:alert(1)', ''];
    for (const url of urls) {
      const answer = await system.merchant.post('/v1/webhook_endpoints', { url });
      expect([422, answer.headers.get('content-type')]).toEqual([
        answer.status,
        expect.stringMatching(/problem\+json/),
      ]);
    }
    expectProblem(
      await system.merchant.post('/v1/webhook_endpoints', { url: 'http://127.0.0.1/', events: ['payment.exploded'] }),
      422,
      INVALID,
      '/events',
    );
  });
});
