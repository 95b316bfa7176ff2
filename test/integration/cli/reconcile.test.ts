/** `npm run cli -- reconcile`, as it is shipped: progress on stderr, the answer on stdout. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { openRun } from '../../../src/modules/reconciliation/listings/open-run.js';
import { eventually } from '../../support/eventually.js';
import { plantDay } from '../../support/planted-day.js';
import { askForRun, DAY, DAY_MS, startHarness, takeDay, type Harness } from '../reconciliation/harness.js';

const run = promisify(execFile);
const TIMEOUT_MS = 60_000;

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

function cli(...args: readonly string[]) {
  return run(process.execPath, [path.resolve('dist/cli/main.js'), 'reconcile', ...args], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'test', DATABASE_URL: harness.database.url },
  });
}

describe('reconcile', () => {
  it(
    'compares a day here, and shows how far it is',
    async () => {
      const account = newUuid();
      const day = plantDay({
        seed: 9,
        gatewayAccountId: account,
        merchantId: account,
        day: DAY,
        plain: 5,
        plants: { amount: 2, missing_here: 1 },
        odd: {},
      });
      await takeDay(harness, account, day);
      const window = ['--from', DAY.toISOString(), '--to', new Date(DAY.getTime() + DAY_MS).toISOString()];
      const { stdout, stderr } = await cli(
        'run',
        '--here',
        '--gateway-account',
        encodeId('gatewayAccount', account),
        ...window,
      );
      expect(JSON.parse(stdout)).toMatchObject({ status: 'succeeded', counts: { opened: 3 } });
      expect(stderr.trim().split('\n').at(-1)).toBe('succeeded 100%: 29 of 29 rows, 3 breaks opened, 0 closed');
      const listed = JSON.parse((await cli('runs')).stdout) as { data: unknown[] };
      expect(listed.data).toEqual([JSON.parse(stdout)]);
    },
    TIMEOUT_MS,
  );

  it(
    'cancels what nobody has begun, and says so when there is nothing to cancel',
    async () => {
      const asked = await askForRun(harness, newUuid());
      const id = encodeId('reconciliationRun', asked.id);
      expect(JSON.parse((await cli('cancel', id)).stdout)).toMatchObject({ id, status: 'canceled' });
      await expect(cli('cancel', id)).rejects.toMatchObject({ stderr: 'There is no such run, or it is over.\n' });
      await expect(
        cli(
          'run',
          '--gateway-account',
          encodeId('gatewayAccount', newUuid()),
          '--from',
          '2026-01-01',
          '--to',
          '2026-01-02',
        ),
      ).rejects.toMatchObject({
        stderr: 'Nothing is known of this gateway account\n',
      });
    },
    TIMEOUT_MS,
  );

  it(
    "shows how much of the gateway's books is in, and cancels what waits for them",
    async () => {
      const account = newUuid();
      const { run: waiting } = await openRun(
        harness.ours,
        {
          id: newUuid(),
          job: 'asked for',
          gatewayAccountId: account,
          gateway: 'paystack',
          livemode: true,
          from: DAY,
          to: new Date(DAY.getTime() + DAY_MS),
          requestedBy: null,
          withSettlements: false,
        },
        new Date(),
      );
      const id = encodeId('reconciliationRun', waiting.id);
      const following = cli('follow', id);
      let told = '';
      following.child.stderr?.on('data', (chunk: string) => {
        told += chunk;
      });
      await eventually(() => expect(told).toBe("waiting for the gateway's books: 0 pages, 0 lines\n"));
      expect(JSON.parse((await cli('cancel', id)).stdout)).toMatchObject({
        status: 'canceled',
        listing: { status: 'canceled', pages_in: 0, lines_in: 0 },
      });
      const { stdout } = await following;
      expect(JSON.parse(stdout)).toMatchObject({ id, status: 'canceled' });
    },
    TIMEOUT_MS,
  );

  it(
    'asks the gateway unless it is told not to, or works on the run itself',
    async () => {
      const account = newUuid();
      await takeDay(
        harness,
        account,
        plantDay({ seed: 9, gatewayAccountId: account, merchantId: account, day: DAY, plain: 1, plants: {}, odd: {} }),
      );
      const asking = (...more: readonly string[]) => [
        'run',
        ...['--gateway-account', encodeId('gatewayAccount', account)],
        ...['--from', DAY.toISOString(), '--to', new Date(DAY.getTime() + DAY_MS).toISOString()],
        ...more,
      ];
      expect(JSON.parse((await cli(...asking('--here'))).stdout)).toMatchObject({ listing: null, status: 'succeeded' });
      const listings = () => harness.database.query<{ state: string }>('SELECT state FROM reconciliation.listing');
      expect(await listings()).toEqual([]);
      const running = cli(...asking());
      const ended = running.catch((error: unknown) => error);
      await eventually(async () => expect(await listings()).toHaveLength(2));
      const listed = JSON.parse((await cli('runs', '--limit', '1')).stdout) as { data: { id: string }[] };
      await cli('cancel', String(listed.data[0]?.id));
      expect(await ended).toMatchObject({ stderr: expect.stringContaining('the run canceled') as string });
    },
    TIMEOUT_MS,
  );
});
