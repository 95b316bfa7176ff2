import { pageOf, chartsOf } from '../../../bench/routing-lab/page.js';
import { draw } from '../../../bench/page/chart.js';
import { regretOf } from '../../../bench/routing-lab/report.js';
import { addRow, rowOf } from '../../../bench/routing-lab/results.js';
import type { Router } from '../../../bench/routing-lab/router.js';
import { ROUTERS } from '../../../bench/routing-lab/routers.js';
import { DAY, SCENARIOS, type Scenario } from '../../../bench/routing-lab/scenario.js';
import { Smart } from '../../../bench/routing-lab/smart.js';
import { runStretch, type MakeRouter, type Tally } from '../../../bench/routing-lab/stretch.js';
import { evidenceOf } from '../../../src/modules/routing/choice/evidence.js';

/** Few, for a test of seconds; paired, so that what differs is the routers. */
const SEEDS = [1, 2, 3];
/** Where what is planted is plain to see. */
const FEW_SEEDS = [1];

function scenario(name: string): Scenario {
  const found = SCENARIOS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}

function router(name: string): MakeRouter {
  const found = ROUTERS[name];
  if (found === undefined) throw new Error(`there is no router ${name}`);
  return found;
}

function runs(name: string, make: MakeRouter, seeds: readonly number[] = SEEDS): readonly Tally[] {
  return seeds.map((seed) => runStretch(scenario(name), seed, make));
}

const kept = new Map<string, readonly Tally[]>();

/** Those of a router as it is in `low`, run once. */
function runsOf(name: string): readonly Tally[] {
  const tallies = kept.get(name) ?? runs('low', router(name));
  kept.set(name, tallies);
  return tallies;
}

const total = (tallies: readonly Tally[], pick: (tally: Tally) => number): number =>
  tallies.reduce((sum, tally) => sum + pick(tally), 0);
const regret = (tallies: readonly Tally[]): number => total(tallies, regretOf);
const falseTrips = (tallies: readonly Tally[]): number => total(tallies, (tally) => tally.falseTrips);

/** Attempts until a total outage was noticed; of those that never were, without end. */
function medianAttempts(tallies: readonly Tally[]): number {
  const noticed = tallies.flatMap((tally) => tally.detections.map(({ attempts }) => attempts));
  const all = [
    ...noticed,
    ...Array.from({ length: total(tallies, (tally) => tally.outages) - noticed.length }, () => Infinity),
  ];
  return all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Infinity;
}

/** Ours, with something broken on purpose. */
class NeverAvoids extends Smart {
  override avoids(): boolean {
    return false;
  }
}

/** What it hears of a gateway that it has shut out does not open it again. */
class NeverCloses extends Smart {
  override observe(...heard: Parameters<Smart['observe']>): void {
    const [gateway, network, , , nowMs] = heard;
    if (!this.avoids(gateway, network, nowMs)) super.observe(...heard);
  }
}

/** Takes another one than the best. */
class Contrary implements Router {
  readonly hasBreakers = false;
  constructor(private readonly best: Router) {}
  choose(question: Parameters<Router['choose']>[0]): string {
    const { candidates } = question;
    const best = this.best.choose(question);
    return candidates.find((each) => each !== best) ?? best;
  }
  observe(): void {}
  avoids(): boolean {
    return false;
  }
  goesOn(): boolean {
    return true;
  }
}

