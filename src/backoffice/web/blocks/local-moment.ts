/** A moment as `<input type="datetime-local">` has it, in the viewer's zone. */
export function localOf(time: string | undefined): string {
  if (time === undefined || Number.isNaN(Date.parse(time))) return '';
  const at = new Date(time);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The other way round; undefined: nothing is set. */
export const momentOf = (local: string): string | undefined =>
  local === '' ? undefined : new Date(local).toISOString();
