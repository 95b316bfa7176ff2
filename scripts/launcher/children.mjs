/** Child processes of the launcher: each in a process group of its own, so that it can be ended with all it started. */
import { spawn } from 'node:child_process';

/** How long a child may take to end in order before it is killed. */
const GRACE_MS = 2_000;

/** Lines kept of a quiet child's output, to be shown if it fails. */
const MAX_OUTPUT = 20_000;

const running = new Set();

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string | undefined>, quiet?: boolean }} [options] quiet keeps the output back
 * @returns {Promise<{ code: number, output: string }>} code is 128 + 15 when it was ended by a signal
 */
export function run(command, args, options = {}) {
  const child = spawn(command, args, {
    env: { ...process.env, ...options.env },
    stdio: options.quiet === false ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  const keep = (chunk) => {
    output = (output + chunk).slice(-MAX_OUTPUT);
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  running.add(child);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      running.delete(child);
      resolve({ code: 127, output: error.message });
    });
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code: code ?? 143, output });
    });
  });
}

/** Ends every child that still runs, with whatever it started, and waits for it. */
export async function endChildren() {
  await Promise.all(Array.from(running, end));
}

async function end(child) {
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  signalGroup(child, 'SIGTERM');
  const impatient = setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(impatient);
  // A shell's grandchild may have outlived it.
  signalGroup(child, 'SIGKILL');
}

function signalGroup(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // The whole group has ended.
  }
}
