/** The built programs as child processes: what is measured is what is shipped. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BenchError } from './bench-error.js';

const DIST = new URL('../dist/', import.meta.url);
/** Makes a child end with us even when we are killed. */
const END_WITH_PARENT = new URL('quickstart/end-with-parent.js', DIST).href;

const READY_TIMEOUT_MS = 60_000;
/** A program that is asked to end finishes what is in flight; what it leaves is thrown away with its database. */
const STOP_TIMEOUT_MS = 10_000;
/** Often enough to see a peak of a second, seldom enough to cost nothing. */
const SAMPLE_EVERY_MS = 250;
/** Kernel clock ticks per second as /proc counts them; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface RunningProgram {
  readonly pid: number;
  /** Bytes resident now, and the most there has been since the start. Undefined where the system does not tell. */
  memory(): { readonly now: number; readonly peak: number } | undefined;
  /** Processor time used so far, in seconds. Undefined where the system does not tell. */
  cpuSeconds(): number | undefined;
  /** Everything written so far, cut to the last few thousand characters. */
  output(): string;
  /** SIGTERM, or SIGKILL at once for what need not be finished. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** As in docker/Dockerfile, which gives the reason. */
const NODE_FLAGS = ['--max-semi-space-size=64'];

export interface ProgramOptions {
  /** Relative to dist/. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly profileFolder?: string | undefined;
  readonly signal: AbortSignal;
  /** Asked until it says yes. */
  isReady(output: string): Promise<boolean>;
}

export async function startProgram({
  file,
  env,
  profileFolder,
  signal,
  isReady,
}: ProgramOptions): Promise<RunningProgram> {
  signal.throwIfAborted();
  const profiling = profileFolder === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profileFolder];
  const program = fileURLToPath(new URL(file, DIST));
  const child = spawn(process.execPath, [...NODE_FLAGS, ...profiling, '--import', END_WITH_PARENT, program], {
    // Nothing of our environment: no setting of whoever runs the bench gets in.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const { pid } = child;
  if (pid === undefined) throw new BenchError(`dist/${file} did not start`);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-4_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const running = programOf(child, pid, () => output);
  try {
    await untilReady(
      child,
      file,
      signal,
      () => isReady(output),
      () => output,
    );
    return running;
  } catch (error) {
    await running.stop('SIGKILL');
    throw error;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function untilReady(
  child: ChildProcess,
  file: string,
  signal: AbortSignal,
  isReady: () => Promise<boolean>,
  output: () => string,
): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (!(await isReady())) {
    signal.throwIfAborted();
    if (hasEnded(child)) throw new BenchError(`dist/${file} ended before it was ready: ${output().trim()}`);
    if (Date.now() > deadline) throw new BenchError(`dist/${file} was not ready in time: ${output().trim()}`);
    await sleep(50);
  }
}

function programOf(child: ChildProcess, pid: number, output: () => string): RunningProgram {
  let peak = 0;
  const sampler = setInterval(() => {
    peak = Math.max(peak, residentBytes(pid) ?? 0);
  }, SAMPLE_EVERY_MS);
  sampler.unref();
  child.once('exit', () => clearInterval(sampler));
  return {
    pid,
    output,
    memory: () => {
      const now = residentBytes(pid);
      if (now === undefined) return undefined;
      peak = Math.max(peak, now);
      return { now, peak };
    },
    cpuSeconds: () => cpuSeconds(pid),
    stop: async (signal = 'SIGTERM') => {
      if (hasEnded(child)) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      const impatient = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(impatient);
    },
  };
}

function procFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // Not Linux, or the process has ended.
    return undefined;
  }
}

function residentBytes(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(procFile(pid, 'status') ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
}

function cpuSeconds(pid: number): number | undefined {
  // The name, in parentheses, may hold spaces; user and system time are the 12th and 13th field after it.
  const fields = procFile(pid, 'stat')?.split(') ').at(-1)?.split(' ');
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
