import { judge, type AttemptOutcome } from './attempt-outcome.js';

const HOUR_MS = 3_600_000;
const by = { promise: 'at_least_once', attempts: 1, leftMs: HOUR_MS, pauseShare: 1, random: 0.5 } as const;
const later: AttemptOutcome = { kind: 'not_sent', error: 'connection' };
const unclear: AttemptOutcome = { kind: 'unknown', error: 'timeout' };

describe('what is done after an attempt', () => {
  it('follows from what came of it', () => {
    expect(judge({ kind: 'sent', providerId: 'x' }, by)).toEqual({ state: 'sent' });
    expect(judge({ kind: 'refused', error: 'status_403' }, by)).toEqual({ state: 'failed' });
    expect(judge(later, by)).toEqual({ state: 'queued', delayMs: 5_000 });
  });

  it('depends on the promise where nobody knows what came of it', () => {
    expect(judge(unclear, by)).toMatchObject({ state: 'queued' });
    expect(judge(unclear, { ...by, promise: 'at_most_once' })).toEqual({ state: 'abandoned' });
    expect(judge(later, { ...by, promise: 'at_most_once' })).toMatchObject({ state: 'queued' });
  });

  it('waits up to twice as long each time, within bounds, and anything from nothing to that', () => {
    const longest = [1, 2, 3, 7, 8, 50].map((attempts) => judge(later, { ...by, attempts, random: 1 }));
    expect(longest.map((verdict) => (verdict.state === 'queued' ? verdict.delayMs : verdict.state))).toEqual([
      10_000, 20_000, 40_000, 640_000, 900_000, 900_000,
    ]);
    expect(judge(later, { ...by, attempts: 50, random: 0 })).toEqual({ state: 'queued', delayMs: 0 });
  });

  it('waits as long as it is asked to', () => {
    expect(judge({ ...later, retryAfterMs: 60_000 }, by)).toEqual({ state: 'queued', delayMs: 60_000 });
  });

  it('gives up when the next attempt would come too late', () => {
    expect(judge(later, { ...by, leftMs: 4_000 })).toEqual({ state: 'abandoned' });
  });
});
