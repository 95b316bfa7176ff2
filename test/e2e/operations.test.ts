/** What operators meet: health, metrics, dead letters, stopping in the middle of work, and what the logs must not say. */
import { randomUUID } from 'node:crypto';

import { eventually } from '../support/eventually.js';
import { proveBooks } from './support/books.js';
import { makeOrders, proveNothingLostOrDoubled } from './support/crash.js';
import { postAll } from './support/load.js';
import { describeInEachMode } from './support/modes.js';
import { mobileMoney, pay, read, send, untilTold, WAIT } from './support/payments.js';
import type { Exit } from '../support/program.js';
import { aMoment, startSystem, type System } from './support/system.js';

const START_TIMEOUT_MS = 180_000;
const TEST_TIMEOUT_MS = 240_000;
const UNDER_LOAD = 300;

/** What somebody on duty needs to see; each with a label that must be there, if it has any. */
const METRICS: readonly RegExp[] = [
  /^sankofa_outbox_lag_seconds\{outbox="main"\} \d/m,
  /^sankofa_relay_leader\{outbox="main"\} 1/m,
  /^sankofa_queue_depth\{consumer="[^"]+",state="waiting"\} \d/m,
  /^# TYPE sankofa_dead_letters gauge/m,
  /^sankofa_payments_open\{status="processing"\} [1-9]/m,
  /^sankofa_payments_concluded_total\{status="succeeded"\} [1-9]/m,
  /^sankofa_routing_attempts_total\{gateway="paystack",outcome="pending"\} [1-9]/m,
  /^sankofa_routing_attempt_conclusions_total\{gateway="paystack",state="succeeded"\} [1-9]/m,
  /^sankofa_routing_breaker\{gateway="paystack",account="main"\} 0/m,
  /^sankofa_routing_cases\{gateway="paystack",status="unknown",opened="false"\} [1-9]/m,
  /^sankofa_batch_size_bucket\{.*batcher="accept".*\} [1-9]/m,
  /^sankofa_batch_seconds_count\{batcher="accept"\} [1-9]/m,
  /^sankofa_http_request_seconds_count\{.*route="\/v1\/payments".*\} [1-9]/m,
  /^sankofa_consumer_batch_seconds_count\{consumer="ledger.book_collections"\} [1-9]/m,
  /^sankofa_ledger_transfers_total\{kind="collection"\} [1-9]/m,
  /^sankofa_webhook_attempts_total\{outcome="delivered"\} [1-9]/m,
  /^process_resident_memory_bytes \d/m,
];

