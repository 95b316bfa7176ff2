import { draw, probabilitiesOf } from './pick.js';
import { seeded } from './testing/seeded-random.js';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the probability of being the best', () => {
  it('is what sampling from the beliefs would give', () => {
    const worths = [
      { mean: 0.95, standardDeviation: 0.02 },
      { mean: 0.93, standardDeviation: 0.04 },
      { mean: 0.9, standardDeviation: 0.01 },
    ];
    const random = seeded(7);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const wins = [0, 0, 0];
    const rounds = 40_000;
    for (let round = 0; round < rounds; round += 1) {
      const drawn = worths.map(({ mean, standardDeviation }) => mean + standardDeviation * normal());
      const best = drawn.indexOf(Math.max(...drawn));
      wins[best] = (wins[best] ?? 0) + 1;
    }
    for (const [index, probability] of probabilitiesOf(worths, 0).entries())
      expect(Math.abs(probability - (wins[index] ?? 0) / rounds)).toBeLessThan(0.02);
  });

  it('adds up to one, and leaves nobody below the floor', () => {
    const random = seeded(1);
    for (let round = 0; round < 200; round += 1) {
      const worths = Array.from({ length: 1 + Math.floor(random() * 10) }, () => ({
        mean: random(),
        standardDeviation: random() < 0.2 ? 0 : random() / 5,
      }));
      const probabilities = probabilitiesOf(worths, 0.02);
      expect(sum(probabilities)).toBeCloseTo(1, 9);
      expect(Math.min(...probabilities)).toBeGreaterThanOrEqual(0.02 - 1e-12);
    }
  });

  it('is certain where nothing else can be chosen or believed', () => {
    expect(probabilitiesOf([{ mean: 0, standardDeviation: 1 }], 0.02)).toEqual([1]);
    const [better, worse] = probabilitiesOf(
      [
        { mean: 1, standardDeviation: 0 },
        { mean: 0, standardDeviation: 0 },
      ],
      0,
    );
    expect([better, worse]).toEqual([1, 0]);
    expect(probabilitiesOf([], 0.02)).toEqual([]);
  });
});

it('draws as often as the probabilities say', () => {
  const random = seeded(3);
  const drawn = [0, 0, 0];
  for (let round = 0; round < 10_000; round += 1) {
    const index = draw([0.7, 0.05, 0.25], random);
    drawn[index] = (drawn[index] ?? 0) + 1;
  }
  for (const [index, share] of [0.7, 0.05, 0.25].entries())
    expect(Math.abs((drawn[index] ?? 0) / 10_000 - share)).toBeLessThan(0.02);
  expect(draw([0.5, 0.5], () => 0.9999999999999999)).toBe(1);
});
