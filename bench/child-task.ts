/** Work in a process of its own: what loads the program must not share an event loop with what measures, or with it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import os from 'node:os';
import { BenchError } from './bench-error.js';

const LOADER = new URL('../scripts/typescript/register.mjs', import.meta.url).href;
const ENTRY = new URL('./children/entry.ts', import.meta.url);

/** What a child answers with, once. */
export type ChildMessage =
  { readonly kind: 'result'; readonly result: unknown } | { readonly kind: 'failed'; readonly reason: string };

export interface ChildTask {
  /** A file of children/, which exports `run(input)`. */
  readonly file: string;
  readonly input: unknown;
  readonly signal: AbortSignal;
  /** The task ends by itself; this is for one that does not. */
  readonly timeoutMs: number;
  /** It stands for machines elsewhere: where we may, it goes before all that is measured, which is not charged with its delays then. */
  readonly goesFirst?: boolean;
}

/** Nice value; taking precedence takes a privilege that not everybody has. */
const FIRST = -10;

/** Runs a task to its end and returns what it found. @throws {BenchError} with the child's own words */
export async function runChild<Result>({
  file,
  input,
  signal,
  timeoutMs,
  goesFirst = false,
}: ChildTask): Promise<Result> {
  signal.throwIfAborted();
  const child = fork(ENTRY, [file], { execArgv: ['--import', LOADER], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  if (goesFirst) goFirst(child.pid);
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2_000)));
  const kill = (): void => void child.kill('SIGKILL');
  const timer = setTimeout(kill, timeoutMs);
  signal.addEventListener('abort', kill);
  try {
    let message: ChildMessage | undefined;
    child.on('message', (received) => (message = received as ChildMessage));
    child.send({ input });
    await once(child, 'close');
    signal.throwIfAborted();
    if (message?.kind === 'result') return message.result as Result;
    throw new BenchError(
      `${file} failed: ${message?.reason ?? (complaint.trim() || `it did not end within ${timeoutMs} ms`)}`,
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    kill();
  }
}

function goFirst(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    os.setPriority(pid, FIRST);
  } catch {
    // Without the privilege its delays stay in the figures, which tell them beside (`load_adds_ms`).
  }
}
