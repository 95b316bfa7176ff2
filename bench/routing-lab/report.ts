/** What many runs of one router in one scenario came to, and how that is shown. */
import type { Scenario } from './scenario.js';
import type { Tally } from './stretch.js';

export interface Summary {
  readonly router: string;
  /** Of payments that customers did not fail themselves. */
  readonly successShare: number;
  /** Payments a run, on first attempts: see {@link Tally.regret}. */
  readonly regret: number;
  readonly regretInTrouble: number;
  /** Of total outages: attempts sent into them before they were noticed, the median; undefined where there were none, or none was noticed. */
  readonly attemptsToDetect: number | undefined;
  readonly secondsToDetect: number | undefined;
  readonly outages: number;
  readonly detected: number;
  readonly falseTripsPerGatewayWeek: number;
  readonly lostInTroubleShare: number;
}

export function summaryOf(router: string, scenario: Scenario, tallies: readonly Tally[]): Summary {
  const sum = (pick: (tally: Tally) => number): number => tallies.reduce((total, tally) => total + pick(tally), 0);
  const detections = tallies.flatMap((tally) => tally.detections);
  const gatewayWeeks = (scenario.days / 7) * Object.keys(scenario.base).length * tallies.length;
  const inTrouble = sum((tally) => tally.inTrouble);
  return {
    router,
    successShare: sum((tally) => tally.succeeded) / sum((tally) => tally.payments - tally.customerDeclined),
    regret: sum((tally) => tally.regret) / tallies.length,
    regretInTrouble: sum((tally) => tally.regretInTrouble) / tallies.length,
    attemptsToDetect: median(detections.map(({ attempts }) => attempts)),
    secondsToDetect: median(detections.map(({ seconds }) => seconds)),
    outages: sum((tally) => tally.outages),
    detected: detections.length,
    falseTripsPerGatewayWeek: sum((tally) => tally.falseTrips) / gatewayWeeks,
    lostInTroubleShare: inTrouble === 0 ? 0 : sum((tally) => tally.lostInTrouble) / inTrouble,
  };
}

const COLUMNS: readonly { readonly title: string; show(summary: Summary): string }[] = [
  { title: 'router', show: ({ router }) => router },
  { title: 'success', show: ({ successShare }) => percent(successShare) },
  { title: 'regret', show: ({ regret }) => regret.toFixed(1) },
  { title: 'of it in trouble', show: ({ regretInTrouble }) => regretInTrouble.toFixed(1) },
  { title: 'lost in trouble', show: ({ lostInTroubleShare }) => percent(lostInTroubleShare) },
  { title: 'attempts to detect', show: ({ attemptsToDetect }) => attemptsToDetect?.toFixed(0) ?? '-' },
  { title: 'seconds', show: ({ secondsToDetect }) => secondsToDetect?.toFixed(0) ?? '-' },
  { title: 'detected', show: ({ detected, outages }) => (outages === 0 ? '-' : `${detected}/${outages}`) },
  { title: 'false trips', show: ({ falseTripsPerGatewayWeek }) => falseTripsPerGatewayWeek.toFixed(2) },
];

export function tableOf(summaries: readonly Summary[]): string {
  const rows = [COLUMNS.map(({ title }) => title), ...summaries.map((each) => COLUMNS.map(({ show }) => show(each)))];
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

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`;
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
