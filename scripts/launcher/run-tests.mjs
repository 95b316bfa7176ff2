/** Jest with a database of its own, and one line at the end that a program can read: `N passed, N failed`. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

import { run } from './children.mjs';
import { findChromium } from './chromium.mjs';
import { interruption, stopIfInterrupted } from './interruption.mjs';
import { prepare, ROOT } from './prepare.mjs';
import { makeRunFolder } from './run-folder.mjs';
import { say, step } from './steps.mjs';

/**
 * One worker per core, within reason: each system test starts programs, which need processor time as well, and more than
 * four at once meet the limits of one PostgreSQL's connections.
 */
const WORKERS = Math.max(1, Math.min(os.availableParallelism(), 4));

/** Jest takes this (ms) from the command line only: the 5 s it gives by default are too few to start a program in. */
const TEST_TIMEOUT_MS = 180_000;

/** @param {string[]} given the command line; `--unit` and `--system` are ours, the rest is Jest's */
export async function runTests(given) {
  process.chdir(ROOT);
  const only = given.find((argument) => argument === '--unit' || argument === '--system')?.slice(2);
  const projects = only === undefined ? ['unit', 'system'] : [only];
  const rest = given.filter((argument) => argument !== '--unit' && argument !== '--system');
  await prepare({ build: projects.includes('system') });
  stopIfInterrupted();
  const folder = makeRunFolder();
  try {
    return await inFolder(folder, projects, rest);
  } finally {
    await endServersIn(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A server that stops at once (SIGQUIT) needs far less. */
const SERVER_STOP_MS = 5_000;

/**
 * An interrupted run cannot end what its tests had started; their programs end with Jest's process group, but an embedded
 * PostgreSQL is built to outlive whoever started it. Its lock file is found below the run's folder.
 */
async function endServersIn(folder) {
  const locks = readdirSync(folder, { recursive: true }).filter((file) => path.basename(file) === 'postmaster.pid');
  for (const lock of locks) {
    const file = path.join(folder, lock);
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    // A stale lock's number may belong to a stranger by now; PostgreSQL itself works in the folder of its lock file.
    if (process.platform === 'linux' && !worksIn(pid, path.dirname(file))) continue;
    const deadline = Date.now() + SERVER_STOP_MS;
    try {
      process.kill(pid, 'SIGQUIT');
      // It removes its lock file as the last thing it does.
      while (existsSync(file) && Date.now() < deadline) await sleep(50);
    } catch {
      // It had ended, and left its lock file behind.
    }
  }
}

function worksIn(pid, folder) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder);
  } catch {
    return false;
  }
}

async function inFolder(folder, projects, rest) {
  const hasRedis = redisExists();
  if (!hasRedis) say(LOUD);
  const chromium = findChromium();
  if (chromium === undefined && projects.includes('system')) say(NO_BROWSER);
  const database = projects.includes('system') ? await testDatabase(folder) : undefined;
  try {
    const results = path.join(folder, 'results.json');
    const leaks = path.join(folder, 'leaks');
    const code = await jest(
      [
        ...projects,
        '--maxWorkers',
        String(WORKERS),
        '--testTimeout',
        String(TEST_TIMEOUT_MS),
        '--json',
        '--outputFile',
        results,
        ...rest,
      ],
      {
        ...(database === undefined ? {} : { TEST_DATABASE_URL: database.url }),
        SANKOFA_TEST_LEAKS: leaks,
        SANKOFA_TEST_CHROMIUM: chromium ?? '',
        // Below the folder that is removed in any case, even when Jest is ended in the middle.
        SANKOFA_TEST_PARENT: folder,
        // Whoever runs the tests may have a Sankofa configured; none of that may get in.
        DATABASE_URL: undefined,
        REDIS_URL: undefined,
      },
    );
    stopIfInterrupted();
    const skipped = projects.includes('system')
      ? [...(hasRedis ? [] : [LOUD]), ...(chromium === undefined ? [NO_BROWSER] : [])]
      : [];
    return summarise({ code, results, leaks, skipped });
  } finally {
    await database?.stop();
  }
}

