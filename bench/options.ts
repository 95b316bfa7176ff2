import path from 'node:path';
import { parseArgs } from 'node:util';
import { BenchError } from './bench-error.js';

/** In the order in which they run. `accept` brings its own yardstick, so `sql_floor` runs by itself only when asked for. */
export const BENCHES = ['memory', 'sql_floor', 'accept', 'end_to_end', 'ledger', 'outbox'] as const;
export type BenchName = (typeof BENCHES)[number];

export interface BenchOptions {
  readonly only: readonly BenchName[] | undefined;
  /** Length of one measurement. */
  readonly seconds: number;
  /** Absolute. */
  readonly jsonFile: string | undefined;
  /** Absolute: where the program leaves its processor profiles. */
  readonly profileFolder: string | undefined;
  readonly help: boolean;
}

/** Long enough to see past a checkpoint's first second, short enough that all of it stays well below five minutes. */
const DEFAULT_SECONDS = 6;
const MAX_SECONDS = 60;

export const USAGE = `Usage: npm run bench -- [--only NAME]... [--seconds S] [--json FILE] [--profile DIR]

  --only NAME   runs one; may be given more than once: ${BENCHES.join(', ')}
  --seconds S   length of each measurement, 1 to ${MAX_SECONDS} (default ${DEFAULT_SECONDS})
  --json FILE   writes the same figures for a program to read
  --profile DIR the program writes a .cpuprofile per process there (figures are lower then)

BENCH_DATABASE_URL or DATABASE_URL names a PostgreSQL on which databases may be created; without it one is started.
BENCH_REDIS_URL or REDIS_URL names a Redis; without it a private redis-server from PATH is used.`;

/** @param caller the folder in which the bench was called: relative files are meant from there */
export function readOptions(args: readonly string[], caller: string): BenchOptions {
  const { values } = parse(args);
  const seconds = values.seconds === undefined ? DEFAULT_SECONDS : Number(values.seconds);
  if (!Number.isFinite(seconds) || seconds < 1 || seconds > MAX_SECONDS)
    throw new BenchError(`--seconds must be from 1 to ${MAX_SECONDS}`);
  return {
    only: values.only?.map(benchName),
    seconds,
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
        seconds: { type: 'string' },
        json: { type: 'string' },
        profile: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : 'the options cannot be read');
  }
}

function benchName(name: string): BenchName {
  const known = BENCHES.find((bench) => bench === name);
  if (known === undefined) throw new BenchError(`--only takes one of ${BENCHES.join(', ')}`);
  return known;
}
