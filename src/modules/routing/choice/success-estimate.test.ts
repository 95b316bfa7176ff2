import { DecayedCounts } from './decayed-counts.js';
import { SuccessEstimate } from './success-estimate.js';
import type { Segment } from './segment.js';
import { SuccessEstimates } from './success-estimates.js';

const HOUR = 3_600_000;

/** A segment that is used once a minute. */
class Scene {
  readonly estimate = new SuccessEstimate();
  now = 0;

  /** One call in `every` fails. */
  see(count: number, every: number): this {
    for (let index = 0; index < count; index += 1) this.observe((index + 1) % every !== 0);
    return this;
  }

  observe(worked: boolean): void {
    this.now += 60_000;
    this.estimate.observe({ worked, weight: 1 }, this.usual, this.now, this.now);
  }

  get usual(): number {
    const { successes, failures } = this.estimate.usualCounts(this.now);
    return (successes + 18) / (successes + failures + 20);
  }

  get trouble(): number {
    return this.estimate.troubleAt(this.now);
  }
}

describe('decayed counts', () => {
  it('halve in a half-life', () => {
    const counts = new DecayedCounts({ halfLifeMs: HOUR, maxWeight: 100 });
    counts.add(true, 1, 0);
    counts.add(false, 0.5, 0);
    expect(counts.at(HOUR)).toEqual({ successes: 0.5, failures: 0.25 });
  });

  it('never weigh more than they may, whatever comes', () => {
    const counts = new DecayedCounts({ halfLifeMs: HOUR, maxWeight: 10 });
    for (let index = 0; index < 1_000; index += 1) counts.add(index % 4 !== 0, 1, index);
    const { successes, failures } = counts.at(1_000);
    expect(successes + failures).toBeCloseTo(10, 1);
    expect(failures / 10).toBeGreaterThan(0.15);
  });

  it('are not made younger by a clock that is behind', () => {
    const counts = new DecayedCounts({ halfLifeMs: HOUR, maxWeight: 100 });
    counts.add(true, 1, HOUR);
    counts.add(true, 1, 0);
    expect(counts.at(HOUR)).toEqual({ successes: 2, failures: 0 });
  });
});

describe('the estimate of success', () => {
  it('remembers hundreds of attempts while nothing changes', () => {
    const scene = new Scene().see(1_000, 10);
    const { successes, failures } = scene.estimate.usualCounts(scene.now);
    expect(successes / (successes + failures)).toBeCloseTo(0.9, 1);
    expect(successes + failures).toBeGreaterThan(800);
    expect(scene.trouble).toBeLessThan(0.05);
  });

  it('knows of a trouble after five failures in a row', () => {
    const scene = new Scene().see(500, 20);
    for (let index = 0; index < 5; index += 1) scene.observe(false);
    expect(scene.trouble).toBeGreaterThan(0.9);
    expect(scene.estimate.inTrouble(scene.now).mean).toBeLessThan(0.3);
  });

  it('knows of one within two dozen attempts when every other call fails', () => {
    const scene = new Scene().see(500, 20).see(24, 2);
    expect(scene.trouble).toBeGreaterThan(0.9);
    expect(scene.estimate.inTrouble(scene.now).mean).toBeCloseTo(0.5, 1);
  });

  it('does not take a trouble for what is usual, and knows that again when it is over', () => {
    const scene = new Scene().see(500, 20);
    const before = scene.usual;
    scene.see(120, 2);
    expect(scene.usual).toBeCloseTo(before, 2);
    scene.see(24, 1_000);
    expect(scene.trouble).toBeLessThan(0.1);
    expect(scene.usual).toBeCloseTo(before, 2);
  });

  it('takes a trouble for over with time, the later the longer it lasted', () => {
    const [short, long] = [5, 300].map((failures) => {
      const scene = new Scene().see(500, 20);
      for (let index = 0; index < failures; index += 1) scene.observe(false);
      scene.now += HOUR / 2;
      return scene.trouble;
    });
    expect(short).toBeLessThan(0.5);
    expect(long).toBeGreaterThan(0.8);
  });

  it('does not hold against ordinary times what failed in a trouble that was avoided before it was certain', () => {
    const scene = new Scene().see(510, 20);
    const before = scene.estimate.usualCounts(scene.now).failures;
    for (let index = 0; index < 3; index += 1) scene.observe(false);
    const suspected = scene.trouble;
    expect(suspected).toBeGreaterThan(0.05);
    expect(suspected).toBeLessThan(0.9);
    // Nobody looks for a day: by then it is probably over.
    scene.now += 24 * HOUR;
    expect(scene.trouble).toBeLessThan(suspected / 4);
    for (let index = 0; index < 12; index += 1) scene.observe(true);
    const { failures } = scene.estimate.usualCounts(scene.now);
    const added = failures - before * 2 ** (-1 / 14);
    expect(added).toBeGreaterThan(0);
    // All three, if a suspicion that faded were taken for refuted.
    expect(added).toBeCloseTo(3 * (1 - suspected), 1);
  });

  it('takes what has lasted for days for usual', () => {
    const scene = new Scene().see(500, 20).see(4 * 24 * 60, 3);
    expect(scene.usual).toBeCloseTo(2 / 3, 1);
  });

  it('forgets failures that were not its fault', () => {
    const scene = new Scene().see(500, 20);
    const before = scene.usual;
    for (let index = 0; index < 3; index += 1) scene.observe(false);
    scene.estimate.acquit(scene.now);
    expect(scene.trouble).toBeLessThan(0.01);
    expect(scene.usual).toBeCloseTo(before, 3);
  });

  it('does not hear of an end from calls that were made before the last failure', () => {
    const scene = new Scene().see(500, 20);
    const beganAt = scene.now;
    for (let index = 0; index < 4; index += 1) scene.observe(false);
    const known = scene.trouble;
    for (let index = 0; index < 10; index += 1)
      scene.estimate.observe({ worked: true, weight: 1 }, 0.95, beganAt, scene.now);
    expect(scene.trouble).toBe(known);
  });
});

