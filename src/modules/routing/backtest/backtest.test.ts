/** A world whose truth is known: what the records of one policy say about another must hold it. */
import { draw } from '../choice/pick.js';
import { seeded } from '../choice/testing/seeded-random.js';
import { Estimator } from './estimate.js';

const TRUTH = [0.95, 0.8, 0.6];
/** How the log chose, and how a candidate would, by the kind of payment: an easy one fails half as often. */
const LOGGED = [
  [0.7, 0.2, 0.1],
  [0.1, 0.3, 0.6],
];
const CANDIDATE = [
  [0.05, 0.05, 0.9],
  [0.9, 0.05, 0.05],
];
const succeedsWith = (kind: number, choice: number): number => {
  const base = TRUTH[choice] ?? 0;
  return kind === 0 ? 1 - (1 - base) / 2 : base;
};

const mean = (policy: readonly (readonly number[])[]): number =>
  [0, 1].reduce(
    (sum, kind) =>
      sum + (policy[kind] ?? []).reduce((part, share, choice) => part + (share * succeedsWith(kind, choice)) / 2, 0),
    0,
  );
const TRUE_CANDIDATE = mean(CANDIDATE);
const TRUE_LOGGED = mean(LOGGED);

function recorded(seed: number, attempts: number): Estimator {
  const random = seeded(seed);
  const estimator = new Estimator(true);
  for (let index = 0; index < attempts; index += 1) {
    const kind = random() < 0.5 ? 0 : 1;
    const choice = draw(LOGGED[kind] ?? [], random);
    const worked = random() < succeedsWith(kind, choice);
    estimator.add((CANDIDATE[kind]?.[choice] ?? 0) / (LOGGED[kind]?.[choice] ?? 1), worked ? 1 : 0);
  }
  return estimator;
}

/** In how many of 300 worlds the interval holds the truth, in percent. */
function coverage(read: (estimator: Estimator) => { low: number; high: number } | undefined, truth: number): number {
  let held = 0;
  for (let seed = 1; seed <= 300; seed += 1) {
    const interval = read(recorded(seed, 800));
    if (interval !== undefined && interval.low <= truth && truth <= interval.high) held += 1;
  }
  return held / 3;
}

describe('what a log says about other rules', () => {
  it.each([
    ['self-normalised', (each: Estimator) => each.normalised, TRUE_CANDIDATE],
    ['not normalised', (each: Estimator) => each.plain, TRUE_CANDIDATE],
    ['of what happened', (each: Estimator) => each.happened, TRUE_LOGGED],
    ['of the difference', (each: Estimator) => each.difference, TRUE_CANDIDATE - TRUE_LOGGED],
  ])('holds the truth in about 95 of 100 worlds: %s', (_, read, truth) => {
    const held = coverage(read, truth);
    expect(held).toBeGreaterThanOrEqual(91.5);
    expect(held).toBeLessThanOrEqual(98.5);
  });

  it('comes closer the more there is, and says as how much it counts', () => {
    const few = recorded(1, 500);
    const many = recorded(1, 20_000);
    const width = ({ normalised }: Estimator): number => (normalised?.high ?? 1) - (normalised?.low ?? 0);
    expect(width(many)).toBeLessThan(width(few) / 4);
    expect(many.effectiveSampleSize).toBeGreaterThan(1_000);
    expect(many.effectiveSampleSize).toBeLessThan(20_000);
    expect(many.normalised?.estimate).toBeCloseTo(TRUE_CANDIDATE, 1);
  });

  it('is what happened, for the rules that made the log', () => {
    const estimator = new Estimator(true);
    for (let index = 0; index < 200; index += 1) estimator.add(1, index % 4 === 0 ? 0 : 1);
    const { estimate = 0, low = 0, high = 0 } = estimator.happened ?? {};
    expect(estimate).toBe(0.75);
    expect(estimator.normalised).toEqual({
      estimate,
      low: expect.closeTo(low, 9),
      high: expect.closeTo(high, 9),
    });
    expect(estimator.effectiveSampleSize).toBe(200);
    expect(estimator.difference).toEqual({ estimate: 0, low: expect.closeTo(0, 9), high: expect.closeTo(0, 9) });
  });

  it('is not certain where all succeeded, and silent where nothing would have been chosen', () => {
    const sure = new Estimator(true);
    const silent = new Estimator(true);
    for (let index = 0; index < 50; index += 1) {
      sure.add(1, 1);
      silent.add(0, 1);
    }
    expect(sure.normalised?.low).toBeLessThan(0.95);
    expect(sure.normalised?.high).toBeCloseTo(1, 9);
    expect(silent.normalised).toBeUndefined();
    expect(silent.effectiveSampleSize).toBe(0);
  });
});
