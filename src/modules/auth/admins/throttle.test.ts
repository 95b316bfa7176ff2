import fc from 'fast-check';
import { attemptsIn, secondsToWait } from './throttle.js';

const LIMIT = { name: 'test', attempts: 10, windowSeconds: 60 };

describe('attempts', () => {
  it.each([
    [{ current: 3, previous: 0, elapsedSeconds: 30 }, 3],
    // The window before reaches half into the last minute.
    [{ current: 3, previous: 8, elapsedSeconds: 30 }, 7],
    [{ current: 1, previous: 10, elapsedSeconds: 0 }, 11],
    [{ current: 1, previous: 10, elapsedSeconds: 60 }, 1],
  ])('of %j are %d', (counted, expected) => {
    expect(attemptsIn(counted, LIMIT)).toBe(expected);
  });

  it('may be made again after as long as is told, and not much sooner', () => {
    const counts = fc.record({
      current: fc.integer({ min: 1, max: LIMIT.attempts + 1 }),
      previous: fc.integer({ min: 0, max: LIMIT.attempts + 1 }),
      elapsedSeconds: fc.double({ min: 0, max: 59.9, noNaN: true }),
    });
    /** The next attempt, so much later, of somebody who waited. */
    const later = (
      { current, previous, elapsedSeconds }: { current: number; previous: number; elapsedSeconds: number },
      seconds: number,
    ) => {
      const at = elapsedSeconds + seconds;
      if (at < 60) return attemptsIn({ current: current + 1, previous, elapsedSeconds: at }, LIMIT);
      if (at < 120) return attemptsIn({ current: 1, previous: current, elapsedSeconds: at - 60 }, LIMIT);
      return 1;
    };
    fc.assert(
      fc.property(counts, (counted) => {
        fc.pre(attemptsIn(counted, LIMIT) > LIMIT.attempts);
        const seconds = secondsToWait(counted, LIMIT);
        expect(later(counted, seconds)).toBeLessThanOrEqual(LIMIT.attempts + 1e-9);
        if (seconds > 1) expect(later(counted, seconds - 1.001)).toBeGreaterThan(LIMIT.attempts - 1e-9);
      }),
    );
  });
});
