/** A hundred thousand recorded attempts of a world whose truth is known. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import {
  runBacktest,
  type BacktestQuestion,
  type BacktestResult,
} from '../../../src/modules/routing/backtest/run-backtest.js';
import { shownBacktest } from '../../../src/modules/routing/backtest/show-backtest.js';
import { RuleMatcher } from '../../../src/modules/routing/rules/match-rules.js';
import { ruleSet } from '../../../src/modules/routing/rules/rule-set.js';
import { createHarness, MERCHANT, type Harness } from './harness.js';
import { ScriptedGateway } from './scripted-gateway.js';

const ATTEMPTS = 100_000;
/** What was asked for. A machine that does other things as well is given more before the test fails. */
const SHOULD_TAKE_MS = 3_000;
const PATIENCE = 4;

/** How well each gateway does, and how often it was chosen. */
const WORLD = { first: { works: 0.95, chosen: 0.7 }, second: { works: 0.8, chosen: 0.3 } };
const SECOND_ALONE = { type: 'order', gateways: ['second'] };

let harness: Harness;
let ids: { first: string; second: string };
beforeAll(async () => {
  harness = await createHarness([new ScriptedGateway('first'), new ScriptedGateway('second')], { start: false });
  const accounts = await harness.routing.accounts.all();
  const idOf = (gateway: string): string => accounts.find((account) => account.gateway === gateway)?.id ?? '';
  ids = { first: idOf('first'), second: idOf('second') };
  await record(ATTEMPTS);
}, 120_000);
afterAll(() => harness.close());

/** Payments of the last day, each with the reason that the product would have written down. */
async function record(count: number): Promise<void> {
  const { first, second } = WORLD;
  const reason = (chosen: 'first' | 'second', other: 'first' | 'second'): string => {
    const row = (name: 'first' | 'second', fee: number): unknown[] => [
      ids[name],
      WORLD[name].chosen,
      'c',
      WORLD[name].works,
      0.01,
      0.01,
      1,
      fee,
      0.07,
    ];
    const fees = { first: 0.02, second: 0.01 };
    return JSON.stringify({
      version: 1,
      rule: null,
      strategy: 'weights',
      because: 'matched',
      propensity: WORLD[chosen].chosen,
      candidates: [row(chosen, fees[chosen]), row(other, fees[other])],
      excluded: {},
    });
  };
  const uuid = (salt: number): string =>
    `(lpad(to_hex(t.ms), 12, '0') || '7${salt}008' || lpad(to_hex(t.n), 15, '0'))::uuid`;
  await harness.database.query(
    `CREATE TABLE public.world AS SELECT n, (extract(epoch FROM now()) * 1000)::bigint - 80000000 + n * (80000000 / $1::bigint) AS ms,
       random() < ${first.chosen} AS is_first, random() AS luck, n % 2 = 0 AS is_card FROM generate_series(1, $1::bigint) n`,
    [count],
  );
  await harness.database.query(
    `INSERT INTO routing.payment (payment_id, merchant_id, livemode, amount, currency, method, customer, state, caused_by, headers)
     SELECT ${uuid(1)}, $1, false, 1500, 'GHS',
       CASE WHEN is_card THEN '{"type": "card"}' ELSE '{"type": "mobile_money", "network": "mtn", "phone": "+233241234567"}' END::jsonb,
       '{}', 'routed', gen_random_uuid(), '{}' FROM public.world t`,
    [MERCHANT],
  );
  await harness.database.query(
    `INSERT INTO routing.attempt (id, payment_id, merchant_id, livemode, sequence, gateway, gateway_account_id, reference, status, reason, created_at,
       captured_amount, captured_currency)
     SELECT ${uuid(0)}, ${uuid(1)}, $1, false, 1, CASE WHEN is_first THEN 'first' ELSE 'second' END,
       CASE WHEN is_first THEN $2::uuid ELSE $3::uuid END, n::text,
       CASE WHEN luck < CASE WHEN is_first THEN ${first.works} ELSE ${second.works} END THEN 'succeeded' ELSE 'declined' END,
       CASE WHEN is_first THEN $4::jsonb ELSE $5::jsonb END, to_timestamp(ms / 1000), 1500, 'GHS' FROM public.world t`,
    [MERCHANT, ids.first, ids.second, reason('first', 'second'), reason('second', 'first')],
  );
  await harness.database.query('ANALYZE routing.attempt, routing.payment');
}

function backtest(use: object, over: Partial<BacktestQuestion> = {}): Promise<BacktestResult> {
  const names = new Map(Object.entries(ids).map(([gateway, id]) => [id, { id, gateway, name: 'main' }]));
  return runBacktest(harness.pool, {
    matcher: new RuleMatcher(ruleSet.parse({ rules: [], otherwise: use })),
    accounts: { get: (id) => names.get(id), placeOf: (id) => [ids.first, ids.second].indexOf(id) },
    kind: 'payment',
    livemode: false,
    from: new Date(Date.now() - 86_400_000),
    until: new Date(),
    maxRecords: 250_000,
    ...over,
  });
}

