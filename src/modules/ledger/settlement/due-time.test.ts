import fc from 'fast-check';
import { dueAt } from './due-time.js';
import { defaultPolicy, delay, policyContent, reserveOf, type Delay } from './policy.js';

const at = (given: object, captured: string): string => dueAt(delay.parse(given), new Date(captured)).toISOString();

describe('what was captured is due', () => {
  it.each([
    ['so many seconds later', { seconds: 90 }, '2026-11-27T10:00:00.250Z', '2026-11-27T10:01:30.250Z'],
    ['at once with T+0', { days: 0 }, '2026-11-27T10:00:00Z', '2026-11-27T00:00:00.000Z'],
    ['with the next day', { days: 1 }, '2026-11-27T23:59:59.999Z', '2026-11-28T00:00:00.000Z'],
    [
      'by the days of Lagos',
      { days: 1, time_zone: 'Africa/Lagos' },
      '2026-11-27T23:30:00Z',
      '2026-11-28T23:00:00.000Z',
    ],
    ['at the cut-off of the day', { days: 0, cut_off: '17:00' }, '2026-11-27T16:59:59Z', '2026-11-27T17:00:00.000Z'],
    [
      'with the day after from the cut-off on',
      { days: 0, cut_off: '17:00' },
      '2026-11-27T17:00:00Z',
      '2026-11-28T17:00:00.000Z',
    ],
    [
      'on Tuesday, two banking days after a Friday',
      { days: 2, calendar: 'banking' },
      '2026-11-27T10:00:00Z',
      '2026-12-01T00:00:00.000Z',
    ],
    [
      'counted from Monday, if it came on a Saturday',
      { days: 1, calendar: 'banking', cut_off: '09:30', time_zone: 'Africa/Lagos' },
      '2026-11-28T10:00:00Z',
      '2026-12-01T08:30:00.000Z',
    ],
    [
      'not on holidays',
      { days: 1, calendar: 'banking', holidays: ['2026-12-25', '2026-12-28'] },
      '2026-12-24T10:00:00Z',
      '2026-12-29T00:00:00.000Z',
    ],
    [
      'when clocks are put forward',
      { days: 1, cut_off: '02:30', time_zone: 'Europe/Paris' },
      '2026-03-28T00:00:00Z',
      '2026-03-29T01:30:00.000Z',
    ],
  ])('%s', (_, given, captured, due) => {
    expect(at(given, captured)).toBe(due);
  });

  const zones = fc.constantFrom(
    'UTC',
    'Africa/Lagos',
    'Africa/Accra',
    'Europe/Paris',
    'America/New_York',
    'Asia/Kolkata',
  );
  const delays: fc.Arbitrary<Delay> = fc
    .record({
      days: fc.nat({ max: 20 }),
      calendar: fc.constantFrom('calendar', 'banking'),
      cut_off: fc.constantFrom(undefined, '00:00', '02:30', '17:00', '23:59'),
      time_zone: zones,
    })
    .map((given) => delay.parse(given));
  const moments = fc.date({ min: new Date('2026-01-01'), max: new Date('2028-01-01'), noInvalidDate: true });

  it('no earlier for what was captured later, whatever the clocks do', () => {
    fc.assert(
      fc.property(delays, moments, fc.nat({ max: 200_000_000 }), (given, captured, laterMs) => {
        const later = new Date(captured.getTime() + laterMs);
        expect(dueAt(given, later).getTime()).toBeGreaterThanOrEqual(dueAt(given, captured).getTime());
      }),
      { numRuns: 2_000 },
    );
  });

  it('within the days that were said, weekends besides', () => {
    fc.assert(
      fc.property(delays, moments, (given, captured) => {
        if (!('days' in given)) return;
        const waited = (dueAt(given, captured).getTime() - captured.getTime()) / 86_400_000;
        const most = given.calendar === 'banking' ? given.days + 2 * Math.ceil(given.days / 5) + 4 : given.days;
        expect(waited).toBeGreaterThan(given.days - 1.05);
        expect(waited).toBeLessThan(most + 2.05);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a settlement policy', () => {
  it('needs a delay where it speaks of one, and takes none otherwise', () => {
    for (const wrong of [
      { mode: 'delay' },
      { mode: 'proved', delay: { days: 1 } },
      { mode: 'delay', delay: { days: 1, seconds: 1 } },
    ])
      expect(policyContent.safeParse(wrong).success).toBe(false);
    expect(policyContent.safeParse({ mode: 'delay', delay: { days: 1, time_zone: '+01:00' } }).success).toBe(false);
    expect(policyContent.safeParse({ mode: 'delay', delay: { days: 1, time_zone: 'Africa/Nowhere' } }).success).toBe(
      false,
    );
  });

  it.each([
    ['never', { mode: 'never' }],
    ['proved', { mode: 'proved' }],
    ['T+2', { mode: 'delay', delay: { days: 2 } }],
    ['proved_or_T+1', { mode: 'proved_or_delay', delay: { days: 1 } }],
  ])('may be %s by default', (setting, policy) => {
    expect(defaultPolicy(setting)).toMatchObject({ id: null, ...policy });
  });

  it('keeps back a part, rounded down, and never more than is the merchant’s', () => {
    const half = policyContent.parse({ mode: 'never', reserve: { percent_bps: 5_000, delay: { days: 90 } } });
    expect(reserveOf(half, 101n, 100n)).toBe(50n);
    expect(reserveOf(half, 101n, 40n)).toBe(40n);
    expect(reserveOf(policyContent.parse({ mode: 'never' }), 101n, 100n)).toBe(0n);
  });
});
