/** Uploads that are large, slow, broken off or outlived: the process stays small, and nothing is ever half there. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeId } from '../../../src/kernel/ids/ids.js';
import { createApiClient } from '../../support/api-client.js';
import { eventually } from '../../support/eventually.js';
import { LARGE_FILES_MB } from '../../support/large-files.js';
import {
  knownAccount,
  largeExport,
  openUpload,
  PAYSTACK_HEADER,
  paystackRow,
  sendFile,
  SOURCES,
  sourcesOf,
  startUploadHarness,
  type UploadHarness,
} from './upload-harness.js';

const START_TIMEOUT_MS = 180_000;
const LARGE_TIMEOUT_MS = 900_000;
const MB = 1024 * 1024;

let harness: UploadHarness;
beforeAll(async () => {
  harness = await startUploadHarness();
}, START_TIMEOUT_MS);
afterAll(() => harness.close(), START_TIMEOUT_MS);

const rows = (count: number): string => Array.from({ length: count }, (_, index) => paystackRow(index)).join('');

async function countsOf(account: string): Promise<{ lines: number; staged: number } | undefined> {
  const [counts] = await harness.database.query<{ lines: number; staged: number }>(
    `SELECT (SELECT count(*) FROM reconciliation.line WHERE gateway_account_id = $1)::int AS lines,
        (SELECT count(*) FROM reconciliation.staged_line s JOIN reconciliation.source o ON o.id = s.source_id WHERE o.gateway_account_id = $1)::int AS staged`,
    [account],
  );
  return counts;
}

/**
 * Each chunk of lines takes a fifth of a second longer to become visible, so that on no machine it is over before somebody has looked.
 * @returns ends that
 */
async function slowPublishing(): Promise<() => Promise<void>> {
  await harness.database.query(
    `CREATE FUNCTION reconciliation.dawdle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END'`,
  );
  await harness.database.query(
    'CREATE TRIGGER dawdle AFTER INSERT ON reconciliation.line EXECUTE FUNCTION reconciliation.dawdle()',
  );
  return async () => {
    await harness.database.query('DROP FUNCTION reconciliation.dawdle CASCADE');
  };
}

const untilStaged = (account: string): Promise<void> =>
  eventually(
    async () => {
      expect((await sourcesOf(harness.database, account))[0]).toMatchObject({ state: 'staging' });
      expect((await countsOf(account))?.staged).toBeGreaterThan(0);
    },
    { timeoutMs: 60_000, everyMs: 50 },
  );

