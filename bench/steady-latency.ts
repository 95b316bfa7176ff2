/** How quickly payments are accepted when there is much to do but not too much: at seven tenths of what can be accepted at all. */
import { acceptRate } from './accept.js';
import type { LoadSummary } from './children/load-window.js';
import type { PacedLoadInput } from './children/paced-load.js';
import { BenchError } from './bench-error.js';
import { runChild } from './child-task.js';
import { round, type Figures } from './figures.js';
import { runRoad } from './road.js';
import { checkpoint } from './scratch-database.js';
import type { RunningApp, Stage } from './stage.js';

const SHARE = 0.7;
const AIM_P99_MS = 50;
const PEAK_CONNECTIONS = 64;
/** At the rates measured here a quarter of a second's requests: who finds none free has been let down by the program. */
const CONNECTIONS = 256;
const WARM_UP_MS = 4_000;
/** One in a hundred is to be seen some ten times over. */
const MEASURE_FACTOR = 2;
const PATIENCE_MS = 45_000;

export async function benchSteadyLatency(stage: Stage, figures: Figures): Promise<void> {
  const databaseUrl = await stage.databases.copy();
  const app = await stage.startApp({ databaseUrl, role: 'http' });
  const peak = await peakRate(stage, app);
  await checkpoint(stage.services.postgres.adminUrl);
  const steady = await offer(stage, app, peak * SHARE);
  await app.stop();
  await stage.databases.drop(databaseUrl);
  addLatency(figures, 'steady_latency.http.p99', steady, peak, {
    peak: `accepted per second in a closed loop over ${PEAK_CONNECTIONS} connections, ROLE=http`,
  });
  stage.say('  with everything on');
  await withEverythingOn(stage, figures);
}

/** What can be accepted for ever is then what the whole road carries. */
async function withEverythingOn(stage: Stage, figures: Figures): Promise<void> {
  const { load } = await runRoad(stage, {
    phases: [{ name: 'steady', share: SHARE, ms: WARM_UP_MS + stage.measureMs * MEASURE_FACTOR }],
    sliceMs: 1_000,
    look: () => undefined,
  });
  const [steady] = load.phases;
  if (steady === undefined) throw new BenchError('the load has no phases');
  addLatency(figures, 'steady_latency.all.p99', steady, load.sustainablePerSecond, {
    peak: 'completed per second while there were always more on the way, ROLE=all',
    accepted_to_webhook: steady.completion,
  });
}

async function peakRate(stage: Stage, { host, port }: RunningApp): Promise<number> {
  const { secretKey } = stage;
  return (await acceptRate(stage, [{ host, port, secretKey }], PEAK_CONNECTIONS)).perSecond;
}

function offer({ secretKey, measureMs, signal }: Stage, app: RunningApp, perSecond: number): Promise<LoadSummary> {
  const input: PacedLoadInput = {
    targets: [{ host: app.host, port: app.port, secretKey }],
    connections: CONNECTIONS,
    perSecond,
    warmUpMs: WARM_UP_MS,
    measureMs: measureMs * MEASURE_FACTOR,
  };
  const timeoutMs = WARM_UP_MS + input.measureMs + PATIENCE_MS;
  return runChild<LoadSummary>({ file: 'paced-load.ts', goesFirst: true, input, signal, timeoutMs });
}

function addLatency(
  figures: Figures,
  name: 'steady_latency.http.p99' | 'steady_latency.all.p99',
  steady: LoadSummary,
  peakPerSecond: number,
  details: Readonly<Record<string, unknown>>,
): void {
  const isAimedAt = name === 'steady_latency.http.p99';
  figures.add({
    name,
    value: steady.accept.p99Ms ?? Number.NaN,
    unit: 'ms',
    ratioTo: `the aim (${AIM_P99_MS} ms)`,
    reference: AIM_P99_MS,
    ...(isAimedAt ? { aim: { of: 'value', bound: 'at_most', limit: AIM_P99_MS } as const } : {}),
    details: {
      from: 'the moment the request was due',
      ...details,
      peak_per_second: round(peakPerSecond),
      offered_per_second: round(steady.offered / steady.seconds),
      accepted_per_second: round(steady.accepted / steady.seconds),
      p50_ms: steady.accept.p50Ms,
      p95_ms: steady.accept.p95Ms,
      refused: steady.refused,
      other_answers: steady.otherAnswers,
      failed: steady.failed,
      never_sent: steady.unsent,
      load_adds_ms: steady.sendDelay,
      load_cpu: round(steady.loadCpu),
    },
  });
}
