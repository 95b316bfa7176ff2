/** Half of what can be carried, for an hour: whether anything grows that should not. */
import { Redis } from 'ioredis';
import type { RoadLoadResult } from './children/road-load.js';
import { BenchError } from './bench-error.js';
import { round, type Figures } from './figures.js';
import { runRoad } from './road.js';
import { seriesOf, type Series } from './series.js';
import { takeSample, type SoakSample } from './soak-sample.js';
import type { Stage } from './stage.js';
import { median, quarter, slope } from './trend.js';

const SHARE = 0.5;
const SAMPLE_EVERY_MS = 10_000;
/** Four in each quarter. */
const MIN_SAMPLES = 16;
const AIMS = {
  /** Heap that is collected seldom moves by some percent; what leaks moves by more in half an hour. */
  memory: 1.1,
  /** A connection more or less at the moment of the look. */
  connections: 1.05,
  redisKeys: 1,
  bytesPerPayment: 1.1,
} as const;
/** The program's default for IDEMPOTENCY_CACHE_TTL_SECONDS: so long an answer is remembered in Redis. */
const CACHED_SECONDS = 900;
/** Redis tries to keep no more than so many that have expired already (redis.conf, active-expire-effort); they count as keys. */
const EXPIRED_SHARE = 0.1;
/** Queues, locks and jobs under way. */
const OTHER_REDIS_KEYS = 5_000;
const MIB = 1_048_576;
const HOURS_PER_MS = 1 / 3_600_000;

export async function benchSoak(stage: Stage, figures: Figures): Promise<void> {
  const redisUrl = stage.services.redis?.url;
  const redis = redisUrl === undefined ? undefined : new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  redis?.on('error', () => undefined);
  try {
    const { load, samples, outcome } = await runRoad<SoakSample>(stage, {
      phases: [{ name: 'soak', share: SHARE, ms: stage.soakMs }],
      sliceMs: SAMPLE_EVERY_MS,
      look: ({ app, databaseUrl }) => takeSample(app, databaseUrl, redis),
    });
    const during = samples.filter(({ at }) => at >= load.slicesStartedAt);
    if (during.length < MIN_SAMPLES)
      throw new BenchError(`a soak of ${during.length} samples says nothing: --minutes 3 at least`);
    addThroughput(figures, load, during, outcome);
    addGrowth(figures, during);
    addRedis(figures, load, during);
    addBytesPerPayment(figures, during);
  } finally {
    redis?.disconnect();
  }
}

function addThroughput(figures: Figures, load: RoadLoadResult, samples: readonly SoakSample[], outcome: unknown): void {
  const [soak] = load.phases;
  if (soak === undefined) throw new BenchError('the load has no phases');
  figures.add({
    name: 'soak.throughput',
    value: soak.completed / soak.seconds,
    unit: 'payments/s',
    ratioTo: 'what was sustainable at the beginning',
    reference: load.sustainablePerSecond,
    details: {
      seconds: round(soak.seconds),
      accepted: soak.accepted,
      refused: soak.refused,
      other_answers: soak.otherAnswers,
      failed: soak.failed,
      accept: soak.accept,
      accepted_to_webhook: soak.completion,
      webhooks_missing: load.missing,
      outcome,
      series: seriesOfSoak(load, samples),
    },
  });
}

function addGrowth(figures: Figures, samples: readonly SoakSample[]): void {
  const add = (name: string, limit: number | undefined, unit: string, read: (sample: SoakSample) => number): void => {
    const [second, last] = [median(quarter(samples, 2).map(read)), median(quarter(samples, 4).map(read))];
    const secondHalf = samples.slice(samples.length >> 1);
    figures.add({
      name,
      value: last,
      unit,
      ratioTo: 'the second quarter of the time',
      reference: second,
      ...(limit === undefined ? {} : { aim: { of: 'ratio', bound: 'at_most', limit } as const }),
      details: {
        measure: 'median of the last quarter of the time',
        second_quarter: round(second),
        fitted_growth_per_hour: round(slope(secondHalf.map((sample) => [sample.at * HOURS_PER_MS, read(sample)]))),
        highest: round(Math.max(...samples.map(read))),
      },
    });
  };
  add('soak.memory', AIMS.memory, 'MiB', ({ residentBytes }) => residentBytes / MIB);
  add('soak.heap', undefined, 'MiB', ({ heapBytes }) => heapBytes / MIB);
  add('soak.event_loop_p99', undefined, 'ms', ({ eventLoopP99Ms }) => eventLoopP99Ms);
  add('soak.file_descriptors', AIMS.connections, 'open', ({ fileDescriptors }) => fileDescriptors);
  add('soak.database_connections', AIMS.connections, 'open', ({ databaseConnections }) => databaseConnections);
}

