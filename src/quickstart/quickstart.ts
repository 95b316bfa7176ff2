/**
 * From a built program to one that a person can use: a database, the app, the sandbox gateways, a merchant with a key.
 * In production (no demo) only the first two, with nothing made up.
 */
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { bootstrapDemo } from '../cli/bootstrap.js';
import type { Env } from '../config/env.js';
import { findHomes } from '../kernel/database/homes.js';
import { migrateAll } from '../kernel/database/migrator.js';
import { startEmbeddedPostgres } from '../kernel/embedded/embedded-postgres.js';
import { startSankofa } from '../main.js';
import {
  credentialsFileOf,
  type DemoCredentials,
  type QuickstartFile,
  readCredentials,
  writeCredentials,
} from './credentials-file.js';
import { QuickstartError } from './quickstart-error.js';
import { requireRedis } from './require-services.js';
import { startSandboxProcess, type Messaging, type SandboxProcess } from './sandbox-process.js';

export interface QuickstartOptions {
  /** Receives lines for the person at the terminal. */
  readonly print: (line: string) => void;
  /** Ends a start that is under way, leaving nothing running. */
  readonly signal: AbortSignal;
}

export interface RunningQuickstart {
  readonly url: string;
  /** Settles with a sentence when something it depends on has ended by itself. */
  readonly failed: Promise<string>;
  /** Stops everything that was started, the last first. May be called again. */
  close(): Promise<void>;
}

/** Longest wait for readiness and for the demo's key to be known to the guard, which learns it by an event. */
const READY_TIMEOUT_MS = 30_000;

/** Starts everything; on failure whatever had been started is stopped again before the error is thrown. */
export async function runQuickstart(given: Env, options: QuickstartOptions): Promise<RunningQuickstart> {
  const started = new Started();
  try {
    const { url, failures } = await start(given, options, started);
    return { url, failed: Promise.race(failures), close: () => started.stop() };
  } catch (error) {
    await started.stop();
    throw error;
  }
}

async function start(given: Env, { print, signal }: QuickstartOptions, started: Started) {
  const startedAt = performance.now();
  const failures: Promise<string>[] = [];
  const env = await withDatabase(demoSettings(given), { print, signal }, started, failures);
  if (env.redisUrl !== undefined) await requireRedis(env.redisUrl);
  signal.throwIfAborted();
  // The app migrates too, but says so to its log; here a person waits.
  if (env.migrateOnStart) await migrateAll((await findHomes(env)).answering, (line) => print(`  ${line}`));
  signal.throwIfAborted();
  const sandbox = env.demo ? await withSandbox(env, print, started) : undefined;
  const sandboxUrl = sandbox?.controlUrl;
  signal.throwIfAborted();
  // Before the app, which reads gateway accounts and keys when it starts.
  const credentials = env.demo ? await bootstrapDemo(env, await readCredentials(env.dataDir)) : undefined;
  signal.throwIfAborted();
  const app = await startSankofa(sandbox === undefined ? env : withMessaging(env, sandbox.messaging));
  started.add(() => app.close());
  signal.throwIfAborted();
  const url = localUrl(app.url);
  await until(() => answers(`${url}/readyz`), 'The app did not become ready', signal);
  if (sandboxUrl === undefined || credentials === undefined) {
    print(`Sankofa is ready at ${url} (${secondsSince(startedAt)}). Ctrl-C stops it.`);
    return { url, failures };
  }
  const { secretKey } = credentials;
  await until(
    () => answers(`${url}/v1/payments?limit=1`, secretKey),
    "The demo merchant's key did not become valid",
    signal,
  );
  const demo = describe(url, sandboxUrl, credentials);
  await mkdir(env.dataDir, { recursive: true, mode: 0o711 });
  await writeCredentials(env.dataDir, demo);
  print(greeting(demo, credentialsFileOf(env.dataDir), secondsSince(startedAt)));
  return { url, failures };
}

/** What only a demonstration may do, said in words. */
function demoSettings(env: Env): Env {
  if (env.demo && env.nodeEnv === 'production') {
    throw new QuickstartError('DEMO must not be true when NODE_ENV is production: the demo opens a door to everybody');
  }
  // A process that hosts only a part of the app has no use for a merchant, and its siblings bring the sandbox.
  const demo = env.demo && env.role === 'all' && env.modules.includes('payments') && env.modules.includes('auth');
  if (!demo) return { ...env, demo };
  // The app says so in its log: a merchant's server under test is most likely on this machine.
  return { ...env, demo, webhookAllowPrivate: true };
}

