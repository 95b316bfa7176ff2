/**
 * What a recorded log says about other choices than those that were made: each outcome counts as often as the candidate would have made the
 * recorded choice, divided by how probable it was then (inverse propensity scoring; Horvitz and Thompson, 1952), normalised by the sum of
 * these weights (Swaminathan and Joachims, The self-normalized estimator for counterfactual learning, 2015).
 */

/**
 * A larger weight is cut down to this: without it one lucky attempt that was hardly ever to be made could outweigh thousands. It is what a choice gets
 * that explores with the least share there is by default, a hundredth, so that ordinary logs are not cut at all.
 */
export const MAX_WEIGHT = 100;

/** 95 % of a normal distribution lie within so many deviations. */
const Z = 1.959964;

export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** Sums of one quantity, of which any number of outcomes can be added without being kept. */
export class Estimator {
  private count = 0;
  private sumW = 0;
  private sumWW = 0;
  private sumWY = 0;
  private sumWYY = 0;
  private sumWWY = 0;
  private sumWWYY = 0;
  private sumY = 0;
  private sumYY = 0;

  /** @param isRate the quantity is 0 or 1, so that its mean is a share */
  constructor(private readonly isRate: boolean) {}

  /** @param weight how often the candidate would have chosen so, divided by how probable it was; cut already */
  add(weight: number, value: number): void {
    this.count += 1;
    this.sumW += weight;
    this.sumWW += weight * weight;
    this.sumWY += weight * value;
    this.sumWYY += weight * value * value;
    this.sumWWY += weight * weight * value;
    this.sumWWYY += weight * weight * value * value;
    this.sumY += value;
    this.sumYY += value * value;
  }

  get attempts(): number {
    return this.count;
  }

  /** How many outcomes of equal weight would say as much (Kish). */
  get effectiveSampleSize(): number {
    return this.sumWW === 0 ? 0 : (this.sumW * this.sumW) / this.sumWW;
  }

  /** The mean of what happened. Undefined: nothing did. */
  get happened(): Interval | undefined {
    if (this.count === 0) return undefined;
    const mean = this.sumY / this.count;
    return this.around(mean, variance(this.sumY, this.sumYY, this.count) / this.count, this.count);
  }

  /** Of the candidate, self-normalised: of the part of the traffic that the log can speak about. Undefined: it cannot speak at all. */
  get normalised(): Interval | undefined {
    if (this.sumW === 0) return undefined;
    const mean = this.sumWY / this.sumW;
    return this.around(mean, this.spreadAround(mean) / this.sumW ** 2, this.effectiveSampleSize);
  }

  /** Of the candidate, not normalised: where the log cannot speak it counts as 0. */
  get plain(): Interval | undefined {
    if (this.count === 0) return undefined;
    const mean = this.sumWY / this.count;
    const deviation = Math.sqrt(variance(this.sumWY, this.sumWWYY, this.count) / this.count);
    return { estimate: mean, low: Math.max(0, mean - Z * deviation), high: mean + Z * deviation };
  }

  /** How much better the candidate is than what happened. The two go by the same outcomes, so that they are surer of it than of either. */
  get difference(): Interval | undefined {
    if (this.sumW === 0) return undefined;
    const mean = this.sumWY / this.sumW;
    const before = this.sumY / this.count;
    const scale = this.count / this.sumW;
    const cross = this.sumWYY - (mean + before) * this.sumWY + mean * before * this.sumW;
    const squares = scale ** 2 * this.spreadAround(mean) - 2 * scale * cross + (this.sumYY - this.count * before ** 2);
    const deviation = Math.sqrt(Math.max(0, squares)) / this.count;
    const estimate = mean - before;
    return { estimate, low: estimate - Z * deviation, high: estimate + Z * deviation };
  }

  private spreadAround(mean: number): number {
    return Math.max(0, this.sumWWYY - 2 * mean * this.sumWWY + mean ** 2 * this.sumWW);
  }

  private around(mean: number, varianceOfMean: number, atMost: number): Interval {
    if (!this.isRate) {
      const deviation = Math.sqrt(varianceOfMean);
      return { estimate: mean, low: Math.max(0, mean - Z * deviation), high: mean + Z * deviation };
    }
    // Where all succeeded so far the variance seen is 0, and nothing is certain all the same.
    const isVaried = mean > 0 && mean < 1 && varianceOfMean > 0;
    return wilson(mean, isVaried ? (mean * (1 - mean)) / varianceOfMean : atMost);
  }
}

function variance(sum: number, sumOfSquares: number, count: number): number {
  return Math.max(0, sumOfSquares / count - (sum / count) ** 2);
}

/** The interval of a share that stays between 0 and 1 (E. B. Wilson, 1927). */
function wilson(share: number, count: number): Interval {
  const squared = Z ** 2 / count;
  const centre = (share + squared / 2) / (1 + squared);
  const half = (Z / (1 + squared)) * Math.sqrt((share * (1 - share)) / count + squared / (4 * count));
  return { estimate: share, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
