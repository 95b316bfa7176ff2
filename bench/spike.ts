/**
 * Ten times what the program can carry, for two minutes: whether it goes on carrying what it can, says no quickly to the rest,
 * keeps its word to whom it said yes, and is as before when it is over.
 */
import type { LoadSummary, Percentiles } from './children/load-window.js';
import type { RoadPhase, RoadPhaseResult } from './children/road-load.js';
import { BenchError } from './bench-error.js';
import { round, type Figures } from './figures.js';
import { runRoad, type RoadRun } from './road.js';
import { seriesOf, type Series } from './series.js';
import type { Stage } from './stage.js';

/** A share of the sustainable rate at which nothing queues. */
const NORMAL_SHARE = 0.5;
const SPIKE_SHARE = 10;
const BEFORE_MS = 20_000;
/** After the spike latency is judged by windows of this length. */
const WINDOW_MS = 5_000;
/** Three more than fit into the minute that is aimed at. */
const WINDOWS = 15;
const SLICE_MS = 1_000;
const AIMS = {
  goodput: 0.9,
  refusalP99Ms: 50,
  /** An instance of 1 GiB, with a quarter of it left for what is not the program. */
  memoryMiB: 768,
  recoverySeconds: 60,
} as const;
/** Latency after the spike is as before when it is no more than this much higher. */
const AS_BEFORE = 1.5;
const MIB = 1_048_576;

interface Sample {
  readonly at: number;
  readonly memoryBytes: number | undefined;
  readonly cpuSeconds: number | undefined;
}

export async function benchSpike(stage: Stage, figures: Figures): Promise<void> {
  const phases: RoadPhase[] = [
    { name: 'before', share: NORMAL_SHARE, ms: BEFORE_MS },
    { name: 'spike', share: SPIKE_SHARE, ms: stage.spikeMs },
    ...Array.from({ length: WINDOWS }, (_, index) => ({
      name: `after ${index + 1}`,
      share: NORMAL_SHARE,
      ms: WINDOW_MS,
    })),
  ];
  const run = await runRoad<Sample>(stage, {
    phases,
    sliceMs: SLICE_MS,
    look: ({ app }) => ({ at: Date.now(), memoryBytes: app.memory()?.now, cpuSeconds: app.cpuSeconds() }),
  });
  const [before, spike, ...after] = run.load.phases;
  if (before === undefined || spike === undefined) throw new BenchError('the load has no phases');
  addGoodput(figures, run, spike);
  addRefusals(figures, spike);
  addKeptWord(figures, run);
  if (run.memoryPeakBytes === undefined)
    figures.skip('spike.memory_peak', 'this system does not tell the memory of another process');
  else {
    figures.add({
      name: 'spike.memory_peak',
      value: run.memoryPeakBytes / MIB,
      unit: 'MiB',
      ratioTo: 'memory.start',
      aim: { of: 'value', bound: 'at_most', limit: AIMS.memoryMiB },
      details: { measure: 'resident set size of the program, ROLE=all' },
    });
  }
  addRecovery(figures, before, after);
}

function addGoodput(figures: Figures, run: RoadRun<Sample>, spike: RoadPhaseResult): void {
  const { sustainablePerSecond } = run.load;
  figures.add({
    name: 'spike.sustainable',
    value: sustainablePerSecond,
    unit: 'payments/s',
    ratioTo: 'sql_floor.c64',
    details: { measure: 'completed per second while there were always more on the way' },
  });
  figures.add({
    name: 'spike.goodput',
    value: spike.completed / spike.seconds,
    unit: 'payments/s',
    ratioTo: 'spike.sustainable',
    aim: { of: 'ratio', bound: 'at_least', limit: AIMS.goodput },
    details: {
      measure: 'webhooks received per second of the spike, each the end of a payment',
      spike: described(spike),
      program_cpu: cpuDuring(run.samples, spike),
      refusals_by_the_program: run.refusals,
      series: seriesOfRun(run),
    },
  });
}

function addRefusals(figures: Figures, spike: RoadPhaseResult): void {
  const refused = refusedIn(spike);
  const others = Object.values(spike.otherAnswers).reduce((sum, count) => sum + count, 0);
  const notAccepted = refused + others + spike.failed;
  figures.add({
    name: 'spike.refusals_in_order',
    value: notAccepted === 0 ? 1 : (refused - spike.refusedWithoutRetryAfter) / notAccepted,
    unit: 'of all',
    ratioTo: 'all that were not accepted',
    reference: 1,
    aim: { of: 'value', bound: 'at_least', limit: 1 },
    details: { measure: 'answered 429 or 503 with Retry-After, of all requests that were not accepted' },
  });
  if (spike.refusal.p99Ms === null) {
    figures.skip('spike.refusal_p99', 'nothing was refused');
    return;
  }
  figures.add({
    name: 'spike.refusal_p99',
    value: spike.refusal.p99Ms,
    unit: 'ms',
    ratioTo: `the aim (${AIMS.refusalP99Ms} ms)`,
    reference: AIMS.refusalP99Ms,
    aim: { of: 'value', bound: 'at_most', limit: AIMS.refusalP99Ms },
    details: {
      from: 'the moment the request was due',
      ...spike.refusal,
      load_adds_ms: spike.sendDelay,
      load_cpu: round(spike.loadCpu),
    },
  });
}

