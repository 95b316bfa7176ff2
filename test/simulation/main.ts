/** `npm run simulate`: runs seeds one after the other, tells what was met, and ends with the first broken invariant. */
import { setMaxListeners } from 'node:events';
import { appendFileSync } from 'node:fs';
import { LOADED, runAtOnce } from './at-once.js';
import { describeCounters } from './counters.js';
import { describePlan, planRun } from './director.js';
import { coverageOf } from './coverage.js';
import { readOptions, USAGE, type SimulateOptions } from './options.js';
import { EVERYTHING, SHORT } from './profile.js';
import { inRunFolder } from './run-folder.js';
import { run, type RunResult } from './run.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** @returns the exit code */
export async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  // Everybody who pauses listens to it.
  setMaxListeners(0, signal);
  const options = readOptions(args);
  if (options.help) {
    say(USAGE);
    return 0;
  }
  const totals = new Map<string, number>();
  const count = ({ counters }: RunResult): void => {
    for (const [name, met] of Object.entries(counters)) totals.set(name, (totals.get(name) ?? 0) + met);
  };
  if (options.atOnce > 1 && !options.planOnly) {
    const allHold = await runAtOnce(options, signal, (result, output) => {
      say(output.trimEnd());
      if (result === undefined) return;
      note(result, options);
      count(result);
    });
    return allHold ? summarise(Object.fromEntries(totals), options.seeds.length) : 1;
  }
  for (const seed of options.seeds) {
    signal.throwIfAborted();
    const plan = planRun(seed, options.seconds, options.short ? SHORT : EVERYTHING);
    if (options.planOnly) {
      say(describePlan(plan));
      continue;
    }
    say(`seed ${seed}: ${plan.orders.length} payments in ${options.seconds} s ...`);
    const result = await inRunFolder((folder) =>
      run(plan, { folder, signal, say, verbose: options.verbose, onLoaded: () => process.send?.(LOADED) }),
    );
    report(result, options);
    note(result, options);
    count(result);
    if (result.broken !== undefined) return 1;
  }
  if (options.planOnly || options.seeds.length === 1) return 0;
  return summarise(Object.fromEntries(totals), options.seeds.length);
}

/** @returns the exit code: many runs that never met a fault are no proof against it */
function summarise(totals: Readonly<Record<string, number>>, seeds: number): number {
  const { neverMet, missing } = coverageOf(totals, seeds);
  say(`all ${seeds} seeds together:\n${describeCounters(totals)}`);
  say(neverMet.length === 0 ? 'every fault was met' : `never met: ${neverMet.join(', ')}`);
  if (missing.length > 0) say(`so many runs should have met: ${missing.join(', ')}`);
  return missing.length > 0 ? 1 : 0;
}

function report(result: RunResult, { seconds, short }: SimulateOptions): void {
  const { seed, broken, counters } = result;
  say(describeCounters(counters));
  if (broken === undefined) say(`seed ${seed}: everything holds (${result.payments} payments, ${result.seconds} s)`);
  else {
    say(broken.text);
    say(
      `seed ${seed}: ${broken.invariant} is broken. Again: npm run simulate -- --seed ${seed} --seconds ${seconds}${short ? ' --short' : ''} --verbose`,
    );
  }
}

/** For programs. */
function note(result: RunResult, { jsonFile, seconds }: SimulateOptions): void {
  if (jsonFile !== undefined) appendFileSync(jsonFile, `${JSON.stringify({ ...result, loadSeconds: seconds })}\n`);
}
