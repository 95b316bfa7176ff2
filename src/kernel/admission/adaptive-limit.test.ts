import { AdaptiveLimit } from './adaptive-limit.js';

const LIMITS = { initial: 100, min: 20, max: 400, targetMs: 50 };

/** `seconds` of requests that take `tookMs` each, with `inFlight` at once. */
function run(limit: AdaptiveLimit, from: number, seconds: number, inFlight: number, tookMs: number): void {
  for (let ms = 0; ms < seconds * 1_000; ms += 5) {
    limit.entered(inFlight);
    limit.left(tookMs, from + ms);
  }
}

describe('the adaptive limit', () => {
  it('gives more places while all are used and answers are quick, up to its bound', () => {
    const limit = new AdaptiveLimit(LIMITS, 0);
    run(limit, 0, 2, 100, 10);
    expect(limit.limit).toBeGreaterThan(120);
    run(limit, 2_000, 60, 400, 10);
    expect(limit.limit).toBe(400);
  });

  it('gives no more places than are asked for', () => {
    const limit = new AdaptiveLimit(LIMITS, 0);
    run(limit, 0, 60, 40, 10);
    expect(limit.limit).toBe(100);
  });

  it('takes places away while answers are late, down to its bound, and gives them back afterwards', () => {
    const limit = new AdaptiveLimit(LIMITS, 0);
    run(limit, 0, 1, 100, 80);
    expect(limit.limit).toBeLessThan(75);
    run(limit, 1_000, 60, 100, 80);
    expect(limit.limit).toBe(20);
    run(limit, 61_000, 20, 100, 10);
    expect(limit.limit).toBeGreaterThan(100);
  });

  it('goes by the median: some slow answers among many quick ones mean nothing', () => {
    const limit = new AdaptiveLimit(LIMITS, 0);
    for (let index = 0; index < 4_000; index += 1) {
      limit.entered(100);
      limit.left(index % 3 === 0 ? 5_000 : 10, index * 5);
    }
    expect(limit.limit).toBeGreaterThan(100);
  });
});
