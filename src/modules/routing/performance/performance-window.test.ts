import { newUuid } from '../../../kernel/ids/ids.js';
import { lowestIdAt, WINDOWS, windowOf } from './performance-window.js';

describe('the bounds of ids', () => {
  it('enclose what is made between two times', () => {
    const before = Date.now();
    const id = newUuid();
    expect(lowestIdAt(before) <= id).toBe(true);
    expect(id < lowestIdAt(Date.now() + 1)).toBe(true);
  });

  it('are ids, also of the first moment and of far-off ones', () => {
    expect(lowestIdAt(0)).toBe('00000000-0000-7000-8000-000000000000');
    expect(lowestIdAt(Date.parse('2026-11-28T00:00:00Z'))).toMatch(/^[\da-f]{8}-[\da-f]{4}-7000-8000-0{12}$/);
  });
});

describe('a window', () => {
  const now = Date.parse('2026-11-28T10:17:42Z');

  it.each([
    ['1h', 3_600_000, '2026-11-28T10:18:00.000Z'],
    ['24h', 86_400_000, '2026-11-28T10:30:00.000Z'],
    ['7d', 604_800_000, '2026-11-28T12:00:00.000Z'],
  ] as const)('%s is as long as it says, in steps at round times, the last of which is under way', (name, ms, end) => {
    const { startsMs, endMs, bucketMs } = windowOf(name, now);
    expect(endMs - (startsMs[0] ?? 0)).toBe(ms);
    expect(new Date(endMs).toISOString()).toBe(end);
    for (const [index, start] of startsMs.entries()) expect(start).toBe((startsMs[0] ?? 0) + index * bucketMs);
  });

  it('is none of more steps than a chart can show', () => {
    for (const name of WINDOWS) expect(windowOf(name, now).startsMs.length).toBeLessThanOrEqual(60);
  });
});
