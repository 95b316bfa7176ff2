/** What many runs of one router in one scenario came to, and how that is shown. */
import type { Regret } from './regret.js';
import { GATEWAYS, type Scenario } from './scenario.js';
import type { Tally } from './stretch.js';

export interface Summary {
  readonly router: string;
  /** Of payments that customers did not fail themselves. */
  readonly successShare: number;
  /** Payments a run, on first attempts. */
  readonly regret: number;
  /** Half the width of the interval that holds the mean with 95%. */
  readonly regretError: number;
  readonly parts: Readonly<Regret>;
  /** Of total outages: attempts sent into them before they were noticed, the median; null where there were none, or none was noticed. */
  readonly attemptsToDetect: number | null;
  readonly secondsToDetect: number | null;
  readonly outages: number;
  readonly detected: number;
  readonly falseTripsPerGatewayWeek: number;
}

export function summaryOf(router: string, scenario: Scenario, tallies: readonly Tally[]): Summary {
  const sum = (pick: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + pick(tally), 0);
  const mean = (pick: (tally: Tally) => number): number => sum(pick) / tallies.length;
  const detections = tallies.flatMap((tally) => tally.detections);
  const gatewayWeeks = (scenario.days / 7) * GATEWAYS.length * tallies.length;
  const regret = mean(regretOf);
  const variance = mean((tally) => (regretOf(tally) - regret) ** 2);
  return {
    router,
    successShare: sum((tally) => tally.succeeded) / sum((tally) => tally.payments - tally.customerDeclined),
    regret,
    regretError: 1.96 * Math.sqrt(variance / tallies.length),
    parts: {
      learning: mean((tally) => tally.regret.learning),
      struck: mean((tally) => tally.regret.struck),
      elsewhere: mean((tally) => tally.regret.elsewhere),
      after: mean((tally) => tally.regret.after),
      retries: mean((tally) => tally.regret.retries),
    },
    attemptsToDetect: median(detections.map(({ attempts }) => attempts)),
    secondsToDetect: median(detections.map(({ seconds }) => seconds)),
    outages: sum((tally) => tally.outages),
    detected: detections.length,
    falseTripsPerGatewayWeek: sum((tally) => tally.falseTrips) / gatewayWeeks,
  };
}

export function regretOf({ regret }: Tally): number {
  return regret.learning + regret.struck + regret.elsewhere + regret.after;
}

const COLUMNS: readonly { readonly title: string; show(summary: Summary): string }[] = [
  { title: 'router', show: ({ router }) => router },
  { title: 'success', show: ({ successShare }) => percent(successShare) },
  { title: 'regret', show: ({ regret, regretError }) => `${regret.toFixed(1)} ± ${regretError.toFixed(1)}` },
  { title: 'learning', show: ({ parts }) => parts.learning.toFixed(1) },
  { title: 'struck', show: ({ parts }) => parts.struck.toFixed(1) },
  { title: 'elsewhere', show: ({ parts }) => parts.elsewhere.toFixed(1) },
  { title: 'after', show: ({ parts }) => parts.after.toFixed(1) },
  { title: 'retries', show: ({ parts }) => parts.retries.toFixed(1) },
  { title: 'attempts to detect', show: ({ attemptsToDetect }) => attemptsToDetect?.toFixed(0) ?? '-' },
  { title: 'seconds', show: ({ secondsToDetect }) => secondsToDetect?.toFixed(0) ?? '-' },
  { title: 'detected', show: ({ detected, outages }) => (outages === 0 ? '-' : `${detected}/${outages}`) },
  { title: 'false trips', show: ({ falseTripsPerGatewayWeek }) => falseTripsPerGatewayWeek.toFixed(2) },
];

export const TITLES = COLUMNS.map(({ title }) => title);

export function cellsOf(summary: Summary): readonly string[] {
  return COLUMNS.map(({ show }) => show(summary));
}

export function tableOf(summaries: readonly Summary[]): string {
  const rows = [TITLES, ...summaries.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `  ${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
