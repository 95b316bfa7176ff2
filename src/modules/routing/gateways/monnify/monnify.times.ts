/** Times in Monnify's answers: with an offset, in ms since 1970, or as clocks in Lagos show it. */

/** Nigeria has kept one hour before Greenwich since 1919, without summer time. */
const LAGOS = '+01:00';

/** Undefined for what is no time. */
export function monnifyTime(value: string | number | undefined): Date | undefined {
  if (typeof value === 'number') return valid(new Date(value));
  if (value === undefined) return undefined;
  const text = value.trim();
  const local = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,9})?$/.exec(text);
  if (local !== null) return valid(new Date(`${local[1]}T${local[2]}${(local[3] ?? '').slice(0, 4)}${LAGOS}`));
  const printed = /^(\d\d)\/(\d\d)\/(\d{4}) (\d{1,2}):(\d\d):(\d\d)(?: (AM|PM))?$/.exec(text);
  if (printed !== null) return fromPrinted(printed);
  return /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text) ? valid(new Date(text)) : undefined;
}

/** `22/06/2026 11:42:12 AM`, day first. */
function fromPrinted([, day, month, year, hour = '', minute, second, half]: RegExpExecArray): Date | undefined {
  const hours = half === undefined ? Number(hour) : (Number(hour) % 12) + (half === 'PM' ? 12 : 0);
  return valid(new Date(`${year}-${month}-${day}T${String(hours).padStart(2, '0')}:${minute}:${second}${LAGOS}`));
}

function valid(date: Date): Date | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date;
}
