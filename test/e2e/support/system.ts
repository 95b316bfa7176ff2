/** Everything there is around a payment, as child processes: the program (whole or split), the sandbox, a merchant's server. */
import { setTimeout as sleep } from 'node:timers/promises';

import { bootstrapDemo } from '../../../src/cli/bootstrap.js';
import { databaseSettingOf, readEnv } from '../../../src/config/env.js';
import { createApiClient, type ApiClient } from '../../support/api-client.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { messagingSettings } from '../../support/messaging.js';
import {
  startProgram,
  startSandboxProgram,
  type Exit,
  type Program,
  type SandboxProgram,
} from '../../support/program.js';
import { startRedis, type TestRedis } from '../../support/redis.js';
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhook-receiver.js';
import type { Mode } from './modes.js';

/** A gateway is given up on after this, so that a test of it takes seconds. */
export const CHARGE_TIMEOUT_MS = 1_000;
/** What Redis lost is looked for after this. */
const SWEEP_LEASE_MS = 2_000;
/** Small pools: five processes with a pool per module must fit into one PostgreSQL beside another test file's. */
const POOL_SIZE = 3;

const MODULES = ['payments', 'routing', 'ledger', 'notification', 'reconciliation', 'auth'] as const;
export type ModuleName = (typeof MODULES)[number];

