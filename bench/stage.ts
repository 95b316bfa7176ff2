/** Everything a measurement stands on: databases with a merchant in them, and ways to start the programs. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { bootstrapDemo } from '../src/cli/bootstrap.js';
import { readEnv } from '../src/config/env.js';
import { BenchError } from './bench-error.js';
import { freePort } from './free-port.js';
import type { GrowthOptions } from './options.js';
import { startProgram, type RunningProgram } from './program.js';
import { createScratchDatabases, type ScratchDatabases } from './scratch-database.js';
import { forgetPrefix, type Cleanup, type Services } from './services.js';

export interface Stage {
  readonly services: Services;
  readonly databases: ScratchDatabases;
  /** Of a merchant's test mode; every copy of the template knows it. */
  readonly secretKey: string;
  /** Of the admin API; every copy of the template knows it. */
  readonly adminKey: string;
  /** Length of one measurement, without its warm-up. */
  readonly measureMs: number;
  /** How long the spike lasts. */
  readonly spikeMs: number;
  /** How long the soak lasts. */
  readonly soakMs: number;
  readonly growth: GrowthOptions;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  startApp(options: AppOptions): Promise<RunningApp>;
  /** The gateways, whose webhooks go to the app's address. */
  startSandbox(): Promise<RunningSandbox>;
  /** A queue prefix of our own, forgotten at the end. */
  queuePrefix(): string;
}

export interface AppOptions {
  readonly databaseUrl: string;
  readonly role: 'all' | 'http' | 'worker';
  /** One of its own when another process of the program runs beside it; by default the one that the gateways' webhooks go to. */
  readonly port?: number;
  /** Shared by the processes that work together; one of its own by default. */
  readonly queuePrefix?: string;
  /** Settings that differ from the usual ones. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningApp extends RunningProgram {
  readonly host: string;
  readonly port: number;
}

export interface RunningSandbox extends RunningProgram {
  readonly controlUrl: string;
}

export interface StageOptions {
  readonly services: Services;
  readonly measureMs: number;
  readonly spikeMs: number;
  readonly soakMs: number;
  readonly growth: GrowthOptions;
  readonly profileFolder: string | undefined;
  readonly signal: AbortSignal;
  readonly cleanup: Cleanup;
  readonly say: (line: string) => void;
}

const HOST = '127.0.0.1';
/** What it seals and signs is dropped again. */
const WORTHLESS_KEY = 'A'.repeat(43);
/** The control API and a port for each of the seven gateways. */
const SANDBOX_PORTS = 10;
/** An event's way to one consumer takes milliseconds; a machine that is busy with something else may need longer. */
const KEY_TIMEOUT_MS = 30_000;

export async function setStage(options: StageOptions): Promise<Stage> {
  const { services, signal, cleanup, profileFolder } = options;
  const databases = await createScratchDatabases(services.postgres.adminUrl, cleanup);
  // Fixed for the run: gateway accounts in the template name the sandbox's port, and the sandbox names the app's.
  const sandboxPort = await freePort(SANDBOX_PORTS);
  const appPort = await freePort();
  const { secretKey, adminKey } = await bootstrapDemo(
    readEnv({
      DATABASE_URL: databases.templateUrl,
      SANDBOX_PORT: String(sandboxPort),
      MASTER_KEYS: WORTHLESS_KEY,
      LOG_LEVEL: 'silent',
    }),
  );
  const queuePrefix = (): string => {
    const prefix = `bench-${randomBytes(6).toString('hex')}`;
    const { redis } = services;
    if (redis !== undefined) cleanup(() => forgetPrefix(redis.url, prefix));
    return prefix;
  };
  const stage: Stage = {
    ...options,
    databases,
    secretKey,
    adminKey,
    queuePrefix,
    startApp: (app) =>
      startApp({
        ...app,
        port: app.port ?? appPort,
        sandboxPort,
        queuePrefix: app.queuePrefix ?? queuePrefix(),
        redisUrl: services.redis?.url,
        profileFolder,
        signal,
        cleanup,
      }),
    startSandbox: () => startSandbox({ sandboxPort, appPort, signal, cleanup }),
  };
  await untilKeyIsKnown(stage);
  return stage;
}

/** The guard learns keys by an event, so a worker has to run once on the template. */
async function untilKeyIsKnown(stage: Stage): Promise<void> {
  const app = await stage.startApp({ databaseUrl: stage.databases.templateUrl, role: 'all' });
  await untilOk(`http://${app.host}:${app.port}/v1/payments?limit=1`, stage);
  await app.stop();
}

async function untilOk(url: string, { secretKey, signal }: Pick<Stage, 'secretKey' | 'signal'>): Promise<void> {
  const deadline = Date.now() + KEY_TIMEOUT_MS;
  while (!(await isOk(url, secretKey))) {
    signal.throwIfAborted();
    if (Date.now() > deadline) throw new BenchError("The merchant's key did not become valid");
    await sleep(50);
  }
}

async function isOk(url: string, key?: string): Promise<boolean> {
  try {
    const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

interface ProgramSettings extends AppOptions {
  readonly port: number;
  readonly queuePrefix: string;
  readonly sandboxPort: number;
  readonly redisUrl: string | undefined;
  readonly profileFolder: string | undefined;
  readonly signal: AbortSignal;
  readonly cleanup: Cleanup;
}

async function startApp(options: ProgramSettings): Promise<RunningApp> {
  const { port, role, signal } = options;
  const program = await startProgram({
    file: 'main.js',
    profileFolder: options.profileFolder,
    signal,
    env: {
      NODE_ENV: 'production',
      LEDGER_SIGNING_KEY: WORTHLESS_KEY,
      MASTER_KEYS: WORTHLESS_KEY,
      LOG_LEVEL: 'error',
      HOST,
      PORT: String(port),
      ROLE: role,
      DATABASE_URL: options.databaseUrl,
      ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
      QUEUE_PREFIX: options.queuePrefix,
      SANDBOX_PORT: String(options.sandboxPort),
      // The merchant's server is on this machine.
      WEBHOOK_ALLOW_PRIVATE: 'true',
      // One merchant brings all the load there is.
      MERCHANT_RATE_PER_SECOND: '1000000',
      MERCHANT_BURST: '1000000',
      ...options.env,
    },
    isReady: () => isOk(`http://${HOST}:${port}/readyz`),
  });
  options.cleanup(() => program.stop('SIGKILL'));
  return { ...program, host: HOST, port };
}

async function startSandbox(options: {
  sandboxPort: number;
  appPort: number;
  signal: AbortSignal;
  cleanup: Cleanup;
}): Promise<RunningSandbox> {
  const { sandboxPort, appPort, signal } = options;
  const program = await startProgram({
    file: 'sandbox/main.js',
    signal,
    env: {
      SANDBOX_PORT: String(sandboxPort),
      SANDBOX_WEBHOOK_URL: `http://${HOST}:${appPort}/webhooks/{gateway}/{account}`,
    },
    isReady: (output) => Promise.resolve(output.includes('"ready":true')),
  });
  options.cleanup(() => program.stop('SIGKILL'));
  return { ...program, controlUrl: `http://${HOST}:${sandboxPort}` };
}
