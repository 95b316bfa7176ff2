/**
 * What one run of the suite shares between its processes, handed on through the environment by global-setup.ts:
 * the database server, the migrated template, and a folder where every started process is noted until it ends.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface TestRun {
  /** A URL on which databases may be created and dropped. */
  readonly adminUrl: string;
  /** A migrated, otherwise empty database that every test file gets a copy of. */
  readonly template: string;
  /** Holds `pids/`, logs and data of private servers; removed at the end. */
  readonly folder: string;
}

/** The running suite's facts; throws outside the `system` project, where nothing was set up. */
export function testRun(): TestRun {
  const {
    SANKOFA_TEST_ADMIN_URL: adminUrl,
    SANKOFA_TEST_TEMPLATE: template,
    SANKOFA_TEST_FOLDER: folder,
  } = process.env;
  if (adminUrl === undefined || template === undefined || folder === undefined) {
    throw new Error('No test run is set up: put the test below test/, where global-setup.ts is run');
  }
  return { adminUrl, template, folder };
}

/** The run's folder alone: also the simulator has one, which is no run of Jest's. */
export function runFolder(): string {
  const { SANKOFA_TEST_FOLDER: folder } = process.env;
  if (folder === undefined) throw new Error('No run is set up: SANKOFA_TEST_FOLDER is not set');
  return folder;
}

/** Notes a started process; one still noted and alive at the end of the run is a leak, killed and reported. */
export function noteProcess(pid: number, what: string): void {
  const folder = path.join(runFolder(), 'pids');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, String(pid)), `${what}, started in ${currentTest()}`);
}

/** Takes the note back, once the process is known to have ended. */
export function forgetProcess(pid: number): void {
  rmSync(path.join(runFolder(), 'pids', String(pid)), { force: true });
}

function currentTest(): string {
  // Outside Jest there is no test to name.
  const jestExpect = (globalThis as { expect?: typeof expect }).expect;
  const state: { testPath?: string; currentTestName?: string } = jestExpect?.getState() ?? {};
  return [state.testPath && path.relative(process.cwd(), state.testPath), state.currentTestName]
    .filter(Boolean)
    .join(': ');
}
