/** Who asks for too much is told so at once, pays for it alone, and loses nothing by it. */
import { randomUUID } from 'node:crypto';
import type { ApiAnswer, ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { describeInEachMode, ON_POSTGRESQL } from './support/modes.js';
import { anotherMerchant, newMerchant } from './support/merchants.js';
import { mobileMoney, WAIT, type PaymentResource } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
/** Slow enough that no machine is so slow that it is not exceeded. */
const RATE = 1;
const BURST = 12;
const MAX_IN_FLIGHT = 4;
/** Time enough for a busy machine to take the payments in and to look. */
const APPROVED_AFTER_MS = 5_000;

const expectRefused = ({ status, headers, body }: ApiAnswer<unknown>): void => {
  expect(status).toBe(429);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  expect(headers.get('request-id')).toBeTruthy();
  expect(body).toMatchObject({ code: 'service.rate_limited', status: 429, retryable: true });
};

describe('Admission', () => {
  let system: System;
  /** Of a merchant nobody has used yet. */
  let merchant: ApiClient;
  beforeAll(async () => {
    system = await startSystem({
      ...ON_POSTGRESQL,
      env: {
        MERCHANT_RATE_PER_SECOND: String(RATE),
        MERCHANT_BURST: String(BURST),
        MERCHANT_MAX_IN_FLIGHT: String(MAX_IN_FLIGHT),
      },
    });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);
  beforeEach(async () => {
    merchant = await anotherMerchant(system);
  });

  interface Sent {
    readonly key: string;
    readonly body: Record<string, unknown>;
    readonly answer: ApiAnswer<PaymentResource>;
  }

  async function send(): Promise<Sent> {
    const key = randomUUID();
    const body = mobileMoney();
    return { key, body, answer: await merchant.post<PaymentResource>('/v1/payments', body, { idempotencyKey: key }) };
  }

  /** What was sent first, and what was refused in the end. */
  async function sendUntilRefused(): Promise<{ readonly first: Sent; readonly refused: Sent }> {
    const first = await send();
    let last = first;
    while (last.answer.status === 202) last = await send();
    return { first, refused: last };
  }

  it('tells a merchant what is left, refuses what is beyond, and lets others and the operators in', async () => {
    const other = await anotherMerchant(system);
    const { first, refused } = await sendUntilRefused();
    const { headers } = first.answer;
    expect(headers.get('ratelimit-limit')).toBe(String(BURST));
    expect(Number(headers.get('ratelimit-remaining'))).toBeLessThan(BURST);
    expect(headers.get('ratelimit-reset')).toMatch(/^\d+$/);
    expectRefused(refused.answer);
    expect((await other.get('/v1/payments')).status).toBe(200);
    expect((await system.admin.get('/admin/v1/routing/gateways')).status).toBe(200);
    expect((await merchant.get('/healthz')).status).toBe(200);
  });

  it('uses up no key by a refusal, and stores nothing of it', async () => {
    const { refused } = await sendUntilRefused();
    expectRefused(refused.answer);
    const { key, body } = refused;
    expect(await system.database.query('SELECT 1 FROM idempotency.key WHERE key = $1', [key])).toEqual([]);
    await eventually(async () => {
      const accepted = await merchant.post('/v1/payments', body, { idempotencyKey: key });
      expect([accepted.status, accepted.headers.get('idempotent-replayed')]).toEqual([202, null]);
    });
  });

  it('bounds what one merchant has open at once, and counts those who wait', async () => {
    await system.sandbox.setFault({ gateway: 'paystack', fault: 'approve_after', ms: APPROVED_AFTER_MS });
    const keys = Array.from({ length: MAX_IN_FLIGHT }, () => randomUUID());
    const waiting = keys.map((idempotencyKey) =>
      merchant.post<PaymentResource>('/v1/payments', mobileMoney(), { idempotencyKey, prefer: WAIT }),
    );
    await eventually(async () =>
      expect(await system.database.query('SELECT 1 FROM idempotency.key WHERE key = ANY($1)', [keys])).toHaveLength(
        MAX_IN_FLIGHT,
      ),
    );
    expectRefused(await merchant.get('/v1/payments?limit=1'));
    const { text } = await system.merchant.get('/metrics');
    expect(text).toContain('sankofa_admission_refused_total{priority="read",reason="merchant_in_flight"} 1');
    // Approved while they waited, or on a machine so busy that they waited in vain: either way they were let in.
    for (const { status } of await Promise.all(waiting)) expect([201, 202]).toContain(status);
    await system.sandbox.clearFaults();
    await eventually(async () => expect((await merchant.get('/v1/payments?limit=1')).status).toBe(200));
  });
});

const LONGEST_WAIT = 'wait=30';
/** Longer than that: a charge that is not answered is one that its caller waits for. */
const GATEWAY_CHARGE_TIMEOUT_MS = '35000';
/** As seen from the modules that answer merchants: each may be a process of its own. */
const OF_EACH_MODULE = ['/v1/payments?limit=1', '/v1/events?limit=1', '/v1/ledger/accounts?limit=1'] as const;

describeInEachMode("A merchant's own limits", (mode) => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem({ ...mode, env: { GATEWAY_CHARGE_TIMEOUT_MS } });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  it('act in every process within seconds once an operator has set them, for that merchant alone, until they are lifted', async () => {
    const [{ id, client }, other] = [await newMerchant(system), await anotherMerchant(system)];
    const path = `/admin/v1/merchants/${id}/limits`;
    expect((await system.admin.get(path)).body).toMatchObject({ rate_per_second: null, burst: null, version: 0 });
    const limits = { rate_per_second: RATE, burst: 2, max_in_flight: null };
    expect((await system.admin.put(path, limits)).body).toMatchObject({ ...limits, version: 1 });
    for (const each of OF_EACH_MODULE) {
      const refused = await eventually(async () => {
        const answer = await client.get(each);
        if (answer.status !== 429 || answer.headers.get('ratelimit-limit') === null)
          throw new Error(`${each}: ${answer.status}`);
        return answer;
      });
      expectRefused(refused);
      expect(refused.headers.get('ratelimit-limit')).toBe('2');
      expect(refused.headers.get('ratelimit-remaining')).toBe('0');
      expect((await other.get(each)).headers.get('ratelimit-limit')).toBe('2000');
    }
    expect((await system.admin.delete(path)).body).toMatchObject({ rate_per_second: null, burst: null, version: 2 });
    for (const each of OF_EACH_MODULE)
      await eventually(async () => {
        const answer = await client.get(each);
        expect([answer.status, answer.headers.get('ratelimit-limit')]).toEqual([200, '2000']);
      });
    await eventually(async () => {
      const { text } = await system.admin.get('/admin/v1/audit_entries?type=auth.merchant_limits_changed.v1');
      const { data } = JSON.parse(text) as { readonly data: readonly { readonly details: unknown }[] };
      const none = { rate_per_second: null, burst: null, max_in_flight: null };
      expect(data.map(({ details }) => details)).toEqual([
        expect.objectContaining({ version: 2, before: limits, limits: none }),
        expect.objectContaining({ version: 1, before: none, limits }),
      ]);
    });
  });

  it('are lifted also for a merchant all of whose open requests wait', async () => {
    const { id, client } = await newMerchant(system);
    const path = `/admin/v1/merchants/${id}/limits`;
    await system.sandbox.setFault({ gateway: '*', fault: 'timeout_before_charge' });
    const idempotencyKey = randomUUID();
    let isOver = false;
    const waiting = client
      .post('/v1/payments', mobileMoney(), { idempotencyKey, prefer: LONGEST_WAIT })
      .then(() => (isOver = true));
    await eventually(async () =>
      expect(
        await system.databaseOf('payments').query('SELECT 1 FROM idempotency.key WHERE key = $1', [idempotencyKey]),
      ).toHaveLength(1),
    );
    await system.admin.put(path, { max_in_flight: 1 });
    await eventually(async () => expect((await client.get('/v1/payments?limit=1')).status).toBe(429));
    await system.admin.delete(path);
    await eventually(async () => expect((await client.get('/v1/payments?limit=1')).status).toBe(200));
    expect(isOver).toBe(false);
    await system.sandbox.clearFaults();
    await waiting;
  });

  it('are set by who may authorise for merchants, and are no way to shut one out', async () => {
    const { id, client } = await newMerchant(system);
    const path = `/admin/v1/merchants/${id}/limits`;
    for (const name of ['rate_per_second', 'burst', 'max_in_flight']) {
      const refused = await system.admin.put(path, { [name]: 0 });
      expect(refused.status).toBe(422);
      expect(refused.text).toContain('Revoke its keys');
    }
    for (const wrong of [{ rate_per_second: 1.5 }, { burst: 10_000_001 }, { max_in_flight: '5' }, { rate: 5 }])
      expect((await system.admin.put(path, wrong)).status).toBe(422);
    expect((await system.admin.put('/admin/v1/merchants/mer_nothing/limits', {})).status).toBe(404);
    expect((await client.get(path)).status).toBe(403);
    expect((await system.admin.get(path)).body).toMatchObject({ version: 0, updated_at: null });
  });
});
