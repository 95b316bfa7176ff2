/** The built programs as child processes: what is tested is what is shipped, and a kill -9 is a real one. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { describeError } from '../../src/kernel/errors/describe.js';
import { freePort } from './free-port.js';
import { forgetProcess, noteProcess } from './test-run.js';

/** Longest wait for a program to be ready: two cores may be shared with a whole suite. */
const READY_TIMEOUT_MS = 120_000;

/** Beyond the program's own limit for draining (SHUTDOWN_TIMEOUT_MS, 25 s), so that a hang is told from a slow end. */
const STOP_TIMEOUT_MS = 40_000;

/** Enough output to see why something failed, without a chatty program filling the memory. */
const MAX_LOG_CHARACTERS = 2_000_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface TestProcess {
  readonly pid: number;
  /** Everything written to stdout and stderr so far. */
  logs(): string;
  /** SIGTERM, and waits for the end. @throws when it does not end in time (it is killed then) */
  stop(): Promise<Exit>;
  /** SIGKILL, and waits for the end. */
  kill9(): Promise<Exit>;
  /** SIGSTOP and SIGCONT: a frozen process that wakes with an old lease. */
  pause(): void;
  resume(): void;
  /** Settles when the process has ended, however. */
  readonly exited: Promise<Exit>;
}

export interface Program extends TestProcess {
  readonly url: string;
}

export interface ProgramOptions {
  /** Settings; DATABASE_URL must be among them. PORT is chosen when missing. */
  readonly env: Readonly<Record<string, string>>;
  readonly role?: 'all' | 'http' | 'worker';
  /** The modules to host; default all. */
  readonly modules?: readonly string[];
  /** False returns at once, for a program that is meant to fail or to wait. Default true: waits for /readyz. */
  readonly waitUntilReady?: boolean;
}

/** Starts `dist/main.js` on a free port and waits until it is ready. */
export async function startProgram(options: ProgramOptions): Promise<Program> {
  const port = options.env['PORT'] ?? String(await freePort());
  const env = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'info',
    HOST: '127.0.0.1',
    DEMO: 'false',
    // A merchant's server in a test is on this machine.
    WEBHOOK_ALLOW_PRIVATE: 'true',
    ...options.env,
    PORT: port,
    ...(options.role === undefined ? {} : { ROLE: options.role }),
    ...(options.modules === undefined ? {} : { MODULES: options.modules.join(',') }),
  };
  const started = startBuilt('main.js', env);
  const url = `http://127.0.0.1:${port}`;
  if (options.waitUntilReady !== false) await untilReady(started, url);
  return { ...started, url };
}

async function untilReady(program: TestProcess, url: string): Promise<void> {
  const ended = program.exited.then(() => 'ended' as const);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let last = '';
  for (;;) {
    const ready = fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) }).then(
      async (response) => {
        last = `${response.status} ${await response.text()}`;
        return response.ok;
      },
      (error: unknown) => {
        last = describeError(error);
        return false;
      },
    );
    const state = await Promise.race([ready, ended]);
    if (state === true) return;
    if (state === 'ended') throw new Error(`The program ended before it was ready:\n${program.logs().slice(-4_000)}`);
    if (Date.now() > deadline) {
      await program.kill9();
      throw new Error(
        `The program was not ready after ${READY_TIMEOUT_MS} ms (${last}):\n${program.logs().slice(-4_000)}`,
      );
    }
    await sleep(50);
  }
}

/** What the sandbox prints when all its listeners are up. */
interface SandboxReady {
  readonly ready: true;
  readonly controlUrl: string;
  readonly gateways: Readonly<Record<string, string>>;
  readonly messaging: Messaging;
}

/** A fault to play, as the sandbox's README lists them. */
export interface Fault {
  readonly gateway: string;
  readonly fault: string;
  readonly rate?: number;
  readonly seed?: number;
  readonly after?: number;
  readonly ms?: number;
  readonly code?: string;
  readonly on?: 'charge' | 'refund' | 'payout' | 'any';
}

