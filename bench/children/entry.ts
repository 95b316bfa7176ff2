/** The beginning of every child: takes its input from the parent, runs the named task, answers, and ends. */
import type { ChildMessage } from '../child-task.js';

const file = process.argv[2] ?? '';

function answer(message: ChildMessage): void {
  process.send?.(message, () => process.exit(message.kind === 'result' ? 0 : 1));
}

// However the parent ends, this ends with it.
process.on('disconnect', () => process.exit(0));
process.once('message', (message) => {
  const { input } = message as { input: unknown };
  import(new URL(`./${file}`, import.meta.url).href)
    .then((task) => (task as { run(input: unknown): Promise<unknown> }).run(input))
    .then((result) => answer({ kind: 'result', result }))
    .catch((error: unknown) =>
      answer({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
});
