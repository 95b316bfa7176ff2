import { draw, probabilitiesOf, type Worth } from './pick.js';
import { seeded } from './testing/seeded-random.js';

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const surely = (mean: number, standardDeviation: number): Worth => [{ share: 1, mean, standardDeviation }];
const even = (worths: readonly Worth[], floor: number): number[] =>
  probabilitiesOf(
    worths,
    worths.map(() => floor),
  );

describe('the probability of being taken', () => {
  it('follows from what is won with it if it is better than the best, against what is lost if it is not: half as good odds, a third as often', () => {
    const leader = surely(0.95, 0.02);
    const others: readonly Worth[] = [
      surely(0.93, 0.04),
      surely(0.94, 0.01),
      [
        { share: 0.3, mean: 0.97, standardDeviation: 0.01 },
        { share: 0.7, mean: 0.5, standardDeviation: 0.1 },
      ],
    ];
    const random = seeded(7);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const drawn = (worth: Worth): number => {
      const first = worth[0] ?? { share: 1, mean: 0, standardDeviation: 0 };
      const part = random() < first.share ? first : (worth[1] ?? first);
      return part.mean + part.standardDeviation * normal();
    };
    const odds = others.map((other) => {
      let [won, lost] = [0, 0];
      for (let round = 0; round < 40_000; round += 1) {
        const difference = drawn(other) - 0.95;
        if (difference > 0) won += difference;
        else lost -= difference;
      }
      return (won / lost) ** 1.5;
    });
    const all = 1 + sum(odds);
    for (const [index, probability] of even([leader, ...others], 0).entries())
      expect(Math.abs(probability - (index === 0 ? 1 : (odds[index - 1] ?? 0)) / all)).toBeLessThan(0.02);
  });

  it('does not depend on how sure one is of the best: that is learned by taking it', () => {
    const other = surely(0.93, 0.02);
    const [sure, unsure] = [0.001, 0.1].map((deviation) => even([surely(0.95, deviation), other], 0)[1]);
    expect(sure).toBeGreaterThan(0.01);
    expect(unsure).toBe(sure);
    const perhapsInTrouble: Worth = [
      { share: 0.9, mean: 0.96, standardDeviation: 0.001 },
      { share: 0.1, mean: 0.86, standardDeviation: 0.05 },
    ];
    expect(even([perhapsInTrouble, other], 0)[1]).toBeCloseTo(sure ?? 0, 9);
  });

  it('adds up to one, and leaves nobody below the floor', () => {
    const random = seeded(1);
    for (let round = 0; round < 200; round += 1) {
      const worths = Array.from({ length: 1 + Math.floor(random() * 10) }, () =>
        surely(random(), random() < 0.2 ? 0 : random() / 5),
      );
      const probabilities = even(worths, 0.02);
      expect(sum(probabilities)).toBeCloseTo(1, 9);
      expect(Math.min(...probabilities)).toBeGreaterThanOrEqual(0.02 - 1e-12);
    }
  });

  it('is small where much would be lost for little, however probable the little is', () => {
    const leader = surely(0.94, 0.001);
    const perhapsBack = (share: number): Worth => [
      { share, mean: 0.96, standardDeviation: 0.001 },
      { share: 1 - share, mean: 0.1, standardDeviation: 0.05 },
    ];
    expect(even([leader, perhapsBack(0.5)], 0)[1]).toBeLessThan(0.03);
    expect(even([leader, perhapsBack(0.999)], 0)[1]).toBeGreaterThan(0.9);
  });

  it('is certain where nothing else can be chosen or believed', () => {
    expect(even([surely(0, 1)], 0.02)).toEqual([1]);
    const [better, worse] = even([surely(1, 0), surely(0, 0)], 0);
    expect([better, worse]).toEqual([1, 0]);
    expect(even([], 0.02)).toEqual([]);
  });

  it('is the same for all of whom the same is believed', () => {
    for (const deviation of [0, 0.1])
      for (const each of even([surely(0.9, deviation), surely(0.9, deviation), surely(0.9, deviation)], 0))
        expect(each).toBeCloseTo(1 / 3, 9);
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
