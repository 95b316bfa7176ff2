/** Accepted payments per second over HTTP, from the built program, against the yardstick measured in the same minute. */
import { BenchError } from './bench-error.js';
import type { AcceptLoadInput, AcceptLoadResult } from './children/accept-load.js';
import type { RequestTarget } from './children/payment-requests.js';
import { runChild } from './child-task.js';
import { round, type Figures } from './figures.js';
import { checkpoint } from './scratch-database.js';
import { measureFloor, measurePipelinedFloor } from './sql-floor.js';
import type { RunningApp, Stage } from './stage.js';

const CONNECTIONS = [64, 256] as const;
/** The aims are for a process that does nothing but accept. */
const AIMS: Readonly<Record<number, number>> = { 64: 1, 256: 1.5 };
/** Until the hot path is compiled and the pools are open. */
const WARM_UP_MS = 4_000;
const PATIENCE_MS = 45_000;
/** Shorter than what else a machine does usually lasts, and longer than a batch by far. */
const SLICE_MS = 500;

/** The floor alone. */
export async function benchFloor(stage: Stage, figures: Figures): Promise<void> {
  const databaseUrl = await stage.databases.copy();
  for (const connections of CONNECTIONS) await measureFloor(stage, databaseUrl, connections, figures);
  await measurePipelinedFloor(stage, databaseUrl, CONNECTIONS[0], figures);
  await stage.databases.drop(databaseUrl);
}

/** Each figure of `accept` directly after its yardstick, in the same database: on a shared machine minutes differ. */
export async function benchAccept(stage: Stage, figures: Figures): Promise<void> {
  const databaseUrl = await stage.databases.copy();
  const app = await stage.startApp({ databaseUrl, role: 'http' });
  for (const connections of CONNECTIONS) {
    stage.say(`  ${connections} connections: yardstick, then the program`);
    await measureFloor(stage, databaseUrl, connections, figures);
    await measureAccept({ stage, figures, app, connections, what: 'http' });
  }
  await measurePipelinedFloor(stage, databaseUrl, CONNECTIONS[0], figures);
  noteMemory(figures, 'memory.accept_peak', app, 'ROLE=http, after the measurements of accept');
  await app.stop();
  await stage.databases.drop(databaseUrl);
  await acceptWithEverythingOn(stage, figures);
}

/** The same while the same process also routes, books and notifies what it accepts, and the gateways run beside it. */
async function acceptWithEverythingOn(stage: Stage, figures: Figures): Promise<void> {
  const databaseUrl = await stage.databases.copy();
  const sandbox = await stage.startSandbox();
  const app = await stage.startApp({ databaseUrl, role: 'all' });
  for (const connections of CONNECTIONS) {
    stage.say(`  ${connections} connections, everything on`);
    await measureAccept({ stage, figures, app, connections, what: 'all' });
  }
  // What was accepted need not be routed to its end: that is what end_to_end measures.
  await app.stop('SIGKILL');
  await sandbox.stop();
  await stage.databases.drop(databaseUrl);
}

interface AcceptRun {
  readonly stage: Stage;
  readonly figures: Figures;
  readonly app: RunningApp;
  readonly connections: number;
  readonly what: 'http' | 'all';
}

async function measureAccept({ stage, figures, app, connections, what }: AcceptRun): Promise<void> {
  const targets = [{ host: app.host, port: app.port, secretKey: stage.secretKey }];
  const { perSecond, details } = await acceptRate(stage, targets, connections);
  const limit = what === 'http' ? AIMS[connections] : undefined;
  figures.add({
    name: `accept.${what}.c${connections}`,
    value: perSecond,
    unit: 'payments/s',
    ratioTo: `sql_floor.c${connections}`,
    ...(limit === undefined ? {} : { aim: { of: 'ratio', bound: 'at_least', limit } as const }),
    details: { role: what, ...details },
  });
}

export interface AcceptRate {
  /** Payments answered 202 per second. */
  readonly perSecond: number;
  readonly details: Readonly<Record<string, unknown>>;
}

/** How fast payments are accepted at these targets, from a checkpoint on. */
export async function acceptRate(
  stage: Stage,
  targets: readonly RequestTarget[],
  connections: number,
): Promise<AcceptRate> {
  const [rate] = await loadInTurns(stage, [targets], connections, stage.measureMs);
  if (rate === undefined) throw new BenchError('Accepting was not measured');
  return rate;
}

/** The same for several sides, half a second of each after the other until all have been measured for as long. */
export function acceptRatesInTurns(
  stage: Stage,
  sides: readonly (readonly RequestTarget[])[],
  connections: number,
): Promise<readonly AcceptRate[]> {
  return loadInTurns(stage, sides, connections, SLICE_MS);
}

async function loadInTurns(
  { services, measureMs, signal }: Stage,
  sides: readonly (readonly RequestTarget[])[],
  connections: number,
  sliceMs: number,
): Promise<readonly AcceptRate[]> {
  await checkpoint(services.postgres.adminUrl);
  const slices = Math.ceil(measureMs / sliceMs);
  const input: AcceptLoadInput = { sides, connections, warmUpMs: WARM_UP_MS, sliceMs, slices };
  const loads = await runChild<readonly AcceptLoadResult[]>({
    file: 'accept-load.ts',
    input,
    signal,
    timeoutMs: sides.length * (WARM_UP_MS + sliceMs * slices) + PATIENCE_MS,
  });
  return loads.map((load) => ({
    perSecond: load.accepted / load.seconds,
    details: {
      connections,
      p50_ms: load.p50Ms,
      p99_ms: load.p99Ms,
      other_answers: load.otherAnswers,
      connection_errors: load.connectionErrors,
      load_microseconds_per_payment: round(load.loadMicrosecondsPerPayment),
    },
  }));
}

export function noteMemory(figures: Figures, name: string, app: RunningApp, when: string): void {
  const memory = app.memory();
  if (memory === undefined) {
    figures.skip(name, 'this system does not tell the memory of another process');
    return;
  }
  figures.add({
    name,
    value: memory.peak / 1_048_576,
    unit: 'MiB',
    ratioTo: 'memory.start',
    details: { when, measure: 'resident set size' },
  });
}
