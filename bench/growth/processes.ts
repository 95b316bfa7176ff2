/** The same load on the program as one process and as several. */
import { cpus } from 'node:os';
import { acceptRate } from '../accept.js';
import { endToEndRate } from '../end-to-end.js';
import type { Figures } from '../figures.js';
import type { Stage } from '../stage.js';
import { SHAPES, startShape, type Processes, type RunningShape } from './shape.js';
import { medianOf, thereAndBack, type Rate } from './turns.js';

const COUNTS: readonly Processes[] = [1, 2, 4];
const CONNECTIONS = 64;

export async function benchProcesses(stage: Stage, figures: Figures): Promise<void> {
  const runs = await thereAndBack(COUNTS, async (processes) => {
    stage.say(`  ${processes} ${processes === 1 ? 'process' : 'processes'}: ${SHAPES[processes].join(', ')}`);
    return {
      accept: await measureAccept(stage, processes),
      end_to_end: await measureEndToEnd(stage, processes),
    };
  });
  for (const what of ['accept', 'end_to_end'] as const) {
    for (const [processes, rates] of runs) {
      const { perSecond, details } = medianOf(rates.map((rate) => rate[what]));
      figures.add({
        name: `processes.${what}.n${processes}`,
        value: perSecond,
        unit: 'payments/s',
        ratioTo: processes === 1 ? 'sql_floor.c64' : `processes.${what}.n1`,
        details,
      });
    }
  }
}

async function measureAccept(stage: Stage, processes: Processes): Promise<Rate> {
  const databaseUrl = await stage.databases.copy();
  const sandbox = await stage.startSandbox();
  const shape = await startShape(stage, databaseUrl, processes);
  const { perSecond, details } = await acceptRate(stage, shape.targets, CONNECTIONS);
  const shapeDetails = detailsOf(shape, processes);
  // What was accepted need not be routed to its end: that is what the other measures.
  await shape.stop('SIGKILL');
  await sandbox.stop();
  await stage.databases.drop(databaseUrl);
  return { perSecond, details: { ...shapeDetails, ...details } };
}

async function measureEndToEnd(stage: Stage, processes: Processes): Promise<Rate> {
  const databaseUrl = await stage.databases.copy();
  const sandbox = await stage.startSandbox();
  const shape = await startShape(stage, databaseUrl, processes);
  const { programs, targets } = shape;
  const run = await endToEndRate(stage, { databaseUrl, sandbox, programs, targets });
  const shapeDetails = detailsOf(shape, processes);
  await shape.stop();
  await sandbox.stop();
  await stage.databases.drop(databaseUrl);
  return {
    perSecond: run.perSecond,
    details: { ...shapeDetails, p50_ms: run.p50Ms, p99_ms: run.p99Ms, ...run.details },
  };
}

function detailsOf({ programs, poolSize }: RunningShape, processes: Processes): Readonly<Record<string, unknown>> {
  const peaks = programs.map((program) => program.memory()?.peak);
  return {
    roles: SHAPES[processes],
    cores: cpus().length,
    shares_the_cores_with: 'PostgreSQL, Redis, the sandbox, the load',
    connections_per_pool: poolSize,
    memory_peak_mib: peaks.map((peak) => (peak === undefined ? null : Math.round(peak / 1_048_576))),
  };
}
