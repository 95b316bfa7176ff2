/** Events per second from commit to applied effect, and how long a single one takes when nothing else happens. */
import { roleOf } from '../src/kernel/database/database.js';
import { runChild } from './child-task.js';
import type { OutboxInput, OutboxResult } from './children/outbox-program.js';
import type { Figures } from './figures.js';
import { checkpoint, queryOnce } from './scratch-database.js';
import type { Stage } from './stage.js';

const WARM_UP_MS = 2_000;
const IDLE_EVENTS = 200;
/** Opening, draining, and the single events at up to 100 ms each. */
const PATIENCE_MS = 60_000;
/** Both are aims for BullMQ on Redis; on PostgreSQL the same is measured for comparison. */
const AIM_PER_SECOND = 15_000;
const AIM_IDLE_MS = 10;

export async function benchOutbox(stage: Stage, figures: Figures): Promise<void> {
  const { redis } = stage.services;
  if (redis === undefined) {
    const reason = 'there is no Redis: set REDIS_URL, or put redis-server on PATH';
    figures.skip('outbox.redis.throughput', reason);
    figures.skip('outbox.redis.idle_latency', reason);
  } else await measureOutbox(stage, figures, 'redis', redis.url);
  await measureOutbox(stage, figures, 'postgresql', undefined);
}

export async function measureOutbox(
  stage: Stage,
  figures: Figures,
  queue: 'redis' | 'postgresql',
  redisUrl: string | undefined,
): Promise<void> {
  stage.say(`  BullMQ on ${queue}`);
  const databaseUrl = await outboxDatabase(stage);
  await checkpoint(stage.services.postgres.adminUrl);
  const input: OutboxInput = {
    databaseUrl,
    redisUrl,
    queuePrefix: stage.queuePrefix(),
    warmUpMs: WARM_UP_MS,
    measureMs: stage.measureMs,
    idleEvents: IDLE_EVENTS,
  };
  const result = await runChild<OutboxResult>({
    file: 'outbox-program.ts',
    input,
    signal: stage.signal,
    timeoutMs: WARM_UP_MS + stage.measureMs + PATIENCE_MS,
  });
  const isAimedAt = queue === 'redis';
  figures.add({
    name: `outbox.${queue}.throughput`,
    value: result.eventsPerSecond,
    unit: 'events/s',
    ratioTo: 'sql_floor.c64',
    ...(isAimedAt ? { aim: { of: 'value', bound: 'at_least', limit: AIM_PER_SECOND } as const } : {}),
    details: { consumers: 1, effect: 'one row per event, inserted set-based' },
  });
  figures.add({
    name: `outbox.${queue}.idle_latency`,
    value: result.idleP50Ms ?? Number.NaN,
    unit: 'ms',
    ratioTo: `the aim on Redis (${AIM_IDLE_MS} ms)`,
    reference: AIM_IDLE_MS,
    ...(isAimedAt ? { aim: { of: 'value', bound: 'at_most', limit: AIM_IDLE_MS } as const } : {}),
    details: {
      median_of: result.idleMeasured,
      p99_ms: result.idleP99Ms,
      from: 'commit of the event',
      to: 'commit of the effect',
    },
  });
  await stage.databases.drop(databaseUrl);
}

/** A database with the table that the effects go to. */
export async function outboxDatabase({ databases }: Stage): Promise<string> {
  const databaseUrl = await databases.copy();
  await queryOnce(
    databaseUrl,
    `CREATE TABLE payments.bench_effect (event_id uuid NOT NULL); GRANT INSERT ON payments.bench_effect TO ${roleOf('payments')}`,
  );
  return databaseUrl;
}
