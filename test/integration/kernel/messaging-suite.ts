import { appendEvents } from '../../../src/kernel/outbox/append.js';
import { listDeadLetters, replayDeadLetters } from '../../../src/kernel/outbox/dead-letters.js';
import { RETRY_DELAYS_SECONDS } from '../../../src/kernel/outbox/deliver-batch.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import type { TestRedis } from '../../support/redis.js';
import { CONSUMER, EFFECTS_SQL, OTHER_CONSUMER, startMessaging, thing, type Messaging } from './messaging-harness.js';

export interface Backend {
  readonly redis?: TestRedis;
  lose(messaging: Messaging): Promise<void>;
}

/** So few that a test can fill them, and more than any other test has waiting. */
const MAX_WAITING_JOBS = 40;
const AN_HOUR_MS = 3_600_000;

interface Effect {
  readonly consumer: string;
  readonly applied: number;
  readonly events: number;
}

const bothApplied = (count: number): unknown[] =>
  [OTHER_CONSUMER, CONSUMER].map((consumer) => ({ consumer: consumer.name, applied: count, events: count }));

/**
 * One suite over both stores of the queue: what holds on Redis must hold on PostgreSQL. A file for each, because BullMQ's
 * store is a default of the process. And over both places a consumer can live in: the publisher's database, and another.
 */
