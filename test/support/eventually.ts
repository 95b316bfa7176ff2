/** Waiting for a condition, never for a time. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface EventuallyOptions {
  /** Default 30 s: far above what anything here takes, on a slow and busy machine too, so that only a real failure waits it out. */
  readonly timeoutMs?: number;
  /** Default 25 ms. */
  readonly everyMs?: number;
}

/**
 * Repeats `check` until it does not throw, and returns what it returned.
 * @throws the check's last error, with the time waited put in front
 */
export async function eventually<T>(check: () => Promise<T> | T, options: EventuallyOptions = {}): Promise<T> {
  const { timeoutMs = 30_000, everyMs = 25 } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) {
        if (error instanceof Error) error.message = `Still so after ${timeoutMs} ms: ${error.message}`;
        throw error;
      }
    }
    await sleep(everyMs);
  }
}
