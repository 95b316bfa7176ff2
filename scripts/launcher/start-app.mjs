/** `npm start`: everything between a fresh clone and a running, usable Sankofa. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { interruption, runMain, stopIfInterrupted } from './interruption.mjs';
import { preflight } from './preflight.mjs';
import { prepare, ROOT } from './prepare.mjs';
import { LauncherError, say } from './steps.mjs';

/** @param {{ prepared: boolean }} options prepared leaves out installing and building (npm run dev has done it) */
export function startApp({ prepared }) {
  return runMain(async () => {
    process.chdir(ROOT);
    loadSettings();
    await preflight();
    stopIfInterrupted();
    if (!prepared) await prepare();
    stopIfInterrupted();
    const { readEnv } = await built('config/env.js');
    const { runQuickstart } = await built('quickstart/quickstart.js');
    const running = await runQuickstart(readEnv(), { print: say, signal: interruption });
    const failure = await Promise.race([untilInterrupted(), running.failed]);
    say(failure === undefined ? '\nStopping ...' : `\n${failure}`);
    await running.close();
    say('Stopped.');
    if (failure !== undefined) throw new LauncherError(failure);
    return 0;
  });
}

/** A .env file fills in what the environment does not say. */
function loadSettings() {
  const file = path.join(ROOT, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
}

function built(file) {
  return import(pathToFileURL(path.join(ROOT, 'dist', file)).href);
}

function untilInterrupted() {
  return new Promise((resolve) => {
    if (interruption.aborted) resolve(undefined);
    interruption.addEventListener('abort', () => resolve(undefined));
  });
}
