/** A day, so that `to=2026-01-31` includes that day. Milliseconds. */
const DAY_MS = 86_400_000;

/** @returns whether an instant is within the days of `from` and `to`, or undefined when one of them is no date. */
export function readDays(query: URLSearchParams): ((at: number) => boolean) | undefined {
  const from = day(query.get('from'), -Infinity);
  const to = day(query.get('to'), Infinity) + DAY_MS;
  if (Number.isNaN(from) || Number.isNaN(to)) return undefined;
  return (at) => at >= from && at < to;
}

function day(value: string | null, fallback: number): number {
  if (value === null) return fallback;
  return /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(value) : Number.NaN;
}