/** Which module answers a path; the first that fits. What every process answers is asked of the one with payments. */
const HOSTS: readonly (readonly [prefix: RegExp, module: ModuleName])[] = [
  [/^\/v1\/(balances|ledger)\b/, 'ledger'],
  [/^\/admin\/v1\/ledger\b/, 'ledger'],
  [/^\/v1\/(webhook_endpoints|events|notification_settings)\b/, 'notification'],
  [/^\/admin\/v1\/(webhook_deliveries|events|messages)\b/, 'notification'],
  [/^\/webhooks\//, 'routing'],
  [/^\/admin\/v1\/reconciliation\b/, 'reconciliation'],
  [/^\/v1\/payments\/[^/]+\/actions$/, 'routing'],
  [/^\/admin\/v1\/routing\b/, 'routing'],
  [/^\/admin\/v1\/(merchants|api_keys|session|admins|roles|invitations|approvals|audit_entries|names)\b/, 'auth'],
];

export interface SystemOptions extends Pick<Mode, 'queue' | 'split'> {
  /** Modules that live in databases of their own, which the program migrates. */
  readonly ownDatabases?: readonly ModuleName[];
  /** E-mail and SMS are on, and go to the sandbox. */
  readonly messaging?: boolean;
  /** Further settings of the program. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface System {
  readonly database: TestDatabase;
  /** Where a module lives. */
  databaseOf(module: ModuleName): TestDatabase;
  /** Undefined on PostgreSQL alone. */
  readonly redis: TestRedis | undefined;
  readonly sandbox: SandboxProgram;
  /** The merchant's server. */
  readonly receiver: WebhookReceiver;
  /** Signs what `receiver` is sent. */
  readonly webhookSecret: string;
  readonly secretKey: string;
  readonly adminKey: string;
  /** Of the person who comes with the demo, and has no second factor yet. */
  readonly adminEmail: string;
  readonly adminPassword: string;
  /** Which process answers a path: its address. */
  readonly urlOf: (path: string) => string;
  /** Clients that send each request to the process that answers it. */
  readonly merchant: ApiClient;
  readonly admin: ApiClient;
  /** The settings of the program: for starting another like it. */
  readonly env: Readonly<Record<string, string>>;
  /** The processes that run at the moment. */
  programs(): readonly Program[];
  /** The process that hosts a module. */
  programOf(module: ModuleName): Program;
  /** What all processes have written, also those that have ended. */
  logs(): string;
  /** SIGKILL to all processes of the program at once. */
  kill9(): Promise<void>;
  /** SIGTERM to all of them. */
  stop(): Promise<readonly Exit[]>;
  /** Starts them again, on the same ports. */
  restart(): Promise<void>;
  /** Ends everything and drops the databases. */
  close(): Promise<void>;
}

/** Starts a whole installation with a demo merchant, an administrator, and a webhook endpoint. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const database = await createTestDatabase();
  const ownDatabases = new Map(
    await Promise.all(
      (options.ownDatabases ?? []).map(async (module) => [module, await createEmptyDatabase()] as const),
    ),
  );
  const redis = options.queue === 'redis' ? await startRedis() : undefined;
  const receiver = await startWebhookReceiver();
  const processes = await processesOf(options.split);
  const urlOf = (module: ModuleName): string => `http://127.0.0.1:${portOf(processes, module)}`;
  const sandbox = await startSandboxProgram({ programUrl: urlOf('routing') });
  const env = {
    DATABASE_URL: database.url,
    ...Object.fromEntries([...ownDatabases].map(([module, { url }]) => [databaseSettingOf(module), url])),
    DATABASE_POOL_SIZE: String(POOL_SIZE),
    ...(redis === undefined ? {} : { REDIS_URL: redis.url }),
    SANDBOX_PORT: String(sandbox.port),
    PUBLIC_URL: urlOf('routing'),
    GATEWAY_CHARGE_TIMEOUT_MS: String(CHARGE_TIMEOUT_MS),
    SWEEP_LEASE_MS: String(SWEEP_LEASE_MS),
    ...(options.messaging === true ? messagingSettings(sandbox.messaging) : {}),
    ...options.env,
  };
  const credentials = await bootstrapDemo(readEnv({ ...env, NODE_ENV: 'test', LOG_LEVEL: 'silent' }));
  const urlOfPath = (path: string): string => urlOf(HOSTS.find(([prefix]) => prefix.test(path))?.[1] ?? 'payments');
  const client = createApiClient(urlOfPath);
  const merchant = client.withKey(credentials.secretKey);
  const fleet = new Fleet(processes, env);
  const close = async (): Promise<void> => {
    await fleet.kill9();
    await Promise.all([sandbox.stop(), receiver.close(), redis?.stop()]);
    await Promise.all([database, ...ownDatabases.values()].map((each) => each.drop()));
  };
  try {
    await fleet.start();
    return {
      database,
      databaseOf: (module) => ownDatabases.get(module) ?? database,
      redis,
      sandbox,
      receiver,
      webhookSecret: await addEndpoint(merchant, receiver.url),
      secretKey: credentials.secretKey,
      adminKey: credentials.adminKey,
      urlOf: urlOfPath,
      adminEmail: credentials.adminEmail,
      adminPassword: credentials.adminPassword,
      merchant,
      admin: client.withKey(credentials.adminKey),
      env,
      programs: () => fleet.running(),
      programOf: (module) => fleet.of(module),
      logs: () => fleet.logs(),
      kill9: () => fleet.kill9(),
      stop: () => fleet.stop(),
      restart: () => fleet.start(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface ProcessPlan {
  readonly modules: readonly ModuleName[];
  readonly port: number;
}

async function processesOf(split: boolean): Promise<readonly ProcessPlan[]> {
  const groups: readonly (readonly ModuleName[])[] = split ? MODULES.map((module) => [module]) : [MODULES];
  const first = await freePort(groups.length);
  return groups.map((modules, index) => ({ modules, port: first + index }));
}

function portOf(processes: readonly ProcessPlan[], module: ModuleName): number {
  const plan = processes.find(({ modules }) => modules.includes(module));
  if (plan === undefined) throw new Error(`No process hosts ${module}`);
  return plan.port;
}

/** The first request may come before the access projection has heard of the key. */
async function addEndpoint(merchant: ApiClient, url: string): Promise<string> {
  return eventually(async () => {
    const { status, text, body } = await merchant.post('/v1/webhook_endpoints', { url });
    if (status !== 201 || typeof body['secret'] !== 'string') throw new Error(`the endpoint was refused: ${text}`);
    return body['secret'];
  });
}

/** The program's processes, all started and all ended together. */
class Fleet {
  private programs = new Map<ProcessPlan, Program>();
  private readonly ended: Program[] = [];

  constructor(
    private readonly plans: readonly ProcessPlan[],
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  async start(): Promise<void> {
    const starts = await Promise.allSettled(
      this.plans.map(async (plan) => {
        const modules = this.plans.length === 1 ? {} : { modules: plan.modules };
        const program = await startProgram({ env: { ...this.env, PORT: String(plan.port) }, ...modules });
        // Known from now on, so that it is ended even if another does not start.
        this.programs.set(plan, program);
      }),
    );
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  running(): readonly Program[] {
    return [...this.programs.values()];
  }

  of(module: ModuleName): Program {
    const found = [...this.programs].find(([plan]) => plan.modules.includes(module));
    if (found === undefined) throw new Error(`No running process hosts ${module}`);
    return found[1];
  }

  logs(): string {
    return [...this.ended, ...this.running()].map((program) => program.logs()).join('\n');
  }

  async kill9(): Promise<void> {
    const programs = this.forget();
    await Promise.all(programs.map((program) => program.kill9()));
  }

  async stop(): Promise<readonly Exit[]> {
    const programs = this.forget();
    return Promise.all(programs.map((program) => program.stop()));
  }

  private forget(): readonly Program[] {
    const programs = this.running();
    this.ended.push(...programs);
    this.programs = new Map();
    return programs;
  }
}

/** Waits a moment in which something must *not* happen; the only bare wait there is reason for. */
export function aMoment(ms = 500): Promise<void> {
  return sleep(ms);
}
