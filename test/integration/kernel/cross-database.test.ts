/** A consumer in another database than the publisher: what messaging-suite.ts cannot see from outside. */
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { Database } from '../../../src/kernel/database/database.js';
import { Logger } from '../../../src/kernel/observability/logger.js';
import { fetchEvents } from '../../../src/kernel/outbox/carried-events.js';
import { listDeadLetters, replayDeadLetters } from '../../../src/kernel/outbox/dead-letters.js';
import { deliverBatch, RETRY_DELAYS_SECONDS } from '../../../src/kernel/outbox/deliver-batch.js';
import type { EventHandler } from '../../../src/kernel/outbox/consumer.js';
import type { StoredEvent } from '../../../src/kernel/outbox/event.js';
import { carriedJobs, JOB_EVENTS } from '../../../src/kernel/outbox/jobs.js';
import { keepHouse } from '../../../src/kernel/outbox/retention.js';
import { moveStrays } from '../../../src/kernel/outbox/sweep-elsewhere.js';
import { MAX_CARRIED_JOBS } from '../../../src/kernel/queue/queues.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { startRedis, type TestRedis } from '../../support/redis.js';
import { describeWithRedis } from '../../support/redis-suites.js';
import {
  CONSUMER,
  EFFECTS_SQL,
  OTHER_CONSUMER,
  startMessaging,
  thing,
  TYPE,
  type Messaging,
} from './messaging-harness.js';

const CONSUMERS = [CONSUMER, OTHER_CONSUMER];
const CANARY = 'Ama Mensah';
const logger = new Logger({ logLevel: 'silent' });

/** Where the events are published, and where {@link OTHER_CONSUMER} lives. */
let outbox: TestDatabase;
let inbox: TestDatabase;

beforeEach(async () => {
  [outbox, inbox] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  await Promise.all([outbox.query(EFFECTS_SQL), inbox.query(EFFECTS_SQL)]);
});
afterEach(() => Promise.all([outbox.drop(), inbox.drop()]));

