/** How gateways have done of late, by attempts as they were really written. */
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { windowOf, type Window } from '../../../src/modules/routing/performance/performance-window.js';
import {
  readPerformance,
  type FiguresRow,
  type Performance,
} from '../../../src/modules/routing/performance/performance.store.js';
import type { ChargeRequest } from '../../../src/modules/routing/gateways/gateway-adapter.js';
import { eventually } from '../../support/eventually.js';
import { createHarness, UNHURRIED, type Harness } from './harness.js';
import { declined, ScriptedGateway, succeeded, unknown } from './scripted-gateway.js';

describe('the performance of gateways', () => {
  let harness: Harness;
  let accountId: string;
  let window: Window;
  beforeAll(async () => {
    const gateway = new ScriptedGateway('first');
    harness = await createHarness([gateway], { schedule: UNHURRIED });
    accountId = (await harness.routing.accounts.all())[0]?.id ?? '';
    window = windowOf('1h', Date.now());
    for (const [answer, count] of [
      [(request: ChargeRequest) => succeeded(request), 4],
      [() => declined(false), 2],
      [() => declined(true, 'issuer_down'), 1],
      [() => unknown(), 1],
    ] as const) {
      gateway.onCharge = answer;
      const before = gateway.charges.length;
      for (let each = 0; each < count; each += 1) await harness.pay();
      // Those that are asked after the next line are answered by what it says.
      await eventually(() => expect(gateway.charges).toHaveLength(before + count));
    }
    await eventually(async () => expect((await whole()).in_flight).toBe(0));
  });
  afterAll(() => harness.close());

  const read = (change: object = {}, maxPerBucket?: number): Promise<Performance> =>
    readPerformance(
      harness.pool,
      window,
      { kind: 'payment', livemode: false, accountId: undefined, ...change },
      maxPerBucket,
    );
  const whole = async (): Promise<FiguresRow> => {
    const found = (await read()).figures.find(({ bucket }) => bucket === null);
    if (found === undefined) throw new Error('there are no figures yet');
    return found;
  };

  it('counts how attempts ended, and how long they took', async () => {
    const figures = await whole();
    expect(figures).toMatchObject({ account: accountId, attempts: 8, succeeded: 4, failed: 3, refused: 2, unknown: 1 });
    expect(figures.p95_seconds).toBeGreaterThan(0);
    expect(figures.p95_seconds).toBeGreaterThanOrEqual(figures.p50_seconds ?? Infinity);
  });

  it('is the same step by step', async () => {
    const steps = (await read({ accountId })).figures.filter(({ bucket }) => bucket !== null);
    expect(steps.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(8);
    for (const { bucket } of steps) expect(bucket).toBeGreaterThanOrEqual(window.startsMs.length - 2);
  });

  it('tells the codes that attempts failed with, the most frequent first', async () => {
    expect((await read()).errors.map(({ code, status, count }) => [code, status, count])).toEqual([
      ['insufficient_funds', 'declined', 2],
      ['issuer_down', 'declined', 1],
      ['timeout', 'unknown', 1],
    ]);
  });

  it('is of nothing else than was asked for', async () => {
    for (const change of [{ kind: 'payout' }, { livemode: true }, { accountId: newUuid() }])
      expect((await read(change)).figures).toEqual([]);
    const before = {
      ...window,
      startsMs: window.startsMs.map((ms) => ms - 86_400_000),
      endMs: window.endMs - 86_400_000,
    };
    const filter = { kind: 'payment', livemode: false, accountId: undefined } as const;
    expect((await readPerformance(harness.pool, before, filter)).figures).toEqual([]);
  });

  it('says that it is of a sample where there were more than are read', async () => {
    const [all, some] = [await read(), await read({}, 2)];
    expect([all.isSample, some.isSample]).toEqual([false, true]);
    const counted = some.figures.find(({ bucket }) => bucket === null)?.attempts ?? 0;
    expect(counted).toBeLessThanOrEqual(4);
    expect(counted).toBeGreaterThan(0);
  });
});
