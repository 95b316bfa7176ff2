/** Showing the second factor anew: asked once, however many calls wait for it. */
import { StepUpCancelled } from './problem.js';
import { signal } from './signal.js';

interface Question {
  readonly answered: Promise<void>;
  readonly done: () => void;
  readonly cancel: () => void;
}

/** Undefined: nothing is asked. The dialog follows it. */
export const stepUpQuestion = signal<Question | undefined>(undefined);

/** Resolves when the factor was shown. @throws {StepUpCancelled} */
export function askForStepUp(): Promise<void> {
  const open = stepUpQuestion.read();
  if (open !== undefined) return open.answered;
  const { promise, resolve, reject } = withResolvers();
  const close = (): void => stepUpQuestion.set(undefined);
  stepUpQuestion.set({
    answered: promise,
    done: () => {
      close();
      resolve();
    },
    cancel: () => {
      close();
      reject(new StepUpCancelled());
    },
  });
  return promise;
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (reason: Error) => void } {
  let resolve: () => void = () => undefined;
  let reject: (reason: Error) => void = () => undefined;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
