import { Database } from '../../../src/kernel/database/database.js';
import { newUuid } from '../../../src/kernel/ids/ids.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { keepHouse } from '../../../src/kernel/outbox/retention.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { CONSUMER, OTHER_CONSUMER, TYPE } from './messaging-harness.js';

const CONSUMERS = [CONSUMER, OTHER_CONSUMER];
const logger = new Logger({ logLevel: 'silent' });

let testDatabase: TestDatabase;
let database: Database;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url, owner: 'kernel', poolSize: 2 });
});
afterEach(async () => {
  await database.close();
  await testDatabase.drop();
});

const run = (options: { isLeader?: boolean } = {}) =>
  keepHouse({ database, consumers: CONSUMERS, logger, isLeader: () => options.isLeader ?? true });

/** Names of the daily partitions that lie before today. */
async function oldPartitions(): Promise<string[]> {
  const rows = await testDatabase.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'messaging'::regnamespace AND relname ~ '^(outbox|inbox)_\\d{8}$'
        AND to_date(right(relname, 8), 'YYYYMMDD') < (now() AT TIME ZONE 'UTC')::date - 1 ORDER BY relname`,
  );
  return rows.map((row) => row.name);
}

const dayName = (daysAgo: number) =>
  new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
const partitionsOf = (...daysAgo: number[]) =>
  ['inbox', 'outbox'].flatMap((parent) => daysAgo.map((days) => `${parent}_${dayName(days)}`));

/** A day of long ago as it was then: its partitions and one event, applied by nobody yet. Returns the event's id. */
async function makeDay(daysAgo: number): Promise<string> {
  const id = newUuid();
  for (const parent of ['outbox', 'inbox']) {
    await testDatabase.query(
      `CREATE TABLE messaging.${parent}_${dayName(daysAgo)} PARTITION OF messaging.${parent}
         FOR VALUES FROM ('${dayName(daysAgo)} 00:00Z') TO ('${dayName(daysAgo - 1)} 00:00Z')`,
    );
  }
  await testDatabase.query(
    `INSERT INTO messaging.outbox (id, aggregatetype, aggregateid, type, payload, headers, created_at) VALUES ($1, 'thing', 'a', $2, '{}', '{}', $3)`,
    [id, TYPE, `${dayName(daysAgo)} 12:00Z`],
  );
  return id;
}

/** Both consumers have been swept up to the newest event there is; `at` is the time they are said to have reached. */
async function sweepAll(at = 'now()', consumers = CONSUMERS): Promise<void> {
  await testDatabase.query(
    `INSERT INTO messaging.consumer_progress (consumer, xid, seq, event_created_at)
     SELECT consumer, xid, seq, ${at} FROM unnest($1::text[]) consumer, (SELECT xid, seq FROM messaging.outbox ORDER BY xid DESC, seq DESC LIMIT 1) newest
     ON CONFLICT (consumer) DO UPDATE SET xid = EXCLUDED.xid, seq = EXCLUDED.seq, event_created_at = EXCLUDED.event_created_at`,
    [consumers.map((consumer) => consumer.name)],
  );
}

function noteDelivery(eventId: string, daysAgo: number, state: 'waiting' | 'dead'): Promise<unknown> {
  return testDatabase.query(
    `INSERT INTO messaging.delivery (consumer, event_id, event_created_at, next_attempt_at, abandoned_at)
     VALUES ($1, $2, $3, CASE WHEN $4 THEN now() END, CASE WHEN NOT $4 THEN now() END)`,
    [CONSUMER.name, eventId, `${dayName(daysAgo)} 12:00Z`, state === 'waiting'],
  );
}

describe('dropping partitions', () => {
  it('drops the days that are old enough and that every consumer is past, and no others', async () => {
    for (const days of [10, 5, 3, 2]) await makeDay(days);
    await sweepAll();
    await run();
    // Of three days ago only a part is older than 72 hours.
    expect(await oldPartitions()).toEqual(partitionsOf(3, 2));
    expect(
      await testDatabase.query(
        `SELECT to_regclass('messaging.outbox_default') AS a, to_regclass('messaging.inbox_default') AS b`,
      ),
    ).toEqual([{ a: 'messaging.outbox_default', b: 'messaging.inbox_default' }]);
    expect(await testDatabase.query('SELECT 1 FROM messaging.outbox')).toHaveLength(2);
  });

  it('drops nothing while a consumer was never looked after', async () => {
    await makeDay(5);
    await run();
    await sweepAll('now()', [CONSUMER]);
    await run();
    expect(await oldPartitions()).toEqual(partitionsOf(5));
    await sweepAll('now()', [OTHER_CONSUMER]);
    await run();
    expect(await oldPartitions()).toEqual([]);
  });

  it('waits for the slowest consumer', async () => {
    for (const days of [10, 5]) await makeDay(days);
    await sweepAll();
    await sweepAll(`now() - interval '6 days'`, [OTHER_CONSUMER]);
    await run();
    expect(await oldPartitions()).toEqual(partitionsOf(5));
  });

  it.each(['waiting', 'dead'] as const)('keeps the day of an event that is %s, and those after it', async (state) => {
    for (const days of [10, 7]) await makeDay(days);
    const event = await makeDay(6);
    await makeDay(5);
    await sweepAll();
    await noteDelivery(event, 6, state);
    await run();
    expect(await oldPartitions()).toEqual(partitionsOf(6, 5));
    await testDatabase.query('DELETE FROM messaging.delivery');
    await run();
    expect(await oldPartitions()).toEqual([]);
  });

  it('keeps what the relay has not yet brought on its way, however long it has stood still', async () => {
    await makeDay(10);
    await sweepAll();
    await makeDay(6);
    // With nothing to do, consumers count as up to date in time; by position they are not past this event.
    await testDatabase.query('UPDATE messaging.consumer_progress SET event_created_at = now()');
    await run();
    expect(await oldPartitions()).toEqual(partitionsOf(6));
    await sweepAll();
    await run();
    expect(await oldPartitions()).toEqual([]);
  });

  it('leaves it to the leader', async () => {
    await makeDay(5);
    await sweepAll();
    await run({ isLeader: false });
    expect(await oldPartitions()).toEqual(partitionsOf(5));
  });

  it('gives up rather than queue everybody behind its lock, and has done the rest of its work', async () => {
    await makeDay(5);
    await sweepAll();
    await testDatabase.query(
      `INSERT INTO idempotency.key (merchant_id, livemode, key, route, fingerprint, resource_id, locked_until, created_at)
       VALUES (gen_random_uuid(), false, 'old', '', '', gen_random_uuid(), now(), now() - interval '80 hours')`,
    );
    const reader = new Database({ url: testDatabase.url, owner: 'payments', poolSize: 1 });
    try {
      await reader.transaction(async (tx) => {
        await tx.query('SELECT count(*) FROM messaging.outbox');
        await expect(run()).rejects.toMatchObject({ code: '55P03' });
      });
      expect(await testDatabase.query('SELECT 1 FROM idempotency.key')).toEqual([]);
      expect(await oldPartitions()).toEqual(partitionsOf(5));
      await run();
      expect(await oldPartitions()).toEqual([]);
    } finally {
      await reader.close();
    }
  });
});

describe('keeping the house', () => {
  it('makes the partitions of the week to come, in whatever process', async () => {
    const ahead = [-7, -6, -5];
    for (const name of partitionsOf(...ahead)) await testDatabase.query(`DROP TABLE messaging.${name}`);
    await run({ isLeader: false });
    const [row] = await testDatabase.query<{ made: number }>(
      `SELECT count(*)::int AS made FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relname = ANY ($1)`,
      [partitionsOf(...ahead)],
    );
    expect(row?.made).toBe(6);
    await Promise.all([run(), run(), run({ isLeader: false })]);
  });

  it('forgets idempotency keys after 72 hours and not before', async () => {
    await testDatabase.query(
      `INSERT INTO idempotency.key (merchant_id, livemode, key, route, fingerprint, resource_id, locked_until, created_at)
       SELECT gen_random_uuid(), false, hours::text, '', '', gen_random_uuid(), now(), now() - make_interval(hours => hours)
         FROM unnest(ARRAY[1, 71, 73, 500]) hours`,
    );
    // More than one statement deletes.
    await testDatabase.query(
      `INSERT INTO idempotency.key (merchant_id, livemode, key, route, fingerprint, resource_id, locked_until, created_at)
       SELECT gen_random_uuid(), false, 'many', '', '', gen_random_uuid(), now(), now() - interval '90 hours' FROM generate_series(1, 12000)`,
    );
    await run();
    const keys = await testDatabase.query<{ key: string }>('SELECT key FROM idempotency.key ORDER BY key');
    expect(keys.map((row) => row.key)).toEqual(['1', '71']);
  });
});