describe('the routing laboratory', () => {
  it('tells the same of the same seed, and something else of another', () => {
    const [first, again] = [0, 1].map(() => runStretch(scenario('low'), 5, router('sankofa')));
    expect(again).toEqual(first);
    expect(runStretch(scenario('low'), 6, router('sankofa'))).not.toEqual(first);
  });

  it('gives all routers the same payments and the same troubles', () => {
    const all = ['sankofa', 'sliding_window', 'fixed_priority', 'oracle'].map((each) => runsOf(each)[0]);
    expect(new Set(all.map((tally) => tally?.payments)).size).toBe(1);
    expect(new Set(all.map((tally) => tally?.outages))).toEqual(new Set([18]));
  });

  it('holds nothing against the oracle, and much against one who takes what the oracle would not', () => {
    const oracle = runsOf('oracle');
    expect(regret(oracle)).toBe(0);
    const contrary = runs('low', (world) => new Contrary(router('oracle')(world, () => 0)));
    expect(regret(contrary)).toBeGreaterThan((2 * regret(runsOf('round_robin'))) / 3);
    expect(total(contrary, (tally) => tally.succeeded)).toBeLessThan(total(oracle, (tally) => tally.succeeded));
  });

  it('adds the regret of a run up from its parts, and from its curve', () => {
    for (const tally of runsOf('sliding_window'))
      expect(tally.regretCurve.reduce((sum, each) => sum + each, 0)).toBeCloseTo(regretOf(tally), 6);
  });

  it('makes a page of results, the same each time, with charts that are told apart in the dark', () => {
    const order = { scenarios: ['low'], routers: ['sankofa', 'sliding_window'] };
    let results: Parameters<typeof addRow>[0] = {
      format: 1,
      seeds: { from: 1, count: 1 },
      scenarios: [],
      choice: null,
    };
    for (const name of ['sliding_window', 'sankofa'])
      results = addRow(results, scenario('low'), rowOf(name, scenario('low'), runs('low', router(name), [1])), order);
    expect(results.scenarios.map(({ rows }) => rows.map((row) => row.router))).toEqual([order.routers]);
    expect(pageOf(results)).toBe(pageOf(structuredClone(results)));
    expect(pageOf(results)).toMatch(/\| `low`: attempts to detect +\| at most 5/);
    const charts = chartsOf(results);
    expect(charts.map(({ name }) => name)).toEqual(['regret', 'around', 'detection']);
    for (const chart of charts) expect(draw(chart)).toContain('prefers-color-scheme:dark');
  });
});

describe('our router, in the laboratory', () => {
  const ours = runsOf('sankofa');

  it('notices an outage within five attempts', () => {
    // Of the network that most payments go to: where hardly any go, one may pass without being noticed.
    expect(medianAttempts(runs('low_segment', router('sankofa')))).toBeLessThanOrEqual(5);
    // One that does not shut out what is down is told from ours by the same figure.
    expect(medianAttempts(runs('low_segment', (_world, random) => new NeverAvoids(random), FEW_SEEDS))).toBe(Infinity);
  });

  it('shuts nobody out for long after the last outage is over', () => {
    const avoidsAtTheEnd = (make: (random: () => number) => Smart): boolean[] => {
      const made: Smart[] = [];
      runs(
        'low',
        (_world, random) => {
          const each = make(random);
          made.push(each);
          return each;
        },
        FEW_SEEDS,
      );
      return made.map((each) => each.avoids('alpha', 'mtn', scenario('low').days * DAY));
    };
    expect(avoidsAtTheEnd((random) => new Smart(random))).not.toContain(true);
    expect(avoidsAtTheEnd((random) => new NeverCloses(random))).toContain(true);
  });

  it('loses less than two thirds of what the sliding window does', () => {
    const window = regret(runsOf('sliding_window'));
    expect(regret(ours)).toBeLessThan((2 / 3) * window);
    expect(regret(ours)).toBeLessThan(regret(runsOf('fixed_priority')));
  });

  it('shuts nobody out because customers fail', () => {
    const allowed = (scenario('customers').days / 7) * 3 * FEW_SEEDS.length * 2;
    expect(falseTrips(runs('customers', router('sankofa'), FEW_SEEDS))).toBeLessThanOrEqual(allowed);
    // Planted: what customers fail is held against gateways.
    const blaming: typeof evidenceOf = (outcome) =>
      outcome.kind === 'declined' ? { worked: false, weight: 1 } : evidenceOf(outcome);
    const planted = runs('customers', (_world, random) => new Smart(random, blaming), FEW_SEEDS);
    expect(falseTrips(planted)).toBeGreaterThan(10 * allowed);
  });
});
