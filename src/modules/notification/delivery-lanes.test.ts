import { DeliveryLanes, type LaneLimits } from './delivery-lanes.js';

interface Item {
  readonly endpointId: string;
  readonly number: number;
}

const LIMITS: LaneLimits = {
  maxInFlight: 512,
  maxPerLane: 32,
  maxQueuedPerLane: 500,
  maxQueued: 5_000,
  maxWaitMs: 10_000,
};

function lanesWith(counts: Readonly<Record<string, number>>, limits: Partial<LaneLimits> = {}): DeliveryLanes<Item> {
  const lanes = new DeliveryLanes<Item>({ ...LIMITS, ...limits });
  for (const [endpointId, count] of Object.entries(counts)) {
    for (let number = 0; number < count; number += 1) lanes.add({ endpointId, number });
  }
  return lanes;
}

function takeAll(lanes: DeliveryLanes<Item>): Item[] {
  const taken: Item[] = [];
  for (let item = lanes.next(); item !== undefined; item = lanes.next()) taken.push(item);
  return taken;
}

const countOf = (items: readonly Item[], endpointId: string): number =>
  items.filter((item) => item.endpointId === endpointId).length;
const many = (count: number, prefix: string, each: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, each]));

describe('delivery lanes', () => {
  it('give one endpoint its bound and no more, in order', () => {
    const taken = takeAll(lanesWith({ a: 100 }));
    expect(taken.map((item) => item.number)).toEqual(Array.from({ length: 32 }, (_, index) => index));
  });

  it('take turns between endpoints, whoever came first', () => {
    const taken = takeAll(lanesWith({ a: 100, b: 2 }, { maxInFlight: 64 }));
    expect(taken.slice(0, 4).map((item) => item.endpointId)).toEqual(['a', 'b', 'a', 'b']);
  });

  it('keep places open for a newcomer while forty endpoints never answer', () => {
    const lanes = lanesWith(many(40, 'slow', 100));
    expect(takeAll(lanes).length).toBeLessThan(512);
    for (let number = 0; number < 50; number += 1) lanes.add({ endpointId: 'fast', number });
    const taken = takeAll(lanes);
    expect(countOf(taken, 'fast')).toBe(taken.length);
    expect(taken.length).toBeGreaterThanOrEqual(5);
  });

  it('keep half of the places from endpoints that keep failing, however many there are', () => {
    const dead = Object.keys(many(1_000, 'dead', 1));
    const lanes = lanesWith({}, { maxQueued: 100_000 });
    for (const endpointId of dead) {
      // Six failures bring a bound of 32 down to one.
      for (let number = 0; number < 6; number += 1) {
        lanes.add({ endpointId, number });
        expect(lanes.next()).toMatchObject({ endpointId, number });
        lanes.done(endpointId, { ok: false, durationMs: 15_000 });
      }
    }
    for (const endpointId of dead) lanes.add({ endpointId, number: 7 });
    expect(takeAll(lanes)).toHaveLength(256);
    lanes.add({ endpointId: 'fast', number: 1 });
    expect(takeAll(lanes)).toEqual([{ endpointId: 'fast', number: 1 }]);
    lanes.done(dead[0] ?? '', { ok: true, durationMs: 10 });
    lanes.done(dead[1] ?? '', { ok: false, durationMs: 10 });
    expect(lanes.inFlight).toBe(255);
    expect(takeAll(lanes)).toHaveLength(1);
  });

  it('halve the bound of an endpoint that fails, down to one, and raise it again with successes', () => {
    const lanes = lanesWith({ a: 400 });
    takeAll(lanes);
    for (let index = 0; index < 32; index += 1) lanes.done('a', { ok: false, durationMs: 10 });
    expect(takeAll(lanes)).toHaveLength(1);
    for (let round = 1; round <= 40; round += 1) {
      const inFlight = lanes.inFlight;
      for (let index = 0; index < inFlight; index += 1) lanes.done('a', { ok: true, durationMs: 10 });
      for (let number = 0; number < 64; number += 1) lanes.add({ endpointId: 'a', number });
      takeAll(lanes);
    }
    expect(lanes.inFlight).toBe(32);
  });

  it('have room for what an endpoint can take within the longest wait', () => {
    const lanes = lanesWith({ a: 1 });
    expect(lanes.room('unknown')).toBe(500);
    takeAll(lanes);
    for (let index = 0; index < 60; index += 1) {
      lanes.done('a', { ok: true, durationMs: 10_000 });
      lanes.add({ endpointId: 'a', number: index });
      takeAll(lanes);
    }
    expect(lanes.room('a')).toBe(32);
  });

  it('have no room for new deliveries while older ones wait in PostgreSQL', () => {
    const lanes = lanesWith({ a: 1 });
    lanes.markOverflowed('a', true);
    expect([lanes.roomForNew('a'), lanes.roomForNew('b')]).toEqual([0, 500]);
    expect(lanes.wantsMore('a')).toBe(true);
    lanes.markOverflowed('a', false);
    expect(lanes.roomForNew('a')).toBe(499);
  });

  it('have no room for anybody when memory is full', () => {
    expect(lanesWith({ a: 100 }, { maxQueued: 100 }).room('b')).toBe(0);
  });

  it('give back what waits, and forget endpoints that are idle and well', () => {
    const lanes = lanesWith({ a: 40 });
    takeAll(lanes);
    expect(lanes.drain('a').map((item) => item.number)).toEqual([32, 33, 34, 35, 36, 37, 38, 39]);
    expect([lanes.queued, lanes.inFlight, lanes.next()]).toEqual([0, 32, undefined]);
    lanes.prune();
    expect(lanes.rooms().endpointIds).toEqual(['a']);
    for (let index = 0; index < 32; index += 1) lanes.done('a', { ok: true, durationMs: 5 });
    lanes.prune();
    expect(lanes.rooms().endpointIds).toEqual([]);
  });

  it('never lose or repeat a delivery in a long random run', () => {
    const lanes = lanesWith({}, { maxInFlight: 20, maxPerLane: 8 });
    let seed = 42;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const inFlight: Item[] = [];
    const seen = new Set<number>();
    let added = 0;
    for (let step = 0; step < 20_000; step += 1) {
      if (random(2) === 0 && lanes.queued < 1_000) lanes.add({ endpointId: `e${random(7)}`, number: (added += 1) });
      const item = lanes.next();
      if (item !== undefined) {
        expect(seen.has(item.number)).toBe(false);
        seen.add(item.number);
        inFlight.push(item);
      }
      if (random(3) > 0 && inFlight.length > 0) {
        const [ended] = inFlight.splice(random(inFlight.length), 1);
        if (ended !== undefined) lanes.done(ended.endpointId, { ok: random(4) > 0, durationMs: random(2_000) });
      }
      expect(lanes.inFlight).toBe(inFlight.length);
      expect(lanes.inFlight).toBeLessThanOrEqual(20);
    }
    expect(seen.size + lanes.queued).toBe(added);
  });
});
