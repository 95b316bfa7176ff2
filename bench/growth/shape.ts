/** The program as one process, or as several that share the work: some answer, the others work. */
import type { RequestTarget } from '../children/payment-requests.js';
import { freePort } from '../free-port.js';
import type { AppOptions, RunningApp, Stage } from '../stage.js';

/** Roles of each shape, by its number of processes. The first process answers: the gateways' webhooks go to it. */
export const SHAPES = {
  1: ['all'],
  2: ['http', 'worker'],
  4: ['http', 'http', 'worker', 'worker'],
} as const satisfies Readonly<Record<number, readonly AppOptions['role'][]>>;
export type Processes = keyof typeof SHAPES;

/** What a process has pools for: the kernel, and each module that touches its tables under load. */
const POOLS_PER_PROCESS = 6;
/** The program's default, which more processes must go below where PostgreSQL has too few connections for all their pools. */
const POOL_SIZE = 8;

export interface RunningShape {
  readonly programs: readonly RunningApp[];
  /** The demo merchant's, at every process that answers. */
  readonly targets: readonly [RequestTarget, ...RequestTarget[]];
  readonly poolSize: number;
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export async function startShape(stage: Stage, databaseUrl: string, processes: Processes): Promise<RunningShape> {
  const { spareConnections } = stage.services.postgres;
  const affordable = Math.floor(spareConnections / (processes * POOLS_PER_PROCESS));
  const poolSize = Math.max(1, Math.min(POOL_SIZE, affordable));
  const env = { DATABASE_POOL_SIZE: String(poolSize) };
  const shared = { databaseUrl, queuePrefix: stage.queuePrefix(), env };
  const [firstRole, ...otherRoles] = SHAPES[processes];
  const first = await stage.startApp({ ...shared, role: firstRole });
  const others: RunningApp[] = [];
  const targets: [RequestTarget, ...RequestTarget[]] = [targetOf(first, stage)];
  for (const role of otherRoles) {
    const app = await stage.startApp({ ...shared, role, port: await freePort() });
    others.push(app);
    if (role === 'http') targets.push(targetOf(app, stage));
  }
  const programs = [first, ...others];
  return {
    programs,
    targets,
    poolSize,
    stop: async (signal) => void (await Promise.all(programs.map((program) => program.stop(signal)))),
  };
}

function targetOf({ host, port }: RunningApp, { secretKey }: Stage): RequestTarget {
  return { host, port, secretKey };
}
