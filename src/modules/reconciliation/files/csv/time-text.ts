/** Times as exports write them, read by explicit formats only: nothing guesses whether 01/02 is in January. */
import type { CalendarDate } from '../lines.js';

interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** Of the text itself. */
  readonly offsetMinutes: number | undefined;
}

export interface TimeFormat {
  readonly hasTime: boolean;
  readonly hasOffset: boolean;
  /** Whether day and month, both as numbers and without the year before them, stand in an order that could be taken for the other. */
  readonly order: 'day_first' | 'month_first' | undefined;
  readonly parse: (text: string) => LocalTime | undefined;
}

/** English and French, abbreviated and in full, without accents and full stops. */
const MONTHS = [
  ['jan', 'january', 'janv', 'janvier'],
  ['feb', 'february', 'fev', 'fevr', 'fevrier'],
  ['mar', 'march', 'mars'],
  ['apr', 'april', 'avr', 'avril'],
  ['may', 'mai'],
  ['jun', 'june', 'juin'],
  ['jul', 'july', 'juil', 'juillet'],
  ['aug', 'august', 'aout', 'aou'],
  ['sep', 'sept', 'september', 'septembre'],
  ['oct', 'october', 'octobre'],
  ['nov', 'november', 'novembre'],
  ['dec', 'december', 'decembre'],
];
const monthNumbers = new Map(MONTHS.flatMap((names, at) => names.map((name) => [name, at + 1] as const)));

function monthOf(name: string): number {
  const plain = name
    .normalize('NFKD')
    .replace(/[\p{M}.]/gu, '')
    .toLowerCase();
  return monthNumbers.get(plain) ?? 0;
}

const TOKENS: Readonly<Record<string, string>> = {
  yyyy: '(?<year>\\d{4})',
  yy: '(?<shortYear>\\d{2})',
  MMM: '(?<monthName>\\p{L}+\\.?)',
  MM: '(?<month>\\d{2})',
  M: '(?<month>\\d{1,2})',
  dd: '(?<day>\\d{2})',
  d: '(?<day>\\d{1,2})',
  HH: '(?<hour>\\d{2})',
  H: '(?<hour>\\d{1,2})',
  hh: '(?<hour12>\\d{2})',
  h: '(?<hour12>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2})',
  SSS: '(?<fraction>\\d{1,9})',
  a: '(?<half>[AaPp]\\.?[Mm]\\.?)',
  XXX: '(?<offset>[Zz]|UTC|GMT|[+-]\\d{2}:?\\d{2}|[+-]\\d{2})',
};
const PIECES = /'([^']*)'|yyyy|yy|MMM|MM|M|dd|d|HH|H|hh|h|mm|ss|SSS|a|XXX|T|\s+|[^A-Za-z\s]/gu;

