/** Runs once after the `system` project: nothing may be left, and whatever is left is named, ended, and fails the run. */
import { appendFileSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';

import type { TestRunHandle } from './global-setup.js';

export default async function globalTeardown(): Promise<void> {
  const {
    SANKOFA_TEST_ADMIN_URL: adminUrl,
    SANKOFA_TEST_TEMPLATE: template,
    SANKOFA_TEST_FOLDER: folder,
  } = process.env;
  if (adminUrl === undefined || template === undefined || folder === undefined) return;
  const leaks = endLeaks(path.join(folder, 'pids'));
  await dropDatabases(adminUrl, template);
  const handle = (globalThis as { sankofaTestRun?: TestRunHandle }).sankofaTestRun;
  await handle?.embedded?.stop();
  rmSync(folder, { recursive: true, force: true });
  if (leaks.length === 0) return;
  const report = process.env['SANKOFA_TEST_LEAKS'];
  if (report === undefined) {
    throw new Error(`Tests left processes running (ended now):\n${leaks.map((leak) => `  ${leak}`).join('\n')}`);
  }
  // Under `npm test` each counts as a failure there. To throw would lose Jest's own results, which are written after this.
  appendFileSync(report, leaks.map((leak) => `${leak}\n`).join(''));
}

function endLeaks(notes: string): string[] {
  const leaks: string[] = [];
  for (const name of readdirSync(notes)) {
    const pid = Number(name);
    if (!isRunning(pid)) continue;
    leaks.push(`process ${name}: ${readFileSync(path.join(notes, name), 'utf8')}`);
    process.kill(pid, 'SIGKILL');
  }
  return leaks;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie still takes signals; its executable is gone.
    if (process.platform === 'linux') readlinkSync(`/proc/${pid}/exe`);
    return true;
  } catch {
    return false;
  }
}

async function dropDatabases(adminUrl: string, template: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE datname = $1 OR starts_with(datname, $2)',
      [template, `${template}_`],
    );
    for (const { datname } of rows) await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
  } finally {
    await client.end();
  }
}