const count = async (database: TestDatabase, from: string): Promise<number> =>
  (await database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${from}`))[0]?.n ?? -1;

describeWithRedis('a consumer in another database', () => {
  let redis: TestRedis;
  let messaging: Messaging;
  let poisonous: (event: StoredEvent) => boolean;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    poisonous = () => false;
    messaging = await startMessaging({
      databaseUrl: outbox.url,
      otherDatabaseUrl: inbox.url,
      redisUrl: redis.url,
      poison: (event) => poisonous(event),
    });
  });
  afterEach(async () => {
    await messaging.close();
    await redis.flush();
  });

  /** Everything that Redis holds, as text. */
  async function contentOfRedis(): Promise<string> {
    const client = new Redis(redis.url);
    try {
      const keys = await client.keys('*');
      const read = async (key: string): Promise<unknown> => {
        const type = await client.type(key);
        if (type === 'hash') return client.hgetall(key);
        if (type === 'list') return client.lrange(key, 0, -1);
        if (type === 'zset') return client.zrange(key, '0', '-1');
        if (type === 'set') return client.smembers(key);
        return type === 'stream' ? client.xrange(key, '-', '+') : client.get(key);
      };
      return JSON.stringify(await Promise.all(keys.map(read)));
    } finally {
      client.disconnect();
    }
  }

  it('is brought the events themselves; the others get their ids', async () => {
    const event = thing({ customer: CANARY });
    await messaging.append([event]);
    const jobOf = async (name: string) => (await messaging.queues.get(name)?.getJobs(['waiting']))?.[0];
    await eventually(async () => {
      expect((await jobOf(CONSUMER.name))?.data).toEqual({
        ids: [event.id],
        from: expect.any(String),
        to: expect.any(String),
        again: false,
      });
      expect(await jobOf(OTHER_CONSUMER.name)).toMatchObject({
        data: { ids: [event.id], events: [{ ...event, createdAt: expect.stringMatching(/\.\d{6}Z$/) }] },
        // However it ends, nothing is kept of it.
        opts: { removeOnComplete: true, removeOnFail: true },
      });
    });
  });

  it('leaves its inbox rows and what failed in its own database, and nothing in the publisher’s', async () => {
    const events = Array.from({ length: 20 }, () => thing());
    poisonous = (event) => event.id === events[3]?.id;
    await messaging.startWorkers();
    await messaging.append(events);
    await eventually(async () => {
      expect(await count(inbox, `messaging.inbox WHERE consumer = '${OTHER_CONSUMER.name}'`)).toBe(19);
      expect(await count(inbox, 'messaging.delivery')).toBe(1);
    });
    expect(await count(inbox, `messaging.inbox WHERE consumer = '${CONSUMER.name}'`)).toBe(0);
    expect(await count(outbox, `messaging.inbox WHERE consumer = '${OTHER_CONSUMER.name}'`)).toBe(0);
    expect(await count(outbox, `messaging.delivery WHERE consumer = '${OTHER_CONSUMER.name}'`)).toBe(0);
    expect(await count(inbox, 'messaging.outbox')).toBe(0);
    // To the microsecond: by it the publisher's side finds out what was applied.
    const applied = await inbox.query<{ id: string }>(
      'SELECT event_id AS id, event_created_at::text AS at FROM messaging.inbox ORDER BY 1',
    );
    expect(applied).toEqual(
      await outbox.query('SELECT id, created_at::text AS at FROM messaging.outbox WHERE id = ANY($1) ORDER BY 1', [
        applied.map(({ id }) => id),
      ]),
    );
  });

  it('leaves no trace of a payload in Redis, whether it succeeds or fails', async () => {
    await messaging.append([thing({ customer: CANARY }), thing({ customer: CANARY })]);
    await eventually(async () => expect(await contentOfRedis()).toContain(CANARY));
    await inbox.query('ALTER TABLE payments.effect RENAME TO effect_mislaid');
    await messaging.startWorkers();
    await eventually(async () => expect(await count(inbox, 'messaging.delivery')).toBe(2));
    await inbox.query('ALTER TABLE payments.effect_mislaid RENAME TO effect');
    await inbox.query('UPDATE messaging.delivery SET next_attempt_at = now()');
    await eventually(async () => expect(await count(inbox, 'payments.effect')).toBe(2));
    await eventually(async () => expect(await contentOfRedis()).not.toContain(CANARY));
  });

  it('has its events wait in the outbox, not in the queue, while it takes none', async () => {
    const backlog = JOB_EVENTS * (MAX_CARRIED_JOBS + 6);
    for (let start = 0; start < backlog; start += 3_500)
      await messaging.append(Array.from({ length: Math.min(3_500, backlog - start) }, () => thing()));
    const waiting = async (name: string): Promise<number> =>
      (await messaging.queues.get(name)?.getWaitingCount()) ?? -1;
    await eventually(async () => expect(await waiting(OTHER_CONSUMER.name)).toBeGreaterThanOrEqual(MAX_CARRIED_JOBS));
    await eventually(async () => expect(await waiting(CONSUMER.name)).toBeGreaterThanOrEqual(backlog / JOB_EVENTS));
    // Whole jobs, so that the last one added may go a little beyond.
    expect(await waiting(OTHER_CONSUMER.name)).toBeLessThanOrEqual(MAX_CARRIED_JOBS + 1);
    await messaging.startWorkers();
    await eventually(async () => expect(await count(inbox, 'payments.effect')).toBe(backlog));
    expect(await count(inbox, 'messaging.inbox')).toBe(backlog);
    expect(await count(inbox, 'messaging.delivery')).toBe(0);
  });

  it('has its dead letters shown with their events, and replayed', async () => {
    const event = thing();
    poisonous = () => true;
    await messaging.startWorkers();
    await messaging.append([event]);
    const wanted = `messaging.delivery WHERE consumer = '${OTHER_CONSUMER.name}'`;
    await eventually(async () => expect(await count(inbox, wanted)).toBe(1));
    await inbox.query('UPDATE messaging.delivery SET attempts = $1, next_attempt_at = now()', [
      RETRY_DELAYS_SECONDS.length,
    ]);
    await eventually(async () =>
      expect(await listDeadLetters(messaging.kernels, { consumer: OTHER_CONSUMER.name, limit: 10 })).toEqual({
        letters: [
          {
            consumer: OTHER_CONSUMER.name,
            eventId: event.id,
            type: TYPE,
            aggregateId: event.aggregateId,
            attempts: RETRY_DELAYS_SECONDS.length + 1,
            lastError: 'this event cannot be handled',
            abandonedAt: expect.any(Date),
          },
        ],
        total: 1,
      }),
    );
    poisonous = () => false;
    expect(await replayDeadLetters(messaging.kernels, { consumer: OTHER_CONSUMER.name, eventId: event.id })).toBe(1);
    await eventually(async () => expect(await count(inbox, 'payments.effect')).toBe(1));
    await eventually(async () => expect(await count(inbox, wanted)).toBe(0));
  });

  it('is given what was noted for it in the publisher’s database, where it lived before it moved', async () => {
    const event = thing();
    poisonous = () => true;
    await messaging.startWorkers();
    await messaging.append([event]);
    const noted = `messaging.delivery WHERE consumer = '${OTHER_CONSUMER.name}'`;
    await eventually(async () => expect(await count(inbox, noted)).toBe(1));
    poisonous = () => false;
    await outbox.query(
      `INSERT INTO messaging.delivery (consumer, event_id, event_created_at, attempts, next_attempt_at)
       SELECT $1, id, created_at, 3, now() FROM messaging.outbox WHERE id = $2`,
      [OTHER_CONSUMER.name, event.id],
    );
    await inbox.query('DELETE FROM messaging.delivery');
    await eventually(async () => expect(await count(inbox, 'payments.effect')).toBe(1));
    await eventually(async () => expect([await count(inbox, noted), await count(outbox, noted)]).toEqual([0, 0]));
  });

  it('is found what was lost between the databases, and applies it once', async () => {
    await messaging.append(Array.from({ length: 300 }, () => thing()));
    await eventually(async () =>
      expect(await messaging.queues.get(OTHER_CONSUMER.name)?.getWaitingCount()).toBeGreaterThan(0),
    );
    await messaging.queues.get(OTHER_CONSUMER.name)?.obliterate({ force: true });
    await messaging.startWorkers();
    await eventually(async () => expect(await count(inbox, 'payments.effect')).toBe(300));
    await eventually(async () => expect(await count(inbox, 'messaging.delivery')).toBe(0));
    expect(await count(inbox, 'payments.effect')).toBe(300);
  });
});

describe('a carried batch', () => {
  let publisher: Database;
  let consumer: Database;
  let failing: (event: StoredEvent) => boolean;
  const handler: EventHandler = {
    handle: async (tx, events) => {
      await tx.query('INSERT INTO payments.effect (consumer, event_id) SELECT $1, unnest($2::uuid[])', [
        OTHER_CONSUMER.name,
        events.map((event) => event.id),
      ]);
      if (events.some((event) => failing(event))) throw new Error('this event cannot be handled');
    },
  };

  beforeEach(() => {
    failing = () => false;
    publisher = new Database({ url: outbox.url, owner: 'kernel', poolSize: 1 });
    consumer = new Database({ url: inbox.url, owner: 'payments', poolSize: 4 });
  });
  afterEach(() => Promise.all([publisher.close(), consumer.close()]));

  async function publish(events: number): Promise<readonly { id: string; created_at: Date }[]> {
    return outbox.query<{ id: string; created_at: Date }>(
      `INSERT INTO messaging.outbox (id, aggregatetype, aggregateid, type, payload, headers)
       SELECT gen_random_uuid(), 'thing', 'a', $2, jsonb_build_object('n', n), '{}' FROM generate_series(1, $1) n RETURNING id, created_at`,
      [events, TYPE],
    );
  }
  const registration = () => ({ definition: OTHER_CONSUMER, database: consumer, handler });

  it('has its effect once, however often and however many at a time deliver it', async () => {
    const events = await fetchEvents(publisher, await publish(50));
    expect(events).toHaveLength(50);
    const [job] = carriedJobs(events, false);
    if (job === undefined) throw new Error('there is no job');
    const results = await Promise.all([1, 2, 3, 4].map(() => deliverBatch(registration(), job)));
    expect(results.reduce((sum, { applied }) => sum + applied, 0)).toBe(50);
    expect(await deliverBatch(registration(), job)).toEqual({ applied: 0, failed: 0, abandoned: 0 });
    expect(await count(inbox, 'payments.effect')).toBe(50);
  });

  it('hands on what was published, in its order', async () => {
    const seen: StoredEvent[] = [];
    const [job] = carriedJobs(await fetchEvents(publisher, await publish(3)), false);
    if (job === undefined) throw new Error('there is no job');
    await deliverBatch(
      {
        definition: OTHER_CONSUMER,
        database: consumer,
        handler: { handle: async (_, events) => void seen.push(...events) },
      },
      job,
    );
    expect(seen.map(({ payload }) => payload)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(seen[0]).toMatchObject({
      type: TYPE,
      aggregateType: 'thing',
      merchantId: null,
      createdAt: expect.any(Date),
    });
  });

  it('is split until the poisonous event stands alone, which is noted without its outbox row being there', async () => {
    const events = await fetchEvents(publisher, await publish(30));
    const poison = events[11]?.id;
    failing = (event) => event.id === poison;
    const [job] = carriedJobs(events, false);
    if (job === undefined) throw new Error('there is no job');
    expect(await deliverBatch(registration(), job)).toEqual({ applied: 29, failed: 1, abandoned: 0 });
    expect(await inbox.query('SELECT consumer, event_id, attempts, last_error FROM messaging.delivery')).toEqual([
      { consumer: OTHER_CONSUMER.name, event_id: poison, attempts: 1, last_error: 'this event cannot be handled' },
    ]);
    expect(await count(inbox, 'payments.effect')).toBe(29);
  });
});

describe('what was noted for a consumer that has moved', () => {
  it('stays where both databases turn out to be one', async () => {
    await outbox.query(
      `INSERT INTO messaging.delivery (consumer, event_id, event_created_at, next_attempt_at) VALUES ($1, $2, now(), now())`,
      [OTHER_CONSUMER.name, randomUUID()],
    );
    const [here, same, elsewhere] = [outbox.url, outbox.url, inbox.url].map(
      (url) => new Database({ url, owner: 'kernel', poolSize: 1 }),
    ) as [Database, Database, Database];
    try {
      expect(await moveStrays(here, { inbox: same, consumer: OTHER_CONSUMER }, 10)).toBe(0);
      expect(await count(outbox, 'messaging.delivery')).toBe(1);
      expect(await moveStrays(here, { inbox: elsewhere, consumer: OTHER_CONSUMER }, 10)).toBe(1);
      expect([await count(outbox, 'messaging.delivery'), await count(inbox, 'messaging.delivery')]).toEqual([0, 1]);
    } finally {
      await Promise.all([here, same, elsewhere].map((database) => database.close()));
    }
  });
});

describe('keeping house where there are two databases', () => {
  let publisher: Database;
  let consumer: Database;

  beforeEach(() => {
    publisher = new Database({ url: outbox.url, owner: 'kernel', poolSize: 1 });
    consumer = new Database({ url: inbox.url, owner: 'kernel', poolSize: 1 });
  });
  afterEach(() => Promise.all([publisher.close(), consumer.close()]));

  const run = async (): Promise<void> => {
    const common = { consumers: CONSUMERS, logger, isLeader: () => true };
    await keepHouse({ ...common, database: publisher, others: [consumer] });
    await keepHouse({ ...common, database: consumer, others: [publisher] });
  };
  const dayName = (daysAgo: number): string =>
    new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10).replaceAll('-', '');
  const DAYS_AGO = 6;

  /** A day of last week in both databases, with an event that has been applied in the other. */
  async function makeDay(): Promise<string> {
    const id = randomUUID();
    const at = `${dayName(DAYS_AGO)} 12:00Z`;
    for (const database of [outbox, inbox]) {
      for (const parent of ['outbox', 'inbox']) {
        await database.query(
          `CREATE TABLE messaging.${parent}_${dayName(DAYS_AGO)} PARTITION OF messaging.${parent}
             FOR VALUES FROM ('${dayName(DAYS_AGO)} 00:00Z') TO ('${dayName(DAYS_AGO - 1)} 00:00Z')`,
        );
      }
    }
    await outbox.query(
      `INSERT INTO messaging.outbox (id, aggregatetype, aggregateid, type, payload, headers, created_at) VALUES ($1, 'thing', 'a', $2, '{}', '{}', $3)`,
      [id, TYPE, at],
    );
    await inbox.query('INSERT INTO messaging.inbox (consumer, event_id, event_created_at) VALUES ($1, $2, $3)', [
      OTHER_CONSUMER.name,
      id,
      at,
    ]);
    return id;
  }

  /** As the sweeper of that database would note it. */
  const swept = (database: TestDatabase, consumers = CONSUMERS): Promise<unknown> =>
    database.query(
      `INSERT INTO messaging.consumer_progress (consumer, xid, seq, event_created_at)
       SELECT consumer, pg_current_xact_id(), 1000000, now() FROM unnest($1::text[]) consumer
       ON CONFLICT (consumer) DO UPDATE SET xid = EXCLUDED.xid`,
      [consumers.map(({ name }) => name)],
    );

  const oldPartitions = async (): Promise<number[]> =>
    Promise.all(
      [outbox, inbox].map((database) =>
        count(
          database,
          `pg_class WHERE relnamespace = 'messaging'::regnamespace AND relkind = 'r' AND relname ~ '_${dayName(DAYS_AGO)}$'`,
        ),
      ),
    );

  it('keeps the day until the other database has applied its events, and what tells so', async () => {
    await makeDay();
    await swept(outbox, [CONSUMER]);
    await swept(inbox);
    await run();
    expect(await oldPartitions()).toEqual([2, 2]);
    await swept(outbox);
    await run();
    expect(await oldPartitions()).toEqual([0, 0]);
  });

  it.each(['waiting', 'dead'])('keeps the day of an event that is %s in the other database', async (state) => {
    const id = await makeDay();
    await Promise.all([swept(outbox), swept(inbox)]);
    await inbox.query(
      `INSERT INTO messaging.delivery (consumer, event_id, event_created_at, next_attempt_at, abandoned_at)
       VALUES ($1, $2, $3, CASE WHEN $4 THEN now() END, CASE WHEN NOT $4 THEN now() END)`,
      [OTHER_CONSUMER.name, id, `${dayName(DAYS_AGO)} 12:00Z`, state === 'waiting'],
    );
    await run();
    expect(await oldPartitions()).toEqual([2, 2]);
    await inbox.query('DELETE FROM messaging.delivery');
    await run();
    expect(await oldPartitions()).toEqual([0, 0]);
  });

  it('drops nothing while the other database does not answer', async () => {
    await makeDay();
    await Promise.all([swept(outbox), swept(inbox)]);
    await consumer.close();
    const kept = keepHouse({
      database: publisher,
      others: [consumer],
      consumers: CONSUMERS,
      logger,
      isLeader: () => true,
    });
    await expect(kept).rejects.toThrow();
    expect(await oldPartitions()).toEqual([2, 2]);
    consumer = new Database({ url: inbox.url, owner: 'kernel', poolSize: 1 });
  });
});
