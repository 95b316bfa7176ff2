/** A program that cannot start says why in one line, ends with an error, and does not take long over it. */
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';

import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/free-port.js';
import { startProcess, type TestProcess } from '../support/program.js';
import { testRun } from '../support/test-run.js';

const TEST_TIMEOUT_MS = 180_000;
/** Quick: somebody looks at a terminal. Loading the program takes most of it on a busy machine. */
const QUICKLY_MS = 20_000;

/** In every wrong URL; a setting may be a secret, so its value is not repeated. */
const PASSWORD = 'opensesame';

/** Both ways in: what a person types, and what a supervisor runs. */
const PROGRAMS = [
  { name: 'npm start', args: ['scripts/start.mjs', '--prepared'] },
  { name: 'dist/main.js', args: ['dist/main.js'] },
];

describe.each(PROGRAMS)('$name', ({ name, args }) => {
  let database: TestDatabase;
  let occupied: Server;
  let port: number;
  beforeAll(async () => {
    database = await createTestDatabase();
    port = await freePort();
    occupied = createServer().listen(port, '127.0.0.1');
    await once(occupied, 'listening');
  });
  afterAll(async () => {
    await new Promise((resolve) => occupied.close(resolve));
    await database.drop();
  });

  const start = async (env: Readonly<Record<string, string>>): Promise<TestProcess> => {
    const settings = {
      DATABASE_URL: database.url,
      DEMO: 'false',
      DATA_DIR: path.join(testRun().folder, 'refused'),
      PORT: String(await freePort()),
      LOG_LEVEL: 'error',
      ...env,
    };
    return startProcess(process.execPath, args, settings, name);
  };

  /** Its output is the one line, its exit code tells of a failure, and both come soon. */
  const expectRefusal = async (env: Readonly<Record<string, string>>, said: RegExp): Promise<void> => {
    const startedAt = performance.now();
    const program = await start(env);
    const { code, signal } = await program.exited;
    const lines = program
      .logs()
      .trim()
      .split('\n')
      .filter((line) => line.trim() !== '');
    expect(lines).toEqual([expect.stringMatching(said)]);
    expect(signal).toBeNull();
    expect(code).toBeGreaterThan(0);
    expect(performance.now() - startedAt).toBeLessThan(QUICKLY_MS);
    expect(program.logs()).not.toContain(PASSWORD);
  };

  it(
    'says that the port is taken',
    () => expectRefusal({ PORT: String(port) }, new RegExp(`\\b${port}\\b`)),
    TEST_TIMEOUT_MS,
  );

  it(
    'says that PostgreSQL cannot be reached',
    () =>
      expectRefusal(
        { DATABASE_URL: `postgres://someone:${PASSWORD}@127.0.0.1:1/sankofa` },
        /DATABASE_URL|127\.0\.0\.1:1\b/,
      ),
    TEST_TIMEOUT_MS,
  );

  it(
    'says that the database of a module cannot be reached, by the name of its setting',
    () =>
      expectRefusal(
        { DATABASE_URL_LEDGER: `postgres://someone:${PASSWORD}@127.0.0.1:1/ledger` },
        /\bDATABASE_URL_LEDGER\b/,
      ),
    TEST_TIMEOUT_MS,
  );

  it(
    'says that there is no such database',
    () => expectRefusal({ DATABASE_URL: `${database.url}_missing` }, /does not exist/),
    TEST_TIMEOUT_MS,
  );

  const wrong: readonly (readonly [setting: string, value: string])[] = [
    ['PORT', `80${PASSWORD}`],
    ['DATABASE_URL', `mysql://${PASSWORD}`],
    ['DATABASE_URL_LEDGER', `mysql://${PASSWORD}`],
    ['REDIS_URL', `http://${PASSWORD}`],
    ['ROLE', PASSWORD],
    ['MODULES', `payments,${PASSWORD}`],
    ['SWEEP_LEASE_MS', '1'],
    ['WEBHOOK_ALLOW_PRIVATE', PASSWORD],
  ];
  it.each(wrong)(
    'says that %s is wrong, without repeating it',
    (setting, value) => expectRefusal({ [setting]: value }, new RegExp(`\\b${setting}\\b`)),
    TEST_TIMEOUT_MS,
  );
});

describe('npm start with a Redis that cannot be reached', () => {
  it(
    'says so',
    async () => {
      const database = await createTestDatabase();
      try {
        const settings = {
          DATABASE_URL: database.url,
          REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:1`,
          DEMO: 'false',
          DATA_DIR: path.join(testRun().folder, 'refused'),
          PORT: String(await freePort()),
        };
        const program = startProcess(process.execPath, ['scripts/start.mjs', '--prepared'], settings, 'npm start');
        const { code } = await program.exited;
        expect(program.logs().trim().split('\n')).toEqual([expect.stringMatching(/REDIS_URL.*127\.0\.0\.1:1\b/)]);
        expect(code).toBeGreaterThan(0);
        expect(program.logs()).not.toContain(PASSWORD);
      } finally {
        await database.drop();
      }
    },
    TEST_TIMEOUT_MS,
  );
});
