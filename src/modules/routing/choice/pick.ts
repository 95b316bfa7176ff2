/**
 * Thompson's rule without the dice: each option is taken as often as it is the best one, by what is believed. The
 * probabilities are computed and then drawn from, so that what is written down beside a choice is exactly how probable it was, and a
 * backtest can weigh recorded attempts by it.
 */

/** What is believed about the worth of an option. */
export interface Worth {
  readonly mean: number;
  readonly standardDeviation: number;
}

/** Points at which the integral is taken, in deviations of the option itself: what lies beyond has no weight. */
const FROM = -3.2;
const STEP = 0.4;
const POINTS = 17;
const POSITIONS = Float64Array.from({ length: POINTS }, (_, index) => FROM + index * STEP);
const WEIGHTS = weights();

/** Less uncertain than this is as good as certain; it keeps divisions finite. */
const LEAST_DEVIATION = 1e-9;

/**
 * The normal distribution function is looked up: it is the innermost step of every choice, and computing it took nine tenths of the time. Between the
 * table's points a straight line is drawn, which is off by less than a millionth; beyond its ends the function is 0 or 1.
 */
const END = 6;
const PER_UNIT = 256;
const CDF = Float64Array.from({ length: 2 * END * PER_UNIT + 2 }, (_, index) => normalCdf(index / PER_UNIT - END));

function weights(): Float64Array {
  const densities = POSITIONS.map((z) => Math.exp((-z * z) / 2));
  const sum = densities.reduce((total, density) => total + density, 0);
  return densities.map((density) => density / sum);
}

/**
 * The probability that each option is the best one, taking worths for independent and normal, mixed with an even share.
 * @param floor the probability that every option has at least, together at most 1
 */
export function probabilitiesOf(worths: readonly Worth[], floor: number): number[] {
  if (worths.length <= 1) return worths.map(() => 1);
  const means = Float64Array.from(worths, ({ mean }) => mean);
  const perUnit = Float64Array.from(worths, (worth) => 1 / Math.max(LEAST_DEVIATION, worth.standardDeviation));
  const best = worths.map(({ standardDeviation }, index) =>
    probabilityOfBeingBest(index, standardDeviation, means, perUnit),
  );
  const sum = best.reduce((total, each) => total + each, 0);
  const share = Math.min(floor, 1 / worths.length);
  return best.map((each) => share + (1 - share * worths.length) * (each / sum));
}

function probabilityOfBeingBest(own: number, deviation: number, means: Float64Array, perUnit: Float64Array): number {
  const mean = means[own] ?? 0;
  let probability = 0;
  for (let point = 0; point < POINTS; point += 1) {
    const value = mean + (POSITIONS[point] ?? 0) * deviation;
    let below = WEIGHTS[point] ?? 0;
    for (let other = 0; other < means.length; other += 1) {
      if (other === own) continue;
      const z = (value - (means[other] ?? 0)) * (perUnit[other] ?? 0);
      if (z >= END) continue;
      if (z <= -END) {
        below = 0;
        break;
      }
      const at = (z + END) * PER_UNIT;
      const left = Math.trunc(at);
      const value0 = CDF[left] ?? 0;
      below *= value0 + (at - left) * ((CDF[left + 1] ?? 0) - value0);
    }
    probability += below;
  }
  return probability;
}

/** Draws an index. `random` gives numbers from 0 to below 1. */
export function draw(probabilities: readonly number[], random: () => number): number {
  let left = random();
  let last = probabilities.length - 1;
  for (const [index, probability] of probabilities.entries()) {
    if (probability <= 0) continue;
    left -= probability;
    if (left < 0) return index;
    // What rounding leaves over goes to one that may be chosen at all.
    last = index;
  }
  return last;
}

/** The logistic approximation (error below 0.0002): the exact function has no closed form, and decisions do not need it. */
function normalCdf(z: number): number {
  return 1 / (1 + Math.exp(-(0.07056 * z * z * z + 1.5976 * z)));
}
