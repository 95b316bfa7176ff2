/** What runs came to, as it is kept in a file: the page is made of it, so that a table can be made again without the hours of computing. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { BenchError } from '../bench-error.js';
import { summaryOf, type Summary } from './report.js';
import type { Scenario } from './scenario.js';
import type { Tally } from './stretch.js';

const FORMAT = 1;
/** Detections by how many attempts they took: 0, 1, 2 and so on; the last stands for all that took more. */
const MOST_ATTEMPTS = 10;

const row = z.object({
  router: z.string(),
  successShare: z.number(),
  regret: z.number(),
  regretError: z.number(),
  parts: z.object({
    learning: z.number(),
    struck: z.number(),
    elsewhere: z.number(),
    after: z.number(),
    retries: z.number(),
  }),
  attemptsToDetect: z.number().nullable(),
  secondsToDetect: z.number().nullable(),
  outages: z.number(),
  detected: z.number(),
  falseTripsPerGatewayWeek: z.number(),
  /** Regret up to the end of each of equal parts of the run. */
  curve: z.array(z.number()),
  /** Around the beginning of troubles, by steps of some minutes: see around.ts. In percent of payments that customers did not fail. */
  lostAround: z.array(z.number()),
  detections: z.array(z.number()),
});

const results = z.object({
  format: z.literal(FORMAT),
  seeds: z.object({ from: z.number(), count: z.number() }),
  scenarios: z.array(z.object({ name: z.string(), about: z.string(), days: z.number(), rows: z.array(row) })),
  /** Of one choice among ten gateways under fifty rules, in microseconds. */
  choice: z.object({ medianUs: z.number(), p99Us: z.number() }).nullable(),
});

export type ResultRow = z.infer<typeof row>;
export type Results = z.infer<typeof results>;
export type ScenarioResult = Results['scenarios'][number];

export function rowOf(router: string, scenario: Scenario, tallies: readonly Tally[]): ResultRow {
  const summary = summaryOf(router, scenario, tallies);
  const detections = Array.from({ length: MOST_ATTEMPTS + 1 }, () => 0);
  for (const { attempts } of tallies.flatMap((tally) => tally.detections)) {
    const index = Math.min(MOST_ATTEMPTS, attempts);
    detections[index] = (detections[index] ?? 0) + 1;
  }
  return { ...rounded(summary), curve: curveOf(tallies), lostAround: lostAround(tallies), detections };
}

/** What is kept of a summary is what is shown, and one digit more. */
function rounded(summary: Summary): Summary {
  const { parts } = summary;
  return {
    ...summary,
    successShare: digits(summary.successShare, 5),
    regret: digits(summary.regret, 2),
    regretError: digits(summary.regretError, 2),
    parts: {
      learning: digits(parts.learning, 2),
      struck: digits(parts.struck, 2),
      elsewhere: digits(parts.elsewhere, 2),
      after: digits(parts.after, 2),
      retries: digits(parts.retries, 2),
    },
    secondsToDetect: summary.secondsToDetect === null ? null : digits(summary.secondsToDetect, 0),
    falseTripsPerGatewayWeek: digits(summary.falseTripsPerGatewayWeek, 3),
  };
}

function curveOf(tallies: readonly Tally[]): number[] {
  let total = 0;
  return (tallies[0]?.regretCurve ?? []).map((_, index) => {
    for (const { regretCurve } of tallies) total += (regretCurve[index] ?? 0) / tallies.length;
    return digits(total, 1);
  });
}

function lostAround(tallies: readonly Tally[]): number[] {
  const sum = (values: readonly (number | undefined)[]): number =>
    values.reduce<number>((total, value) => total + (value ?? 0), 0);
  return (tallies[0]?.around.all ?? []).map((_, index) => {
    const all = sum(tallies.map(({ around }) => around.all[index]));
    const succeeded = sum(tallies.map(({ around }) => around.succeeded[index]));
    return all === 0 ? 0 : digits(100 * (1 - succeeded / all), 2);
  });
}

function digits(value: number, count: number): number {
  return Number(value.toFixed(count));
}

/** @throws {BenchError} when it is no file of results */
export function readResults(file: string): Results {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new BenchError(`the results cannot be read: ${error instanceof Error ? error.message : 'no reason given'}`);
  }
  const parsed = results.safeParse(content);
  if (!parsed.success) throw new BenchError('the file holds no results of the routing laboratory');
  return parsed.data;
}

/**
 * The results in a file, to which rows are added as they are computed: scenarios and routers may be run one by one.
 * @throws {BenchError} when it holds results of other seeds: they cannot be compared
 */
export function openResults(file: string, seeds: Results['seeds']): Results {
  if (!existsSync(file)) return { format: FORMAT, seeds, scenarios: [], choice: null };
  const found = readResults(file);
  if (found.seeds.from !== seeds.from || found.seeds.count !== seeds.count)
    throw new BenchError('the file holds results of other seeds, which cannot be compared with these');
  return found;
}

/** @param order of scenarios and routers, so that the file is the same in whatever order they were run */
export function addRow(
  { scenarios, ...others }: Results,
  { name, about, days }: Pick<Scenario, 'name' | 'about' | 'days'>,
  added: ResultRow,
  order: { readonly scenarios: readonly string[]; readonly routers: readonly string[] },
): Results {
  const old = scenarios.find((each) => each.name === name)?.rows.filter(({ router }) => router !== added.router) ?? [];
  const rows = [...old, added].sort((a, b) => order.routers.indexOf(a.router) - order.routers.indexOf(b.router));
  return {
    ...others,
    scenarios: [...scenarios.filter((each) => each.name !== name), { name, about, days, rows }].sort(
      (a, b) => order.scenarios.indexOf(a.name) - order.scenarios.indexOf(b.name),
    ),
  };
}

export function writeResults(file: string, { scenarios, ...others }: Results): void {
  // A line for each router in each scenario: small, and a difference can be read.
  const lines = scenarios.map(
    ({ rows, ...scenario }) =>
      `{${JSON.stringify(scenario).slice(1, -1)},"rows":[\n${rows.map((each) => JSON.stringify(each)).join(',\n')}\n]}`,
  );
  writeFileSync(file, `{${JSON.stringify(others).slice(1, -1)},"scenarios":[\n${lines.join(',\n')}\n]}\n`);
}