describeInEachMode('An operator', (mode) => {
  let system: System;
  beforeAll(async () => {
    // The most talkative log: what it does not say, no log says.
    system = await startSystem({ ...mode, env: { LOG_LEVEL: 'trace' } });
  }, START_TIMEOUT_MS);
  afterAll(() => system.close(), START_TIMEOUT_MS);

  it('sees that every process lives and is ready', async () => {
    for (const { url } of system.programs()) {
      const live = await fetch(`${url}/healthz`);
      expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }]);
      const ready = await fetch(`${url}/readyz`);
      expect([ready.status, await ready.json()]).toEqual([
        200,
        { status: 'ready', checks: { process: 'ok', event_loop: 'ok', database: 'ok' } },
      ]);
    }
  });

  it(
    'sees in the metrics how things go',
    async () => {
      const { id } = await pay(system);
      await untilTold(system, id, ['payment.succeeded']);
      await system.sandbox.setFault({ gateway: 'paystack', fault: 'timeout_before_charge' });
      await pay(system, mobileMoney(), 'wait=2');
      await system.sandbox.clearFaults();
      await eventually(async () => {
        const scraped = await Promise.all(
          system.programs().map(async ({ url }) => (await fetch(`${url}/metrics`)).text()),
        );
        const text = scraped.join('\n');
        expect(METRICS.filter((pattern) => !pattern.test(text))).toEqual([]);
      });
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'finds no secret, phone number or e-mail address in any log',
    async () => {
      const secrets = { email: 'kwame.secret@example.com', phone: '+233245550123', name: 'Kwame Geheim' };
      const body = mobileMoney({
        customer: secrets,
        method: { type: 'mobile_money', network: 'mtn', phone: secrets.phone },
        description: 'inscription-7731',
        metadata: { note: 'annotation-8842' },
      });
      await pay(system, body);
      // Trouble is where logs become talkative.
      await send(system, { ...body, reference: randomUUID(), amount: -1 });
      await system.merchant.withKey(`${system.secretKey}x`).get('/v1/payments');
      await system.sandbox.setFault({ gateway: '*', fault: 'garbage' });
      await pay(system, { ...body, reference: randomUUID() });
      await system.sandbox.clearFaults();
      // Lines are written within half a second.
      await aMoment(1_000);
      const logs = system.logs();
      expect(logs).toContain('"msg":"request"');
      const words = [
        ...Object.values(secrets),
        secrets.phone.slice(1),
        'inscription-7731',
        'annotation-8842',
        system.secretKey,
        system.adminKey,
        system.webhookSecret,
        'sk_test_sandbox_paystack',
        'FLWSECK_TEST-sandbox',
        'sandbox-flutterwave-hash',
        'sandbox-momo-key',
        'sandbox-momo-subscription',
      ];
      expect(words.filter((word) => logs.includes(word))).toEqual([]);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'finds what could not be booked among the dead letters, and replays it when the fault is mended',
    async () => {
      const consumer = 'ledger.book_collections';
      const rename = (from: string, to: string): Promise<unknown> =>
        system.database.query(`ALTER FUNCTION ledger.${from} RENAME TO ${to}`);
      await proveBooks(system);
      await rename('post_transfers', 'post_transfers_mislaid');
      const payments = await Promise.all([pay(system), pay(system), pay(system)]);
      // A payment does not wait for its booking. The event is tried for a day and a half; here its last try is now.
      expect(payments.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
      await eventually(async () => {
        const { rows } = { rows: await system.database.query('SELECT 1 FROM messaging.delivery WHERE attempts > 0') };
        expect(rows).toHaveLength(3);
      });
      await system.database.query('UPDATE messaging.delivery SET attempts = 1000, next_attempt_at = now()');

      const listed = await eventually(async () => {
        const answer = await system.admin.get(`/admin/v1/dead_letters?consumer=${consumer}`);
        expect(answer.body).toMatchObject({ object: 'list', total: 3, has_more: false });
        return answer.body['data'] as { event_id: string; last_error: string }[];
      });
      expect(listed).toEqual(
        Array.from({ length: 3 }, () =>
          expect.objectContaining({
            object: 'dead_letter',
            consumer,
            type: 'payments.payment_succeeded.v1',
            last_error: expect.stringContaining('post_transfers'),
          }),
        ),
      );
      const metrics = await (await fetch(`${system.programOf('ledger').url}/metrics`)).text();
      expect(metrics).toContain(`sankofa_dead_letters{consumer="${consumer}"} 3`);

      await rename('post_transfers_mislaid', 'post_transfers');
      const one = await system.admin.post(`/admin/v1/dead_letters/${listed[0]?.event_id}/replay`, { consumer });
      expect([one.status, one.body]).toEqual([202, { object: 'replay', replayed: 1 }]);
      const rest = await system.admin.post('/admin/v1/dead_letters/replay', { consumer });
      expect([rest.status, rest.body]).toEqual([202, { object: 'replay', replayed: 2 }]);
      await proveBooks(system);
      const after = await system.admin.get('/admin/v1/dead_letters');
      expect(after.body).toMatchObject({ total: 0, data: [] });
      const again = await system.admin.post(`/admin/v1/dead_letters/${listed[0]?.event_id}/replay`, { consumer });
      expect([again.status, again.body['code']]).toEqual([404, 'dead_letter.not_found']);
    },
    TEST_TIMEOUT_MS,
  );
});

describeInEachMode('A program told to stop', (mode) => {
  let system: System;
  beforeEach(async () => {
    // Within the time for shutting down, and so long that no charge is given up because the machine is busy.
    system = await startSystem({ ...mode, env: { GATEWAY_CHARGE_TIMEOUT_MS: '15000' } });
  }, START_TIMEOUT_MS);
  afterEach(() => system.close(), START_TIMEOUT_MS);

  it(
    'finishes what is in flight, ends with 0, and has lost nothing',
    async () => {
      const orders = makeOrders(UNDER_LOAD);
      let stopped: Promise<{ exits: readonly Exit[]; left: unknown }> | undefined;
      const stopAndStart = async () => {
        const exits = await system.stop();
        const left = await system.database.query(
          "SELECT id FROM routing.attempt WHERE status IN ('sending', 'unknown')",
        );
        await system.restart();
        return { exits, left };
      };
      const ids = await postAll(system, orders, (accepted) => {
        if (accepted === UNDER_LOAD / 2) stopped = stopAndStart();
      });
      const outcome = await stopped;
      const clean = outcome?.exits.every(({ code }) => code === 0);
      expect([outcome?.exits, clean === true ? '' : system.logs().slice(-4_000)]).toEqual([
        system.programs().map(() => ({ code: 0, signal: null })),
        '',
      ]);
      // A charge whose answer could be waited for is not left behind as unknown.
      expect(outcome?.left).toEqual([]);
      await proveNothingLostOrDoubled(system, orders, ids);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'answers whoever is waiting before it ends',
    async () => {
      await system.sandbox.setFault({ gateway: '*', fault: 'approve_after', ms: 0 });
      const waiting = send(system, mobileMoney(), 'wait=30');
      await eventually(async () =>
        expect(await system.database.query("SELECT 1 FROM routing.attempt WHERE status = 'pending'")).toHaveLength(1),
      );
      const startedAt = performance.now();
      const exits = await system.stop();
      expect(exits).toEqual(exits.map(() => ({ code: 0, signal: null })));
      const answer = await waiting;
      expect([answer.status, answer.body.status]).toEqual([202, 'processing']);
      expect(performance.now() - startedAt).toBeLessThan(20_000);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'twice, ends all the same and has lost nothing',
    async () => {
      const orders = makeOrders(60);
      let stopped: Promise<unknown> | undefined;
      const ids = await postAll(system, orders, (accepted) => {
        if (accepted !== 30) return;
        const programs = system.programs();
        const ends = system.stop();
        for (const { pid } of programs) process.kill(pid, 'SIGTERM');
        stopped = ends.then(() => system.restart());
      });
      await stopped;
      await proveNothingLostOrDoubled(system, orders, ids);
      expect((await read(system, ids[0] ?? '')).status).toBe('succeeded');
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'says so to balancers at once, while it still answers',
    async () => {
      const { url } = system.programOf('payments');
      expect(await pay(system, mobileMoney(), WAIT)).toMatchObject({ status: 'succeeded' });
      const stopped = system.stop();
      const seen: number[] = [];
      await eventually(async () => {
        const status = await fetch(`${url}/readyz`).then(
          (response) => response.status,
          () => 0,
        );
        seen.push(status);
        expect(status).not.toBe(200);
      });
      await stopped;
      expect(seen.every((status) => status === 200 || status === 503 || status === 0)).toBe(true);
    },
    TEST_TIMEOUT_MS,
  );
});
