/** The sandbox gateways beside the app, as a process of their own that ends with us even when we are killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

import { QuickstartError } from './quickstart-error.js';

/** Where the built sandbox is, seen from dist/quickstart. */
const SANDBOX_PROGRAM = path.resolve(import.meta.dirname, '../sandbox/main.js');

const END_WITH_PARENT = pathToFileURL(path.resolve(import.meta.dirname, 'end-with-parent.js')).href;

/** It opens ten ports and nothing else, which takes well under a second even on a busy machine. */
const READY_TIMEOUT_MS = 15_000;

/** It holds nothing worth saving, so it is given little time to end in order. */
const STOP_TIMEOUT_MS = 3_000;

/** Where it takes messages to people. */
export interface Messaging {
  readonly africastalking: string;
  readonly smtp: string;
}

type Ready = Pick<SandboxProcess, 'controlUrl' | 'messaging'>;

export interface SandboxProcess {
  readonly controlUrl: string;
  readonly messaging: Messaging;
  /** Settles when it has ended, whoever ended it. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

export interface SandboxOptions {
  /** The first of its ports. */
  readonly port: number;
  /** The app's address; gateway webhooks are sent to paths below it. */
  readonly appUrl: string;
}

/** @throws {QuickstartError} with the sandbox's own words when it does not start */
export async function startSandboxProcess(options: SandboxOptions): Promise<SandboxProcess> {
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, SANDBOX_PROGRAM], {
    // Nothing of our environment: the sandbox has no business with the database's password.
    env: {
      SANDBOX_PORT: String(options.port),
      SANDBOX_WEBHOOK_URL: `${options.appUrl}/webhooks/{gateway}/{account}`,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A session of its own, so that Ctrl-C does not end the gateways under payments that are being finished.
    detached: true,
  });
  const exited = untilExit(child);
  try {
    const ready = await readyLine(child, exited);
    return { ...ready, exited, stop: () => stop(child, exited) };
  } catch (error) {
    await stop(child, exited);
    throw error;
  }
}

async function untilExit(child: ChildProcess): Promise<void> {
  await Promise.race([once(child, 'exit'), once(child, 'error')]).catch(() => undefined);
}

async function readyLine(child: ChildProcess, exited: Promise<void>): Promise<Ready> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new QuickstartError('The sandbox has no output to read');
  let complaint = '';
  stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString('utf8')).slice(-2_000)));
  const ready = (async () => {
    // Reading to the end also keeps the pipe from filling up.
    for await (const line of createInterface({ input: stdout })) {
      const said = line.startsWith('{') ? (JSON.parse(line) as Partial<Ready>) : {};
      const { controlUrl, messaging } = said;
      if (controlUrl !== undefined && messaging !== undefined) return { controlUrl, messaging };
    }
    return undefined;
  })();
  const late = AbortSignal.timeout(READY_TIMEOUT_MS);
  const timeout = once(late, 'abort').then(() => undefined);
  const found = await Promise.race([ready, exited.then(() => undefined), timeout]);
  stdout.resume();
  if (found !== undefined) return found;
  const reason = complaint.trim().split('\n')[0] ?? '';
  throw new QuickstartError(`The sandbox did not start: ${reason === '' ? 'no reason given' : reason}`);
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const impatient = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(impatient);
}