/** Every accepted payment is charged once, succeeds, and its merchant is told. */
function addKeptWord(figures: Figures, { load, outcome }: RoadRun<Sample>): void {
  const uncharged = Math.max(0, load.acceptedInAll - outcome.charges);
  figures.add({
    name: 'spike.broken_promises',
    value: Math.max(load.missing, outcome.notSucceeded, uncharged) + outcome.chargedTwice,
    unit: 'payments',
    ratioTo: 'accepted payments',
    reference: load.acceptedInAll,
    aim: { of: 'value', bound: 'at_most', limit: 0 },
    details: {
      measure: 'accepted but not charged, not succeeded or not reported by a webhook; or charged twice',
      accepted: load.acceptedInAll,
      ...outcome,
      webhooks_missing: load.missing,
      webhooks_unexpected: load.unexpectedWebhooks,
      other_webhooks: load.otherWebhooks,
    },
  });
}

function addRecovery(figures: Figures, before: RoadPhaseResult, after: readonly RoadPhaseResult[]): void {
  const index = after.findIndex((window) => isAsBefore(window, before));
  const details = {
    measure: `end of the first ${WINDOW_MS / 1_000} s in which p50 and p95 of accepting and of the road were at most ${AS_BEFORE} x before`,
    before: described(before),
    after: after.map(described),
  };
  if (index < 0) {
    figures.skip('spike.recovery', `latency was not as before within ${(WINDOWS * WINDOW_MS) / 1_000} s`);
    return;
  }
  figures.add({
    name: 'spike.recovery',
    value: ((index + 1) * WINDOW_MS) / 1_000,
    unit: 's',
    ratioTo: `the aim (${AIMS.recoverySeconds} s)`,
    reference: AIMS.recoverySeconds,
    aim: { of: 'value', bound: 'at_most', limit: AIMS.recoverySeconds },
    details,
  });
}

function isAsBefore(after: LoadSummary, before: LoadSummary): boolean {
  const compare = (a: Percentiles, b: Percentiles): boolean => isNear(a.p50Ms, b.p50Ms) && isNear(a.p95Ms, b.p95Ms);
  return compare(after.accept, before.accept) && compare(after.completion, before.completion) && refusedIn(after) === 0;
}

function isNear(after: number | null, before: number | null): boolean {
  return after !== null && before !== null && after <= before * AS_BEFORE;
}

function refusedIn({ refused }: LoadSummary): number {
  return Object.values(refused).reduce((sum, count) => sum + count, 0);
}

function described(phase: RoadPhaseResult): Record<string, unknown> {
  const perSecond = (count: number): number => round(count / phase.seconds);
  return {
    name: phase.name,
    seconds: round(phase.seconds),
    offered_per_second: perSecond(phase.offered),
    accepted_per_second: perSecond(phase.accepted),
    refused_per_second: perSecond(refusedIn(phase)),
    completed_per_second: perSecond(phase.completed),
    refused: phase.refused,
    other_answers: phase.otherAnswers,
    failed: phase.failed,
    never_sent: phase.unsent,
    accept: phase.accept,
    completion: phase.completion,
    load_cpu: round(phase.loadCpu),
  };
}

/** Processor seconds per second that the program took during the spike. */
function cpuDuring(samples: readonly Sample[], { startedAt, seconds }: RoadPhaseResult): number | null {
  const during = samples.filter(({ at }) => at >= startedAt && at <= startedAt + seconds * 1_000);
  const [first, last] = [during[0], during.at(-1)];
  if (first?.cpuSeconds === undefined || last?.cpuSeconds === undefined || first === last) return null;
  return round((last.cpuSeconds - first.cpuSeconds) / ((last.at - first.at) / 1_000));
}

function seriesOfRun({ load, samples }: RoadRun<Sample>): Series[] {
  const { slices, slicesStartedAt } = load;
  const ends = slices.map((_, index) => slices.slice(0, index + 1).reduce((sum, { seconds }) => sum + seconds, 0));
  const perSlice = (name: string, unit: string, read: (slice: LoadSummary) => number | null): Series =>
    seriesOf(name, unit, slices, (slice, index) => [ends[index] ?? 0, read(slice)]);
  return [
    perSlice('offered', '1/s', (slice) => slice.offered / slice.seconds),
    perSlice('accepted', '1/s', (slice) => slice.accepted / slice.seconds),
    perSlice('refused', '1/s', (slice) => refusedIn(slice) / slice.seconds),
    perSlice('completed', '1/s', (slice) => slice.completed / slice.seconds),
    perSlice('accept p99', 'ms', (slice) => slice.accept.p99Ms),
    perSlice('refusal p99', 'ms', (slice) => slice.refusal.p99Ms),
    perSlice('accepted to webhook p50', 'ms', (slice) => slice.completion.p50Ms),
    seriesOf(
      'memory',
      'MiB',
      samples.filter(({ at }) => at >= slicesStartedAt),
      ({ at, memoryBytes }) => [
        (at - slicesStartedAt) / 1_000,
        memoryBytes === undefined ? undefined : memoryBytes / MIB,
      ],
    ),
  ];
}
