/** What a figure was made of, second by second, for a chart. */
export interface Series {
  readonly name: string;
  readonly unit: string;
  /** `[seconds since the beginning, value]`; a moment at which nothing was measured has no point. */
  readonly points: readonly (readonly [number, number])[];
}

/** Digits after the point of a second or a value: charts need no more, and reports stay short. */
const DIGITS = 2;

export function seriesOf<Sample>(
  name: string,
  unit: string,
  samples: readonly Sample[],
  read: (sample: Sample, index: number) => readonly [seconds: number, value: number | null | undefined],
): Series {
  const points = samples.flatMap((sample, index) => {
    const [seconds, value] = read(sample, index);
    return value == null ? [] : [[rounded(seconds), rounded(value)] as const];
  });
  return { name, unit, points };
}

function rounded(value: number): number {
  return Number(value.toFixed(DIGITS));
}
