import fc from 'fast-check';
import { TokenBucket } from './token-bucket.js';

describe('a token bucket', () => {
  it('lets a burst through, then as many as flow in', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
    expect([1, 2, 3, 4].map(() => bucket.take(0))).toEqual([true, true, true, false]);
    expect(bucket.waitMs(0)).toBe(100);
    expect(bucket.take(99)).toBe(false);
    expect(bucket.take(100)).toBe(true);
    expect(bucket.take(100)).toBe(false);
  });

  it('fills no higher than the burst, and takes no notice of a clock that goes back', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 1_000);
    expect(bucket.remaining(60_000)).toBe(3);
    bucket.take(60_000);
    expect(bucket.remaining(0)).toBe(2);
    expect(bucket.isFull(60_000)).toBe(false);
    expect(bucket.isFull(60_100)).toBe(true);
  });

  it('takes what it is given, as far as it fits', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
    for (const _ of [1, 2, 3]) bucket.take(0);
    bucket.give(0.5, 0);
    expect(bucket.take(0)).toBe(false);
    bucket.give(0.5, 0);
    expect(bucket.take(0)).toBe(true);
    bucket.give(100, 0);
    expect(bucket.remaining(0)).toBe(3);
  });

  it('keeps what fits when its limits change, and fills by the new ones', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0);
    bucket.change({ perSecond: 1, burst: 2 }, 0);
    expect([1, 2, 3].map(() => bucket.take(0))).toEqual([true, true, false]);
    bucket.change({ perSecond: 100, burst: 50 }, 500);
    expect(bucket.remaining(500)).toBe(0);
    expect(bucket.remaining(600)).toBe(10);
  });

  it('never lets more through than burst and inflow, however requests are spread', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 50 }),
        (pauses, perSecond, burst) => {
          const bucket = new TokenBucket({ perSecond, burst }, 0);
          let now = 0;
          let taken = 0;
          for (const pause of pauses) {
            now += pause;
            if (bucket.take(now)) taken += 1;
          }
          expect(taken).toBeLessThanOrEqual(burst + Math.floor((now / 1_000) * perSecond + 1e-9));
        },
      ),
    );
  });
});
