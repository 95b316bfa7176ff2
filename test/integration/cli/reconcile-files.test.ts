/** `npm run cli -- reconcile upload|mappings|sources`, as it is shipped: progress on stderr, the answer on stdout. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { goldenFile, knownAccount, PAYSTACK_HEADER, paystackRow } from '../reconciliation/upload-harness.js';

const run = promisify(execFile);
const TIMEOUT_MS = 90_000;

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(os.tmpdir(), 'sankofa-upload-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

async function cli(...args: readonly string[]): Promise<{ answer: Record<string, unknown>; stderr: string }> {
  const { stdout, stderr } = await run(process.execPath, [path.resolve('dist/cli/main.js'), 'reconcile', ...args], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'test', DATABASE_URL: database.url },
  });
  return { answer: JSON.parse(stdout) as Record<string, unknown>, stderr };
}

async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const at = path.join(folder, name);
  await writeFile(at, content);
  return at;
}

describe('reconcile upload', () => {
  it(
    'shows a preview, takes the file in, lists it, and knows it again',
    async () => {
      const account = await knownAccount(database, 'paystack');
      const rows = Array.from({ length: 3_000 }, (_, index) => paystackRow(index)).join('');
      const file = await fileOf('january.csv', PAYSTACK_HEADER + rows);
      const of = ['upload', file, '--gateway-account', account.id];
      expect((await cli(...of, '--preview')).answer).toMatchObject({ mapping: 'paystack', format: 'csv' });
      expect((await cli('sources')).answer).toEqual({ data: [] });
      const { answer, stderr } = await cli(...of, '--from', '2026-01-31', '--to', '2026-02-01');
      expect(answer).toMatchObject({
        name: 'january.csv',
        status: 'committed',
        from: '2026-01-31T00:00:00.000Z',
        new_lines: 3_000,
        runs: [expect.stringMatching(/^rcr_/)],
      });
      expect(stderr).toMatch(/^read \d+%: \d+ lines staged$/m);
      expect(stderr.trim().split('\n').at(-1)).toBe('committed: 3000 lines');
      expect((await cli('sources', '--gateway-account', account.id)).answer).toMatchObject({
        data: [{ id: answer['id'] }],
      });
      expect((await cli('runs')).answer).toMatchObject({
        data: [{ id: (answer['runs'] as string[])[0], status: 'queued' }],
      });
      await expect(cli(...of)).rejects.toMatchObject({
        stderr: expect.stringMatching(/This file was taken in as january.csv on .*, with 3000 lines.\n$/) as string,
      });
    },
    TIMEOUT_MS,
  );

  it(
    'says line by line what is wrong, and takes nothing',
    async () => {
      const account = await knownAccount(database, 'paystack');
      const wrong = paystackRow(1, { status: 'perhaps' }) + paystackRow(2, { at: 'yesterday' });
      const file = await fileOf('wrong.csv', PAYSTACK_HEADER + wrong);
      const failed = cli('upload', file, '--gateway-account', account.id, '--mapping', 'paystack');
      await expect(failed).rejects.toMatchObject({
        stdout: '',
        stderr: expect.stringMatching(/^Line 2, Status: .*\nLine 3, Paid at: .*\n$/) as string,
      });
      await expect(cli('upload', path.join(folder, 'none.csv'), '--bank')).rejects.toMatchObject({
        stderr: expect.stringMatching(/^There is no file /) as string,
      });
      await expect(cli('upload', file)).rejects.toMatchObject({ stderr: 'Give either --gateway-account or --bank.\n' });
    },
    TIMEOUT_MS,
  );

  it(
    'takes statements of banks, and lists how exports are read',
    async () => {
      const file = await fileOf('statement.xml', await goldenFile('camt053-08.xml'));
      expect((await cli('upload', file, '--bank')).answer).toMatchObject({
        kind: 'bank',
        status: 'committed',
        livemode: true,
      });
      const { data } = (await cli('mappings')).answer as { data: { id: string }[] };
      expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(['paystack', 'bank']));
    },
    TIMEOUT_MS,
  );
});