async function withDatabase(
  env: Env,
  options: QuickstartOptions,
  started: Started,
  failures: Promise<string>[],
): Promise<Env> {
  if (env.databaseUrl !== undefined) {
    // A wrong password is one line, before anything is built on it.
    await findHomes(env);
    return env;
  }
  options.print(`Starting the embedded PostgreSQL (DATABASE_URL is not set; data in ${env.dataDir})`);
  const { dataDir } = env;
  const server = await startEmbeddedPostgres({
    dataDir,
    signal: options.signal,
    log: (line) => options.print(`  ${line}`),
  });
  started.add(() => server.stop());
  failures.push(server.exited.then(() => 'The embedded PostgreSQL has ended unexpectedly.'));
  return { ...env, databaseUrl: server.url };
}

async function withSandbox(env: Env, print: (line: string) => void, started: Started): Promise<SandboxProcess> {
  const appUrl = `http://${env.host.includes(':') ? `[${env.host}]` : env.host}:${env.port}`;
  const sandbox = await startSandboxProcess({ port: env.sandboxPort, appUrl: localUrl(appUrl) });
  let stopping = false;
  started.add(() => {
    stopping = true;
    return sandbox.stop();
  });
  void sandbox.exited.then(() => {
    // The app itself goes on: to it, these are gateways that are down.
    if (!stopping) print('The sandbox gateways have ended unexpectedly; restart to have them back.');
  });
  return sandbox;
}

/** The public credentials of the sandbox's SMS provider. */
const SANDBOX_SMS = { username: 'sandbox', apiKey: 'atsk_sandbox_africastalking' };
const SANDBOX_MAIL_FROM = { name: 'Sankofa', address: 'sankofa@example.com' };
/** Where a demonstration sends alerts; it is a place in the sandbox alone. */
const SANDBOX_ALERTS = 'operations@example.com';

/** A channel that nobody has set up goes to the sandbox, so that a newcomer sees what would be sent. One that is set up is left alone. */
function withMessaging(env: Env, { africastalking, smtp }: Messaging): Env {
  const { messages } = env;
  const sandboxed: Env['messages'] = {
    smtp: { url: smtp, from: SANDBOX_MAIL_FROM, requireTls: false },
    sms: { ...SANDBOX_SMS, url: africastalking },
    ...(messages.smtp === undefined ? { alertsEmail: SANDBOX_ALERTS } : {}),
    ...messages,
  };
  return { ...env, messages: sandboxed };
}

function describe(url: string, sandboxUrl: string, credentials: DemoCredentials): QuickstartFile {
  const { secretKey, adminKey, adminEmail, adminPassword } = credentials;
  return {
    apiUrl: url,
    secretKey,
    adminKey,
    backofficeUrl: `${url}/backoffice`,
    adminEmail,
    adminPassword,
    sandboxUrl,
    docsUrl: `${url}/docs`,
  };
}

/** An address to call from this machine, where the app listens on all of its addresses. */
function localUrl(url: string): string {
  const local = new URL(url);
  if (local.hostname === '0.0.0.0' || local.hostname === '[::]') local.hostname = '127.0.0.1';
  return local.origin;
}

async function answers(url: string, key?: string): Promise<boolean> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function until(condition: () => Promise<boolean>, complaint: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (!(await condition())) {
    signal.throwIfAborted();
    if (performance.now() > deadline) throw new QuickstartError(`${complaint} within ${READY_TIMEOUT_MS / 1000} s`);
    await sleep(50);
  }
}

function secondsSince(startedAt: number): string {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

function greeting(demo: QuickstartFile, file: string, took: string): string {
  const body = `'{"amount":5000,"currency":"GHS","reference":"order-'$(date +%s)'","method":{"type":"mobile_money","network":"mtn","phone":"+233241234567"},"customer":{"email":"ama@example.com"}}'`;
  return `
Sankofa is ready (${took}). Ctrl-C stops everything.

  API           ${demo.apiUrl}
  Back-office   ${demo.backofficeUrl} (${demo.adminEmail}, password ${demo.adminPassword})
  Documentation ${demo.docsUrl}
  Sandbox       ${demo.sandboxUrl}
  Mails and SMS ${demo.sandboxUrl}/_messages
  Secret key    ${demo.secretKey}
  Admin key     ${demo.adminKey}
  All of this   ${file}

A first payment, 50.00 GHS by mobile money:

  curl -s ${demo.apiUrl}/v1/payments \\
    -H 'Authorization: Bearer ${demo.secretKey}' \\
    -H 'Content-Type: application/json' -H "Idempotency-Key: first-$(date +%s)" -H 'Prefer: wait=10' \\
    -d ${body}
`;
}

/** What has been started, to be stopped in the opposite order. */
class Started {
  private readonly stops: (() => Promise<void>)[] = [];
  private stopping: Promise<void> | undefined;

  add(stop: () => Promise<void>): void {
    this.stops.push(stop);
  }

  /** Stops everything, even if one of them fails to; the first failure is thrown at the end. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async stopAll(): Promise<void> {
    const errors: unknown[] = [];
    for (const stop of this.stops.reverse()) {
      try {
        await stop();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}