it('plays a hundred thousand attempts again in a few seconds, and holds nobody else up', async () => {
  await backtest(SECOND_ALONE, { maxRecords: 10_000 });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const heapBefore = process.memoryUsage().heapUsed;
  let heapMost = 0;
  const watch = setInterval(() => {
    heapMost = Math.max(heapMost, process.memoryUsage().heapUsed - heapBefore);
  }, 20);
  delay.enable();
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const { total, recorded } = await backtest(SECOND_ALONE);
  const tookMs = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  delay.disable();
  clearInterval(watch);
  process.stdout.write(
    `${ATTEMPTS} attempts played again in ${Math.round(tookMs)} ms, with ${Math.round((cpu.user + cpu.system) / 1e3)} ms of this process's time; the event loop was held up ${Math.round(delay.percentile(99) / 1e6)} ms (p99), ` +
      `${Math.round(delay.max / 1e6)} ms at most; the heap grew by ${Math.round(heapMost / 1e6)} MB\n`,
  );
  expect([recorded, total.used]).toEqual([ATTEMPTS, ATTEMPTS]);
  expect(tookMs).toBeLessThan(SHOULD_TAKE_MS * PATIENCE);
  expect(delay.percentile(99) / 1e6).toBeLessThan(100 * PATIENCE);
  expect(heapMost).toBeLessThan(300e6);
}, 120_000);

it('says what would have become of them, and how sure that is', async () => {
  const { total, segments } = await backtest(SECOND_ALONE);
  const { success, cost } = total;
  for (const [interval, truth] of [
    [success.normalised, WORLD.second.works],
    [success.plain, WORLD.second.works],
    [success.happened, 0.7 * 0.95 + 0.3 * 0.8],
    [success.difference, 0.8 - (0.7 * 0.95 + 0.3 * 0.8)],
    [cost.normalised, 0.8 * 0.01],
    [cost.happened, 0.7 * 0.95 * 0.02 + 0.3 * 0.8 * 0.01],
  ] as const) {
    // Three times as far: one world in twenty lies outside an interval of 95 %, and this is one world.
    const slack = 2 * ((interval?.high ?? 0) - (interval?.low ?? 0));
    expect(interval?.estimate).toBeGreaterThan(truth - slack);
    expect(interval?.estimate).toBeLessThan(truth + slack);
    expect(slack).toBeLessThan(0.05);
  }
  expect(total.coverage).toBe(1);
  expect(success.effectiveSampleSize).toBeGreaterThan(25_000);
  expect(success.effectiveSampleSize).toBeLessThan(35_000);
  expect([...segments].map(([network, { used }]) => [network, used]).toSorted()).toEqual([
    ['GHS/card', ATTEMPTS / 2],
    ['GHS/mobile_money/mtn', ATTEMPTS / 2],
  ]);
  expect(shownBacktest(await backtest(SECOND_ALONE), 'payment')).toMatchObject({ reliable: true });
}, 60_000);

it('says the less, the less the log can tell, and says so', async () => {
  // What was chosen for certain tells only of rules that choose the same.
  await harness.database.query(
    `UPDATE routing.attempt SET reason = jsonb_set(jsonb_set(jsonb_set(reason, '{propensity}', '1'), '{candidates,0,1}', '1'), '{candidates,1,1}', '0')
     WHERE id >= (SELECT id FROM routing.attempt ORDER BY id DESC OFFSET 4999 LIMIT 1)`,
  );
  const certain = { maxRecords: 5_000 };
  const other = await backtest(SECOND_ALONE, certain);
  expect(other.isCut).toBe(true);
  expect(other.total.coverage).toBeGreaterThan(0.25);
  expect(other.total.coverage).toBeLessThan(0.35);
  expect(other.total.deterministic).toBe(5_000);
  const shown = shownBacktest(other, 'payment') as {
    reliable: boolean;
    notes: string[];
    success_rate: { difference: unknown; bounds: { low: number; high: number } };
  };
  expect(shown.reliable).toBe(false);
  expect(shown.success_rate.difference).toBeNull();
  expect(shown.success_rate.bounds.low).toBeLessThan(0.3);
  expect(shown.success_rate.bounds.high).toBeGreaterThan(0.9);
  expect(shown.notes.join(' ')).toMatch(/100 % of these choices could not have been other ones/);
  const silent = await backtest({ type: 'smart', never: ['first', 'second'] }, certain);
  expect(silent.total.success.normalised).toBeUndefined();
  expect(shownBacktest(silent, 'payment')).toMatchObject({ reliable: false, coverage: 0 });
}, 60_000);

it('leaves out what has no end, later attempts, the other mode, and reasons of before', async () => {
  const { recorded } = await backtest(SECOND_ALONE, { livemode: true });
  expect(recorded).toBe(0);
  const newest = `WHERE id IN (SELECT id FROM routing.attempt ORDER BY id DESC OFFSET $1 LIMIT $2)`;
  const change = (set: string, offset: number, count: number): Promise<unknown> =>
    harness.database.query(`UPDATE routing.attempt SET ${set} ${newest}`, [offset, count]);
  await change(`status = 'unknown'`, 0, 10);
  await change('sequence = 2', 10, 20);
  await change(`reason = '{"rule": "priority"}'`, 30, 30);
  const result = await backtest(SECOND_ALONE, { maxRecords: 1_000 });
  expect(result).toMatchObject({ recorded: 980, unfinished: 10, unreadable: 30 });
  expect(result.total.used).toBe(940);
  expect((await backtest(SECOND_ALONE, { from: new Date(), until: new Date() })).recorded).toBe(0);
  expect(shownBacktest(await backtest(SECOND_ALONE, { from: new Date() }), 'payment')).toMatchObject({
    reliable: false,
  });
}, 60_000);
