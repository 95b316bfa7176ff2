/** When something that was captured is due. Pure. */
import type { Delay, DelayByDays } from './policy.js';

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;

/** @throws {RangeError} for a time zone that this process does not know */
export function dueAt(delay: Delay, capturedAt: Date): Date {
  if ('seconds' in delay) return new Date(capturedAt.getTime() + delay.seconds * SECOND_MS);
  const local = localTime(delay.time_zone, capturedAt);
  // Days are counted as midnights UTC: there every day has as many hours.
  let day = Math.floor(local / DAY_MS);
  const cutOffMs = cutOff(delay);
  if (delay.cut_off !== undefined && local - day * DAY_MS >= cutOffMs) day += 1;
  const holidays = new Set(delay.holidays.map((date) => Date.parse(date) / DAY_MS));
  day = forward(day, delay, holidays);
  for (let count = 0; count < delay.days; count += 1) day = forward(day + 1, delay, holidays);
  return instantOf(delay.time_zone, day * DAY_MS + cutOffMs);
}

/** The day itself where it counts, or else the next that does. */
function forward(day: number, { calendar }: DelayByDays, holidays: ReadonlySet<number>): number {
  let next = day;
  while (calendar === 'banking' && (isWeekend(next) || holidays.has(next))) next += 1;
  return next;
}

/** The first of January 1970 was a Thursday. */
function isWeekend(day: number): boolean {
  const weekday = (((day + 4) % 7) + 7) % 7;
  return weekday === 0 || weekday === 6;
}

function cutOff({ cut_off: time = '00:00' }: DelayByDays): number {
  return Number(time.slice(0, 2)) * 3_600_000 + Number(time.slice(3)) * 60_000;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  formats.set(timeZone, made);
  return made;
}

/** What clocks there show, as ms of a clock that shows the same in UTC. */
function localTime(timeZone: string, at: Date): number {
  if (timeZone === 'UTC') return at.getTime();
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? Number.NaN;
  const shown = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return shown + at.getUTCMilliseconds();
}

/** When clocks there show a time: the first time where they show it twice, and the hour after where they skip it. */
function instantOf(timeZone: string, local: number): Date {
  if (timeZone === 'UTC') return new Date(local);
  // No zone is further from UTC than this, and none changes its clocks twice in as much.
  const [before, after] = [local - DAY_MS, local + DAY_MS].map((at) => localTime(timeZone, new Date(at)) - at);
  const early = local - (before ?? 0);
  if (localTime(timeZone, new Date(early)) === local) return new Date(early);
  const late = local - (after ?? 0);
  return new Date(localTime(timeZone, new Date(late)) === local ? late : early);
}
