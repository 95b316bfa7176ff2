/** `npm run dev`: as `npm start`, and again after every change of a source file that compiles. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { interruption, runMain, stopIfInterrupted } from './launcher/interruption.mjs';
import { compile, prepare, ROOT } from './launcher/prepare.mjs';
import { say } from './launcher/steps.mjs';

/** Editors write a file in several steps, and tools many files at once: one rebuild for all of that. */
const SETTLE_MS = 200;

const changes = { pending: false, wake: () => {} };

function note(_event, file) {
  // Tests are not part of the program; the generated client is written by the build itself.
  if (file === null || file.endsWith('.test.ts') || file.includes('generated')) return;
  changes.pending = true;
  changes.wake();
}

async function nextChange() {
  while (!changes.pending && !interruption.aborted) {
    await new Promise((resolve) => {
      changes.wake = resolve;
    });
  }
  while (changes.pending && !interruption.aborted) {
    changes.pending = false;
    await sleep(SETTLE_MS);
  }
}

function startApp() {
  // Its own group: Ctrl-C comes to us alone, and we pass it on once.
  return spawn(process.execPath, [path.join(ROOT, 'scripts', 'start.mjs'), '--prepared'], {
    stdio: 'inherit',
    detached: true,
  });
}

async function stopApp(app) {
  if (app.exitCode !== null || app.signalCode !== null) return;
  const ended = once(app, 'exit');
  app.kill('SIGTERM');
  await ended;
}

await runMain(async () => {
  process.chdir(ROOT);
  await prepare();
  stopIfInterrupted();
  interruption.addEventListener('abort', () => changes.wake());
  const watchers = ['src', 'prisma'].map((folder) => watch(path.join(ROOT, folder), { recursive: true }, note));
  let app = startApp();
  try {
    for (;;) {
      await nextChange();
      if (interruption.aborted) return 0;
      try {
        await compile();
      } catch (error) {
        stopIfInterrupted();
        say(
          `${error.message}\n${app.exitCode === null ? 'Still running what was built before.' : 'Waiting for the next change.'}`,
        );
        continue;
      }
      await stopApp(app);
      app = startApp();
    }
  } finally {
    for (const watcher of watchers) watcher.close();
    await stopApp(app);
  }
});