/** @returns undefined when it is no format */
export function compileTimeFormat(format: string): TimeFormat | undefined {
  if (format.replace(PIECES, '') !== '') return undefined;
  const seen: string[] = [];
  const pattern = format.replace(PIECES, (piece, literal: string | undefined) => {
    const token = TOKENS[piece];
    if (token !== undefined) {
      seen.push(piece);
      return token;
    }
    if (literal !== undefined) return escaped(literal);
    return /^\s/.test(piece) ? '\\s+' : escaped(piece);
  });
  const has = (...tokens: string[]) => tokens.filter((token) => seen.includes(token)).length;
  if (has('yyyy', 'yy') !== 1 || has('MMM', 'MM', 'M') !== 1 || has('dd', 'd') !== 1) return undefined;
  const hasTime = has('HH', 'H', 'hh', 'h') > 0;
  if (new Set(seen).size !== seen.length || has('HH', 'H', 'hh', 'h') > 1) return undefined;
  if (hasTime !== has('mm') > 0 || has('hh', 'h') !== has('a') || (has('ss') > 0 && !hasTime)) return undefined;
  if ((has('SSS') > 0 && has('ss') === 0) || (has('XXX') > 0 && !hasTime)) return undefined;
  const whole = new RegExp(`^${pattern}$`, 'u');
  return {
    hasTime,
    hasOffset: has('XXX') > 0,
    order: orderOf(seen),
    parse: (text) => localTime(whole.exec(text)?.groups),
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

function orderOf(tokens: readonly string[]): TimeFormat['order'] {
  const day = tokens.findIndex((token) => token === 'dd' || token === 'd');
  const month = tokens.findIndex((token) => token === 'MM' || token === 'M');
  const year = tokens.findIndex((token) => token === 'yyyy' || token === 'yy');
  // 2026-01-02 is read one way by everyone; with the month's name there is nothing to confuse.
  if (month === -1 || (tokens[year] === 'yyyy' && year < Math.min(day, month))) return undefined;
  return day < month ? 'day_first' : 'month_first';
}

function localTime(groups: Partial<Record<string, string>> | undefined): LocalTime | undefined {
  if (groups === undefined) return undefined;
  const year = groups['year'] === undefined ? 2_000 + Number(groups['shortYear']) : Number(groups['year']);
  const month = groups['monthName'] === undefined ? Number(groups['month']) : monthOf(groups['monthName']);
  const day = Number(groups['day']);
  const hour =
    groups['hour12'] === undefined ? Number(groups['hour'] ?? 0) : halfDayHour(groups['hour12'], groups['half']);
  const minute = Number(groups['minute'] ?? 0);
  const second = Number(groups['second'] ?? 0);
  const millisecond = Number((groups['fraction'] ?? '').padEnd(3, '0').slice(0, 3));
  // Payments before 2000 or after 2099 are a misread century or a spreadsheet's day zero.
  if (year < 2_000 || year > 2_099 || hour > 23 || hour < 0 || minute > 59 || second > 59) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  // A day that the month does not have rolls over into another.
  if (date.getUTCMonth() !== month - 1) return undefined;
  const offsetMinutes = groups['offset'] === undefined ? undefined : offsetOf(groups['offset']);
  return { year, month, day, hour, minute, second, millisecond, offsetMinutes };
}

function halfDayHour(hour: string, half = ''): number {
  const number = Number(hour);
  if (number < 1 || number > 12) return -1;
  return (number % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0);
}

/** @returns minutes east of UTC */
function offsetOf(text: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(text);
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return match[1] === '-' ? -minutes : minutes;
}

/** Minutes east of UTC at a moment. */
type Zone = (utcMs: number) => number;

/** Zones change on quarters of an hour, so within one the answer holds. */
const QUARTER_MS = 900_000;
/** A month of quarters, and some: a file rarely spans more; then it starts over. */
const CACHED_QUARTERS = 4_096;

export function isZone(name: string): boolean {
  return compileZone(name) !== undefined;
}

/** @returns undefined when there is no such zone */
export function compileZone(name: string): Zone | undefined {
  if (/^[+-](0\d|1[0-4]):[0-5]\d$/.test(name)) {
    const minutes = offsetOf(name);
    return () => minutes;
  }
  if (!/^[A-Z]/.test(name)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const known = new Map<number, number>();
  return (utcMs) => {
    const quarter = Math.floor(utcMs / QUARTER_MS);
    let minutes = known.get(quarter);
    if (minutes === undefined) {
      const part = format.formatToParts(quarter * QUARTER_MS).find(({ type }) => type === 'timeZoneName');
      minutes = offsetOf((part?.value ?? '').replace('GMT', ''));
      if (known.size >= CACHED_QUARTERS) known.clear();
      known.set(quarter, minutes);
    }
    return minutes;
  };
}

const DAY_MS = 86_400_000;

/** @returns undefined when clocks were put forward over that time, so that it never was; of two, the earlier. */
function inZone(localMs: number, zone: Zone): number | undefined {
  const offsets = [zone(localMs - DAY_MS), zone(localMs + DAY_MS)];
  const moments = offsets
    .map((offset) => localMs - offset * 60_000)
    .filter((utc) => zone(utc) * 60_000 + utc === localMs);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

export type TimeReading = { readonly at: Date } | { readonly problem: string };

export interface TimeRules {
  readonly formats: readonly string[];
  readonly zone: string;
  readonly dateOnly: 'refuse' | 'start_of_day' | 'end_of_day';
}

/** @returns a function that reads one text; its problem completes a sentence that begins with the text */
export function compileTimes(rules: TimeRules): (text: string) => TimeReading {
  const formats = rules.formats.flatMap((format) => compileTimeFormat(format) ?? []);
  const zone = rules.zone === 'in_text' ? undefined : compileZone(rules.zone);
  const unknown = { problem: `is not a time in the form ${rules.formats.join(' or ')}` };
  return (text) => {
    for (const format of formats) {
      const local = format.parse(text);
      if (local === undefined) continue;
      if (!format.hasTime && rules.dateOnly === 'refuse') return { problem: 'has no time of day' };
      let localMs = Date.UTC(
        local.year,
        local.month - 1,
        local.day,
        local.hour,
        local.minute,
        local.second,
        local.millisecond,
      );
      if (!format.hasTime && rules.dateOnly === 'end_of_day') localMs += DAY_MS - 1;
      if (local.offsetMinutes !== undefined) return { at: new Date(localMs - local.offsetMinutes * 60_000) };
      const utcMs = zone === undefined ? undefined : inZone(localMs, zone);
      if (utcMs === undefined) return { problem: `is a time that the clocks of ${rules.zone} left out` };
      return { at: new Date(utcMs) };
    }
    return unknown;
  };
}

/** @returns a function that reads the day of a text, or undefined */
export function compileDates(formats: readonly string[]): (text: string) => CalendarDate | undefined {
  const compiled = formats.flatMap((format) => compileTimeFormat(format) ?? []);
  return (text) => {
    for (const format of compiled) {
      const local = format.parse(text);
      if (local !== undefined)
        return new Date(Date.UTC(local.year, local.month - 1, local.day)).toISOString().slice(0, 10);
    }
    return undefined;
  };
}
