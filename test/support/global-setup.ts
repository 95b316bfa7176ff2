/**
 * Runs once before the `system` project: finds or starts a PostgreSQL, makes the migrated template.
 *
 * Jest loads this file outside its module mapping, so a relative import of another TypeScript file fails here; what it needs
 * of ours comes from the built program, which the system tests need anyway.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';

type Embedded = typeof import('../../src/kernel/embedded/embedded-postgres.js');
type Migrator = typeof import('../../src/kernel/database/migrator.js');

/** Handed to global-teardown.ts, which runs in the same process. */
export interface TestRunHandle {
  readonly embedded: { stop(): Promise<void> } | undefined;
}

async function built<T>(file: string): Promise<T> {
  const at = path.resolve(import.meta.dirname, '../../dist', file);
  if (!existsSync(at))
    throw new Error(`dist/${file} is missing: run \`npm test\`, which builds first, or \`npm run build\``);
  return (await import(at)) as T;
}

export default async function globalSetup(): Promise<void> {
  const folder = mkdtempSync(path.join(process.env['SANKOFA_TEST_PARENT'] ?? os.tmpdir(), 'sankofa-test-'));
  // As root, PostgreSQL runs as another user, which has to walk through.
  chmodSync(folder, 0o711);
  mkdirSync(path.join(folder, 'pids'));
  let adminUrl = process.env['TEST_DATABASE_URL'] ?? '';
  let embedded: TestRunHandle['embedded'];
  if (adminUrl === '') {
    const { startEmbeddedPostgres } = await built<Embedded>('kernel/embedded/embedded-postgres.js');
    const server = await startEmbeddedPostgres({ dataDir: path.join(folder, 'data'), durable: false });
    embedded = server;
    adminUrl = server.url;
  }
  // Letters first and no capitals: the name is also used unquoted and as a prefix to find leftovers by.
  const template = `sankofa_test_${randomBytes(4).toString('hex')}`;
  Object.assign(process.env, {
    SANKOFA_TEST_ADMIN_URL: adminUrl,
    SANKOFA_TEST_TEMPLATE: template,
    SANKOFA_TEST_FOLDER: folder,
  });
  Object.assign(globalThis, { sankofaTestRun: { embedded } satisfies TestRunHandle });
  try {
    await makeTemplate(adminUrl, template);
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function makeTemplate(adminUrl: string, template: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${template}`);
  } finally {
    await client.end();
  }
  const url = new URL(adminUrl);
  url.pathname = `/${template}`;
  const { migrate } = await built<Migrator>('kernel/database/migrator.js');
  await migrate(url.href, () => undefined);
}
