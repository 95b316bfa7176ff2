/**
 * What is asked of each gateway under one title is asked of all of them at once: nearly all of it is waiting for what a gateway
 * does by itself, and they have nothing to do with each other.
 */
export interface SideBySide {
  /** Registers a question for one gateway. */
  at(gateway: string): (title: string, test: () => Promise<void> | void) => void;
  /** Makes a test of each title; to be called when everything is registered. */
  run(): void;
}

interface Question {
  readonly gateway: string;
  readonly test: () => Promise<void> | void;
}

export function sideBySide(): SideBySide {
  const questions = new Map<string, Question[]>();
  return {
    at: (gateway) => (title, test) => {
      questions.set(title, [...(questions.get(title) ?? []), { gateway, test }]);
    },
    run: () => {
      for (const [title, asked] of questions) {
        it(`${title} (${asked.map(({ gateway }) => gateway).join(', ')})`, () => askAll(asked));
      }
    },
  };
}

async function askAll(asked: readonly Question[]): Promise<void> {
  const ends = await Promise.allSettled(asked.map(async ({ test }) => test()));
  const failures = ends.flatMap((end, index) => {
    if (end.status === 'fulfilled') return [];
    const reason: unknown = end.reason;
    const told = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    return [`${asked[index]?.gateway ?? ''}: ${told}`];
  });
  if (failures.length > 0) throw new Error(failures.join('\n\n'));
}