export function messagingSuite(
  name: string,
  describeSuite: jest.Describe,
  makeBackend: () => Promise<Backend>,
  closeBackend: (backend: Backend) => Promise<void>,
  options: { readonly otherDatabase?: boolean } = {},
): void {
  describeSuite(`the outbox, with its queue on ${name}`, () => {
    let backend: Backend;
    /** The publisher's, and that of the other consumer if it has one. */
    let databases: readonly TestDatabase[];
    let messaging: Messaging;
    let poisonous: string | undefined;

    /** A statement in every database, with the rows of all. */
    const everywhere = async <Row extends Record<string, unknown>>(sql: string, values?: unknown[]): Promise<Row[]> =>
      (await Promise.all(databases.map((database) => database.query<Row>(sql, values)))).flat();

    const byConsumer = <Row extends { readonly consumer: string }>(rows: readonly Row[]): Row[] =>
      rows.toSorted((a, b) => (a.consumer < b.consumer ? -1 : 1));

    const effects = async (): Promise<Effect[]> =>
      byConsumer(
        await everywhere<Effect & Record<string, unknown>>(
          'SELECT consumer, count(*)::int AS applied, count(DISTINCT event_id)::int AS events FROM payments.effect GROUP BY consumer',
        ),
      );

    beforeAll(async () => {
      backend = await makeBackend();
    });
    afterAll(() => closeBackend(backend));

    beforeEach(async () => {
      poisonous = undefined;
      const database = await createTestDatabase();
      const other = options.otherDatabase === true ? await createTestDatabase() : undefined;
      databases = other === undefined ? [database] : [database, other];
      await everywhere(EFFECTS_SQL);
      messaging = await startMessaging({
        databaseUrl: database.url,
        ...(other === undefined ? {} : { otherDatabaseUrl: other.url }),
        ...(backend.redis === undefined ? {} : { redisUrl: backend.redis.url }),
        poison: (event) => event.id === poisonous,
        maxWaitingJobs: MAX_WAITING_JOBS,
      });
    });
    afterEach(async () => {
      await messaging.close();
      await Promise.all(databases.map((database) => database.drop()));
    });

    it('brings every event to each consumer exactly once, also those of transactions that commit late', async () => {
      await messaging.startWorkers();
      // Takes its place in the order first and commits last: a reader by seq alone would step over it.
      let commitLate: () => void = () => undefined;
      const gate = new Promise<void>((resolve) => {
        commitLate = resolve;
      });
      const late = messaging.database.transaction(async (tx) => {
        await appendEvents(tx, [thing(), thing()]);
        await gate;
      });
      await Promise.all(Array.from({ length: 40 }, () => messaging.append(Array.from({ length: 25 }, () => thing()))));
      commitLate();
      await late;
      await eventually(async () => expect(await effects()).toEqual(bothApplied(1_002)));
    });

    it('keeps in the outbox what is too much for the queue of a consumer that is away, and gives it to it when it is back', async () => {
      await messaging.startWorkers(OTHER_CONSUMER);
      const waiting = async (): Promise<number> => {
        const counts = await messaging.queues.get(CONSUMER.name)?.getJobCounts('waiting', 'active', 'delayed');
        return Object.values(counts ?? {}).reduce((sum, count) => sum + count, 0);
      };
      const appendMany = (): Promise<void> =>
        messaging.database.transaction((tx) =>
          appendEvents(
            tx,
            Array.from({ length: 5_000 }, () => thing()),
          ),
        );
      for (let count = 0; count < 3; count += 1) await appendMany();
      await eventually(() => expect(messaging.relay.isBehind(CONSUMER.name)).toBe(true));
      // The other notices nothing of it.
      await eventually(async () =>
        expect(await effects()).toEqual([{ consumer: OTHER_CONSUMER.name, applied: 15_000, events: 15_000 }]),
      );
      expect(await waiting()).toBeLessThanOrEqual(MAX_WAITING_JOBS);
      // Where it is behind is known to whoever leads next.
      const next = messaging.secondRelay();
      next.start();
      await messaging.relay.stop();
      await eventually(() => expect(next.isLeader).toBe(true));
      try {
        await appendMany();
        await messaging.startWorkers(CONSUMER);
        await eventually(async () => expect(await effects()).toEqual(bothApplied(20_000)));
        await eventually(async () =>
          expect(
            await messaging.kernel.query('SELECT 1 FROM messaging.relay_cursor WHERE name = $1', [CONSUMER.name]),
          ).toEqual([]),
        );
        // Late, not lost: nobody had to look for anything.
        expect(await everywhere('SELECT 1 FROM messaging.delivery')).toEqual([]);
      } finally {
        await next.stop();
      }
    });

    it('isolates an event that cannot be handled, and lets the others through', async () => {
      const events = Array.from({ length: 60 }, () => thing());
      poisonous = events[37]?.id;
      await messaging.startWorkers();
      await messaging.append(events);
      await eventually(async () => expect(await effects()).toEqual(bothApplied(59)));
      await eventually(async () =>
        expect(
          byConsumer(
            await everywhere<{ consumer: string }>('SELECT consumer, event_id, last_error FROM messaging.delivery'),
          ),
        ).toEqual(
          [OTHER_CONSUMER, CONSUMER].map((consumer) => ({
            consumer: consumer.name,
            event_id: poisonous,
            last_error: 'this event cannot be handled',
          })),
        ),
      );
    });

    it('gives an event up after its last try, and replays it when asked', async () => {
      const event = thing();
      poisonous = event.id;
      await messaging.startWorkers();
      await messaging.append([event]);
      await eventually(async () => expect(await everywhere('SELECT 1 FROM messaging.delivery')).toHaveLength(2));
      await everywhere('UPDATE messaging.delivery SET attempts = $1, next_attempt_at = now()', [
        RETRY_DELAYS_SECONDS.length,
      ]);
      await eventually(async () =>
        expect(await listDeadLetters(messaging.kernels, { limit: 1 })).toMatchObject({ total: 2 }),
      );
      expect(await listDeadLetters(messaging.kernels, { consumer: CONSUMER.name, limit: 10 })).toMatchObject({
        letters: [{ consumer: CONSUMER.name, eventId: event.id, lastError: 'this event cannot be handled' }],
        total: 1,
      });
      const cursor = { eventId: event.id, consumer: CONSUMER.name };
      expect(
        await listDeadLetters(messaging.kernels, { consumer: CONSUMER.name, limit: 10, startingAfter: cursor }),
      ).toEqual({ letters: [], total: 1 });

      poisonous = undefined;
      expect(await replayDeadLetters(messaging.kernels, { consumer: CONSUMER.name, eventId: event.id })).toBe(1);
      await expect(
        replayDeadLetters(messaging.kernels, { consumer: CONSUMER.name, eventId: event.id }),
      ).rejects.toThrow('dead_letter.not_found');
      await eventually(async () =>
        expect(await effects()).toEqual([{ consumer: CONSUMER.name, applied: 1, events: 1 }]),
      );
      await eventually(async () =>
        expect(await everywhere('SELECT consumer FROM messaging.delivery')).toEqual([
          { consumer: OTHER_CONSUMER.name },
        ]),
      );
    });

    it('finds what the queue lost, and applies it once', async () => {
      await messaging.append(Array.from({ length: 700 }, () => thing()));
      await eventually(async () => {
        const counts = await messaging.queues.get(CONSUMER.name)?.getJobCounts('waiting');
        expect(counts?.['waiting']).toBeGreaterThan(0);
        expect(messaging.relay.isLeader).toBe(true);
      });
      await backend.lose(messaging);
      await messaging.startWorkers();
      await messaging.append([thing()]);
      await eventually(async () => expect(await effects()).toEqual(bothApplied(701)));
      await eventually(async () => expect(await everywhere('SELECT 1 FROM messaging.delivery')).toEqual([]));
    });

    it('finds what waits for a time that a process with a wrong clock has named, without waiting for it', async () => {
      await messaging.append(Array.from({ length: 300 }, () => thing()));
      const queue = messaging.queues.get(CONSUMER.name);
      if (queue === undefined) throw new Error('There is no queue');
      const jobs = await eventually(async () => {
        const waiting = await queue.getJobs(['waiting']);
        expect(waiting.flatMap(({ data }) => data.ids)).toHaveLength(300);
        return waiting;
      });
      await backend.lose(messaging);
      for (const { name, data } of jobs) await queue.add(name, data, { delay: AN_HOUR_MS });
      await messaging.startWorkers();
      await messaging.append([thing()]);
      await eventually(async () => expect(await effects()).toEqual(bothApplied(301)));
    });

    it('has one relay leading, and another take over when it stops', async () => {
      await messaging.startWorkers();
      await eventually(() => expect(messaging.relay.isLeader).toBe(true));
      const second = messaging.secondRelay();
      second.start();
      try {
        await messaging.append([thing()]);
        expect(second.isLeader).toBe(false);
        await messaging.relay.stop();
        await eventually(() => expect(second.isLeader).toBe(true));
        await messaging.append([thing()]);
        await eventually(async () => expect(await effects()).toEqual(bothApplied(2)));
      } finally {
        await second.stop();
      }
    });

    it('goes on after PostgreSQL has ended its connections', async () => {
      await messaging.startWorkers();
      await messaging.append([thing()]);
      await everywhere(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await eventually(() => messaging.append([thing()]));
      await eventually(
        async () => {
          const rows = await effects();
          expect(rows).toHaveLength(2);
          for (const row of rows) expect(row.applied).toBe(row.events);
          expect(rows[0]?.events).toBeGreaterThanOrEqual(2);
        },
        // A job that a worker held when its connection went stays its own until the lock has run out.
        { timeoutMs: 40_000 },
      );
    });
  });
}
