import { LIMITED_MS, LimitedCallers } from './limited-callers.js';

describe('limited callers', () => {
  it('are known for a moment after they were told', () => {
    const callers = new LimitedCallers();
    expect(callers.has('Bearer a', 0)).toBe(false);
    callers.add('Bearer a', 0);
    expect(callers.has('Bearer a', LIMITED_MS - 1)).toBe(true);
    expect(callers.has('Bearer b', LIMITED_MS - 1)).toBe(false);
    expect(callers.has('Bearer a', LIMITED_MS)).toBe(false);
    expect(callers.has('Bearer a', 0)).toBe(false);
  });

  it('are bounded in number', () => {
    const callers = new LimitedCallers();
    for (let number = 0; number <= 10_000; number += 1) callers.add(String(number), 0);
    const known = Array.from({ length: 10_001 }, (_, number) => callers.has(String(number), 0)).filter(Boolean);
    expect(known.length).toBeLessThanOrEqual(1_000);
    expect(callers.has('10000', 0)).toBe(true);
  });
});
