/**
 * How often each option is taken: by what would be won with it if it is better than the one that looks best, against what would be lost if
 * it is not. An option that is a little better in one case of fifty and much worse in the others is hardly ever tried; sampling from the beliefs
 * (Thompson's rule) would try it each fiftieth time. The one that looks best is taken for what it is worth on the whole: how sure one is of it
 * is learned by taking it, so that doubts about it are no reason to try others. The probabilities are computed and then drawn from, so that what
 * is written down beside a choice is exactly how probable it was, and a backtest can weigh recorded attempts by it.
 */

/** One of the ways that things may be. */
export interface WorthPart {
  /** How probable it is. */
  readonly share: number;
  readonly mean: number;
  readonly standardDeviation: number;
}

/** What is believed about the worth of an option: a mixture of normal distributions; shares add up to 1. */
export type Worth = readonly WorthPart[];

/** Less uncertain than this is as good as certain; it keeps divisions finite. */
const LEAST_DEVIATION = 1e-9;
/**
 * What the odds are raised to. Tried in proportion to its odds (1), an option costs as much as can be won with it, for as long as it is tried; a
 * few tries tell most of what there is to learn. The longer a shot is, the less it is tried therefore.
 */
const CAUTION = 1.5;

/**
 * @param floors the probability that each option has at least, together at most 1
 * @returns the probability of each option
 */
export function probabilitiesOf(worths: readonly Worth[], floors: readonly number[]): number[] {
  if (worths.length <= 1) return worths.map(() => 1);
  const means = worths.map(meanOf);
  const most = Math.max(...means);
  const best = means.indexOf(most);
  const odds = worths.map((worth, index) => (index === best ? 1 : oddsAgainst(worth, most) ** CAUTION));
  const sum = odds.reduce((total, each) => total + each, 0);
  const atLeast = floors.map((floor) => Math.min(floor, 1 / worths.length));
  const left = 1 - atLeast.reduce((total, each) => total + each, 0);
  return odds.map((each, index) => (atLeast[index] ?? 0) + (left * each) / sum);
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

/** What an option is worth on the whole. */
export function meanOf(worth: Worth): number {
  let mean = 0;
  for (const part of worth) mean += part.share * part.mean;
  return mean;
}

/** The mean of what it is worth more than `most`, where it is, against the mean of what it is worth less. */
function oddsAgainst(worth: Worth, most: number): number {
  let [won, lost] = [0, 0];
  for (const { share, mean, standardDeviation } of worth) {
    const deviation = Math.max(LEAST_DEVIATION, standardDeviation);
    const away = (mean - most) / deviation;
    won += share * deviation * meanAboveZero(away);
    lost += share * deviation * meanAboveZero(-away);
  }
  return won / lost;
}

/** The table of {@link meanAboveZero}: beyond its end the mean is taken for nothing. */
const TABLE_END = 6;
const PER_UNIT = 64;
const TABLE = table();

/** The mean of max(0, X) for X normal around `mean` with a deviation of 1. */
function meanAboveZero(mean: number): number {
  const at = Math.min(TABLE_END, Math.abs(mean)) * PER_UNIT;
  const index = Math.floor(at);
  const from = TABLE[index] ?? 0;
  const below = from + (at - index) * ((TABLE[index + 1] ?? 0) - from);
  return mean > 0 ? mean + below : below;
}

/** By integrating twice from where nothing is left, for means from 0 downwards. */
function table(): Float64Array {
  const steps = TABLE_END * PER_UNIT;
  const values = new Float64Array(steps + 2);
  const step = 1 / PER_UNIT;
  const density = (z: number): number => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  let beyond = 0;
  for (let index = steps - 1; index >= 0; index -= 1) {
    const near = index * step;
    const middle = near + step / 2;
    const more = (step / 6) * (density(near) + 4 * density(middle) + density(near + step));
    values[index] = (values[index + 1] ?? 0) + step * (beyond + more / 2);
    beyond += more;
  }
  return values;
}
