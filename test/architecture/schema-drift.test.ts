/** Migrations are the truth, and Prisma's models say the same: no difference by Prisma's own engine. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ROOT } from './planted-tree.js';

interface Drift {
  readonly models: readonly string[];
  readonly difference: string;
}

const TIMEOUT_MS = 60_000;

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(() => database.drop());

function drift(): Promise<Drift> {
  const script = path.join(ROOT, 'test/architecture/diff-schema.mjs');
  const args = ['--experimental-wasm-modules', '--no-warnings', script, path.join(ROOT, 'prisma/schema')];
  const env = { PATH: process.env['PATH'] ?? '', DATABASE_URL: database.url };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env, cwd: ROOT }, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(stderr || error.message));
      else resolve(JSON.parse(stdout) as Drift);
    });
  });
}

it(
  'finds no difference between the models and the migrated database',
  async () => {
    const { models, difference } = await drift();
    expect(models.length).toBeGreaterThan(10);
    expect(difference.trim()).toBe('No difference detected.');
  },
  TIMEOUT_MS,
);

it.each([
  ['a column that no model has', 'ALTER TABLE auth.merchant ADD COLUMN planted text', /planted/],
  [
    'a column of another type',
    'ALTER TABLE auth.merchant ALTER COLUMN platform_fee_bps TYPE bigint',
    /platform_fee_bps/,
  ],
  ['a column that may be null', 'ALTER TABLE auth.api_key ALTER COLUMN last4 DROP NOT NULL', /last4/],
  ['a column that is gone', 'ALTER TABLE auth.api_key DROP COLUMN name', /name/],
  ['an index that is gone', 'DROP INDEX auth.api_key_merchant_idx', /merchant/],
  ['a table that is gone', 'DROP TABLE auth.admin_user', /admin_user/],
])(
  'finds %s',
  async (_what, statement, expected) => {
    await database.query(statement);
    expect((await drift()).difference).toMatch(expected);
  },
  TIMEOUT_MS,
);
