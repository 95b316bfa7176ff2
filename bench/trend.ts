/** What a row of samples does over time. */

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The samples of one quarter of the time, from 1 to 4. */
export function quarter<Sample>(samples: readonly Sample[], number: 1 | 2 | 3 | 4): readonly Sample[] {
  const at = (share: number): number => Math.floor((samples.length * share) / 4);
  return samples.slice(at(number - 1), at(number));
}

/** Slope of the straight line that fits best (least squares), in units of y per unit of x. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const covariance = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const variance = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return covariance / variance;
}
