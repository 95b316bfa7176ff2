/** Webhooks that do not come: missed after the time they usually take, and healed by asking. */
import type { Routing } from '../../../src/modules/routing/routing.js';
import { aMoment } from '../../e2e/support/system.js';
import { eventually } from '../../support/eventually.js';
import { createHarness, plain, start, stop, UNHURRIED, type Harness } from './harness.js';
import { pending, ScriptedGateway, succeeded } from './scripted-gateway.js';

let gateway: ScriptedGateway;
let harness: Harness;

beforeEach(async () => {
  gateway = new ScriptedGateway('first');
  gateway.onCharge = () => pending();
  // The first check of the schedule is a minute away.
  harness = await createHarness([gateway], { schedule: UNHURRIED });
});
afterEach(() => harness.close());

/** As many as are enough to learn from. */
const ENOUGH = 25;

async function payWithWebhooks(count: number): Promise<void> {
  const silent = gateway.onCharge;
  gateway.onCharge = (request) => {
    setTimeout(() => void harness.webhook(gateway, request.reference), 20);
    return pending();
  };
  const payments = await Promise.all(Array.from({ length: count }, () => harness.pay()));
  await eventually(async () =>
    expect(await Promise.all(payments.map((each) => harness.state(each)))).toEqual(payments.map(() => 'routed')),
  );
  gateway.onCharge = silent;
}

async function untilLearned(routing: Routing = harness.routing): Promise<number> {
  const [account] = await routing.accounts.all();
  return eventually(() => {
    const overdueMs = routing.overdue.lags.overdueAfterMs(account?.id ?? '', 'mobile_money');
    if (overdueMs === undefined) throw new Error('nothing was learned');
    return overdueMs;
  });
}

describe('a webhook that does not come', () => {
  it('is missed after its usual time, and the payment ends long before its schedule looks', async () => {
    await payWithWebhooks(ENOUGH);
    const overdueMs = await untilLearned();
    expect(overdueMs).toBeLessThan(20_000);
    gateway.queries.length = 0;
    const startedAt = performance.now();
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(overdueMs - 100);
    expect(tookMs).toBeLessThan(overdueMs + 3_000);
    expect(gateway.queries).toHaveLength(1);
  });

  it('is left to the schedule while nothing is known of its gateway', async () => {
    await payWithWebhooks(5);
    gateway.queries.length = 0;
    const payment = await harness.pay();
    await aMoment(1_500);
    expect(gateway.queries).toEqual([]);
    expect(await harness.state(payment)).toBe('routing');
  });

  it('is known of to a process that has received none, and after a restart', async () => {
    await payWithWebhooks(ENOUGH);
    const another = harness.another();
    start(another);
    await untilLearned(another);
    await stop(another);
  });

  it('makes us ask three times at most, when it is the customer who takes long, and moves no check of the schedule', async () => {
    await payWithWebhooks(ENOUGH);
    await untilLearned();
    gateway.onStatus = () => pending();
    gateway.queries.length = 0;
    const payment = await harness.pay();
    await eventually(async () => expect((await harness.attempts(payment))[0]?.status).toBe('pending'));
    const before = await harness.attempts(payment);
    await eventually(() => expect(gateway.queries).toHaveLength(3), { timeoutMs: 30_000 });
    await aMoment(1_000);
    expect(gateway.queries).toHaveLength(3);
    expect(await harness.attempts(payment)).toEqual(before);
  });

  it('and then comes after all is no more than late: its lag is learned too', async () => {
    await payWithWebhooks(ENOUGH);
    await untilLearned();
    const late = await Promise.all(Array.from({ length: 10 }, () => harness.pay()));
    await eventually(async () =>
      expect(await Promise.all(late.map((each) => harness.state(each)))).toEqual(late.map(() => 'routed')),
    );
    const usual = await untilLearned();
    // As if they had been an hour on their way.
    await harness.database.query("UPDATE routing.attempt SET sent_at = sent_at - interval '10 min'");
    for (const payment of late) await harness.webhook(gateway, plain((await harness.attempts(payment))[0]?.id ?? ''));
    await eventually(async () =>
      expect(await untilLearned().catch(() => Number.POSITIVE_INFINITY)).toBeGreaterThan(usual * 2),
    );
  });
});

describe('what was found by asking', () => {
  it('can be counted', async () => {
    gateway.onStatus = (request) => succeeded(request);
    await payWithWebhooks(ENOUGH);
    await untilLearned();
    const payment = await harness.pay();
    await eventually(async () => expect(await harness.state(payment)).toBe('routed'));
    const text = await harness.metrics.registry.metrics();
    expect(text).toContain('sankofa_routing_webhooks_overdue_total{gateway="first"} 1');
    expect(text).toContain('sankofa_routing_found_by_asking_total{gateway="first",by="question"} 1');
    expect(text).toContain(`sankofa_routing_webhook_lag_seconds_count{gateway="first"} ${ENOUGH}`);
    expect(text).toContain(`sankofa_routing_webhook_outcomes_total{gateway="first",outcome="succeeded"} ${ENOUGH}`);
  });
});
