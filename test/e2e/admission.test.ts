/** Who asks for too much is told so at once, pays for it alone, and loses nothing by it. */
import { randomUUID } from 'node:crypto';
import type { ApiAnswer, ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { ON_POSTGRESQL } from './support/modes.js';
import { anotherMerchant } from './support/merchants.js';
import { mobileMoney, WAIT, type PaymentResource } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
/** Slow enough that no machine is so slow that it is not exceeded. */
const RATE = 1;
const BURST = 12;
const MAX_IN_FLIGHT = 4;
/** Time enough for a busy machine to take the payments in and to look. */
const APPROVED_AFTER_MS = 5_000;

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

  const expectRefused = ({ status, headers, body }: ApiAnswer<unknown>): void => {
    expect(status).toBe(429);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(headers.get('request-id')).toBeTruthy();
    expect(body).toMatchObject({ code: 'service.rate_limited', status: 429, retryable: true });
  };

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
