/**
 * Whether one merchant who asks for far too much is felt by the others: their latency while that one keeps to its limit and while it asks for
 * fifty times as much, by turns in the same minutes, since on a shared machine minutes differ. As a yardstick, the same noise at a process
 * that says no and does nothing else: where load and program share two cores, that is felt too.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadSummary } from './children/load-window.js';
import type { PacedLoadInput } from './children/paced-load.js';
import type { RequestTarget } from './children/payment-requests.js';
import { BenchError } from './bench-error.js';
import type { RefuserInput } from './children/refuser.js';
import { runChild } from './child-task.js';
import { createMerchants } from './create-merchants.js';
import { round, type Figures } from './figures.js';
import { freePort } from './free-port.js';
import { checkpoint } from './scratch-database.js';
import type { Stage } from './stage.js';
import { median } from './trend.js';

const QUIET_MERCHANTS = 10;
/** All of them together are far from what the whole road carries: what is felt is the noise, not a lack of room. */
const LIMIT_PER_SECOND = 40;
/** Of their limit. */
const QUIET_SHARE = 0.6;
const NOISE_FACTOR = 50;
const CONNECTIONS = { quiet: 160, noisy: 128 } as const;
/** Pairs of a measurement without and one with the noise: enough that a median means something. */
const ROUNDS = 7;
/** A generator has started, and the one of the round before has ended. */
const WARM_UP_MS = 2_000;
/** The noise begins before its measurement and outlasts it. */
const NOISE_MARGIN_MS = 1_000;
const PATIENCE_MS = 45_000;
const AIM = 1.2;

/** The refuser listens before the noise comes, and longer than that lasts. */
const REFUSER_MS = { before: 1_500, after: 3_000 } as const;

interface Round {
  readonly without: LoadSummary;
  /** With the noise elsewhere. */
  readonly floor: LoadSummary;
  readonly withNoise: LoadSummary;
  readonly noise: LoadSummary;
}

export async function benchNoisyMerchant(stage: Stage, figures: Figures): Promise<void> {
  const databaseUrl = await stage.databases.copy();
  const secretKeys = await createMerchants(stage, databaseUrl, 1 + QUIET_MERCHANTS);
  const sandbox = await stage.startSandbox();
  const env = { MERCHANT_RATE_PER_SECOND: String(LIMIT_PER_SECOND), MERCHANT_BURST: String(LIMIT_PER_SECOND) };
  const app = await stage.startApp({ databaseUrl, role: 'all', env });
  const [noisy, ...quiet] = secretKeys.map((secretKey) => ({ host: app.host, port: app.port, secretKey }));
  if (noisy === undefined) throw new BenchError('there is no noisy merchant');
  await checkpoint(stage.services.postgres.adminUrl);
  // Not counted: until the road is compiled.
  await measure(stage, quiet);
  const rounds: Round[] = [];
  for (let number = 1; number <= ROUNDS; number += 1) {
    stage.say(`  round ${number} of ${ROUNDS}`);
    rounds.push(await oneRound(stage, quiet, noisy));
  }
  await app.stop();
  await sandbox.stop();
  await stage.databases.drop(databaseUrl);
  addRatios(figures, rounds);
}

async function oneRound(stage: Stage, quiet: readonly RequestTarget[], noisy: RequestTarget): Promise<Round> {
  const [without] = await Promise.all([measure(stage, quiet), ask(stage, noisy, 1)]);
  const floor = await measureFloor(stage, quiet, noisy);
  const [withNoise, noise] = await Promise.all([measure(stage, quiet), ask(stage, noisy, NOISE_FACTOR)]);
  return { without, floor, withNoise, noise };
}

