/** From values to positions: where an axis has its ticks, and how they are written. */

/** Steps between ticks that people count in, times a power of ten. */
const STEPS = [1, 2, 2.5, 5, 10] as const;
const THOUSAND = 1_000;
const SUFFIXES = ['', ' k', ' M', ' G'] as const;

/** Rising round values from 0 on, the last one at or above `max`; about `count` of them. */
export function ticks(max: number, count = 5): readonly number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((each) => each * power >= rough) ?? 10) * power;
  const steps = Math.ceil(max / step - 1e-9);
  // Multiplied and rounded instead of added up, so that 0.1 three times is 0.3.
  return Array.from({ length: steps + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** Maps `domain` linearly onto `range`; the range may run downwards, as the y of a drawing does. */
export function linear(domain: readonly [number, number], range: readonly [number, number]): (value: number) => number {
  const [from, to] = domain;
  const [start, end] = range;
  const span = to - from;
  return (value) => (span === 0 ? start : start + ((value - from) / span) * (end - start));
}

/** Three digits and a suffix: 950, 1.25 k, 10 M. */
export function compact(value: number): string {
  let scaled = value;
  let suffix = 0;
  // 999.6 would be written as 1000 with three digits.
  while (Math.abs(scaled) >= THOUSAND - 0.5 && suffix < SUFFIXES.length - 1) {
    scaled /= THOUSAND;
    suffix += 1;
  }
  return `${Number(scaled.toPrecision(3))}${SUFFIXES[suffix] ?? ''}`;
}
