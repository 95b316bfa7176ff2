/** The whole road with everything on, under a load that changes, and whether all that was accepted came to its end. */
import { BenchError } from './bench-error.js';
import { runChild } from './child-task.js';
import type { RoadLoadInput, RoadLoadResult, RoadPhase } from './children/road-load.js';
import type { RequestTarget } from './children/payment-requests.js';
import { createMerchants } from './create-merchants.js';
import { chargesAt, untilBooked } from './end-to-end.js';
import { labelled, readMetrics } from './metrics-page.js';
import { sampling } from './sampling.js';
import { checkpoint, queryOnce } from './scratch-database.js';
import type { RunningApp, Stage } from './stage.js';

/** More than are ever on their way while answers take less than half a second: what waits for a connection is the program's doing. */
const CONNECTIONS = 1_000;
/** As in end_to_end. */
const OUTSTANDING = 1_000;
/** A crowd is not one merchant: and of one, no more than 32 webhooks are on their way at once. */
const MERCHANTS = 8;
const WARM_UP_MS = 8_000;
const SATURATE_FACTOR = 2;
/** A minute is what the program has to be as before; nothing that was accepted may take longer. */
const DRAIN_MS = 60_000;
const PATIENCE_MS = 60_000;

export interface RoadOptions<Sample> {
  readonly phases: readonly RoadPhase[];
  readonly sliceMs: number;
  /** Looks at the program, and at what is below it, once per slice. */
  readonly look: (road: { readonly app: RunningApp; readonly databaseUrl: string }) => Promise<Sample> | Sample;
}

export interface RoadRun<Sample> {
  readonly load: RoadLoadResult;
  readonly samples: readonly Sample[];
  readonly outcome: RoadOutcome;
  readonly memoryPeakBytes: number | undefined;
  /** Refusals of the program by priority and reason, as it counts them itself. */
  readonly refusals: Readonly<Record<string, number>>;
}

/** The database is a new one: everything in it counts. */
const BEGINNING = new Date(0);

/** What became of the payments, from outside. */
export interface RoadOutcome {
  /** Rows of the program. */
  readonly payments: number;
  readonly notSucceeded: number;
  /** By the sandbox's own books. */
  readonly charges: number;
  readonly chargedTwice: number;
}

export async function runRoad<Sample>(stage: Stage, options: RoadOptions<Sample>): Promise<RoadRun<Sample>> {
  const databaseUrl = await stage.databases.copy();
  const secretKeys = await createMerchants(stage, databaseUrl, MERCHANTS);
  const sandbox = await stage.startSandbox();
  const app = await stage.startApp({ databaseUrl, role: 'all' });
  const targets = secretKeys.map((secretKey) => ({ host: app.host, port: app.port, secretKey }));
  await checkpoint(stage.services.postgres.adminUrl);
  const { result: load, samples } = await sampling(
    options.sliceMs,
    () => options.look({ app, databaseUrl }),
    () => runLoad(stage, targets, options),
  );
  const outcome = { ...(await paymentsIn(databaseUrl)), ...(await chargesOf(sandbox)) };
  await untilBooked(databaseUrl, outcome.payments, BEGINNING);
  const refusals = labelled(await readMetrics(app), 'sankofa_admission_refused_total');
  const memoryPeakBytes = app.memory()?.peak;
  await app.stop();
  await sandbox.stop();
  await stage.databases.drop(databaseUrl);
  return { load, samples, outcome, memoryPeakBytes, refusals };
}

function runLoad(
  { measureMs, signal }: Stage,
  targets: readonly RequestTarget[],
  { phases, sliceMs }: Pick<RoadOptions<unknown>, 'phases' | 'sliceMs'>,
): Promise<RoadLoadResult> {
  const input: RoadLoadInput = {
    targets,
    connections: CONNECTIONS,
    outstanding: OUTSTANDING,
    warmUpMs: WARM_UP_MS,
    saturateMs: measureMs * SATURATE_FACTOR,
    phases,
    sliceMs,
    drainMs: DRAIN_MS,
  };
  const phasesMs = phases.reduce((sum, { ms }) => sum + ms, 0);
  return runChild<RoadLoadResult>({
    file: 'road-load.ts',
    goesFirst: true,
    input,
    signal,
    timeoutMs: WARM_UP_MS + input.saturateMs + phasesMs + 2 * DRAIN_MS + PATIENCE_MS,
  });
}

async function paymentsIn(databaseUrl: string): Promise<Pick<RoadOutcome, 'payments' | 'notSucceeded'>> {
  const rows = await queryOnce<{ payments: string; not_succeeded: string }>(
    databaseUrl,
    `SELECT count(*) AS payments, count(*) FILTER (WHERE status <> 'succeeded') AS not_succeeded FROM payments.payment`,
  );
  const [row] = rows;
  if (row === undefined) throw new BenchError('the payments could not be counted');
  return { payments: Number(row.payments), notSucceeded: Number(row.not_succeeded) };
}

async function chargesOf(
  sandbox: Parameters<typeof chargesAt>[0],
): Promise<Pick<RoadOutcome, 'charges' | 'chargedTwice'>> {
  const { count, double } = await chargesAt(sandbox);
  return { charges: count, chargedTwice: double };
}
