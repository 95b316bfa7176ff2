/** One time limit over several calls. */

/** The moment, on the clock that never jumps, at which so much time is over. */
export function deadlineIn(timeoutMs: number): number {
  return performance.now() + timeoutMs;
}

/** What is left until then, in ms; at least 1, since a call has to have some time limit. */
export function timeLeft(deadline: number): number {
  return Math.max(1, deadline - performance.now());
}
