/** A worker that appends events as a module does while it applies them: a steady flow, then single events. */
import { setTimeout as sleep } from 'node:timers/promises';
import { appendEvents } from '../../src/kernel/outbox/append.js';
import { Latencies } from './latencies.js';
import { APPEND_BATCH, openOutboxWorker, thing, type OutboxWorker, type OutboxWorkerInput } from './outbox-worker.js';

export interface OutboxInput extends OutboxWorkerInput {
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly idleEvents: number;
}

export interface OutboxResult {
  readonly eventsPerSecond: number;
  readonly idleP50Ms: number | null;
  readonly idleP99Ms: number | null;
  readonly idleMeasured: number;
}

/** Events appended but not yet applied: the relay always finds something, and a backlog does not grow for ever. */
const MAX_AHEAD = 8_000;
/** Between two single events: longer than the relay's slowest poll, so that each finds everything asleep. */
const IDLE_PAUSE_MS = 30;

export async function run(input: OutboxInput): Promise<OutboxResult> {
  const worker = await openOutboxWorker(input);
  await worker.start();
  const eventsPerSecond = await measureThroughput(worker, input);
  const idle = await measureIdle(worker, input.idleEvents);
  await worker.stop();
  return {
    eventsPerSecond,
    idleP50Ms: idle.percentile(0.5),
    idleP99Ms: idle.percentile(0.99),
    idleMeasured: idle.count,
  };
}

async function measureThroughput(
  { database, effects }: OutboxWorker,
  { warmUpMs, measureMs }: OutboxInput,
): Promise<number> {
  let running = true;
  let appended = 0;
  const produce = async (): Promise<void> => {
    while (running) {
      if (appended - effects.applied >= MAX_AHEAD) {
        await effects.until(appended - MAX_AHEAD + APPEND_BATCH);
        continue;
      }
      const events = Array.from({ length: APPEND_BATCH }, thing);
      await database.transaction((tx) => appendEvents(tx, events));
      appended += events.length;
    }
  };
  const producing = produce();
  await Promise.race([sleep(warmUpMs), producing]);
  const before = effects.applied;
  const startedAt = performance.now();
  await Promise.race([sleep(measureMs), producing]);
  const perSecond = (effects.applied - before) / ((performance.now() - startedAt) / 1_000);
  running = false;
  await producing;
  await effects.until(appended);
  return perSecond;
}

/** From the moment the appending transaction has committed to the moment the effect's has. */
async function measureIdle({ database, effects }: OutboxWorker, count: number): Promise<Latencies> {
  const latencies = new Latencies();
  for (let each = 0; each < count; each += 1) {
    await sleep(IDLE_PAUSE_MS);
    const wanted = effects.applied + 1;
    await database.transaction((tx) => appendEvents(tx, [thing()]));
    const committedAt = performance.now();
    await effects.until(wanted);
    latencies.add(performance.now() - committedAt);
  }
  return latencies;
}
