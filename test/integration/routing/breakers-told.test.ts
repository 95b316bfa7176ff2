/** Whoever runs the place hears of an outage once, from whichever process, and of its end. */
import { networkOf } from '../../../src/modules/routing/choice/segment.js';
import { TellBreakers } from '../../../src/modules/routing/outages/tell-breakers.js';
import type { Routing } from '../../../src/modules/routing/routing.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { eventually } from '../../support/eventually.js';
import { createHarness, MOMO, start, UNHURRIED, type Harness } from './harness.js';
import { declined, ScriptedGateway, succeeded } from './scripted-gateway.js';

const NETWORK = networkOf('GHS', MOMO);
const STEADY = { openMs: 300, closedMs: 1_000 };
/** Longer than either, and than what processes take to hear of each other. */
const LONG_MS = 3_000;

interface Event {
  readonly type: string;
  readonly aggregateid: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

describe('an outage', () => {
  let harness: Harness;
  let processes: readonly Routing[];
  let tellers: readonly TellBreakers[];
  let accountId: string;
  beforeEach(async () => {
    harness = await createHarness([new ScriptedGateway('first'), new ScriptedGateway('second')], {
      schedule: UNHURRIED,
    });
    const other = harness.another();
    start(other);
    processes = [harness.routing, other];
    // Theirs are too patient for a test.
    for (const { tellBreakers } of processes) await tellBreakers.stop();
    tellers = processes.map((routing) => teller(routing));
    for (const each of tellers) each.start();
    for (const each of processes) await each.evidence.begun();
    accountId = (await harness.routing.accounts.all()).find(({ gateway }) => gateway === 'first')?.id ?? '';
  });
  afterEach(async () => {
    for (const each of tellers) await each.stop();
    await harness.close();
  });

  const teller = ({ accounts, breakers, disbursementBreakers, evidence }: Routing): TellBreakers =>
    new TellBreakers({
      database: harness.pool,
      accounts,
      breakers: [breakers, disbursementBreakers],
      begun: () => evidence.begun(),
      logger: new Logger({ logLevel: 'silent' }),
      steady: STEADY,
      pollEveryMs: 20,
    });

  const segment = (): { accountId: string; network: string } => ({ accountId, network: NETWORK });
  const request = { reference: 'r', amountMinor: 1_500n, currency: 'GHS' } as Parameters<typeof succeeded>[0];
  const see = ({ breakers }: Routing, worked: boolean): void =>
    breakers.observe(segment(), worked ? succeeded(request) : declined(true), performance.now());
  const events = (): Promise<Event[]> =>
    harness.database.query<Event>(
      `SELECT type, aggregateid, payload FROM messaging.outbox WHERE type LIKE 'routing.breaker%' ORDER BY seq`,
    );
  const untilTold = (...types: readonly string[]): Promise<void> =>
    eventually(async () => expect((await events()).map(({ type }) => type)).toEqual(types));
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  async function breakFirst(): Promise<void> {
    for (let count = 0; count < 4; count += 1) see(harness.routing, false);
    await eventually(() => {
      for (const { breakers } of processes) expect(breakers.state(segment())).not.toBe('closed');
    });
  }

  /** As long as probes go through, in every process. */
  async function mend(): Promise<void> {
    await eventually(() => expect(harness.routing.breakers.state(segment())).toBe('half_open'));
    harness.routing.breakers.begin(segment());
    see(harness.routing, true);
    await eventually(() => {
      for (const { breakers } of processes) expect(breakers.state(segment())).toBe('closed');
    });
  }

  it('that two processes see is told once, and so is its end', async () => {
    await breakFirst();
    await untilTold('routing.breaker_opened.v1');
    await sleep(LONG_MS);
    const [opened, ...others] = await events();
    expect(others).toEqual([]);
    expect(opened?.payload).toEqual({
      gateway_account_id: accountId,
      gateway: 'first',
      account: 'main',
      livemode: false,
      network: NETWORK,
      opened_at: expect.any(String) as string,
    });
    await mend();
    await untilTold('routing.breaker_opened.v1', 'routing.breaker_closed.v1');
    await sleep(LONG_MS);
    const [, closed, ...more] = await events();
    expect(more).toEqual([]);
    expect(closed?.aggregateid).toBe(opened?.aggregateid);
    expect(closed?.payload['opened_at']).toBe(opened?.payload['opened_at']);
  }, 60_000);

  it('that a process finds when it begins was told before, and is not told again', async () => {
    await breakFirst();
    await untilTold('routing.breaker_opened.v1');
    const late = teller(harness.routing);
    late.start();
    await sleep(LONG_MS);
    await late.stop();
    expect(await events()).toHaveLength(1);
  }, 60_000);

  it('that is over before it lasted is told to nobody', async () => {
    for (const each of tellers) await each.stop();
    const slow = new TellBreakers({
      database: harness.pool,
      accounts: harness.routing.accounts,
      breakers: [harness.routing.breakers],
      begun: () => harness.routing.evidence.begun(),
      logger: new Logger({ logLevel: 'silent' }),
      steady: { ...STEADY, openMs: 60_000 },
      pollEveryMs: 20,
    });
    slow.start();
    await breakFirst();
    await mend();
    await sleep(LONG_MS);
    await slow.stop();
    expect(await events()).toEqual([]);
  }, 60_000);
});
