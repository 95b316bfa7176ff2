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

// Looked up once: this is the innermost loop of every choice.
const { exp } = Math;

/** Points at which the integral is taken, in deviations of the option itself: what lies beyond has no weight. */
const FROM = -3.2;
const STEP = 0.4;
const POINTS = 17;
const NODES: readonly { readonly z: number; readonly weight: number }[] = nodes();

/** Less uncertain than this is as good as certain; it keeps divisions finite. */
const LEAST_DEVIATION = 1e-9;

function nodes(): { z: number; weight: number }[] {
  const points = Array.from({ length: POINTS }, (_, index) => FROM + index * STEP);
  const densities = points.map((z) => exp((-z * z) / 2));
  const sum = densities.reduce((total, density) => total + density, 0);
  return points.map((z, index) => ({ z, weight: (densities[index] ?? 0) / sum }));
}

/**
 * The probability that each option is the best one, taking worths for independent and normal, mixed with an even share.
 * @param floor the probability that every option has at least, together at most 1
 */
export function probabilitiesOf(worths: readonly Worth[], floor: number): number[] {
  if (worths.length <= 1) return worths.map(() => 1);
  const best = worths.map((worth, index) => probabilityOfBeingBest(worth, index, worths));
  const sum = best.reduce((total, each) => total + each, 0);
  const share = Math.min(floor, 1 / worths.length);
  return best.map((each) => share + (1 - share * worths.length) * (each / sum));
}

function probabilityOfBeingBest(own: Worth, index: number, worths: readonly Worth[]): number {
  let probability = 0;
  for (const { z, weight } of NODES) {
    const value = own.mean + z * own.standardDeviation;
    let below = weight;
    for (let other = 0; other < worths.length && below > 0; other += 1) {
      const worth = worths[other];
      if (other === index || worth === undefined) continue;
      below *= normalCdf((value - worth.mean) / Math.max(LEAST_DEVIATION, worth.standardDeviation));
    }
    probability += below;
  }
  return probability;
}

/** Draws an index. `random` gives numbers from 0 to below 1. */
export function draw(probabilities: readonly number[], random: () => number): number {
  let left = random();
  for (const [index, probability] of probabilities.entries()) {
    left -= probability;
    if (left < 0) return index;
  }
  return probabilities.length - 1;
}

/** The logistic approximation of the normal distribution function (error below 0.0002): the exact one has no closed form, and decisions do not need it. */
function normalCdf(z: number): number {
  return 1 / (1 + exp(-(0.07056 * z * z * z + 1.5976 * z)));
}
