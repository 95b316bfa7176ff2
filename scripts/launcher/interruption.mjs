/** Ctrl-C, SIGTERM and a closed terminal, at any moment: stop what was started, then end with the usual code. */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

import { endChildren } from './children.mjs';
import { Interrupted, LauncherError, say } from './steps.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const controller = new AbortController();
let received;

/** Aborted by the first signal. */
export const interruption = controller.signal;

/** Throws when a signal has come, so that no further step begins. */
export function stopIfInterrupted() {
  if (interruption.aborted) throw new Interrupted();
}

/** The exit code by which shells know the signal: 130 for Ctrl-C. */
export function exitCodeOfSignal() {
  return received === undefined ? 0 : 128 + constants.signals[received];
}

/**
 * Runs a whole program: ends its children on a signal, tells a known error in one line, sets the exit code.
 * @param {() => Promise<number>} main returns the exit code
 */
export async function runMain(main) {
  for (const name of SIGNALS) process.on(name, () => receive(name));
  watchNpm();
  let code;
  try {
    code = await main();
  } catch (error) {
    code = interruption.aborted ? exitCodeOfSignal() : tell(error);
    if (interruption.aborted) say('Stopped.');
  }
  await endChildren();
  // Whatever a library left open (a timer, a socket) must not keep the terminal waiting.
  process.exit(code);
}

function receive(name) {
  if (received !== undefined) return;
  received = name;
  controller.abort(new Interrupted());
  void endChildren();
}

/** Soon enough for whoever stops us, and no load. */
const WATCH_MS = 250;

/**
 * `npm start` is npm, a shell, and this process. A SIGTERM to npm is passed to the shell, which dies of it without a word
 * to us; and npm killed says nothing at all. So the end of either counts as a signal.
 */
function watchNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const npm = npmAbove(shell);
  setInterval(() => {
    if (process.ppid !== shell || (npm !== undefined && npmAbove(shell) !== npm)) receive('SIGTERM');
  }, WATCH_MS).unref();
}

/** The process above the shell, if that is npm: on some systems the shell makes way for us and npm is our parent itself. */
function npmAbove(shell) {
  try {
    const parent = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${shell}/status`, 'utf8'))?.[1];
    return parent !== undefined && readFileSync(`/proc/${parent}/comm`, 'utf8').startsWith('npm') ? parent : undefined;
  } catch {
    // No /proc on this system, or the shell has ended, which its number tells anyway.
    return undefined;
  }
}

/** Errors of ours are sentences for the user; any other is a defect, and its stack says where. */
const FOR_THE_USER = new Set(['EnvError', 'EmbeddedPostgresError', 'MigrationError', 'QuickstartError']);

function tell(error) {
  const known = error instanceof LauncherError || FOR_THE_USER.has(error?.name);
  process.stderr.write(`sankofa: ${known ? error.message : (error?.stack ?? String(error))}\n`);
  return 1;
}
