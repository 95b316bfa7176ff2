import { RoutingBacklog } from './routing-backlog.js';

const TICK_MS = 10;
const LOOK_EVERY_MS = 500;

const START_MS = Date.UTC(2026, 0, 1);

const look = (backlog: RoutingBacklog, ageMs: number, nowMs: number): void =>
  backlog.observe({ acceptedAt: new Date(nowMs - ageMs), ageMs }, nowMs);

/** Looks twice a second at a line whose head ages by `growth` seconds per second, beginning at `startMs`. */
function watch(growth: number, seconds: number, startMs = 0, backlog = new RoutingBacklog()): boolean[] {
  const seen: boolean[] = [];
  for (let half = 0; half <= seconds * 2; half += 1) {
    const nowMs = START_MS + half * 500;
    look(backlog, startMs + half * 500 * growth, nowMs);
    seen.push(backlog.room(nowMs) < 1);
  }
  return seen;
}

/** A line into which as many are let as the backlog allows, and out of which routing takes the first. */
class Line {
  private readonly waiting: number[] = [];
  private nowMs = START_MS;
  private offered = 0;
  private served = 0;
  routed = 0;

  constructor(readonly backlog = new RoutingBacklog()) {}

  get length(): number {
    return this.waiting.length;
  }

  get headAgeMs(): number {
    return this.nowMs - (this.waiting[0] ?? this.nowMs);
  }

  /** @returns how many were let in */
  run(seconds: number, offeredPerSecond: number, routedPerSecond: number): number {
    let accepted = 0;
    for (const until = this.nowMs + seconds * 1_000; this.nowMs < until; this.nowMs += TICK_MS) {
      for (this.offered += (offeredPerSecond * TICK_MS) / 1_000; this.offered >= 1; this.offered -= 1) {
        if (this.backlog.room(this.nowMs) < 1) continue;
        this.backlog.accept(this.nowMs);
        this.waiting.push(this.nowMs);
        accepted += 1;
      }
      for (this.served += (routedPerSecond * TICK_MS) / 1_000; this.served >= 1; this.served -= 1)
        if (this.waiting.shift() !== undefined) this.routed += 1;
      if (this.nowMs % LOOK_EVERY_MS === 0)
        if (this.waiting.length === 0) this.backlog.observe(undefined, this.nowMs);
        else look(this.backlog, this.headAgeMs, this.nowMs);
    }
    return accepted;
  }
}

describe('the routing backlog', () => {
  it('is low while payments are routed as fast as they come', () => {
    expect(watch(0, 20)).not.toContain(true);
    expect(watch(0, 20, 1_500)).not.toContain(true);
    expect(new Line().run(20, 500, 600)).toBe(500 * 20);
  });

  it('lets in, of ten times too many, as many as are routed, and keeps them waiting for two seconds', () => {
    const line = new Line();
    line.run(10, 300, 600);
    line.run(10, 6_000, 600);
    const routedBefore = line.routed;
    expect(line.run(60, 6_000, 600) / 60).toBeGreaterThan(0.97 * 600);
    expect(line.routed - routedBefore).toBeGreaterThan(0.99 * 60 * 600);
    expect(line.headAgeMs).toBeGreaterThan(1_500);
    expect(line.headAgeMs).toBeLessThan(2_700);
  });

  it('notices a line before its head is old', () => {
    const line = new Line();
    line.run(10, 300, 600);
    const lengths = Array.from({ length: 10 }, () => {
      line.run(1, 6_000, 600);
      return line.length;
    });
    expect(Math.max(...lengths)).toBeLessThan(2 * 600 * 1.2);
  });

  it('follows routing when it becomes slower or faster', () => {
    const line = new Line();
    line.run(20, 6_000, 600);
    line.run(20, 6_000, 200);
    expect(line.length).toBeLessThan(2 * 200 * 1.4);
    line.run(20, 6_000, 1_000);
    expect(line.length).toBeGreaterThan(2 * 1_000 * 0.7);
    const routedBefore = line.routed;
    line.run(20, 6_000, 1_000);
    expect(line.routed - routedBefore).toBeGreaterThan(0.99 * 20 * 1_000);
  });

  it('refuses nobody as soon as fewer come', () => {
    const line = new Line();
    line.run(30, 6_000, 600);
    line.run(3, 300, 600);
    expect(line.run(20, 300, 600)).toBe(300 * 20);
  });

  it('takes everything while routing is away, after a moment of doubt', () => {
    const line = new Line();
    line.run(10, 300, 600);
    expect(line.run(4, 300, 0)).toBeGreaterThan(300 * 2);
    expect(line.run(20, 300, 0)).toBe(300 * 20);
  });

  it('refuses nobody for a handful that waits', () => {
    const line = new Line();
    line.run(5, 20, 10);
    expect(line.run(4, 20, 10)).toBe(20 * 4);
  });

  it('bounds nothing by what other processes have accepted until the head has waited for four seconds', () => {
    const seen = watch(0.5, 20);
    expect(seen.indexOf(true)).toBe(17);
    expect(seen.slice(17)).not.toContain(false);
  });

  it('stays high until the head has waited for less than two seconds', () => {
    const backlog = new RoutingBacklog();
    watch(0.5, 12, 0, backlog);
    look(backlog, 2_500, START_MS + 12_500);
    expect(backlog.room(START_MS + 12_500)).toBeLessThan(1);
    look(backlog, 1_900, START_MS + 13_000);
    expect(backlog.room(START_MS + 13_000)).toBeGreaterThanOrEqual(1);
  });

  it('is low while nothing moves: routing is away, and what is accepted waits for it', () => {
    expect(watch(1, 50)).not.toContain(true);
  });

  it('does not take the edge of what it sees for a moving head', () => {
    expect(watch(0, 30, 59_500)).not.toContain(true);
  });

  it('is low when there is no line', () => {
    const backlog = new RoutingBacklog();
    watch(0.5, 12, 0, backlog);
    backlog.observe(undefined, START_MS + 13_000);
    expect(backlog.room(START_MS + 13_000)).toBeGreaterThanOrEqual(1);
  });
});
