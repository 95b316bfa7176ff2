/** What one process learns of gateways, the others know soon, and those that begin later as well. */
import { networkOf } from '../../../src/modules/routing/choice/segment.js';
import type { Routing } from '../../../src/modules/routing/routing.js';
import { eventually } from '../../support/eventually.js';
import { believedSuccess, createHarness, MOMO, start, UNHURRIED, type Harness } from './harness.js';
import { declined, ScriptedGateway, succeeded } from './scripted-gateway.js';

const NETWORK = networkOf('GHS', MOMO);
/** Two rounds of half a second, a fifth more or less, and what they take on a busy machine. */
const SOON_MS = 2_000;

let harness: Harness;
let other: Routing;
let accountId: string;
beforeEach(async () => {
  harness = await createHarness([new ScriptedGateway('first'), new ScriptedGateway('second')], { schedule: UNHURRIED });
  other = harness.another();
  start(other);
  await other.evidence.begun();
  accountId = (await harness.routing.accounts.all()).find(({ gateway }) => gateway === 'first')?.id ?? '';
});
afterEach(() => harness.close());

const segment = (): { accountId: string; network: string } => ({ accountId, network: NETWORK });
const request = { reference: 'r', amountMinor: 1_500n, currency: 'GHS' } as Parameters<typeof succeeded>[0];

function see(routing: Routing, outcomes: readonly boolean[]): void {
  for (const worked of outcomes)
    routing.breakers.observe(segment(), worked ? succeeded(request) : declined(true), performance.now() - 100);
}

const successOf = (routing: Routing): number => believedSuccess(routing, segment());

const mixture = (failingEvery: number): boolean[] =>
  Array.from({ length: 200 }, (_, index) => index % failingEvery !== 0);

it('shuts a gateway out everywhere within two seconds of its failing in one process', async () => {
  expect(other.breakers.state(segment())).toBe('closed');
  see(harness.routing, [false, false, false, false]);
  expect(harness.routing.breakers.state(segment())).toBe('open');
  const failedAt = performance.now();
  await eventually(() => {
    expect(other.breakers.state(segment())).not.toBe('closed');
  });
  expect(performance.now() - failedAt).toBeLessThan(SOON_MS);
});

it('tells also what a process without workers has seen', async () => {
  const withoutWorkers = harness.another();
  see(withoutWorkers, [false, false, false, false]);
  await eventually(() => expect(harness.routing.breakers.state(segment())).not.toBe('closed'));
  await withoutWorkers.evidence.stop();
});

it('opens it again everywhere when a probe succeeds in one process', async () => {
  see(harness.routing, [false, false, false, false]);
  await eventually(() => expect(other.breakers.state(segment())).not.toBe('closed'));
  await eventually(() => expect(harness.routing.breakers.state(segment())).toBe('half_open'));
  harness.routing.breakers.begin(segment());
  harness.routing.breakers.observe(segment(), succeeded(request), performance.now());
  expect(harness.routing.breakers.state(segment())).toBe('closed');
  await eventually(() => expect(other.breakers.state(segment())).toBe('closed'));
});

it('tells a beginner what is known, and nothing twice', async () => {
  see(harness.routing, mixture(4));
  see(other, mixture(4));
  for (const each of [harness.routing, other, harness.routing]) await each.evidence.catchUp();
  // What is made of the same depends a little on the order: each has its own first.
  expect(successOf(other)).toBeCloseTo(successOf(harness.routing), 1);
  const known = successOf(harness.routing);
  expect(known).toBeGreaterThan(0.7);
  expect(known).toBeLessThan(0.88);
  const beginner = harness.another();
  await beginner.evidence.begun();
  expect(successOf(beginner)).toBeCloseTo(known, 1);
  const atFirst = successOf(beginner);
  await Promise.all([harness.routing, other, beginner].map((each) => each.evidence.catchUp()));
  expect(successOf(beginner)).toBeCloseTo(atFirst, 2);
});

it('does not take the busy traffic of another process for a trouble', async () => {
  const both = [harness.routing, other];
  for (let round = 0; round < 10; round += 1) {
    // One after the other, and each fails last: when its successes are heard of, the other has failed since.
    for (const each of both) see(each, [...Array.from({ length: 39 }, () => true), false]);
    for (const each of both) await each.evidence.catchUp();
    for (const each of both) await each.evidence.catchUp();
  }
  for (const each of both) {
    expect(each.breakers.state(segment())).toBe('closed');
    expect(successOf(each)).toBeGreaterThan(0.95);
  }
});

it('keeps what is believed when the observations themselves are gone', async () => {
  see(harness.routing, [...mixture(20), false, false, false, false, false]);
  expect(harness.routing.breakers.state(segment())).toBe('open');
  const known = successOf(harness.routing);
  // The first one is kept in the round that tells of the first observations.
  await eventually(async () => expect(await harness.database.query('SELECT 1 FROM routing.belief')).toHaveLength(1));
  await harness.database.query('DELETE FROM routing.observation');
  const beginner = harness.another();
  await beginner.evidence.begun();
  expect(successOf(beginner)).toBeCloseTo(known, 2);
  expect(beginner.breakers.state(segment())).not.toBe('closed');
});

it('writes a row for what came in half a second, however much it was', async () => {
  const rows = async (): Promise<number> =>
    (await harness.database.query<{ count: number }>('SELECT count(*)::int AS count FROM routing.observation'))[0]
      ?.count ?? 0;
  await harness.routing.evidence.catchUp();
  const before = await rows();
  for (let round = 0; round < 10; round += 1) see(harness.routing, mixture(20));
  await harness.routing.evidence.catchUp();
  expect((await rows()) - before).toBeLessThanOrEqual(2);
  const [row] = await harness.database.query<{ size: number }>(
    'SELECT max(pg_column_size(content))::int AS size FROM routing.observation',
  );
  expect(row?.size).toBeLessThan(4_000);
});