/** The noisy merchant keeps to its limit at the program, and asks for as much as ever elsewhere. */
async function measureFloor(stage: Stage, quiet: readonly RequestTarget[], noisy: RequestTarget): Promise<LoadSummary> {
  const port = await freePort();
  const forMs = REFUSER_MS.before + noiseMs(stage) + REFUSER_MS.after;
  const input: RefuserInput = { port, forMs };
  const refusing = runChild<number>({
    file: 'refuser.ts',
    input,
    signal: stage.signal,
    timeoutMs: forMs + PATIENCE_MS,
  });
  await sleep(REFUSER_MS.before);
  const [floor] = await Promise.all([
    measure(stage, quiet),
    ask(stage, noisy, 1),
    ask(stage, { ...noisy, port }, NOISE_FACTOR),
  ]);
  if ((await refusing) === 0) throw new BenchError('the noise went nowhere');
  return floor;
}

function measure(stage: Stage, targets: readonly RequestTarget[]): Promise<LoadSummary> {
  return load(stage, {
    targets,
    connections: CONNECTIONS.quiet,
    perSecond: targets.length * LIMIT_PER_SECOND * QUIET_SHARE,
    warmUpMs: WARM_UP_MS,
    measureMs: stage.measureMs,
  });
}

/** @param factor of their limit */
function ask(stage: Stage, noisy: RequestTarget, factor: number): Promise<LoadSummary> {
  return load(stage, {
    targets: [noisy],
    connections: CONNECTIONS.noisy,
    perSecond: LIMIT_PER_SECOND * factor,
    warmUpMs: WARM_UP_MS - NOISE_MARGIN_MS,
    measureMs: stage.measureMs + 2 * NOISE_MARGIN_MS,
  });
}

function noiseMs(stage: Stage): number {
  return WARM_UP_MS + NOISE_MARGIN_MS + stage.measureMs;
}

function load({ signal }: Stage, input: PacedLoadInput): Promise<LoadSummary> {
  const timeoutMs = input.warmUpMs + input.measureMs + PATIENCE_MS;
  return runChild<LoadSummary>({ file: 'paced-load.ts', goesFirst: true, input, signal, timeoutMs });
}

function addRatios(figures: Figures, rounds: readonly Round[]): void {
  const ratios = (of: (round: Round) => LoadSummary): number[] =>
    rounds.map((each) => (of(each).accept.p99Ms ?? Number.NaN) / (each.without.accept.p99Ms ?? Number.NaN));
  const floors = ratios(({ floor }) => floor);
  figures.add({
    name: 'noisy_merchant.floor',
    value: median(floors),
    unit: 'x',
    ratioTo: "the others' p99 while that merchant keeps to its limit",
    reference: 1,
    details: {
      measure: 'the same noise at a process that refuses at once and does nothing else',
      ratios: floors.map(round),
      others_p99_ms: rounds.map(({ floor }) => floor.accept.p99Ms),
    },
  });
  const felt = ratios(({ withNoise }) => withNoise);
  const refusedOthers = rounds.map(({ withNoise }) => withNoise.offered - withNoise.accepted);
  figures.add({
    name: 'noisy_merchant.p99_ratio',
    value: median(felt),
    unit: 'x',
    ratioTo: 'noisy_merchant.floor',
    aim: { of: 'value', bound: 'at_most', limit: AIM },
    details: {
      measure: `the others' p99 divided by what it is while that merchant keeps to its limit: median over ${ROUNDS} rounds`,
      limit_per_second: LIMIT_PER_SECOND,
      others: QUIET_MERCHANTS,
      others_per_second_each: LIMIT_PER_SECOND * QUIET_SHARE,
      noisy_per_second: LIMIT_PER_SECOND * NOISE_FACTOR,
      ratios: felt.map(round),
      others_p99_without_ms: rounds.map(({ without }) => without.accept.p99Ms),
      others_p99_with_ms: rounds.map(({ withNoise }) => withNoise.accept.p99Ms),
      others_not_accepted: refusedOthers,
      noisy_accepted: rounds.map(({ noise }) => noise.accepted),
      noisy_refused: rounds.map(({ noise }) => noise.refused),
      noisy_refused_without_retry_after: rounds.map(({ noise }) => noise.refusedWithoutRetryAfter),
      noisy_refusal_p99_ms: rounds.map(({ noise }) => noise.refusal.p99Ms),
      load_cpu: rounds.map(({ withNoise, noise }) => [round(withNoise.loadCpu), round(noise.loadCpu)]),
    },
  });
}