describe('a large file', () => {
  /**
   * What it may cost the process beside what it has, with room for what the garbage collector has not got to. With the file grows the register of its
   * ids alone: 20 bytes a line, twice while it is doubled.
   */
  const MOST_GROWN_MB = 240 + 0.6 * LARGE_FILES_MB;
  /** Others are answered meanwhile; on a machine that is busy with other things too. */
  const LONGEST_ANSWER_MS = 2_000;

  async function residentMb(): Promise<number> {
    const status = await readFile(`/proc/${harness.program.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }

  it(
    `of ${LARGE_FILES_MB} MB is taken in within a bounded memory, and without making others wait`,
    async () => {
      const account = await knownAccount(harness.database, 'paystack');
      // Once before, so that what the program loads for it does not count.
      const first = await knownAccount(harness.database, 'paystack');
      const options = { url: harness.program.url, key: harness.adminKey };
      await sendFile(PAYSTACK_HEADER + rows(5_000), { ...options, query: { gateway_account: first.id } });
      const before = await residentMb();
      let [most, longest, oldestTransaction, over] = [before, 0, 0, false];
      const watch = (async () => {
        while (!over) {
          most = Math.max(most, await residentMb());
          const asked = performance.now();
          expect((await fetch(`${harness.program.url}/healthz`)).status).toBe(200);
          longest = Math.max(longest, performance.now() - asked);
          const [{ age } = { age: 0 }] = await harness.database.query<{ age: number }>(
            `SELECT COALESCE(max(extract(epoch FROM now() - xact_start)), 0)::float8 AS age FROM pg_stat_activity
              WHERE datname = current_database() AND application_name = 'sankofa reconciliation' AND backend_xid IS NOT NULL`,
          );
          oldestTransaction = Math.max(oldestTransaction, age);
          await sleep(100);
        }
      })();
      const started = performance.now();
      const answer = await sendFile(largeExport(LARGE_FILES_MB * MB), {
        ...options,
        query: { gateway_account: account.id, name: 'large.csv' },
      });
      expect([201, 202]).toContain(answer.status);
      const answered = performance.now() - started;
      const id = String(answer.body['id']);
      await eventually(
        async () => expect((await harness.admin.get(`${SOURCES}/${id}`)).body).toMatchObject({ status: 'committed' }),
        { timeoutMs: 300_000, everyMs: 500 },
      );
      over = true;
      await watch;
      const lines = Number(answer.body['lines']);
      process.stdout.write(
        `${LARGE_FILES_MB} MB, ${lines} lines: answered after ${Math.round(answered)} ms, visible after ${Math.round(performance.now() - started)} ms; ` +
          `${Math.round(most - before)} MB more than the ${Math.round(before)} before; longest /healthz ${Math.round(longest)} ms; oldest transaction ${oldestTransaction.toFixed(2)} s\n`,
      );
      expect(lines).toBeGreaterThan((LARGE_FILES_MB * MB) / 120);
      expect(await countsOf(account.uuid)).toEqual({ lines, staged: 0 });
      expect(most - before).toBeLessThan(MOST_GROWN_MB);
      expect(longest).toBeLessThan(LONGEST_ANSWER_MS);
      // What is written to the outbox waits for the oldest transaction.
      expect(oldestTransaction).toBeLessThan(5);
    },
    LARGE_TIMEOUT_MS,
  );
});

describe('a sender who', () => {
  it('hangs up in the middle leaves nothing behind but the reason', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const file = Buffer.from(PAYSTACK_HEADER + rows(20_000));
    const query = { gateway_account: account.id, name: 'broken.csv' };
    const upload = openUpload(
      { url: harness.program.url, key: harness.adminKey, query },
      { 'content-length': String(file.length) },
    );
    upload.write(file.subarray(0, file.length / 2));
    await untilStaged(account.uuid);
    upload.destroy();
    await eventually(async () =>
      expect(await sourcesOf(harness.database, account.uuid)).toMatchObject([
        { state: 'abandoned', problem: 'request.incomplete: The sender hung up before the end.' },
      ]),
    );
    expect(await countsOf(account.uuid)).toEqual({ lines: 0, staged: 0 });
    const again = await sendFile(file, { url: harness.program.url, key: harness.adminKey, query });
    expect(again.body).toMatchObject({ status: 'committed', lines: 20_000 });
  });

  it('is the third at a time is asked to come again', async () => {
    const account = await knownAccount(harness.database, 'paystack');
    const options = { url: harness.program.url, key: harness.adminKey, query: { gateway_account: account.id } };
    const open = [1, 2].map((number) => {
      const upload = openUpload(options);
      upload.write(PAYSTACK_HEADER + rows(3_000 + number));
      return upload;
    });
    await eventually(async () => expect(await sourcesOf(harness.database, account.uuid)).toHaveLength(2));
    const third = await sendFile(PAYSTACK_HEADER, options);
    expect(third.status).toBe(503);
    expect(third.headers.get('retry-after')).toBe('5');
    for (const upload of open) upload.destroy();
    await eventually(async () => {
      const states = await sourcesOf(harness.database, account.uuid);
      expect(states.map(({ state }) => state)).toEqual(['abandoned', 'abandoned']);
    });
  });
});

describe('a process that', () => {
  it(
    'is killed while it stages leaves what the next one forgets, and the file can be given again',
    async () => {
      const account = await knownAccount(harness.database, 'paystack');
      const file = PAYSTACK_HEADER + rows(20_000);
      const doomed = await harness.another();
      const upload = openUpload({ url: doomed.url, key: harness.adminKey, query: { gateway_account: account.id } });
      upload.write(file.slice(0, file.length / 2));
      await untilStaged(account.uuid);
      await doomed.kill9();
      await harness.database.query(
        `UPDATE reconciliation.source SET begun_at = begun_at - interval '25 hours' WHERE gateway_account_id = $1`,
        [account.uuid],
      );
      // It looks as soon as it starts.
      await harness.another();
      await eventually(
        async () =>
          expect(await sourcesOf(harness.database, account.uuid)).toMatchObject([
            { state: 'abandoned', problem: 'nobody finished it' },
          ]),
        { timeoutMs: 30_000 },
      );
      expect(await countsOf(account.uuid)).toEqual({ lines: 0, staged: 0 });
      const options = { url: harness.program.url, key: harness.adminKey, query: { gateway_account: account.id } };
      expect((await sendFile(file, options)).body).toMatchObject({ status: 'committed', lines: 20_000 });
    },
    START_TIMEOUT_MS,
  );

  it(
    'is killed while lines become visible is followed by another, and the file is known meanwhile',
    async () => {
      const account = await knownAccount(harness.database, 'paystack');
      const file = PAYSTACK_HEADER + rows(60_000);
      const doomed = await harness.another();
      const options = { url: doomed.url, key: harness.adminKey, query: { gateway_account: account.id } };
      const atUsualPace = await slowPublishing();
      const answer = sendFile(file, options).catch(() => undefined);
      await eventually(
        async () => {
          const [source] = await sourcesOf(harness.database, account.uuid);
          expect(source?.state).toBe('publishing');
          expect((await countsOf(account.uuid))?.lines).toBeGreaterThan(0);
        },
        { timeoutMs: 120_000, everyMs: 5 },
      );
      await doomed.kill9();
      await answer;
      await atUsualPace();
      const [source] = await sourcesOf(harness.database, account.uuid);
      const again = await sendFile(file, { ...options, url: harness.program.url });
      expect(again.status).toBe(409);
      expect(again.body).toMatchObject({ source: encodeId('reconciliationSource', source?.id ?? '') });
      await eventually(
        async () =>
          expect(await sourcesOf(harness.database, account.uuid)).toContainEqual({ ...source, state: 'committed' }),
        { timeoutMs: 60_000, everyMs: 200 },
      );
      expect(await countsOf(account.uuid)).toEqual({ lines: 60_000, staged: 0 });
      const admin = createApiClient(harness.program.url, harness.adminKey);
      const { body } = await admin.get(`${SOURCES}/${encodeId('reconciliationSource', source?.id ?? '')}`);
      expect(body).toMatchObject({ lines: 60_000, new_lines: 60_000, repeated_lines: 0 });
    },
    START_TIMEOUT_MS,
  );

  it(
    'is to end breaks off what is being sent, and ends',
    async () => {
      const account = await knownAccount(harness.database, 'paystack');
      const ending = await harness.another();
      const upload = openUpload({ url: ending.url, key: harness.adminKey, query: { gateway_account: account.id } });
      // More than is on its way at a time: most of it is never read.
      upload.write(PAYSTACK_HEADER + rows(60_000));
      await untilStaged(account.uuid);
      expect(await ending.stop()).toEqual({ code: 0, signal: null });
      expect(await sourcesOf(harness.database, account.uuid)).toMatchObject([
        { state: 'abandoned', problem: 'service.unavailable: The process is ending.' },
      ]);
      upload.destroy();
    },
    START_TIMEOUT_MS,
  );
});
