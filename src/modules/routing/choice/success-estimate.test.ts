import { DecayedCounts } from './decayed-counts.js';
import { SuccessEstimate } from './success-estimate.js';
import { SuccessEstimates } from './success-estimates.js';

const HOUR = 3_600_000;

function mean(estimate: SuccessEstimate, nowMs: number): number {
  const { successes, failures } = estimate.counts(nowMs);
  return successes / (successes + failures);
}

/** Feeds a period of outcomes a minute apart: `every` calls one fails. */
function feed(estimate: SuccessEstimate, count: number, every: number, fromMs: number): number {
  for (let index = 0; index < count; index += 1)
    estimate.observe((index + 1) % every !== 0, 1, fromMs + index * 60_000);
  return fromMs + count * 60_000;
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
    const estimate = new SuccessEstimate();
    const now = feed(estimate, 1_000, 10, 0);
    expect(mean(estimate, now)).toBeCloseTo(0.9, 1);
    const { successes, failures } = estimate.counts(now);
    expect(successes + failures).toBeGreaterThan(200);
  });

  it('follows within a dozen attempts when it falls to a half', () => {
    const estimate = new SuccessEstimate();
    const now = feed(estimate, 500, 20, 0);
    feed(estimate, 12, 2, now);
    expect(mean(estimate, now + 12 * 60_000)).toBeLessThan(0.7);
  });

  it('follows within two dozen when it gets well again', () => {
    const estimate = new SuccessEstimate();
    const now = feed(estimate, 300, 2, 0);
    expect(mean(estimate, now)).toBeLessThan(0.65);
    feed(estimate, 22, 1_000, now);
    expect(mean(estimate, now + 22 * 60_000)).toBeGreaterThan(0.85);
  });

  it('goes back to what it was before an outage', () => {
    const estimate = new SuccessEstimate();
    const now = feed(estimate, 500, 20, 0);
    const before = mean(estimate, now);
    for (let index = 0; index < 5; index += 1) estimate.observe(false, 1, now + index);
    expect(mean(estimate, now + 5)).toBeLessThan(before - 0.05);
    estimate.forgetFall();
    expect(mean(estimate, now + 5)).toBeCloseTo(before, 2);
  });
});

describe('what is believed', () => {
  const NOW = 10 * HOUR;
  const mtn = { accountId: 'alpha', network: 'mtn' };
  const card = { accountId: 'alpha', network: 'card' };

  it('of a gateway that was never tried is the average, with much doubt', () => {
    const { mean: believed, standardDeviation } = new SuccessEstimates().belief(mtn, NOW);
    expect(believed).toBeCloseTo(0.9, 6);
    expect(standardDeviation).toBeGreaterThan(0.05);
  });

  it('of a network that was never tried is what its gateway shows elsewhere', () => {
    const estimates = new SuccessEstimates();
    for (let index = 0; index < 200; index += 1) estimates.observe(mtn, index % 2 === 0, 1, index * 60_000);
    expect(estimates.belief(card, 200 * 60_000).mean).toBeLessThan(0.65);
    expect(estimates.belief({ accountId: 'beta', network: 'card' }, NOW).mean).toBeCloseTo(0.9, 6);
  });

  it('gets surer with every attempt', () => {
    const estimates = new SuccessEstimates();
    const doubts = [0, 20, 200].map((count) => {
      for (let index = 0; index < count; index += 1) estimates.observe(mtn, index % 10 !== 0, 1, index);
      return estimates.belief(mtn, 1_000).standardDeviation;
    });
    expect([...doubts].sort((a, b) => b - a)).toEqual(doubts);
  });
});
