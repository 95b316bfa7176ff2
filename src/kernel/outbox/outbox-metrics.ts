import type { Gauge } from 'prom-client';
import type { Database } from '../database/database.js';
import type { Metrics } from '../observability/metrics.js';
import type { Queues } from '../queue/queues.js';
import type { ConsumerDefinition } from './consumer.js';
import { RELAY_CURSOR, type Relay } from './relay.js';

/** An outbox, by the name of its database's home, and the consumers elsewhere that its events are carried to. */
export interface ObservedOutbox {
  readonly name: string;
  readonly database: Database;
  readonly relay: Pick<Relay, 'isLeader' | 'isBehind'>;
  /** Who lives there. */
  readonly consumers: readonly ConsumerDefinition[];
  readonly carriedTo: readonly ConsumerDefinition[];
}

const LAG_SQL = `SELECT COALESCE(EXTRACT(EPOCH FROM now() - (
   SELECT o.created_at FROM messaging.outbox o
    WHERE (o.xid, o.seq) > (SELECT COALESCE(max(xid), '0'::xid8), COALESCE(max(seq), 0) FROM messaging.relay_cursor WHERE name = $1)
      AND ($2::text[] IS NULL OR o.type = ANY($2))
    ORDER BY o.xid, o.seq LIMIT 1)), 0)::float8 AS lag`;

/** Gauges of how the conversation between the modules goes, measured when they are scraped. */
export function registerOutboxMetrics(metrics: Metrics, outboxes: readonly ObservedOutbox[], queues: Queues): void {
  metrics.gauge(
    'sankofa_outbox_lag_seconds',
    'Age of the oldest event that the relay has not dispatched; 0 when there is none',
    ['outbox'],
    (gauge) =>
      ofEach(gauge, outboxes, async ({ name, database }) => {
        const rows = await database.query<{ lag: number }>(LAG_SQL, [RELAY_CURSOR, null]);
        gauge.set({ outbox: name }, rows[0]?.lag ?? 0);
      }),
  );
  if (outboxes.some(({ carriedTo }) => carriedTo.length > 0)) {
    metrics.gauge(
      'sankofa_courier_lag_seconds',
      'Age of the oldest event that has not been carried to a consumer in another database; 0 when there is none',
      ['outbox', 'consumer'],
      (gauge) =>
        ofEach(gauge, outboxes, async ({ name, database, carriedTo }) => {
          for (const { name: consumer, types } of carriedTo) {
            const rows = await database.query<{ lag: number }>(LAG_SQL, [consumer, types]);
            gauge.set({ outbox: name, consumer }, rows[0]?.lag ?? 0);
          }
        }),
    );
  }
  metrics.gauge('sankofa_relay_leader', '1 in the process that relays the outbox', ['outbox'], (gauge) => {
    for (const { name, relay } of outboxes) gauge.set({ outbox: name }, relay.isLeader ? 1 : 0);
  });
  metrics.gauge(
    'sankofa_consumer_behind',
    '1 while events wait in the outbox because the queue of their consumer is full, in the process that relays',
    ['consumer'],
    (gauge) => {
      for (const { relay, consumers } of outboxes)
        for (const { name } of consumers) gauge.set({ consumer: name }, relay.isBehind(name) ? 1 : 0);
    },
  );
  metrics.gauge('sankofa_dead_letters', 'Events that were given up on, by consumer', ['consumer'], (gauge) =>
    ofEach(gauge, outboxes, async ({ database, consumers }) => {
      const rows = await database.query<{ consumer: string; count: bigint }>(
        'SELECT consumer, count(*) FROM messaging.delivery WHERE abandoned_at IS NOT NULL GROUP BY consumer',
      );
      for (const { name: consumer } of consumers) gauge.set({ consumer }, 0);
      for (const row of rows) gauge.set({ consumer: row.consumer }, Number(row.count));
    }),
  );
  metrics.gauge(
    'sankofa_queue_depth',
    'Jobs (batches of events) by consumer and state',
    ['consumer', 'state'],
    async (gauge) => {
      await Promise.all(
        [...queues].map(async ([consumer, queue]) => {
          // With the queue's store away there is no figure to give; the absence shows.
          const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed').catch(() => ({}));
          for (const [state, count] of Object.entries(counts)) gauge.set({ consumer, state }, count);
        }),
      );
    },
  );
}

/** With a database away there are no figures of it to give; the absence shows, and the others are there. */
async function ofEach(
  gauge: Gauge,
  outboxes: readonly ObservedOutbox[],
  measure: (outbox: ObservedOutbox) => Promise<void>,
): Promise<void> {
  gauge.reset();
  await Promise.all(outboxes.map((outbox) => measure(outbox).catch(() => undefined)));
}
