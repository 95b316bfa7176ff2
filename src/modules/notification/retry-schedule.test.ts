import { judge, nextDelayMs, parseRetryAfter, SCHEDULE_MS, throttleOf } from './retry-schedule.js';

const now = new Date('2026-01-31T12:00:00Z');

describe('the retry schedule', () => {
  it('is the ten attempts over three days that merchants are promised', () => {
    expect(SCHEDULE_MS.map((ms) => ms / 1_000)).toEqual([
      0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]);
  });

  it('varies each pause by a tenth either way', () => {
    expect([0, 0.5, 0.999_999].map((value) => nextDelayMs(1, () => value))).toEqual([4_500, 5_000, 5_500]);
  });

  it('ends after the tenth attempt', () => {
    expect(nextDelayMs(9)).toBeGreaterThan(0);
    expect(nextDelayMs(10)).toBeUndefined();
  });
});

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    [' 7 ', 7_000],
    ['0', 1_000],
    ['999999999', 3_600_000],
    ['Sat, 31 Jan 2026 12:01:00 GMT', 60_000],
    ['Sat, 31 Jan 2026 11:00:00 GMT', 1_000],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['1e9', undefined],
    ['Someday, perhaps', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j means %j ms', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms);
  });
});

describe('throttling', () => {
  it.each([
    [429, undefined, { ms: undefined }],
    [502, undefined, { ms: undefined }],
    [504, 3_000, { ms: 3_000 }],
    [503, 3_000, { ms: 3_000 }],
    [503, undefined, undefined],
    [200, 3_000, undefined],
    [undefined, undefined, undefined],
  ])('status %j with Retry-After of %j ms', (status, retryAfterMs, throttle) => {
    expect(throttleOf(status, retryAfterMs)).toEqual(throttle);
  });
});

describe('the verdict on an attempt', () => {
  const verdict = (httpStatus: number | undefined, attempts = 1, retryAfterMs?: number) =>
    judge({ httpStatus, attempts, retryAfterMs }, () => 0.5);

  it.each([200, 201, 204, 299])('%i is a delivery', (status) => {
    expect(verdict(status)).toEqual({ kind: 'delivered' });
  });

  it.each([undefined, 100, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503])('%j is tried again', (status) => {
    expect(verdict(status)).toEqual({ kind: 'retry', delayMs: 5_000 });
  });

  it('410 means gone, at the last attempt too', () => {
    expect([verdict(410), verdict(410, 10)]).toEqual([{ kind: 'gone' }, { kind: 'gone' }]);
  });

  it('waits for the longer of the schedule and what the endpoint asked for', () => {
    expect(verdict(503, 1, 60_000)).toEqual({ kind: 'retry', delayMs: 60_000 });
    expect(verdict(503, 2, 60_000)).toEqual({ kind: 'retry', delayMs: 300_000 });
  });

  it('is final after ten failures', () => {
    expect(verdict(500, 10)).toEqual({ kind: 'abandoned' });
  });
});