/** Where messages to people are taken. */
export interface Messaging {
  readonly africastalking: string;
  readonly smtp: string;
}

/** An e-mail or SMS that the sandbox took. */
export interface SentMessage {
  readonly id: string;
  readonly channel: 'email' | 'sms';
  readonly from: string;
  readonly to: string;
  readonly subject?: string;
  readonly text: string;
  readonly html?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LedgerLine {
  readonly gateway: string;
  readonly reference: string;
  readonly kind: string;
  readonly amount: number;
  readonly currency: string;
  readonly at: string;
  /** Of a refund: the reference of the charge that it gives back. */
  readonly charge_reference?: string;
}

/** What an account holds at a gateway, in minor units. */
export interface Holdings {
  readonly float: number;
  readonly balance: number;
  readonly held: number;
  readonly available: number;
}

export interface SandboxProgram extends TestProcess {
  readonly controlUrl: string;
  /** Base URLs by gateway name. */
  readonly gateways: Readonly<Record<string, string>>;
  readonly messaging: Messaging;
  /** Mails and SMS that were sent, to somebody or to all. */
  messages(to?: string): Promise<readonly SentMessage[]>;
  /** The base of its ports: SANDBOX_PORT for a program that should find it. */
  readonly port: number;
  setFault(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  addAccount(gateway: string, account: string, credentials: Readonly<Record<string, string>>): Promise<void>;
  /** The customer refuses. @throws when they have decided already */
  decline(gateway: string, reference: string): Promise<void>;
  holdings(gateway: string, account: string, currency: string): Promise<Holdings>;
  /** From now on the account holds so much in all, what it collected included. In minor units. */
  setBalance(gateway: string, account: string, currency: string, balance: number): Promise<void>;
  /** The gateway pays out what it owes. @returns how many settlements that makes */
  settle(gateway: string): Promise<number>;
  /** Has a charge listed otherwise than it was. */
  misprint(gateway: string, reference: string, as: string): Promise<void>;
  /** What really moved, for the given gateway references, or all (paged through). */
  ledger(...references: string[]): Promise<LedgerLine[]>;
}

/** The control API, one port for each of the gateways it impersonates, the SMS provider and the mail server. */
export const SANDBOX_PORTS = 10;

export interface SandboxOptions {
  /** Where gateway webhooks go: the program's own URL, to which the path is added. */
  readonly programUrl?: string;
  /** The base of SANDBOX_PORTS free ports in a row; chosen when missing. */
  readonly port?: number;
}

/** Starts `dist/sandbox/main.js` on free ports. */
export async function startSandboxProgram(options: SandboxOptions = {}): Promise<SandboxProgram> {
  const port = options.port ?? (await freePort(SANDBOX_PORTS));
  const started = startBuilt('sandbox/main.js', {
    SANDBOX_PORT: String(port),
    ...(options.programUrl === undefined
      ? {}
      : { SANDBOX_WEBHOOK_URL: `${options.programUrl}/webhooks/{gateway}/{account}` }),
  });
  const { controlUrl, gateways, messaging } = await sandboxReady(started);
  return {
    ...started,
    port,
    controlUrl,
    gateways,
    messaging,
    messages: async (to) => {
      const query = to === undefined ? '' : `?${new URLSearchParams({ to }).toString()}`;
      return ((await call(`${controlUrl}/_messages${query}`, 'GET')) as { data: readonly SentMessage[] }).data;
    },
    setFault: async (fault) => void (await call(`${controlUrl}/_faults`, 'POST', fault)),
    clearFaults: async () => void (await call(`${controlUrl}/_faults`, 'DELETE')),
    addAccount: async (gateway, account, credentials) =>
      void (await call(`${controlUrl}/_accounts`, 'POST', { gateway, account, credentials })),
    decline: async (gateway, reference) =>
      void (await call(`${controlUrl}/_transactions/decline`, 'POST', { gateway, reference })),
    holdings: async (gateway, account, currency) =>
      (await call(
        `${controlUrl}/_float?${new URLSearchParams({ gateway, account, currency }).toString()}`,
        'GET',
      )) as Holdings,
    setBalance: async (gateway, account, currency, balance) =>
      void (await call(`${controlUrl}/_float`, 'POST', { gateway, account, currency, balance })),
    settle: async (gateway) =>
      ((await call(`${controlUrl}/_settlements`, 'POST', { gateway })) as { data: readonly unknown[] }).data.length,
    misprint: async (gateway, reference, as) =>
      void (await call(`${controlUrl}/_misprints`, 'POST', { gateway, reference, as })),
    ledger: (...references) => ledgerLines(controlUrl, references),
  };
}

async function sandboxReady(started: TestProcess): Promise<SandboxReady> {
  const ended = started.exited.then(() => true);
  const deadline = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const line = started
      .logs()
      .split('\n')
      .find((text) => text.startsWith('{"ready":true'));
    if (line !== undefined) return JSON.parse(line) as SandboxReady;
    const over = await Promise.race([ended, sleep(25, false)]);
    if (over || Date.now() > deadline) {
      await started.kill9();
      throw new Error(`The sandbox did not start:\n${started.logs()}`);
    }
  }
}

async function ledgerLines(controlUrl: string, references: readonly string[]): Promise<LedgerLine[]> {
  // A long list of references would overflow the request line.
  const perRequest = 100;
  const lines: LedgerLine[] = [];
  if (references.length === 0) {
    for (;;) {
      const page = (await call(`${controlUrl}/_ledger?after=${lines.length}&limit=1000`, 'GET')) as {
        data: LedgerLine[];
      };
      if (page.data.length === 0) return lines;
      lines.push(...page.data);
    }
  }
  for (let from = 0; from < references.length; from += perRequest) {
    const query = new URLSearchParams(
      references.slice(from, from + perRequest).map((value): [string, string] => ['reference', value]),
    );
    const page = (await call(`${controlUrl}/_ledger?${query.toString()}`, 'GET')) as { data: LedgerLine[] };
    lines.push(...page.data);
  }
  return lines;
}

/** On a connection of its own: one that is kept may be closed by the other side just when it is used again. */
async function call(url: string, method: string, body?: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { connection: 'close', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/**
 * Starts a built file. The environment is only what is given, so that no setting of whoever runs the tests gets in.
 * @param file relative to dist/
 */
export function startBuilt(
  file: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): TestProcess {
  const at = path.resolve('dist', file);
  if (!existsSync(at)) throw new Error(`dist/${file} is missing: run \`npm test\`, which builds first`);
  return startProcess(process.execPath, ['--enable-source-maps', at, ...args], env, file);
}

/** Starts any program and keeps watch over it. */
export function startProcess(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  what: string,
): TestProcess {
  const child = spawn(command, args, {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${what} did not start`);
  noteProcess(pid, what);
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-MAX_LOG_CHARACTERS);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const exited = untilExit(child, pid);
  return {
    pid,
    exited,
    logs: () => output,
    stop: () => stopChild(child, exited, () => output),
    kill9: () => {
      child.kill('SIGKILL');
      return exited;
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

async function untilExit(child: ChildProcess, pid: number): Promise<Exit> {
  // 'close' comes after the last output, which 'exit' does not promise.
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  forgetProcess(pid);
  return { code, signal };
}

async function stopChild(child: ChildProcess, exited: Promise<Exit>, output: () => string): Promise<Exit> {
  child.kill('SIGTERM');
  const impatient = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  const exit = await exited;
  clearTimeout(impatient);
  if (exit.signal === 'SIGKILL') {
    throw new Error(
      `Process ${child.pid} did not end within ${STOP_TIMEOUT_MS} ms of SIGTERM:\n${output().slice(-4_000)}`,
    );
  }
  return exit;
}
