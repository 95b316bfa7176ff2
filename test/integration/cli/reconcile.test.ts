/** `npm run cli -- reconcile`, as it is shipped: progress on stderr, the answer on stdout. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { encodeId, newUuid } from '../../../src/kernel/ids/ids.js';
import { plantDay } from '../../support/planted-day.js';
import { askForRun, DAY, DAY_MS, startHarness, takeDay, type Harness } from '../reconciliation/harness.js';

const run = promisify(execFile);
const TIMEOUT_MS = 60_000;

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

function cli(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
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
});
