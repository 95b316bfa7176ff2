/** `npm start` for real, after the build: the launcher as a child process on a DATA_DIR of its own. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { createApiClient } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { startProcess, type TestProcess } from '../../support/program.js';
import { noteProcess, testRun } from '../../support/test-run.js';

/** A start makes a database cluster and starts three programs, on a machine that runs other tests as well. */
const READY = { timeoutMs: 45_000 };
const TEST_TIMEOUT_MS = 180_000;

const running = new Set<TestProcess>();

function newDataDir(): string {
  const dataDir = mkdtempSync(path.join(testRun().folder, 'start-'));
  // As root, PostgreSQL runs as another user; closed to that one, the data would go to /var/lib and stay there.
  chmodSync(dataDir, 0o711);
  return dataDir;
}

async function settings(dataDir = newDataDir()) {
  // The app's port and the sandbox's ten.
  const port = await freePort(11);
  return { DATA_DIR: dataDir, PORT: String(port), SANDBOX_PORT: String(port + 1), LOG_LEVEL: 'warn' };
}

function start(env: Readonly<Record<string, string>>): TestProcess {
  const launcher = startProcess(process.execPath, ['scripts/start.mjs', '--prepared'], env, 'scripts/start.mjs');
  running.add(launcher);
  void launcher.exited.then(() => running.delete(launcher));
  return launcher;
}

async function startUntilReady(env: Readonly<Record<string, string>>): Promise<TestProcess> {
  const launcher = start(env);
  await eventually(() => expect(launcher.logs()).toContain('Sankofa is ready'), READY);
  return launcher;
}

function dataOf(dataDir: string): string {
  const { directory } = JSON.parse(readFileSync(path.join(dataDir, 'postgres.json'), 'utf8')) as { directory: string };
  return path.resolve(dataDir, directory, 'data');
}

/** The server behind DATA_DIR, noted as ours so that a leak is found. */
function postmaster(dataDir: string): number {
  const pid = Number(readFileSync(path.join(dataOf(dataDir), 'postmaster.pid'), 'utf8').split('\n')[0]);
  noteProcess(pid, 'an embedded PostgreSQL');
  return pid;
}

function credentials(dataDir: string): Record<string, string> {
  return JSON.parse(readFileSync(path.join(dataDir, 'quickstart.json'), 'utf8')) as Record<string, string>;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie waits to be reaped and runs nothing.
    return process.platform !== 'linux' || existsSync(`/proc/${pid}/exe`);
  } catch {
    return false;
  }
}

afterEach(async () => {
  await Promise.all([...running].map((launcher) => launcher.stop()));
});

it(
  'starts everything, takes a payment, stops everything, and finds its data again',
  async () => {
    const env = await settings();
    const first = await startUntilReady(env);
    const server = postmaster(env.DATA_DIR);
    const file = credentials(env.DATA_DIR);
    const keys = [
      'apiUrl',
      'secretKey',
      'adminKey',
      'backofficeUrl',
      'adminEmail',
      'adminPassword',
      'sandboxUrl',
      'docsUrl',
    ];
    expect(Object.keys(file)).toEqual(keys);
    expect(statSync(path.join(env.DATA_DIR, 'quickstart.json')).mode & 0o777).toBe(0o600);
    expect(file['apiUrl']).toBe(`http://127.0.0.1:${env.PORT}`);
    const client = createApiClient(String(file['apiUrl']), file['secretKey']);
    const payment = await client.post(
      '/v1/payments',
      {
        amount: 5000,
        currency: 'GHS',
        reference: 'order-1',
        method: { type: 'mobile_money', network: 'mtn', phone: '+233241234567' },
        customer: { email: 'ama@example.com' },
      },
      { idempotencyKey: 'first', prefer: 'wait=10' },
    );
    expect(payment.body).toMatchObject({ status: 'succeeded', amount: 5000 });

    await expect(first.stop()).resolves.toEqual({ code: 0, signal: null });
    expect(isRunning(server)).toBe(false);
    await expect(fetch(`${file['sandboxUrl']}/_faults`)).rejects.toThrow();

    await startUntilReady(env);
    postmaster(env.DATA_DIR);
    expect(credentials(env.DATA_DIR)).toEqual(file);
    const again = await client.get(`/v1/payments/${String(payment.body['id'])}`);
    expect(again.body).toMatchObject({ reference: 'order-1', status: 'succeeded' });
  },
  TEST_TIMEOUT_MS,
);

