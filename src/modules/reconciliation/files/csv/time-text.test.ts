import fc from 'fast-check';
import { compileDates, compileTimeFormat, compileTimes, isZone } from './time-text.js';

function read(
  text: string,
  format: string,
  zone: string,
  dateOnly: 'refuse' | 'start_of_day' | 'end_of_day' = 'refuse',
) {
  const reading = compileTimes({ formats: [format], zone, dateOnly })(text);
  return 'at' in reading ? reading.at.toISOString() : reading.problem;
}

describe('times in a file', () => {
  it.each([
    ['2026-01-31T10:11:12.345Z', 'yyyy-MM-ddTHH:mm:ss.SSSXXX', 'in_text', '2026-01-31T10:11:12.345Z'],
    ['2026-01-31T10:11:12+01:00', 'yyyy-MM-ddTHH:mm:ssXXX', 'in_text', '2026-01-31T09:11:12.000Z'],
    ['2026-01-31 10:11:12 -0530', 'yyyy-MM-dd HH:mm:ss XXX', 'Africa/Lagos', '2026-01-31T15:41:12.000Z'],
    ['31/01/2026 23:30', 'dd/MM/yyyy HH:mm', 'Africa/Lagos', '2026-01-31T22:30:00.000Z'],
    ['31/01/2026 23:30', 'dd/MM/yyyy HH:mm', 'Africa/Accra', '2026-01-31T23:30:00.000Z'],
    ['31/01/2026 23:30', 'dd/MM/yyyy HH:mm', '-02:30', '2026-02-01T02:00:00.000Z'],
    ['1/2/2026 3:04:05 pm', 'd/M/yyyy h:mm:ss a', '+00:00', '2026-02-01T15:04:05.000Z'],
    ['1/2/2026 12:04 AM', 'M/d/yyyy h:mm a', 'UTC', '2026-01-02T00:04:00.000Z'],
    ['03 févr. 2026 à 08:00', "dd MMM yyyy 'à' HH:mm", 'Africa/Dakar', '2026-02-03T08:00:00.000Z'],
    ['03-Aug-26 08:00:59', 'dd-MMM-yy HH:mm:ss', 'UTC', '2026-08-03T08:00:59.000Z'],
    // Paris, in summer and in winter.
    ['2026-07-01 12:00:00', 'yyyy-MM-dd HH:mm:ss', 'Europe/Paris', '2026-07-01T10:00:00.000Z'],
    ['2026-12-01 12:00:00', 'yyyy-MM-dd HH:mm:ss', 'Europe/Paris', '2026-12-01T11:00:00.000Z'],
    // Clocks are put back: it is twice half past two, and the first is meant.
    ['2026-10-25 02:30:00', 'yyyy-MM-dd HH:mm:ss', 'Europe/Paris', '2026-10-25T00:30:00.000Z'],
  ])('reads %p as %p in %p', (text, format, zone, expected) => {
    expect(read(text, format, zone)).toBe(expected);
  });

  it('reads a date without a time only as the mapping says', () => {
    expect(read('31/01/2026', 'dd/MM/yyyy', 'Africa/Lagos')).toBe('has no time of day');
    expect(read('31/01/2026', 'dd/MM/yyyy', 'Africa/Lagos', 'start_of_day')).toBe('2026-01-30T23:00:00.000Z');
    expect(read('31/01/2026', 'dd/MM/yyyy', 'Africa/Lagos', 'end_of_day')).toBe('2026-01-31T22:59:59.999Z');
  });

  it.each([
    ['31/02/2026 10:00', 'dd/MM/yyyy HH:mm'],
    ['01/13/2026 10:00', 'dd/MM/yyyy HH:mm'],
    ['01/01/2026 24:00', 'dd/MM/yyyy HH:mm'],
    ['01/01/2026 10:60', 'dd/MM/yyyy HH:mm'],
    ['01/01/1926 10:00', 'dd/MM/yyyy HH:mm'],
    ['1/1/2026 10:00', 'dd/MM/yyyy HH:mm'],
    ['01/01/2026 10:00 and more', 'dd/MM/yyyy HH:mm'],
    // Another zone than the file is said to be in.
    ['01/01/2026 10:00Z', 'dd/MM/yyyy HH:mm'],
    ['01/01/2026 13:00 pm', 'dd/MM/yyyy hh:mm a'],
    ['46023.5', 'dd/MM/yyyy HH:mm'],
  ])('refuses %p under %p', (text, format) => {
    expect(read(text, format, 'Africa/Lagos')).toBe(`is not a time in the form ${format}`);
  });

  it('refuses a time that clocks left out', () => {
    expect(read('2026-03-29 02:30:00', 'yyyy-MM-dd HH:mm:ss', 'Europe/Paris')).toContain('left out');
  });

  it('knows a format from what is none, and which of day and month comes first', () => {
    for (const bad of [
      'yyyy',
      'YYYY-MM-DD',
      'dd/MM/yyyy HH',
      'dd/MM/yyyy hh:mm',
      'dd/dd/MM/yyyy',
      'dd/MM/yyyyXXX',
      'day month',
    ]) {
      expect(compileTimeFormat(bad)).toBeUndefined();
    }
    expect(compileTimeFormat('dd/MM/yyyy')?.order).toBe('day_first');
    expect(compileTimeFormat('M/d/yy h:mm a')?.order).toBe('month_first');
    expect(compileTimeFormat('yyyy-MM-dd')?.order).toBeUndefined();
    expect([isZone('Africa/Lagos'), isZone('+01:00'), isZone('Africa/Nowhere'), isZone('+25:00'), isZone('')]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('reads back any moment in any zone', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2000-01-02T00:00:00Z'), max: new Date('2099-12-30T00:00:00Z'), noInvalidDate: true }),
        fc.constantFrom('UTC', 'Africa/Lagos', 'Africa/Monrovia', 'Africa/Casablanca', 'Europe/Paris', '-11:30'),
        (date, zone) => {
          const text = new Date(Math.floor(date.getTime() / 1_000) * 1_000);
          const shown = zone.startsWith('-')
            ? new Date(text.getTime() - 690 * 60_000).toISOString().slice(0, 19).replace('T', ' ')
            : new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(
                text,
              );
          const at = new Date(read(shown, 'yyyy-MM-dd HH:mm:ss', zone));
          // In the hour that comes twice, the first is meant.
          expect([0, 3_600_000]).toContain(text.getTime() - at.getTime());
        },
      ),
    );
  });

  it('reads days as the bank has them', () => {
    const read = compileDates(['dd/MM/yyyy', 'dd-MMM-yy']);
    expect([read('31/01/2026'), read('28-Feb-26'), read('30-Feb-26'), read('2026-01-31')]).toEqual([
      '2026-01-31',
      '2026-02-28',
      undefined,
      undefined,
    ]);
  });
});
