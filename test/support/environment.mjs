/**
 * Jest's environment for Node, in which what a failing test leaves behind stands beside the failure: of one that fails once in a hundred
 * times nothing else is left. What there is to tell is said by whoever has it (on-failure.ts).
 */
import { TestEnvironment } from 'jest-environment-node';

/** Of each who has something to tell. */
const MAX_CHARACTERS = 4_000;
/** A page that hangs is not waited for. */
const PATIENCE_MS = 5_000;

export default class TellingEnvironment extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.toldOnFailure = new Set();
  }

  /** @param {{ name: string, test?: { name: string } }} event of jest-circus, which waits for this */
  async handleTestEvent({ name, test }) {
    if (name !== 'test_fn_failure') return;
    for (const tell of this.global.toldOnFailure)
      process.stderr.write(`When "${test?.name}" failed:\n${(await told(tell)).slice(0, MAX_CHARACTERS)}\n\n`);
  }
}

async function told(tell) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('No answer in time')), PATIENCE_MS);
  });
  try {
    return await Promise.race([tell(), late]);
  } catch (error) {
    return `There is nothing to tell: ${String(error)}`;
  } finally {
    clearTimeout(timer);
  }
}