it(
  'takes over the PostgreSQL that a killed start left running, and the killed start leaves nothing else',
  async () => {
    const env = await settings();
    const first = await startUntilReady(env);
    const server = postmaster(env.DATA_DIR);
    const { sandboxUrl } = credentials(env.DATA_DIR);
    await first.kill9();
    await eventually(() => expect(fetch(`${sandboxUrl}/_faults`)).rejects.toThrow());
    expect(isRunning(server)).toBe(true);

    const second = await startUntilReady(env);
    expect(postmaster(env.DATA_DIR)).toBe(server);
    await second.stop();
    expect(isRunning(server)).toBe(false);
  },
  TEST_TIMEOUT_MS,
);

it(
  'starts over a lock file whose process number now belongs to another program',
  async () => {
    const env = await settings();
    await (await startUntilReady(env)).stop();
    const data = dataOf(env.DATA_DIR);
    writeFileSync(path.join(data, 'postmaster.pid'), `${process.pid}\n${data}\n1\n5999\n\n127.0.0.1\n 1 1\nready   \n`);
    await startUntilReady(env);
    expect(postmaster(env.DATA_DIR)).not.toBe(process.pid);
  },
  TEST_TIMEOUT_MS,
);

it(
  'refuses a second start on the same data, and leaves the first one alone',
  async () => {
    const env = await settings();
    await startUntilReady(env);
    const server = postmaster(env.DATA_DIR);
    const second = start(await settings(env.DATA_DIR));
    await expect(second.exited).resolves.toEqual({ code: 1, signal: null });
    expect(second.logs()).toContain('Another process is using the database');
    expect(isRunning(server)).toBe(true);
  },
  TEST_TIMEOUT_MS,
);

it(
  'ends when it is stopped in the middle of its start, with nothing left',
  async () => {
    const env = await settings();
    const launcher = start(env);
    await eventually(() => expect(launcher.logs()).toContain('Creating the database cluster'), READY);
    await expect(launcher.stop()).resolves.toEqual({ code: 143, signal: null });
    expect(existsSync(path.join(dataOf(env.DATA_DIR), 'postmaster.pid'))).toBe(false);
  },
  TEST_TIMEOUT_MS,
);

it.each([
  [{ PORT: 'abc' }, 'PORT must be a whole number from 0 to 65535'],
  [{ ROLE: 'boss' }, 'ROLE must be one of: all, http, worker'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL'],
  [{ MODULES: 'payments,loans' }, 'MODULES must be'],
  [{ DATABASE_URL: 'mysql://me:hunter2@db/x' }, 'DATABASE_URL must be a URL starting with postgres://'],
  [
    { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/x' },
    'cannot reach PostgreSQL at 127.0.0.1:1 (connection refused)',
  ],
  [{ REDIS_URL: 'redis://:hunter2@127.0.0.1:1' }, 'cannot reach Redis at 127.0.0.1:1 (connection refused)'],
  [{ DATA_DIR: '/dev/null' }, 'DATA_DIR: /dev/null is not a folder'],
])('says in one line what is wrong with %j', async (wrong, line) => {
  const launcher = start({ ...(await settings()), ...wrong });
  await expect(launcher.exited).resolves.toEqual({ code: 1, signal: null });
  const output = launcher.logs().trim();
  expect(output).toContain(line);
  expect(output.split('\n')).toHaveLength(1);
  expect(output).not.toContain('hunter2');
});

it('says in one line that DATABASE_URL lets nobody in', async () => {
  const url = new URL(testRun().adminUrl);
  url.username = 'nobody_of_this_name';
  url.password = 'hunter2';
  const launcher = start({ ...(await settings()), DATABASE_URL: url.href });
  await expect(launcher.exited).resolves.toEqual({ code: 1, signal: null });
  expect(launcher.logs()).toMatch(/^sankofa: DATABASE_URL: cannot use PostgreSQL at [^\n]+\n$/);
  expect(launcher.logs()).not.toContain('hunter2');
});

it('says in one line that a port is taken', async () => {
  const env = await settings();
  const launcher = start({ ...env, PORT: new URL(testRun().adminUrl).port || '5432' });
  await expect(launcher.exited).resolves.toEqual({ code: 1, signal: null });
  expect(launcher.logs()).toMatch(/^sankofa: port \d+ is taken by another program; choose another PORT\n$/);
});