describe('what is believed', () => {
  const NOW = 10 * HOUR;
  const mtn = { accountId: 'alpha', network: 'mtn' };
  const card = { accountId: 'alpha', network: 'card' };

  it('of a gateway that was never tried is the average, with much doubt', () => {
    const { mean: believed, standardDeviation } = new SuccessEstimates().belief(mtn, NOW).usual;
    expect(believed).toBeCloseTo(0.9, 6);
    expect(standardDeviation).toBeGreaterThan(0.05);
  });

  it('of a network that was never tried is what its gateway shows elsewhere', () => {
    const estimates = new SuccessEstimates();
    for (let index = 0; index < 200; index += 1)
      estimates.observe(mtn, { worked: index % 5 !== 0, weight: 1 }, index * 60_000, index * 60_000);
    expect(estimates.belief(card, 200 * 60_000).usual.mean).toBeLessThan(0.85);
    expect(estimates.belief({ accountId: 'beta', network: 'card' }, NOW).usual.mean).toBeCloseTo(0.9, 6);
  });

  it('gets surer with every attempt', () => {
    const estimates = new SuccessEstimates();
    const doubts = [0, 20, 200].map((count) => {
      for (let index = 0; index < count; index += 1)
        estimates.observe(mtn, { worked: index % 10 !== 9, weight: 1 }, index, index);
      return estimates.belief(mtn, 1_000).usual.standardDeviation;
    });
    expect([...doubts].sort((a, b) => b - a)).toEqual(doubts);
  });

  it('of a network is in doubt when another one of the same gateway fails, and again better when that recovers', () => {
    const estimates = new SuccessEstimates();
    let now = 0;
    const see = (segment: Segment, count: number, worked: boolean): void => {
      for (let index = 0; index < count; index += 1) {
        now += 1_000;
        estimates.observe(segment, { worked, weight: 1 }, now, now);
      }
    };
    const trouble = (segment: Segment): number => estimates.belief(segment, now).trouble;
    see(card, 50, true);
    see({ accountId: 'beta', network: 'card' }, 50, true);
    see(mtn, 50, true);
    see(mtn, 6, false);
    expect(trouble(mtn)).toBeGreaterThan(0.9);
    expect(trouble(card)).toBeGreaterThan(0.1);
    expect(trouble({ accountId: 'beta', network: 'card' })).toBeLessThan(0.01);
    see(card, 6, false);
    see(mtn, 12, true);
    expect(trouble(mtn)).toBeLessThan(0.5);
    expect(trouble(card)).toBeLessThan(0.55);
  });

  it('of a gateway that fails as a whole takes a few failures at each network, which alone would prove nothing', () => {
    const networks = ['mtn', 'telecel', 'card'];
    const troubleAfter = (failing: readonly string[]): number => {
      const estimates = new SuccessEstimates();
      let now = 0;
      const see = (network: string, worked: boolean): void => {
        now += 60_000;
        estimates.observe({ accountId: 'alpha', network }, { worked, weight: 1 }, now, now);
      };
      for (let index = 0; index < 300; index += 1) see(networks[index % 3] ?? '', true);
      for (const network of failing) see(network, false);
      return estimates.belief(card, now).trouble;
    };
    expect(troubleAfter(['card'])).toBeLessThan(0.1);
    expect(troubleAfter(['card', 'mtn', 'telecel'])).toBeGreaterThan(0.6);
    // Elsewhere it works, so the network it is.
    expect(troubleAfter(['card', 'card', 'card'])).toBeGreaterThan(troubleAfter(['card', 'mtn', 'telecel']));
  });

  it('of a whole gateway outlives the process that saw it', () => {
    const before = new SuccessEstimates();
    for (let index = 0; index < 200; index += 1) before.observe(mtn, { worked: index < 194, weight: 1 }, index, index);
    const after = new SuccessEstimates();
    after.rememberAccount('alpha', before.countsOfAccount('alpha', 200), before.troubleOfAccount('alpha', 200), 200);
    expect(after.belief(card, 200).trouble).toBeCloseTo(before.belief(card, 200).trouble, 6);
    expect(after.belief(card, 200).trouble).toBeGreaterThan(0.5);
  });
});
