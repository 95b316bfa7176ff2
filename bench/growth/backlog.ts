/** Events that gathered while no consumer ran: how fast a worker that starts applies them, and what it and Redis hold meanwhile. */
import { runChild } from '../child-task.js';
import type { BacklogInput, BacklogResult } from '../children/backlog-program.js';
import { round, type Figures } from '../figures.js';
import { measureOutbox, outboxDatabase } from '../outbox.js';
import { checkpoint } from '../scratch-database.js';
import { seriesOf } from '../series.js';
import type { Stage } from '../stage.js';

const STEADY = 'outbox.redis.throughput';
/** "A backlog drains at full rate": of the rate of a steady flow, in which the same process also appends. */
const AIM_RATIO = 0.9;
/** The slowest machine that is waited for: for appending, and again for draining. */
const LEAST_PER_SECOND = 1_000;
const PATIENCE_MS = 60_000;
const MEBIBYTE = 1_048_576;

export async function benchBacklog(stage: Stage, figures: Figures): Promise<void> {
  const { redis } = stage.services;
  if (redis === undefined) {
    for (const what of ['drain', 'memory_peak', 'redis_memory_peak'])
      figures.skip(`backlog.${what}`, 'there is no Redis: set REDIS_URL, or put redis-server on PATH');
    return;
  }
  if (figures.value(STEADY) === undefined) await measureOutbox(stage, figures, 'redis', redis.url);
  const events = stage.growth.backlogEvents;
  stage.say(`  ${events.toLocaleString('en-US')} events are appended, then a worker starts`);
  const result = await drain(stage, redis.url, events);
  addFigures(figures, events, result);
}

async function drain(stage: Stage, redisUrl: string, events: number): Promise<BacklogResult> {
  const databaseUrl = await outboxDatabase(stage);
  await checkpoint(stage.services.postgres.adminUrl);
  const drainTimeoutMs = (events / LEAST_PER_SECOND) * 1_000;
  const input: BacklogInput = { databaseUrl, redisUrl, queuePrefix: stage.queuePrefix(), events, drainTimeoutMs };
  const result = await runChild<BacklogResult>({
    file: 'backlog-program.ts',
    input,
    signal: stage.signal,
    timeoutMs: 2 * drainTimeoutMs + PATIENCE_MS,
  });
  await stage.databases.drop(databaseUrl);
  return result;
}

function addFigures(figures: Figures, events: number, { appendSeconds, drainSeconds, samples }: BacklogResult): void {
  const [before] = samples;
  const memory = Math.max(...samples.map(({ memoryBytes }) => memoryBytes));
  const redis = Math.max(...samples.map(({ redisBytes }) => redisBytes));
  figures.add({
    name: 'backlog.drain',
    value: events / drainSeconds,
    unit: 'events/s',
    ratioTo: STEADY,
    aim: { of: 'ratio', bound: 'at_least', limit: AIM_RATIO },
    details: {
      events,
      seconds: round(drainSeconds),
      append_seconds: round(appendSeconds),
      consumers: 1,
      series: [
        seriesOf('waiting events', 'events', samples, ({ seconds, waiting }) => [seconds, waiting]),
        seriesOf('memory of the worker', 'MiB', samples, ({ seconds, memoryBytes }) => [
          seconds,
          memoryBytes / MEBIBYTE,
        ]),
        seriesOf('memory of Redis', 'MiB', samples, ({ seconds, redisBytes }) => [seconds, redisBytes / MEBIBYTE]),
      ],
    },
  });
  figures.add({
    name: 'backlog.memory_peak',
    value: memory / MEBIBYTE,
    unit: 'MiB',
    ratioTo: 'the same process before the drain',
    reference: before.memoryBytes / MEBIBYTE,
    details: { measure: 'resident set size', events },
  });
  figures.add({
    name: 'backlog.redis_memory_peak',
    value: redis / MEBIBYTE,
    unit: 'MiB',
    ratioTo: 'Redis before the drain',
    reference: before.redisBytes / MEBIBYTE,
    details: { measure: 'used_memory', events, bytes_per_waiting_event: round((redis - before.redisBytes) / events) },
  });
}
