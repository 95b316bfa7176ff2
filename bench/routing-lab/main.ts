/** Runs scenarios with routers over many seeds, prints what came of it, and makes the page of it. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BenchError } from '../bench-error.js';
import { measureChoice } from './choice-cost.js';
import { writePage } from './page.js';
import { tableOf } from './report.js';
import { addRow, openResults, readResults, rowOf, writeResults, type ResultRow } from './results.js';
import { ROUTERS } from './routers.js';
import { SCENARIOS, type Scenario } from './scenario.js';
import { runStretch } from './stretch.js';

/** Seeds below were looked at while the router was made: figures of those would flatter it. */
const HELD_OUT = 10_001;
const PAGE_FOLDER = 'docs/routing-lab';
const ORDER = { scenarios: SCENARIOS.map(({ name }) => name), routers: Object.keys(ROUTERS) };

const USAGE = `Usage: npm run routing:lab -- [--from N] [--seeds N] [--only SCENARIO]... [--router NAME]... [--json FILE]
       npm run routing:lab -- --report

  --from N         the first seed (default ${HELD_OUT}; those below 10000 were used while the router was made)
  --seeds N        runs of each scenario with each router (default 200: a quarter of an hour)
  --only SCENARIO  may be given more than once: ${ORDER.scenarios.join(', ')}
  --router NAME    may be given more than once: ${ORDER.routers.join(', ')}
  --json FILE      adds the results to FILE, in place of older ones of the same scenario and router
  --report         runs nothing: makes ${PAGE_FOLDER}/README.md of ${PAGE_FOLDER}/results.json`;

export function main(args: readonly string[]): number {
  const { values } = parse(args);
  if (values.help === true) process.stdout.write(`${USAGE}\n`);
  else if (values.report === true) report();
  else runAll(optionsOf(values));
  return 0;
}

function report(): void {
  const charts = writePage(PAGE_FOLDER, readResults(path.join(PAGE_FOLDER, 'results.json')));
  process.stdout.write(`${PAGE_FOLDER}/README.md: ${charts} charts\n`);
}

function runAll(options: Options): void {
  const seeds = { from: options.from, count: options.seeds };
  let results = options.json === undefined ? undefined : openResults(options.json, seeds);
  for (const scenario of options.scenarios) {
    process.stdout.write(`\n${scenario.name}: ${scenario.about}\n`);
    const rows = options.routers.map((router) => run(scenario, router, options));
    process.stdout.write(tableOf(rows));
    if (options.json === undefined) continue;
    // Read again: another run may have added something meanwhile.
    results = openResults(options.json, seeds);
    for (const row of rows) results = addRow(results, scenario, row, ORDER);
    writeResults(options.json, results);
  }
  if (!options.choice) return;
  const choice = measureChoice();
  process.stdout.write(
    `\nA choice among 10 gateways under 50 rules takes ${choice.medianUs.toFixed(1)} microseconds (median), ${choice.p99Us.toFixed(1)} (p99).\n`,
  );
  if (options.json !== undefined) writeResults(options.json, { ...openResults(options.json, seeds), choice });
}

function run(scenario: Scenario, router: string, { from, seeds }: Options): ResultRow {
  const make = ROUTERS[router];
  if (make === undefined) throw new BenchError(`--router takes one of ${ORDER.routers.join(', ')}`);
  const tallies = Array.from({ length: seeds }, (_, index) => runStretch(scenario, from + index, make));
  return rowOf(router, scenario, tallies);
}

interface Options {
  readonly from: number;
  readonly seeds: number;
  readonly scenarios: readonly Scenario[];
  readonly routers: readonly string[];
  readonly json: string | undefined;
  readonly choice: boolean;
}

function optionsOf(values: ReturnType<typeof parse>['values']): Options {
  for (const name of values.only ?? [])
    if (!ORDER.scenarios.includes(name)) throw new BenchError(`there is no scenario ${name}`);
  const routers = values.router ?? ORDER.routers;
  return {
    from: wholeNumber('--from', values.from, HELD_OUT),
    seeds: wholeNumber('--seeds', values.seeds, 200),
    scenarios: SCENARIOS.filter(({ name }) => values.only?.includes(name) ?? true),
    routers,
    json: values.json,
    choice: routers.includes('sankofa'),
  };
}

function wholeNumber(name: string, given: string | undefined, otherwise: number): number {
  const value = Number(given ?? otherwise);
  if (!Number.isSafeInteger(value) || value < 1) throw new BenchError(`${name} takes a whole number from 1`);
  return value;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        from: { type: 'string' },
        seeds: { type: 'string' },
        only: { type: 'string', multiple: true },
        router: { type: 'string', multiple: true },
        json: { type: 'string' },
        report: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new BenchError(error instanceof Error ? error.message : 'the options cannot be read');
  }
}
