/** Lines for a person who waits, and the two ways in which a start ends early. */

/** Something the user can put right: shown as one line, without a stack. */
export class LauncherError extends Error {}

/** Ctrl-C or SIGTERM while something was under way. */
export class Interrupted extends Error {}

/** Often enough to show life, seldom enough for a log file. */
const STILL_THERE_MS = 10_000;

export function say(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * Runs one step, saying what is being done, that it still is, and how long it took.
 * @template T
 * @param {string} doing "Installing packages"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(doing, work) {
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  say(`${doing} ...`);
  const sign = setInterval(
    () => say(`  still ${doing[0].toLowerCase()}${doing.slice(1)}, ${seconds()}`),
    STILL_THERE_MS,
  );
  try {
    const result = await work();
    say(`  done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(sign);
  }
}
