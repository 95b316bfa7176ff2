import path from 'node:path';
import { parseArgs } from 'node:util';
import { BenchError } from './bench-error.js';

/** In the order in which they run. `accept` brings its own yardstick, so `sql_floor` runs by itself only when asked for. */
export const BENCHES = [
  'memory',
  'sql_floor',
  'accept',
  'end_to_end',
  'ledger',
  'outbox',
  'steady_latency',
  'spike',
  'noisy_merchant',
  'soak',
  'processes',
  'merchants',
  'backlog',
  'table_size',
  'reconciliation',
  'settlement',
  'ledger_proof',
  'ledger_large',
  'lists',
] as const;
export type BenchName = (typeof BENCHES)[number];

/** What `--growth` runs: how figures change as something grows, and the yardstick that tells by how much. */
const GROWTH: readonly BenchName[] = ['sql_floor', 'processes', 'merchants', 'backlog', 'table_size'];

/** Too long for every day, or part of another: only when asked for. */
export const ON_REQUEST: ReadonlySet<BenchName> = new Set([
  ...GROWTH,
  'steady_latency',
  'spike',
  'noisy_merchant',
  'soak',
  'reconciliation',
  'settlement',
  'ledger_proof',
  'ledger_large',
  'lists',
]);

export interface GrowthOptions {
  /** Payments that the tables hold already, ascending. */
  readonly sizes: readonly number[];
  /** Events that wait when a worker starts. */
  readonly backlogEvents: number;
}

export interface BenchOptions extends GrowthOptions {
  readonly only: readonly BenchName[] | undefined;
  /** Length of one measurement. */
  readonly seconds: number;
  readonly spikeSeconds: number;
  readonly soakMinutes: number;
  /** Absolute. */
  readonly jsonFile: string | undefined;
  /** Absolute: where the program leaves its processor profiles. */
  readonly profileFolder: string | undefined;
  readonly help: boolean;
}

/** Long enough to see past a checkpoint's first second, short enough that all of it stays well below five minutes. */
const DEFAULT_SECONDS = 6;
const MAX_SECONDS = 60;
/** Twice as long as the longest that the program may take to be as before. */
const DEFAULT_SPIKE_SECONDS = 120;
const MAX_SPIKE_SECONDS = 600;
/** Long enough that what grows by a percent a minute has grown visibly. */
const DEFAULT_SOAK_MINUTES = 60;
const MAX_SOAK_MINUTES = 24 * 60;
const DEFAULT_SIZES = '0,1000000,10000000';
const MAX_SIZE = 1_000_000_000;
const DEFAULT_BACKLOG = '1000000';
/** Below one read of the relay it would be no backlog. */
const MIN_BACKLOG = 5_000;
const MAX_BACKLOG = 100_000_000;

export const USAGE = `Usage: npm run bench -- [--only NAME]... [--seconds S] [--json FILE] [--profile DIR]

  --only NAME   runs one; may be given more than once: ${BENCHES.join(', ')}
  --growth      runs ${GROWTH.join(', ')}
  --sizes N,... payments in the tables before table_size (default ${DEFAULT_SIZES}: takes disk, and an hour)
  --backlog N   events that wait for backlog (default ${DEFAULT_BACKLOG})
  --seconds S   length of each measurement, 1 to ${MAX_SECONDS} (default ${DEFAULT_SECONDS})
  --spike-seconds S  length of the spike, 1 to ${MAX_SPIKE_SECONDS} (default ${DEFAULT_SPIKE_SECONDS})
  --minutes M   length of the soak, 1 to ${MAX_SOAK_MINUTES} (default ${DEFAULT_SOAK_MINUTES})
  --json FILE   writes the same figures for a program to read
  --profile DIR the program writes a .cpuprofile per process there (figures are lower then)

BENCH_DATABASE_URL or DATABASE_URL names a PostgreSQL on which databases may be created; without it one is started.
BENCH_REDIS_URL or REDIS_URL names a Redis; without it a private redis-server from PATH is used.`;

/** @param caller the folder in which the bench was called: relative files are meant from there */
export function readOptions(args: readonly string[], caller: string): BenchOptions {
  const { values } = parse(args);
  return {
    only: values.growth === true ? [...GROWTH, ...(values.only ?? []).map(benchName)] : values.only?.map(benchName),
    sizes: sizesOf(values.sizes ?? DEFAULT_SIZES),
    backlogEvents: wholeNumber('--backlog', values.backlog ?? DEFAULT_BACKLOG, MIN_BACKLOG, MAX_BACKLOG),
    seconds: length('--seconds', values.seconds, DEFAULT_SECONDS, MAX_SECONDS),
    spikeSeconds: length('--spike-seconds', values['spike-seconds'], DEFAULT_SPIKE_SECONDS, MAX_SPIKE_SECONDS),
    soakMinutes: length('--minutes', values.minutes, DEFAULT_SOAK_MINUTES, MAX_SOAK_MINUTES),
    jsonFile: values.json === undefined ? undefined : path.resolve(caller, values.json),
    profileFolder: values.profile === undefined ? undefined : path.resolve(caller, values.profile),
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        growth: { type: 'boolean' },
        sizes: { type: 'string' },
        backlog: { type: 'string' },
        seconds: { type: 'string' },
        'spike-seconds': { type: 'string' },
        minutes: { type: 'string' },
        json: { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : 'the options cannot be read');
  }
}

function length(option: string, given: string | undefined, fallback: number, max: number): number {
  const value = given === undefined ? fallback : Number(given);
  if (!Number.isFinite(value) || value < 1 || value > max) throw new BenchError(`${option} must be from 1 to ${max}`);
  return value;
}

function benchName(name: string): BenchName {
  const known = BENCHES.find((bench) => bench === name);
  if (known === undefined) throw new BenchError(`--only takes one of ${BENCHES.join(', ')}`);
  return known;
}

function sizesOf(text: string): readonly number[] {
  const sizes = new Set(text.split(',').map((size) => wholeNumber('--sizes', size, 0, MAX_SIZE)));
  return [...sizes].sort((a, b) => a - b);
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max)
    throw new BenchError(`${option} takes whole numbers from ${min} to ${max}`);
  return value;
}
