/** The page of results: what was wanted and found, every figure, and the curves. The same results give the same page. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bars } from '../page/bars.js';
import { draw, MAX_SERIES, type Chart } from '../page/chart.js';
import { lines } from '../page/lines.js';
import { markdownTable } from '../page/markdown.js';
import { aimsOf, OURS } from './aims.js';
import { AROUND } from './around.js';
import { cellsOf, TITLES } from './report.js';
import type { ResultRow, Results, ScenarioResult } from './results.js';

/** Those that are drawn; the others are in the tables. */
const DRAWN = ['sankofa', 'sliding_window', 'blame_window', 'informed'].slice(0, MAX_SERIES);

/** @returns how many charts there are beside the page */
export function writePage(folder: string, results: Results): number {
  const charts = chartsOf(results);
  mkdirSync(folder, { recursive: true });
  // Of scenarios that are gone.
  for (const name of readdirSync(folder)) if (name.endsWith('.svg')) rmSync(path.join(folder, name));
  for (const chart of charts) writeFileSync(path.join(folder, `${chart.name}.svg`), draw(chart));
  writeFileSync(path.join(folder, 'README.md'), pageOf(results));
  return charts.length;
}

export function pageOf(results: Results): string {
  const { seeds, scenarios } = results;
  const command = `npm run routing:lab -- --from ${seeds.from} --seeds ${seeds.count} --json docs/routing-lab/results.json`;
  const parts = [
    '# The routing laboratory: what came of it',
    `Made by \`npm run routing:lab -- --report\` of \`results.json\` beside this page, which \`${command}\` wrote: ${seeds.count} runs of each scenario
with each router, of seeds that were not looked at while the router was made. What routers, scenarios and columns are stands in
[bench/routing-lab/README.md](../../bench/routing-lab/README.md).`,
    '## Wanted and found',
    aimTable(results),
    '## Regret',
    'Payments a run that first attempts lost in expectation, against the best gateway at each moment, added up over the run.',
    ...imagesOf(regretCharts(scenarios)),
    '## Around the beginning of a trouble',
    'Payments that were lost though not by the customer, by when they came.',
    ...imagesOf(aroundCharts(scenarios)),
    '## Attempts until a total outage is noticed',
    ...imagesOf(detectionCharts(scenarios)),
    '## Every figure',
    ...scenarios.flatMap(({ name, about, rows }) => [
      `\`${name}\`: ${about}.`,
      markdownTable(TITLES, rows.map(cellsOf)),
    ]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function aimTable(results: Results): string {
  return markdownTable(
    ['what', 'wanted', 'found', ''],
    aimsOf(results).map(({ what, wanted, found, met }) => [what, wanted, found, met ? 'met' : '**missed**']),
  );
}

function imagesOf(charts: readonly Chart[]): readonly string[] {
  return charts.map(({ name, description }) => `![${description}](${name}.svg)`);
}

export function chartsOf({ scenarios }: Results): readonly Chart[] {
  return [...regretCharts(scenarios), ...aroundCharts(scenarios), ...detectionCharts(scenarios)];
}

function drawn(rows: readonly ResultRow[]): readonly ResultRow[] {
  return rows.filter(({ router }) => DRAWN.includes(router));
}

function regretCharts(scenarios: readonly ScenarioResult[]): readonly Chart[] {
  const panels = scenarios
    .filter(({ rows }) => drawn(rows).some(({ regret }) => regret > 0))
    .map(({ name, days, rows }) =>
      lines(
        name,
        'payments',
        drawn(rows).map(({ router, curve }) => ({
          name: router,
          points: [
            [0, 0] as const,
            ...curve.map((value, index) => [((index + 1) * days) / curve.length, value] as const),
          ],
        })),
        { label: 'days', from: 0 },
      ),
    );
  return chart('regret', 'Regret over time, by router and scenario', panels);
}

function aroundCharts(scenarios: readonly ScenarioResult[]): readonly Chart[] {
  const panels = scenarios
    .filter(({ rows }) => rows.some(({ lostAround }) => lostAround.some((lost) => lost > 0)))
    .map(({ name, rows }) =>
      lines(
        name,
        '% lost',
        drawn(rows).map(({ router, lostAround }) => ({
          name: router,
          points: lostAround.map(
            (lost, index) => [AROUND.fromMinutes + (index + 0.5) * AROUND.stepMinutes, lost] as const,
          ),
        })),
        { label: 'minutes since it began', from: AROUND.fromMinutes },
      ),
    );
  return chart('around', 'Payments lost around the beginning of a trouble, by router and scenario', panels);
}

function detectionCharts(scenarios: readonly ScenarioResult[]): readonly Chart[] {
  const panels = scenarios.flatMap(({ name, rows }) => {
    const detections = rows.find(({ router }) => router === OURS)?.detections ?? [];
    const all = detections.reduce((sum, each) => sum + each, 0);
    if (all === 0) return [];
    return [
      bars({
        title: name,
        unit: '% of those noticed',
        xLabel: 'attempts sent into it before',
        categories: detections.map((_, index) => (index === detections.length - 1 ? `${index}+` : String(index))),
        series: [{ name: OURS, values: detections.map((each) => (100 * each) / all) }],
      }),
    ];
  });
  return chart('detection', `Attempts until ${OURS} noticed a total outage, by scenario`, panels);
}

function chart(name: string, description: string, panels: Chart['panels']): readonly Chart[] {
  return panels.length === 0 ? [] : [{ name, description, columns: 1, panels }];
}
