/** The command line. */
import { parseArgs } from 'node:util';

export interface SimulateOptions {
  readonly seeds: readonly number[];
  /** How many of them run at a time, each in a process of its own. */
  readonly atOnce: number;
  /** Length of the load. */
  readonly seconds: number;
  /** Shows the plan and what happens. */
  readonly verbose: boolean;
  /** Only what does not take long to get over. */
  readonly short: boolean;
  /** Only shows the plan. */
  readonly planOnly: boolean;
  /** A file for a program to read: one line of JSON per run. */
  readonly jsonFile: string | undefined;
  readonly help: boolean;
}

/** Told in one line. */
export class SimulateError extends Error {
  override readonly name = 'SimulateError';
}

const DEFAULT_SECONDS = 40;
const MAX_SECONDS = 3_600;
const MAX_SEEDS = 10_000;
/** Each takes about one core and has a PostgreSQL and a Redis of its own. */
const MAX_AT_ONCE = 16;

export const USAGE = `Usage: npm run simulate -- [--seed N | --seeds A-B [--at-once N]] [--seconds S | --minutes M] [--short] [--verbose] [--plan] [--json FILE]

  --seed N      the run of that number (default: one by the clock, which is printed)
  --seeds A-B   these one after the other; ends at the first that fails
  --at-once N   so many of them at a time, one of them under load while the others come to rest
  --seconds S   length of the load (default ${DEFAULT_SECONDS}); --minutes M is the same in minutes
  --short       only what does not take long to get over, as in npm test
  --verbose     shows the plan, and what happens
  --plan        shows the plan only
  --json FILE   appends a line of JSON per run`;

export function readOptions(args: readonly string[]): SimulateOptions {
  const { values } = parse(args);
  return {
    seeds: readSeeds(values.seed, values.seeds),
    atOnce: readAtOnce(values['at-once']),
    seconds: readSeconds(values.seconds, values.minutes),
    verbose: values.verbose ?? false,
    short: values.short ?? false,
    planOnly: values.plan ?? false,
    jsonFile: values.json,
    help: values.help ?? false,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string' },
        seeds: { type: 'string' },
        'at-once': { type: 'string' },
        seconds: { type: 'string' },
        minutes: { type: 'string' },
        verbose: { type: 'boolean' },
        short: { type: 'boolean' },
        plan: { type: 'boolean' },
        json: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new SimulateError(error instanceof Error ? error.message : 'the options cannot be read');
  }
}

function readSeeds(seed: string | undefined, seeds: string | undefined): readonly number[] {
  if (seeds !== undefined) {
    const [, from, to] = /^(\d{1,9})-(\d{1,9})$/.exec(seeds) ?? [];
    const first = Number(from);
    const count = Number(to) - first + 1;
    if (!(count >= 1 && count <= MAX_SEEDS))
      throw new SimulateError(`--seeds must be A-B, at most ${MAX_SEEDS} of them`);
    return Array.from({ length: count }, (_, index) => first + index);
  }
  if (seed === undefined) return [Math.floor(Date.now() / 1_000) % 1_000_000];
  if (!/^\d{1,9}$/.test(seed)) throw new SimulateError('--seed must be a whole number');
  return [Number(seed)];
}

function readAtOnce(given: string | undefined): number {
  const atOnce = Number(given ?? 1);
  if (!Number.isInteger(atOnce) || atOnce < 1 || atOnce > MAX_AT_ONCE)
    throw new SimulateError(`--at-once must be from 1 to ${MAX_AT_ONCE}`);
  return atOnce;
}

function readSeconds(seconds: string | undefined, minutes: string | undefined): number {
  const value =
    seconds === undefined ? (minutes === undefined ? DEFAULT_SECONDS : Number(minutes) * 60) : Number(seconds);
  if (!(value >= 1 && value <= MAX_SECONDS)) throw new SimulateError(`a run takes 1 to ${MAX_SECONDS} seconds`);
  return value;
}
