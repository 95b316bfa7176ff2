/** `npm run simulate:mutations`: puts known bugs back one by one, and sees the simulator go red each time. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeCounters } from '../counters.js';
import { planRun } from '../director.js';
import { SimulateError } from '../options.js';
import { run, type RunResult } from '../run.js';
import { inRunFolder } from '../run-folder.js';
import { MUTATIONS } from './catalogue.js';
import { makeMutatedTree } from './mutated-tree.js';
import type { Mutation } from './mutation.js';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const USAGE = `Usage: npm run simulate:mutations -- [--only NAME]... [--control] [--verbose]

  --only NAME  one of ${MUTATIONS.map(({ name }) => name).join(', ')}
  --control    the same trouble without the bug: everything must hold`;

/** @returns the exit code: 0 when every mutation was caught (or, as a control, when everything held) */
export async function main(args: readonly string[], signal: AbortSignal): Promise<number> {
  const { only, control = false, verbose = false, help } = parse(args);
  if (help === true) {
    say(USAGE);
    return 0;
  }
  const root = process.cwd();
  const chosen = MUTATIONS.filter(({ name }) => only === undefined || only.includes(name));
  if (chosen.length === 0)
    throw new SimulateError(`--only takes one of ${MUTATIONS.map(({ name }) => name).join(', ')}`);
  const wrong: string[] = [];
  for (const mutation of chosen) {
    signal.throwIfAborted();
    say(`${mutation.name}${control ? ' (control)' : `: ${mutation.bug}`} ...`);
    const result = await runMutation(mutation, { root, control, verbose, signal });
    const { broken, seconds, counters } = result;
    if (verbose) say(describeCounters(counters));
    if (broken === undefined) say(`  everything holds (${seconds} s)`);
    else
      say(
        `  ${broken.invariant} is broken, seen after ${seconds} s: ${broken.text.split('\n')[1]?.trim() ?? broken.text}`,
      );
    if (control && broken !== undefined) say(broken.text);
    if ((broken !== undefined && broken.invariant !== 'not_vacuous') === control) wrong.push(mutation.name);
  }
  if (control) say(`${chosen.length - wrong.length} of ${chosen.length} hold without the bug`);
  else say(`${chosen.length - wrong.length} of ${chosen.length} mutations caught`);
  if (wrong.length > 0) say(`${control ? 'RED WITHOUT THE BUG' : 'NOT CAUGHT'}: ${wrong.join(', ')}`);
  return wrong.length === 0 ? 0 : 1;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        control: { type: 'boolean' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new SimulateError(error instanceof Error ? error.message : 'the options cannot be read');
  }
}

async function runMutation(
  mutation: Mutation,
  how: { root: string; control: boolean; verbose: boolean; signal: AbortSignal },
): Promise<RunResult> {
  const tree = mkdtempSync(path.join(os.tmpdir(), 'sankofa-mutation-'));
  const plan = planRun(mutation.seed, mutation.seconds, mutation.profile);
  try {
    if (!how.control) {
      makeMutatedTree(mutation, how.root, tree);
      // Built files are found from here.
      process.chdir(tree);
    }
    return await inRunFolder((folder) => run(plan, { folder, say, signal: how.signal, verbose: how.verbose }));
  } finally {
    process.chdir(how.root);
    rmSync(tree, { recursive: true, force: true });
  }
}
