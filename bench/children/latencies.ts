/** Times of single operations, in milliseconds, and their percentiles. */
export class Latencies {
  private readonly values: number[] = [];

  add(milliseconds: number): void {
    this.values.push(milliseconds);
  }

  get count(): number {
    return this.values.length;
  }

  /** `share` from 0 to 1; null when nothing was measured. Rounded to microseconds. */
  percentile(share: number): number | null {
    const sorted = Float64Array.from(this.values).sort();
    const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    return value === undefined ? null : Math.round(value * 1_000) / 1_000;
  }
}
