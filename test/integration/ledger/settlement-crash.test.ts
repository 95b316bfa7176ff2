/** Releasing that dies, or freezes while another goes on: what is due becomes available, once. */
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { eventually } from '../../support/eventually.js';
import { startProcess, type TestProcess } from '../../support/program.js';
import { createHarness, disagreements, type LedgerHarness, type LedgerProcess } from './harness.js';
import { balancesOf, capture, contradictions, hours, NO_CONTRADICTION, release, releasesOf, say } from './settling.js';

/** More than are released at once. */
const MERCHANTS = 120;
const CAPTURES = 5;

let harness: LedgerHarness;
let ledger: LedgerProcess;
let merchants: readonly string[];

beforeEach(async () => {
  harness = await createHarness();
  ledger = harness.process();
  merchants = Array.from({ length: MERCHANTS }, () => newUuid());
  await say(ledger, null, { mode: 'delay', delay: hours(0), reserve: { percent_bps: 1_000, delay: hours(0) } });
  for (let round = 0; round < CAPTURES; round += 1)
    await capture(ledger, ...merchants.map((merchantId) => ({ merchantId, amount: 100 })));
});

afterEach(() => harness.close());

const start = (orders: string): TestProcess =>
  startProcess(
    process.execPath,
    ['--import', './scripts/typescript/register.mjs', 'test/integration/ledger/release-program.ts'],
    { DATABASE_URL: harness.superuser.url, SIMULATION_CRASH_POINTS: orders },
    'a process that releases',
  );

async function allIsAvailableOnce(): Promise<void> {
  for (const merchantId of merchants) {
    expect(await balancesOf(ledger, merchantId)).toEqual({ pending: 0n, available: 500n, reserved: 0n, rolling: 0n });
    const made = await releasesOf(ledger, merchantId);
    expect(made.map(({ payments, amount }) => [payments, amount])).toEqual([
      [CAPTURES, 450n],
      [CAPTURES, 50n],
    ]);
  }
  expect(await contradictions(ledger)).toEqual(NO_CONTRADICTION);
  expect(await disagreements(ledger)).toBe(0n);
  const [told] = await harness.superuser.query<{ transfers: number }>(
    `SELECT count(DISTINCT t ->> 'transfer_id')::int AS transfers FROM messaging.outbox, jsonb_array_elements(payload -> 'transfers') t
     WHERE type = 'ledger.transfers_posted.v1' AND t ->> 'kind' IN ('settlement', 'reserve_release')`,
  );
  expect(told).toEqual({ transfers: 2 * MERCHANTS });
}

describe('a process that releases', () => {
  it.each(['ledger.after_releasing:2', 'database.before_commit:2', 'database.after_commit:2'])(
    'may be killed at %s, and another goes on',
    async (point) => {
      const child = start(`${point}:kill`);
      await child.exited;
      expect(child.logs()).toContain('crash_point_struck');
      const [made] = await ledger.database.query<{ releases: number }>(
        'SELECT count(*)::int AS releases FROM ledger.release',
      );
      expect(made?.releases).toBe(point.startsWith('database.after_commit') ? 100 : 50);
      const other = start('watch');
      await other.exited;
      expect(other.logs()).toContain('released');
      await allIsAvailableOnce();
    },
    60_000,
  );

  it('may freeze before its commit: others wait, and it goes on as if nothing had been', async () => {
    const child = start('ledger.after_releasing:1:freeze');
    await eventually(() => expect(child.logs()).toContain('crash_point_struck'), { timeoutMs: 30_000, everyMs: 20 });
    const others = [release(ledger), release(harness.process())];
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.resume();
    await Promise.all([...others, child.exited]);
    await release(ledger);
    await allIsAvailableOnce();
  }, 60_000);
});
