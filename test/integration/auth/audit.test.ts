import fc from 'fast-check';
import { readEnv } from '../../../src/config/env.js';
import { Databases } from '../../../src/kernel/database/databases.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { AuditStore } from '../../../src/modules/auth/audit/audit.store.js';
import { KeepAudit } from '../../../src/modules/auth/audit/keep-audit.js';
import { readHead, verifyAudit } from '../../../src/modules/auth/audit/verify-audit.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let databases: Databases;
let store: AuditStore;
let keep: KeepAudit;

beforeEach(async () => {
  database = await createTestDatabase();
  const env = readEnv({ NODE_ENV: 'test', LOG_LEVEL: 'silent', DATABASE_URL: database.url });
  const logger = new Logger(env);
  databases = new Databases(env, logger);
  store = new AuditStore(databases);
  keep = new KeepAudit(store, logger);
});
afterEach(async () => {
  await databases.close();
  await database.drop();
});

const event = (note: string): StoredEvent => ({
  id: newUuid(),
  type: 'access.admin_answered.v1',
  aggregateType: 'admin',
  aggregateId: newUuid(),
  merchantId: null,
  payload: {
    at: new Date().toISOString(),
    actor_id: newUuid(),
    route: '/admin/v1/things/:id',
    status: 200,
    key_hash: 'f'.repeat(64),
    note,
  },
  headers: { correlation_id: 'req_test' },
  createdAt: new Date(),
});

const written = (...events: readonly StoredEvent[]): Promise<void> =>
  store.database.transaction((tx) => keep.handle(tx, events));
const many = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index += 1) await written(event(`note ${index}`));
};

/** As whoever owns the tables could, who passes grants and can take triggers away. */
async function tamper(sql: string, values: readonly unknown[] = []): Promise<void> {
  await database.query('ALTER TABLE auth.audit_entry DISABLE TRIGGER USER');
  await database.query(sql, [...values]);
  await database.query('ALTER TABLE auth.audit_entry ENABLE TRIGGER USER');
}

describe('the audit log', () => {
  it('is empty, and holds', async () => {
    expect(await verifyAudit(store)).toEqual({ entries: 0, head: null, problems: [] });
  });

  it('chains entries one after the other, however many write at the same time, and whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(
            fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000')),
            { maxLength: 4 },
          ),
          {
            minLength: 1,
            maxLength: 6,
          },
        ),
        async (batches) => {
          const before = (await verifyAudit(store)).entries;
          const batched = batches.filter((notes) => notes.length > 0);
          await Promise.all(batched.map((notes) => written(...notes.map(event))));
          const verdict = await verifyAudit(store);
          expect(verdict.problems).toEqual([]);
          expect(verdict.entries).toBe(before + batched.flat().length);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('keeps what was told, without the hashes of secrets', async () => {
    const told = event('a note');
    await written(told);
    const [row] = await store.list({ take: 2 });
    expect(row).toMatchObject({
      seq: 1n,
      id: told.id,
      requestId: 'req_test',
      route: '/admin/v1/things/:id',
      status: 200,
    });
    expect(JSON.parse(row?.content ?? '')).toMatchObject({ details: { note: 'a note' }, subject_id: told.aggregateId });
    expect(row?.content).not.toContain('ffff');
  });

  it.each([
    'UPDATE auth.audit_entry SET status = 500',
    'DELETE FROM auth.audit_entry',
    'TRUNCATE auth.audit_entry',
    `INSERT INTO auth.audit_entry SELECT * FROM auth.audit_entry ON CONFLICT (seq) DO UPDATE SET content = ''`,
  ])('cannot be changed by auth, nor by its owner with the triggers there: %s', async (sql) => {
    await many(2);
    await expect(databases.of('auth').query(sql)).rejects.toMatchObject({ code: '42501' });
    await expect(database.query(sql)).rejects.toMatchObject({ code: '42501' });
    expect(await verifyAudit(store)).toMatchObject({ entries: 2, problems: [] });
  });

  it.each([
    [
      'its text',
      `UPDATE auth.audit_entry SET content = replace(content, 'note 2', 'note 7') WHERE seq = 3`,
      ['altered'],
    ],
    ['a space in its text', `UPDATE auth.audit_entry SET content = content || ' ' WHERE seq = 3`, ['altered']],
    ['a column to search by', 'UPDATE auth.audit_entry SET actor_id = NULL WHERE seq = 3', ['columns_differ']],
    ['the time', `UPDATE auth.audit_entry SET at = at + interval '1 ms' WHERE seq = 3`, ['columns_differ']],
    // The next one does not follow from it any more.
    ['its hash', `UPDATE auth.audit_entry SET hash = sha256('x') WHERE seq = 3`, ['altered', 'altered']],
  ])('shows that %s was changed', async (_, sql, expected) => {
    await many(5);
    await tamper(sql);
    expect((await verifyAudit(store)).problems.map(({ problem }) => problem)).toEqual(expected);
  });

  it('shows that an entry was taken out, from the middle or the beginning', async () => {
    await many(5);
    await tamper('DELETE FROM auth.audit_entry WHERE seq IN (1, 3)');
    expect((await verifyAudit(store)).problems).toEqual([
      { seq: '1', problem: 'missing' },
      { seq: '3', problem: 'missing' },
    ]);
  });

  it('shows that entries changed places', async () => {
    await many(4);
    await tamper('UPDATE auth.audit_entry SET seq = seq + 100 WHERE seq IN (2, 3)');
    await tamper('UPDATE auth.audit_entry SET seq = CASE seq WHEN 102 THEN 3 ELSE 2 END WHERE seq > 100');
    expect((await verifyAudit(store)).problems.length).toBeGreaterThan(1);
  });

  it('shows, by a head that was kept elsewhere, that its end was cut off or all of it was written anew', async () => {
    await many(5);
    const { head } = await verifyAudit(store);
    const kept = readHead(head ?? '');
    await many(2);
    expect((await verifyAudit(store, kept)).problems).toEqual([]);
    await tamper('DELETE FROM auth.audit_entry WHERE seq > 4');
    expect((await verifyAudit(store)).problems).toEqual([]);
    expect((await verifyAudit(store, kept)).problems).toEqual([{ seq: '5', problem: 'missing' }]);
    await many(2);
    expect((await verifyAudit(store, kept)).problems).toEqual([{ seq: '5', problem: 'not_the_head_that_was_kept' }]);
    await tamper('TRUNCATE auth.audit_entry');
    expect((await verifyAudit(store, kept)).problems).toEqual([{ seq: '5', problem: 'missing' }]);
  });

  it('shows that a row without its hash was put in', async () => {
    await many(2);
    await database.query(
      `INSERT INTO auth.audit_entry (seq, id, at, type, request_id, content, hash)
       SELECT 3, gen_random_uuid(), at, type, request_id, content, hash FROM auth.audit_entry WHERE seq = 2`,
    );
    expect((await verifyAudit(store)).problems.map(({ problem }) => problem)).toEqual(['altered', 'columns_differ']);
  });
});
