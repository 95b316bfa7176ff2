/** Runs every scenario with every router over many seeds, and prints what came of it. */
import { parseArgs } from 'node:util';
import { BenchError } from '../bench-error.js';
import { measureChoice } from './choice-cost.js';
import { summaryOf, tableOf, type Summary } from './report.js';
import type { Router } from './router.js';
import { FixedPriority, Oracle, RoundRobin, SlidingWindow } from './routers.js';
import { SCENARIOS, type Scenario } from './scenario.js';
import { Smart } from './smart.js';
import { runStretch } from './stretch.js';
import type { World } from './world.js';

const ROUTERS: Readonly<Record<string, (world: World, random: () => number) => Router>> = {
  sankofa: (_world, random) => new Smart(random),
  sliding_window: (world, random) => new SlidingWindow(random, world.gateways),
  round_robin: () => new RoundRobin(),
  fixed_priority: () => new FixedPriority(),
  oracle: (world) => new Oracle(world),
};

const USAGE = `Usage: npm run routing:lab -- [--seeds N] [--only SCENARIO]... [--router NAME]...

  --seeds N        runs of each scenario with each router (default 200: some minutes)
  --only SCENARIO  may be given more than once: ${SCENARIOS.map(({ name }) => name).join(', ')}
  --router NAME    may be given more than once: ${Object.keys(ROUTERS).join(', ')}`;

export function main(args: readonly string[]): number {
  const options = readOptions(args);
  if (options === undefined) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  for (const scenario of options.scenarios) {
    process.stdout.write(`\n${scenario.name}: ${scenario.about}\n`);
    const rows = options.routers.map((router) => run(scenario, router, options.seeds));
    process.stdout.write(tableOf(rows));
  }
  const { medianUs, p99Us } = measureChoice();
  process.stdout.write(
    `\nA choice among 10 gateways under 50 rules takes ${medianUs.toFixed(1)} microseconds (median), ${p99Us.toFixed(1)} (p99).\n`,
  );
  return 0;
}

function run(scenario: Scenario, router: string, seeds: number): Summary {
  const make = ROUTERS[router];
  if (make === undefined) throw new BenchError(`--router takes one of ${Object.keys(ROUTERS).join(', ')}`);
  const tallies = Array.from({ length: seeds }, (_, index) => runStretch(scenario, index + 1, make));
  return summaryOf(router, scenario, tallies);
}

interface Options {
  readonly seeds: number;
  readonly scenarios: readonly Scenario[];
  readonly routers: readonly string[];
}

/** Undefined: help was asked for. */
function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parse(args);
  if (values.help === true) return undefined;
  const seeds = Number(values.seeds ?? 200);
  if (!Number.isSafeInteger(seeds) || seeds < 1) throw new BenchError('--seeds takes a whole number from 1');
  for (const name of values.only ?? [])
    if (!SCENARIOS.some((scenario) => scenario.name === name)) throw new BenchError(`there is no scenario ${name}`);
  return {
    seeds,
    scenarios: SCENARIOS.filter(({ name }) => values.only?.includes(name) ?? true),
    routers: values.router ?? Object.keys(ROUTERS),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string' },
        only: { type: 'string', multiple: true },
        router: { type: 'string', multiple: true },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : 'the options cannot be read');
  }
}
