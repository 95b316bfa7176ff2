/** How far back performance is looked at, in how many steps, as bounds of ids: attempts have no other order that costs nothing. */

export const WINDOWS = ['1h', '24h', '7d'] as const;
export type WindowName = (typeof WINDOWS)[number];

/** Steps that a chart can show and an eye can tell apart: a minute, half an hour, four hours. */
const SHAPES: Readonly<Record<WindowName, { readonly buckets: number; readonly bucketMs: number }>> = {
  '1h': { buckets: 60, bucketMs: 60_000 },
  '24h': { buckets: 48, bucketMs: 1_800_000 },
  '7d': { buckets: 42, bucketMs: 14_400_000 },
};

export interface Window {
  readonly bucketMs: number;
  /** The beginning of each bucket, in ms since 1970; the last is under way. */
  readonly startsMs: readonly number[];
  readonly endMs: number;
}

/** Buckets begin at round times, so that they do not move with every look. */
export function windowOf(name: WindowName, nowMs: number): Window {
  const { buckets, bucketMs } = SHAPES[name];
  const lastMs = Math.floor(nowMs / bucketMs) * bucketMs;
  const startsMs = Array.from({ length: buckets }, (_, index) => lastMs - (buckets - 1 - index) * bucketMs);
  return { bucketMs, startsMs, endMs: lastMs + bucketMs };
}

/** The lowest UUIDv7 of a millisecond (RFC 9562, section 5.7): every id made before it is lower. */
export function lowestIdAt(ms: number): string {
  const time = Math.max(0, ms).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
