/** Who asks for too much is told so at once, pays for it alone, and loses nothing by it. */
import { randomUUID } from 'node:crypto';
import type { ApiAnswer, ApiClient } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { ON_POSTGRESQL } from './support/modes.js';
import { anotherMerchant } from './support/merchants.js';
import { mobileMoney, WAIT, type PaymentResource } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 90_000;
const RATE = 5;
const BURST = 20;
const MAX_IN_FLIGHT = 4;

describe('Admission', () => {
  let system: System;
  let other: ApiClient;
  beforeAll(async () => {
    system = await startSystem({
      ...ON_POSTGRESQL,
      env: {
        MERCHANT_RATE_PER_SECOND: String(RATE),
        MERCHANT_BURST: String(BURST),
        MERCHANT_MAX_IN_FLIGHT: String(MAX_IN_FLIGHT),
      },
    });
    other = await anotherMerchant(system);
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  /** As many tokens as there can be. */
  const rested = (merchant: ApiClient): Promise<void> =>
    eventually(
      async () => {
        const { headers } = await merchant.get('/v1/payments?limit=1');
        expect(Number(headers.get('ratelimit-remaining'))).toBeGreaterThanOrEqual(BURST - 1);
      },
      { everyMs: 1_000, timeoutMs: 30_000 },
    );

  const expectRefused = ({ status, headers, body }: ApiAnswer<unknown>): void => {
    expect(status).toBe(429);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(headers.get('request-id')).toBeTruthy();
    expect(body).toMatchObject({ code: 'service.rate_limited', status: 429, retryable: true });
  };

  it('tells a merchant what is left, refuses what is beyond, and lets others and the operators in', async () => {
    await rested(system.merchant);
    const answers: ApiAnswer<PaymentResource>[] = [];
    for (let index = 0; index < BURST * 2; index += 1)
      answers.push(await system.merchant.post('/v1/payments', mobileMoney(), { idempotencyKey: randomUUID() }));
    const [first] = answers;
    expect(first?.headers.get('ratelimit-limit')).toBe(String(BURST));
    expect(first?.headers.get('ratelimit-reset')).toMatch(/^\d+$/);
    const refused = answers.filter(({ status }) => status !== 202);
    expect(refused.length).toBeGreaterThan(0);
    refused.forEach(expectRefused);
    expect((await other.get('/v1/payments')).status).toBe(200);
    expect((await system.admin.get('/admin/v1/routing/gateways')).status).toBe(200);
    expect((await system.merchant.get('/healthz')).status).toBe(200);
  });

  it('uses up no key by a refusal, and stores nothing of it', async () => {
    await rested(system.merchant);
    const body = mobileMoney();
    const key = randomUUID();
    let answer = await system.merchant.get('/v1/payments?limit=1');
    while (answer.status === 200) answer = await system.merchant.get('/v1/payments?limit=1');
    expectRefused(await system.merchant.post('/v1/payments', body, { idempotencyKey: key }));
    const stored = await system.database.query('SELECT 1 FROM idempotency.key WHERE key = $1', [key]);
    expect(stored).toEqual([]);
    await eventually(async () => {
      const accepted = await system.merchant.post('/v1/payments', body, { idempotencyKey: key });
      expect([accepted.status, accepted.headers.get('idempotent-replayed')]).toEqual([202, null]);
    });
  });

  it('bounds what one merchant has open at once, and counts those who wait', async () => {
    await rested(system.merchant);
    await system.sandbox.setFault({ gateway: 'paystack', fault: 'approve_after', ms: 3_000 });
    const waiting = Array.from({ length: MAX_IN_FLIGHT }, () =>
      system.merchant.post<PaymentResource>('/v1/payments', mobileMoney(), {
        idempotencyKey: randomUUID(),
        prefer: WAIT,
      }),
    );
    await eventually(async () => expectRefused(await system.merchant.get('/v1/payments?limit=1')));
    await Promise.all(waiting);
    await system.sandbox.clearFaults();
    await eventually(async () => expect((await system.merchant.get('/v1/payments?limit=1')).status).toBe(200));
  });
});
