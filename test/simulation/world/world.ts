/** Everything there is around a payment, started for one run and removed after it. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bootstrapDemo } from '../../../src/cli/bootstrap.js';
import { readEnv } from '../../../src/config/env.js';
import { createApiClient, type ApiClient } from '../../support/api-client.js';
import { freePort } from '../../support/free-port.js';
import { SANDBOX_PORTS, startSandboxProgram, type SandboxProgram } from '../../support/program.js';
import { startRedis, type TestRedis } from '../../support/redis.js';
import type { Counters } from '../counters.js';
import type { Plan } from '../director.js';
import { startCluster, type Cluster } from './cluster.js';
import { startDatabaseProxy, type DatabaseProxy } from './database-proxy.js';
import { Fleet } from './fleet.js';
import { startFront } from './front.js';
import { openGatewayAccounts } from './gateway-accounts.js';
import { createMerchants, type Merchant } from './merchants.js';
import { createOperators, type Operators } from './operators.js';

export interface World {
  readonly cluster: Cluster;
  readonly proxy: DatabaseProxy;
  readonly redis: TestRedis;
  readonly sandbox: SandboxProgram;
  readonly fleet: Fleet;
  readonly merchants: readonly Merchant[];
  readonly admin: ApiClient;
  readonly operators: Operators;
  /** A client of one of the processes that answer, as `at` chooses. */
  clientOf(key: string, at?: number): ApiClient;
}

/** Last made, first undone. */
export type Cleanup = (undo: () => Promise<unknown> | void) => void;

/** What must be quicker than in production, so that a run takes a minute. */
const QUICK: Readonly<Record<string, string>> = {
  NODE_ENV: 'test',
  LOG_LEVEL: 'warn',
  MIGRATE_ON_START: 'false',
  HOST: '127.0.0.1',
  DEMO: 'false',
  WEBHOOK_ALLOW_PRIVATE: 'true',
  // Three processes with seven pools each, and a fault that takes connections away.
  DATABASE_POOL_SIZE: '4',
  GATEWAY_READ_TIMEOUT_MS: '1000',
  SWEEP_LEASE_MS: '2000',
  RETRY_PAUSE_PERCENT: '4',
  // Not to be quick, but for something to become available at all.
  SETTLEMENT_DEFAULT: 'T+0',
};

const READY_TIMEOUT_MS = 60_000;

export async function startWorld(
  plan: Plan,
  tools: { folder: string; counters: Counters; note: (text: string) => void; cleanup: Cleanup },
): Promise<World> {
  const { folder, counters, note, cleanup } = tools;
  const cluster = await startCluster(folder);
  cleanup(() => cluster.stop());
  note('PostgreSQL runs');
  const proxy = await startDatabaseProxy(() => cluster.port);
  cleanup(() => proxy.close());
  const redis = await startRedis();
  cleanup(() => redis.stop());
  // Assigned once the fleet exists; until then gateways find nobody.
  let readyPort: () => number | undefined = () => undefined;
  const front = await startFront(() => readyPort());
  cleanup(() => front.close());
  const sandbox = await startSandboxProgram({ programUrl: front.url, port: await freePort(SANDBOX_PORTS) });
  cleanup(() => sandbox.stop());

  const databaseUrl = new URL(cluster.url);
  await migrate(cluster.url);
  const credentials = await bootstrapDemo(
    readEnv({
      DATABASE_URL: cluster.url,
      SANDBOX_PORT: String(sandbox.port),
      NODE_ENV: 'test',
      LOG_LEVEL: 'silent',
    }),
  );
  note('migrated');
  databaseUrl.port = String(proxy.port);
  const env = {
    ...QUICK,
    DATABASE_URL: databaseUrl.href,
    REDIS_URL: redis.url,
    SANDBOX_PORT: String(sandbox.port),
    PUBLIC_URL: front.url,
    GATEWAY_CHARGE_TIMEOUT_MS: String(plan.chargeTimeoutMs),
    ...plan.profile.env,
  };
  const fleet = await Fleet.start({
    env,
    slots: plan.profile.slots,
    starts: plan.starts,
    due: plan.due,
    counters,
    note,
  });
  cleanup(() => fleet.stop());
  readyPort = () => fleet.readyPort();
  await fleet.someReady(READY_TIMEOUT_MS);
  const clientOf = (key: string, at = 0): ApiClient =>
    createApiClient(() => {
      const urls = fleet.urls();
      return urls[at % urls.length] ?? '';
    }, key);
  note('the program runs');
  const admin = clientOf(credentials.adminKey);
  const merchants = await createMerchants(admin, clientOf, plan.random.fork('merchants'), counters);
  for (const { receiver } of merchants) cleanup(() => receiver.close());
  // Before the first payment: until then no process has looked at the accounts.
  await openGatewayAccounts(cluster.url, sandbox, merchants);
  note('with accounts at the gateways');
  const operators = await createOperators(cluster.url, () => `http://127.0.0.1:${fleet.readyPort() ?? 0}`);
  note('two operators have signed in');
  await fleet.arm(READY_TIMEOUT_MS);
  note('the processes are as the plan has them');
  return { cluster, proxy, redis, sandbox, fleet, merchants, admin, operators, clientOf };
}

type Migrator = typeof import('../../../src/kernel/database/migrator.js');

/** By the program that is tried, whose migrations may be other ones than ours. */
async function migrate(url: string): Promise<void> {
  const migrator = (await import(pathToFileURL(path.resolve('dist/kernel/database/migrator.js')).href)) as Migrator;
  await migrator.migrate(url, () => undefined);
}
