/** More payments than gateways take: those for whom there is no room are told so at the door, and lose nothing by it. */
import { randomUUID } from 'node:crypto';
import type { ApiAnswer } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { ON_POSTGRESQL } from './support/modes.js';
import { mobileMoney, type PaymentResource } from './support/payments.js';
import { startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
/** Gateways so slow that the line before them grows on any machine, and that all of it is over soon after they no longer are. */
const SLOW_MS = 3_000;
const CLIENTS = 40;
/** Until the line is full, and until it is empty again. */
const PATIENCE_MS = 60_000;
const TEST_TIMEOUT_MS = 3 * PATIENCE_MS;

interface Sent {
  readonly key: string;
  readonly body: Record<string, unknown>;
  readonly answer: ApiAnswer<PaymentResource>;
}

describe('Overload', () => {
  let system: System;
  beforeAll(async () => {
    const unlimited = { MERCHANT_RATE_PER_SECOND: '100000', MERCHANT_BURST: '100000', MERCHANT_MAX_IN_FLIGHT: '10000' };
    // Slow is not unknown.
    const patient = { GATEWAY_CHARGE_TIMEOUT_MS: String(10 * SLOW_MS) };
    system = await startSystem({ ...ON_POSTGRESQL, env: { ...unlimited, ...patient } });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  async function send(): Promise<Sent> {
    const key = randomUUID();
    const body = mobileMoney();
    const answer = await system.merchant.post<PaymentResource>('/v1/payments', body, { idempotencyKey: key });
    return { key, body, answer };
  }

  /** All that was answered until somebody was refused. */
  async function sendUntilRefused(): Promise<Sent[]> {
    const sent: Sent[] = [];
    const deadline = Date.now() + PATIENCE_MS;
    const isOver = (): boolean => Date.now() > deadline || sent.some(({ answer: { status } }) => status !== 202);
    const client = async (): Promise<void> => {
      while (!isOver()) sent.push(await send());
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    return sent;
  }

  it(
    'is refused at the door with Retry-After, stores nothing, and everything that was accepted comes to its end',
    async () => {
      await system.sandbox.setFault({ gateway: '*', fault: 'slow', ms: SLOW_MS });
      const sent = await sendUntilRefused();
      const refused = sent.filter(({ answer: { status } }) => status !== 202);
      const [first] = refused;
      if (first === undefined) throw new Error(`${sent.length} payments, and nobody was refused`);
      for (const { answer } of refused) {
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
        expect(answer.headers.get('content-type')).toBe('application/problem+json');
        expect(answer.body).toMatchObject({
          code: 'service.overloaded',
          instance: '/v1/payments',
          request_id: answer.headers.get('request-id'),
        });
      }
      expect(await system.database.query('SELECT 1 FROM idempotency.key WHERE key = $1', [first.key])).toEqual([]);
      // The first may have been refused inside: the door hears of it a moment later.
      await eventually(async () => {
        sent.push(await send());
        const { text } = await system.merchant.get('/metrics');
        expect(text).toMatch(/sankofa_admission_refused_total\{priority="charge",reason="no_room"\} [1-9]/);
      });

      // Others are let in all the while.
      expect((await system.merchant.get('/v1/payments?limit=1')).status).toBe(200);
      expect((await system.merchant.get('/readyz')).status).toBe(200);

      await system.sandbox.clearFaults();
      const again = await eventually(
        async () => {
          const answer = await system.merchant.post('/v1/payments', first.body, { idempotencyKey: first.key });
          expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([202, null]);
          return answer;
        },
        { timeoutMs: PATIENCE_MS, everyMs: 1_000 },
      );
      const accepted = [...sent.map(({ answer }) => answer), again].filter(({ status }) => status === 202);
      await eventually(
        async () => {
          const open = await system.database.query(`SELECT 1 FROM payments.payment WHERE status <> 'succeeded'`);
          expect(open).toEqual([]);
        },
        { timeoutMs: PATIENCE_MS, everyMs: 500 },
      );
      expect(await system.database.query('SELECT 1 FROM payments.payment')).toHaveLength(accepted.length);
    },
    TEST_TIMEOUT_MS,
  );
});
