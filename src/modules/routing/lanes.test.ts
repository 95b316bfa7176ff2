import { jest } from '@jest/globals';
import { Lanes } from './lanes.js';

const LANE = 'an account';
const CONCURRENCY = 4;

const taking = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

describe('what a task waits for in a lane', () => {
  let lanes: Lanes;
  // A busy machine is late, and what is expected grows with it.
  const later = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);
  beforeEach(() => {
    jest.useFakeTimers();
    lanes = new Lanes({ concurrency: CONCURRENCY, maxWaiting: 100 });
  });
  afterEach(() => jest.useRealTimers());
  const add = (count: number, ms: number): void => {
    for (let each = 0; each < count; each += 1) lanes.run(LANE, () => taking(ms));
  };

  it('is nothing while there is a place', () => {
    expect(lanes.waitMs(LANE)).toBe(0);
    add(CONCURRENCY - 1, 10);
    expect(lanes.waitMs(LANE)).toBe(0);
  });

  it('counts those who are still to come before it', async () => {
    add(CONCURRENCY - 1, 30);
    await later(10);
    expect(lanes.waitMs(LANE, 0)).toBe(0);
    expect(lanes.waitMs(LANE, 1)).toBeGreaterThan(5);
  });

  it('is what those before it have taken so far', async () => {
    add(20 * CONCURRENCY, 20);
    await later(250);
    const waitMs = lanes.waitMs(LANE);
    await later(100);
    expect(lanes.waitMs(LANE)).toBeLessThan(waitMs);
    // Some 8 more rounds of 20 ms, as far as the moving average knows by now.
    expect(waitMs).toBeGreaterThan(30);
    expect(waitMs).toBeLessThan(1_000);
  });

  it('grows while nothing ends', async () => {
    add(CONCURRENCY + 1, 300);
    await later(60);
    expect(lanes.waitMs(LANE)).toBeGreaterThanOrEqual(50);
  });
});
