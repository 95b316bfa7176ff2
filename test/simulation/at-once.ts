/**
 * Several runs at a time, each in a process of its own: a run notes its processes and folders in its environment. One of them at a time is
 * under load, while others come to rest: two spikes at once would only try the machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SimulateOptions } from './options.js';
import type { RunResult } from './run.js';

const SIMULATE = fileURLToPath(new URL('simulate.mjs', import.meta.url));

/** What a run tells its parent when its load is over. */
export const LOADED = 'loaded';

interface Ended {
  /** Undefined: it came to no result. */
  readonly result: RunResult | undefined;
  readonly output: string;
}

/**
 * Runs the seeds in their order, and hands out no more once one has failed.
 * @param report told of each run when it has ended: its result, and all that it wrote
 * @returns whether all of them came to a result, and hold
 */
export async function runAtOnce(
  options: SimulateOptions,
  signal: AbortSignal,
  report: (result: RunResult | undefined, output: string) => void,
): Promise<boolean> {
  const waiting = [...options.seeds];
  let allHold = true;
  let turn = Promise.resolve();
  const lane = async (): Promise<void> => {
    for (;;) {
      const before = turn;
      let onLoaded = (): void => {};
      turn = new Promise((resolve) => (onLoaded = resolve));
      await before;
      const seed = allHold && !signal.aborted ? waiting.shift() : undefined;
      if (seed === undefined) {
        onLoaded();
        return;
      }
      const { result, output } = await runInProcess(seed, options, signal, onLoaded).finally(onLoaded);
      report(result, output);
      if (result === undefined || result.broken !== undefined) allHold = false;
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, lane));
  signal.throwIfAborted();
  return allHold;
}

async function runInProcess(
  seed: number,
  options: SimulateOptions,
  signal: AbortSignal,
  onLoaded: () => void,
): Promise<Ended> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sankofa-seed-'));
  const json = path.join(folder, 'result.json');
  try {
    const child = spawn(process.execPath, [SIMULATE, ...argumentsFor(seed, options), '--json', json], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    child.on('message', (message) => {
      if (message === LOADED) onLoaded();
    });
    const stop = (): void => void child.kill('SIGINT');
    signal.addEventListener('abort', stop);
    let output = '';
    const keep = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const [code, ended] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    signal.removeEventListener('abort', stop);
    const result = resultIn(json);
    const end = result === undefined ? `seed ${seed} came to no result: it ended with ${code ?? ended}\n` : '';
    return { result, output: output + end };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function argumentsFor(seed: number, { seconds, short, verbose }: SimulateOptions): readonly string[] {
  return [
    ...['--seed', String(seed), '--seconds', String(seconds)],
    ...(short ? ['--short'] : []),
    ...(verbose ? ['--verbose'] : []),
  ];
}

function resultIn(file: string): RunResult | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunResult;
  } catch {
    // It ended before it had one; its output says why.
    return undefined;
  }
}
