import type { Database } from '../database/database.js';
import type { Metrics } from '../observability/metrics.js';
import type { Queues } from '../queue/queues.js';

/** Gauges of how the conversation between the modules goes, measured when they are scraped. */
export function registerOutboxMetrics(metrics: Metrics, database: Database, queues: Queues): void {
  metrics.gauge(
    'sankofa_outbox_lag_seconds',
    'Age of the oldest event that the relay has not dispatched; 0 when there is none',
    [],
    async (gauge) => {
      const rows = await database.query<{ lag: number }>(
        `SELECT COALESCE(EXTRACT(EPOCH FROM now() - (
         SELECT o.created_at FROM messaging.outbox o
          WHERE (o.xid, o.seq) > (SELECT COALESCE(max(xid), '0'::xid8), COALESCE(max(seq), 0) FROM messaging.relay_cursor WHERE name = 'main')
          ORDER BY o.xid, o.seq LIMIT 1)), 0)::float8 AS lag`,
      );
      gauge.set(rows[0]?.lag ?? 0);
    },
  );
  metrics.gauge('sankofa_dead_letters', 'Events that were given up on, by consumer', ['consumer'], async (gauge) => {
    const rows = await database.query<{ consumer: string; count: bigint }>(
      'SELECT consumer, count(*) FROM messaging.delivery WHERE abandoned_at IS NOT NULL GROUP BY consumer',
    );
    for (const consumer of queues.keys()) gauge.set({ consumer }, 0);
    for (const row of rows) gauge.set({ consumer: row.consumer }, Number(row.count));
  });
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
