import { DEFAULT_VALUES, SmartRouter, type Candidate, type Ended, type Values } from './choose.js';
import { GATEWAYS_AFTER_ALL } from './evidence.js';
import { memory } from './memory.js';
import { seeded } from './testing/seeded-random.js';

const FEE = 0.015;
const NETWORK = 'GHS/mobile_money/mtn';

const candidate = (accountId: string, feeShare = FEE): Candidate => ({
  segment: { accountId, network: NETWORK },
  feeShare,
});

class Scene {
  readonly router = new SmartRouter(seeded(1));
  now = 0;

  see(accountId: string, outcomes: readonly boolean[], over: Partial<Ended> = {}): this {
    for (const worked of outcomes) {
      this.now += 1_000;
      const ended = { evidence: { worked, weight: 1 }, wasUnknown: false, startedAtMs: this.now - 100, ...over };
      this.router.observe({ accountId, network: NETWORK }, ended, this.now);
    }
    return this;
  }

  /** How probable each is, and the share that each really gets in many choices. */
  shares(candidates: readonly Candidate[], values: Values = DEFAULT_VALUES, rounds = 4_000): number[] {
    const chosen = candidates.map(() => 0);
    for (let round = 0; round < rounds; round += 1) {
      const { index } = this.router.choose(candidates, values, this.now);
      chosen[index] = (chosen[index] ?? 0) + 1;
    }
    return chosen.map((each) => each / rounds);
  }
}

/** `failing` of every hundred. */
const hundred = (failing: number): boolean[] =>
  Array.from({ length: 100 }, (_, index) => index % Math.round(100 / failing) !== 0);

describe('the choice of a gateway', () => {
  it('sends nearly everything to the clearly better one, and still looks at the other', () => {
    const scene = new Scene().see('good', hundred(2)).see('poor', hundred(25));
    const [good, poor] = scene.shares([candidate('good'), candidate('poor')]);
    expect(good).toBeGreaterThan(0.95);
    expect(poor).toBeGreaterThan(0.003);
  });

  it('takes what a failure weighs more for no other call: neither its costs nor who is down change', () => {
    const [once, more] = [new Scene(), new Scene()];
    for (const scene of [once, more]) scene.see('one', hundred(5)).see('one', [false]);
    more.see(
      'one',
      Array.from({ length: 8 }, () => false),
      { evidence: GATEWAYS_AFTER_ALL, startedAtMs: 0 },
    );
    once.now = more.now;
    const lookAtOne = ({ router, now }: Scene) => router.look([candidate('one')], DEFAULT_VALUES, now)[0];
    const [before, after] = [lookAtOne(once), lookAtOne(more)];
    expect(after?.success.mean).toBeLessThan((before?.success.mean ?? 0) - 0.2);
    expect(after).toMatchObject({ state: 'closed', seconds: before?.seconds, unknownShare: before?.unknownShare });
    expect(more.router.memory(more.now).segments[0]?.progress).toEqual(
      once.router.memory(once.now).segments[0]?.progress,
    );
  });

  it('shares between two of which it does not know which is better', () => {
    const [first, second] = new Scene().shares([candidate('one'), candidate('other')]);
    expect(Math.abs((first ?? 0) - (second ?? 0))).toBeLessThan(0.06);
  });

  it('takes the cheaper of two that are as good', () => {
    const scene = new Scene();
    for (let round = 0; round < 4; round += 1) scene.see('cheap', hundred(5)).see('dear', hundred(5));
    const [cheap] = scene.shares([candidate('cheap', 0.005), candidate('dear', 0.03)]);
    expect(cheap).toBeGreaterThan(0.9);
  });

  it('pays more for success, by what success is worth', () => {
    const scene = new Scene();
    for (let round = 0; round < 4; round += 1) scene.see('cheap', hundred(20)).see('dear', hundred(2));
    const candidates = [candidate('cheap', 0.01), candidate('dear', 0.025)];
    expect(scene.shares(candidates)[1]).toBeGreaterThan(0.5);
    expect(scene.shares(candidates, { ...DEFAULT_VALUES, success: 0.04 })[1]).toBeLessThan(0.3);
  });

  it('avoids one whose outcomes are often not known', () => {
    const scene = new Scene();
    for (let round = 0; round < 3; round += 1)
      scene.see('clear', hundred(5)).see('vague', hundred(5), { wasUnknown: true });
    expect(scene.shares([candidate('clear'), candidate('vague')])[0]).toBeGreaterThan(0.9);
  });

  it('writes down with each choice how probable it was', () => {
    const scene = new Scene().see('good', hundred(4)).see('fair', hundred(10));
    const candidates = [candidate('good'), candidate('fair'), candidate('new')];
    const { assessments } = scene.router.choose(candidates, DEFAULT_VALUES, scene.now);
    const told = assessments.map(({ propensity }) => propensity);
    expect(told.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9);
    for (const [index, share] of scene.shares(candidates, DEFAULT_VALUES, 20_000).entries())
      expect(Math.abs(share - (told[index] ?? 0))).toBeLessThan(0.02);
  });

  it('sends nothing to one that is shut out, and one probe when it may be back', () => {
    const scene = new Scene().see('dead', [false, false, false, false]);
    const candidates = [candidate('dead'), candidate('alive')];
    expect(scene.shares(candidates, DEFAULT_VALUES, 20)[0]).toBe(0);
    scene.now += 3_600_000;
    const probes = Array.from({ length: 2_000 }, () =>
      scene.router.choose(candidates, DEFAULT_VALUES, scene.now),
    ).filter(({ because }) => because === 'probe');
    expect(probes).toHaveLength(1);
  });

  it('goes back to what it was when it comes back, by and by: once is no proof', () => {
    const scene = new Scene().see('best', hundred(2)).see('other', hundred(20));
    const candidates = [candidate('best'), candidate('other')];
    scene.see('best', [false, false, false, false]);
    expect(scene.shares(candidates)[0]).toBe(0);
    scene.now += 3_000;
    scene.see('best', [true]);
    const [once] = scene.shares(candidates);
    expect(once).toBeLessThan(0.5);
    scene.see('best', [true, true]);
    expect(scene.shares(candidates)[0]).toBeGreaterThan(once ?? 1);
    scene.see('best', [true, true, true, true, true]);
    expect(scene.shares(candidates)[0]).toBeGreaterThan(0.9);
  });

  it('takes the one that is due soonest when all are shut out: not trying is a certain failure', () => {
    const scene = new Scene().see('first', [false, false, false, false]);
    scene.see('second', [true, true, true, true, true, true]);
    scene.now += 500;
    scene.see('second', [false, false, false, false, false]);
    const candidates = [candidate('second'), candidate('first')];
    const { index, because } = scene.router.choose(candidates, DEFAULT_VALUES, scene.now);
    expect(because === 'probe' || because === 'last_resort').toBe(true);
    expect(candidates[index]?.segment.accountId).toBe('first');
  });

  it('goes on, where it begins with what another knew, in the middle of a test', () => {
    const segment = { accountId: 'alpha', network: NETWORK };
    const before = new Scene().see('alpha', [false, false]);
    expect(before.router.health.state(segment, before.now)).toBe('closed');
    const after = new Scene();
    after.now = before.now;
    after.router.remember(memory.parse(JSON.parse(JSON.stringify(before.router.memory(before.now)))), before.now);
    after.see('alpha', [false]);
    expect(after.router.health.state(segment, after.now)).toBe('open');
    expect(new Scene().see('alpha', [false]).router.health.state(segment, 1_000)).toBe('closed');
  });
});