function addRedis(figures: Figures, load: RoadLoadResult, samples: readonly SoakSample[]): void {
  const held = quarter(samples, 4).flatMap(({ redis }) => (redis === undefined ? [] : [redis]));
  if (held.length === 0) {
    figures.skip('soak.redis_keys', 'there is no Redis: set REDIS_URL, or put redis-server on PATH');
    return;
  }
  const answers = load.sustainablePerSecond * SHARE * CACHED_SECONDS;
  const bound = answers / (1 - EXPIRED_SHARE) + OTHER_REDIS_KEYS;
  figures.add({
    name: 'soak.redis_keys',
    value: median(held.map(({ keys }) => keys)),
    unit: 'keys',
    ratioTo: `answers of ${CACHED_SECONDS} s, a tenth of them expired, and ${OTHER_REDIS_KEYS}`,
    reference: bound,
    aim: { of: 'ratio', bound: 'at_most', limit: AIMS.redisKeys },
    details: {
      measure: 'median of the last quarter of the time',
      used_mib: round(median(held.map(({ bytes }) => bytes / MIB))),
    },
  });
}

/** What a payment adds to all tables and indexes together, in the last half and in the quarter before it. */
function addBytesPerPayment(figures: Figures, samples: readonly SoakSample[]): void {
  const [start, half, end] = [samples[samples.length >> 2], samples[samples.length >> 1], samples.at(-1)];
  if (start === undefined || half === undefined || end === undefined) throw new BenchError('there are no samples');
  figures.add({
    name: 'soak.bytes_per_payment',
    value: bytesPerPayment(half, end),
    unit: 'bytes',
    ratioTo: 'the second quarter of the time',
    reference: bytesPerPayment(start, half),
    aim: { of: 'ratio', bound: 'at_most', limit: AIMS.bytesPerPayment },
    details: {
      measure: 'growth of all tables and indexes per payment, in the last half of the time',
      tables: Object.fromEntries(
        end.tables
          .filter(({ inserted }) => inserted > 0)
          .map(({ name, live, dead, bytes }) => [name, { live, dead, bytes, bytes_per_row: round(bytes / live) }]),
      ),
    },
  });
}

function bytesPerPayment(from: SoakSample, to: SoakSample): number {
  return (bytesOf(to) - bytesOf(from)) / (paymentsOf(to) - paymentsOf(from));
}

function bytesOf({ tables }: SoakSample): number {
  return tables.reduce((sum, { bytes }) => sum + bytes, 0);
}

function paymentsOf({ tables }: SoakSample): number {
  return tables.find(({ name }) => name === 'payments.payment')?.inserted ?? Number.NaN;
}

function seriesOfSoak({ slices, slicesStartedAt }: RoadLoadResult, samples: readonly SoakSample[]): Series[] {
  const sampled = (name: string, unit: string, read: (sample: SoakSample) => number | undefined): Series =>
    seriesOf(name, unit, samples, (sample) => [(sample.at - slicesStartedAt) / 1_000, read(sample)]);
  const dead = ({ tables }: SoakSample): number => tables.reduce((sum, table) => sum + table.dead, 0);
  return [
    seriesOf('completed', '1/s', slices, (slice, index) => [
      ((index + 1) * SAMPLE_EVERY_MS) / 1_000,
      slice.completed / slice.seconds,
    ]),
    seriesOf('accept p99', 'ms', slices, (slice, index) => [
      ((index + 1) * SAMPLE_EVERY_MS) / 1_000,
      slice.accept.p99Ms,
    ]),
    sampled('resident memory', 'MiB', ({ residentBytes }) => residentBytes / MIB),
    sampled('heap', 'MiB', ({ heapBytes }) => heapBytes / MIB),
    sampled('event loop p99', 'ms', ({ eventLoopP99Ms }) => eventLoopP99Ms),
    sampled('file descriptors', 'open', ({ fileDescriptors }) => fileDescriptors),
    sampled('database connections', 'open', ({ databaseConnections }) => databaseConnections),
    sampled('Redis keys', 'keys', ({ redis }) => redis?.keys),
    sampled('Redis memory', 'MiB', ({ redis }) => redis && redis.bytes / MIB),
    sampled('tables and indexes', 'MiB', (sample) => bytesOf(sample) / MIB),
    sampled('dead rows', 'rows', dead),
  ];
}
