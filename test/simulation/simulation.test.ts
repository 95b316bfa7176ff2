/** A short run of the simulator, by a fixed seed; and what must hold of its plans and of its mutations without running anything. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { CRASH_POINTS } from '../../src/kernel/crash-points/crash-point-names.js';
import { redisControllable } from '../support/redis.js';
import { startProcess } from '../support/program.js';
import { runFolder } from '../support/test-run.js';
import { coverageOf } from './coverage.js';
import { planRun } from './director.js';
import { moneyOutFaults, OFTEN } from './faults/money-out-mixture.js';
import { KNOWN_SEEDS } from './known-seeds.js';
import { MUTATIONS } from './mutations/catalogue.js';
import { checkFit } from './mutations/mutated-tree.js';
import { DISTURBANCES, EVERYTHING } from './profile.js';
import { GATEWAYS } from './world/gateway-accounts.js';

/** Chosen for what it meets in so short a time: a death at a crash point, a freeze, and an unknown that had succeeded. */
const SHORT = { seed: 12, seconds: 10 };
/** It takes some 30 s on two cores; the rest is for a machine that is busy with other tests. */
const TIMEOUT_MS = 240_000;

/** Given, the seeds that once failed run too: some two minutes each. */
const withKnownSeeds = process.env['SIMULATION_KNOWN_SEEDS'] === 'true';
const itWithRedis = redisControllable ? it : it.skip;

async function simulate(
  seed: number,
  seconds: number,
  ...more: readonly string[]
): Promise<{ code: number | null; output: string }> {
  const child = startProcess(
    process.execPath,
    [path.resolve('test/simulation/simulate.mjs'), '--seed', String(seed), '--seconds', String(seconds), ...more],
    // What it starts is noted in this run's folder, so that nothing is left running.
    { SANKOFA_TEST_FOLDER: runFolder() },
    'the simulator',
  );
  const { code } = await child.exited;
  return { code, output: child.logs() };
}

describe('the simulator', () => {
  itWithRedis(
    'finds nothing broken in a short run, and meets an unknown that had succeeded',
    async () => {
      const { code, output } = await simulate(SHORT.seed, SHORT.seconds, '--short');
      expect([code, output]).toEqual([0, expect.stringMatching(/unknown_then_success [1-9]/)]);
      expect(output).toMatch(/crash_points_struck [1-9]/);
    },
    TIMEOUT_MS,
  );

  for (const { seed, seconds, found } of withKnownSeeds ? KNOWN_SEEDS : []) {
    itWithRedis(
      `holds where once ${found}`,
      async () => {
        const { code, output } = await simulate(seed, seconds);
        expect([code, output]).toEqual([0, expect.any(String)]);
      },
      TIMEOUT_MS,
    );
  }

  it('plans the same run for the same seed, and another for another', () => {
    const plan = (seed: number) => {
      const { orders, refunds, payouts, moments, weather, weatherAfterwards, starts, due } = planRun(
        seed,
        40,
        EVERYTHING,
      );
      return JSON.stringify({ orders, refunds, payouts, moments, weather, weatherAfterwards, starts, due });
    };
    expect(plan(1)).toBe(plan(1));
    expect(plan(1)).not.toBe(plan(2));
  });

  it('plays every disturbance within a run of 40 s', () => {
    const played = new Set(planRun(1, 40, EVERYTHING).moments.map(({ kind }) => kind));
    expect([...played].sort()).toEqual([...DISTURBANCES].sort());
  });

  it.each([1, 8, 500])('makes every crash point due within ten seeds from %i on', (first) => {
    const seeds = Array.from({ length: 10 }, (_, index) => first + index);
    const due = seeds.flatMap((seed) => planRun(seed, 1, EVERYTHING).due.map(({ point }) => point));
    expect([...new Set(due)].sort()).toEqual([...CRASH_POINTS].sort());
  });

  it.each([1, 8, 500])('aims every fault at refunds and payouts within ten seeds from %i on, and often', (first) => {
    const seeds = Array.from({ length: 10 }, (_, index) => first + index);
    const faults = seeds.flatMap((seed) => planRun(seed, 40, EVERYTHING).weather.flatMap((turn) => turn.faults));
    const often = faults.filter(({ on, rate = 0 }) => on !== undefined && rate >= OFTEN);
    expect([...new Set(often.map(({ gateway, on, fault }) => `${gateway} ${on} ${fault}`))].sort()).toEqual(
      moneyOutFaults(GATEWAYS).toSorted(),
    );
  });

  it('holds it against ten runs that they never met a disturbance, or that a crash point never struck', () => {
    const met = Object.fromEntries(DISTURBANCES.map((name) => [name, 1]));
    expect(coverageOf({}, 9).missing).toEqual([]);
    expect(coverageOf({}, 10).missing).toEqual(expect.arrayContaining([...DISTURBANCES]));
    expect(coverageOf(met, 10).missing).not.toContain('kill');
    expect(coverageOf(met, 9).missing).not.toContain('crash database.after_commit');
    expect(coverageOf(met, 10).missing).toContain('crash database.after_commit');
  });

  it.each(MUTATIONS)('can still put back: $bug', (mutation) => {
    expect(() => checkFit(mutation, process.cwd())).not.toThrow();
  });

  it('does not put a bug into a function that a later migration makes anew', () => {
    const file = 'prisma/migrations/20261122000600_ledger_locks/migration.sql';
    const edits = [{ file, find: "  IF size = 0 THEN RETURN '{}'; END IF;\n", replace: '' }];
    const [mutation] = MUTATIONS;
    if (mutation === undefined) throw new Error('there are no mutations');
    expect(() => checkFit({ ...mutation, edits }, process.cwd())).toThrow('20261128000000_ledger_transfers makes anew');
  });

  it('lets a process die at a crash point when it comes there for the time that was ordered', () => {
    const points = JSON.stringify(path.resolve('dist/kernel/crash-points/crash-points.js'));
    const program = `const { armCrashPoints, crashPoint } = await import(${points});
      armCrashPoints('payments.after_accept:2:kill');
      for (let time = 1; time <= 3; time += 1) { crashPoint('payments.after_accept'); process.stdout.write('passed '); }`;
    const { signal, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect([signal, stdout]).toEqual(['SIGKILL', 'passed ']);
    expect(stderr).toContain('{"crash_point_struck":"payments.after_accept","action":"kill"}');
  });
});