const LOUD = '\n*** REDIS SUITES SKIPPED: no redis-server on PATH and TEST_REDIS_URL is not set ***\n';

const NO_BROWSER =
  '\n*** BROWSER TESTS SKIPPED: no Chromium on PATH and CHROMIUM_PATH is not set (Debian: apt-get install chromium) ***\n';

/** The same choice as test/support/redis.ts makes. */
function redisExists() {
  if ((process.env.TEST_REDIS_URL ?? '') !== '') return true;
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

async function testDatabase(folder) {
  const given = process.env.TEST_DATABASE_URL ?? '';
  if (given !== '') return { url: given, stop: () => Promise.resolve() };
  const file = path.join(ROOT, 'dist/kernel/embedded/embedded-postgres.js');
  const { startEmbeddedPostgres } = await import(pathToFileURL(file).href);
  return step('Starting a PostgreSQL for the tests', () =>
    startEmbeddedPostgres({ dataDir: path.join(folder, 'data'), durable: false, signal: interruption }),
  );
}

async function jest(args, env) {
  const options =
    `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim();
  const file = path.join(ROOT, 'node_modules/jest/bin/jest.js');
  const { code } = await run(process.execPath, [file, '--selectProjects', ...args], {
    env: { NODE_ENV: 'test', ...env, NODE_OPTIONS: options },
    quiet: false,
  });
  return code;
}

/** Prints the last line and decides the exit code. */
function summarise({ code, results, leaks, skipped }) {
  const { passed, failed, files } = reportIn(results);
  for (const line of whereTimeWent(files)) say(line);
  const leaked = existsSync(leaks) ? readFileSync(leaks, 'utf8').trim().split('\n') : [];
  for (const leak of leaked) say(`LEFT RUNNING by tests (ended now): ${leak}`);
  for (const line of skipped) say(line);
  // Under CI suites that were not run prove nothing, which counts as a failure.
  const refused = /^(1|true)$/i.test(process.env.CI ?? '') ? skipped.length : 0;
  let failures = failed + leaked.length + refused;
  // Jest failed without a failing test: in its setup, or for want of any test.
  if (code !== 0 && failures === 0) failures = 1;
  say(`${passed} passed, ${failures} failed`);
  return failures === 0 ? 0 : 1;
}

function reportIn(results) {
  if (!existsSync(results)) return { passed: 0, failed: 0, files: [] };
  const report = JSON.parse(readFileSync(results, 'utf8'));
  const files = report.testResults.map(({ name, startTime, endTime }) => ({
    name: path.relative(ROOT, name).split(path.sep).join('/'),
    seconds: (endTime - startTime) / 1_000,
  }));
  // A file that does not even load has no failing test in it, but is a failure.
  return { passed: report.numPassedTests, failed: report.numFailedTests + report.numRuntimeErrorTestSuites, files };
}

/** More files than a person runs by hand. */
const MANY_FILES = 20;
const SLOWEST = 15;

/** By folder, and the files that took longest. */
function whereTimeWent(files) {
  if (files.length < MANY_FILES) return [];
  const line = (name, seconds) => `${String(Math.round(seconds)).padStart(6)} s  ${name}`;
  const folders = new Map();
  for (const { name, seconds } of files) {
    const folder = name.startsWith('test/') ? name.split('/').slice(0, 2).join('/') : 'src';
    folders.set(folder, (folders.get(folder) ?? 0) + seconds);
  }
  const slowest = files.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
  return [
    'Where the time of the workers went:',
    ...[...folders].toSorted(([, a], [, b]) => b - a).map(([folder, seconds]) => line(folder, seconds)),
    'Most of it in:',
    ...slowest.map(({ name, seconds }) => line(name, seconds)),
  ];
}
