import { RoutingBacklog } from './routing-backlog.js';

/** Looks twice a second at a line whose head ages by `growth` seconds per second, beginning at `startMs`. */
function watch(growth: number, seconds: number, startMs = 0, backlog = new RoutingBacklog()): boolean[] {
  const seen: boolean[] = [];
  for (let half = 0; half <= seconds * 2; half += 1) {
    backlog.observe(startMs + half * 500 * growth, 1_000_000 + half * 500);
    seen.push(backlog.isHigh());
  }
  return seen;
}

describe('the routing backlog', () => {
  it('is low while payments are routed as fast as they come', () => {
    expect(watch(0, 20)).not.toContain(true);
    expect(watch(0, 20, 1_500)).not.toContain(true);
  });

  it('is high once a growing line has made its head wait for four seconds', () => {
    const seen = watch(0.5, 20);
    expect(seen.indexOf(true)).toBe(17);
    expect(seen.slice(17)).not.toContain(false);
  });

  it('stays high until the head has waited for less than two seconds', () => {
    const backlog = new RoutingBacklog();
    watch(0.5, 12, 0, backlog);
    backlog.observe(2_500, 1_012_500);
    expect(backlog.isHigh()).toBe(true);
    backlog.observe(1_900, 1_013_000);
    expect(backlog.isHigh()).toBe(false);
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
    backlog.observe(undefined, 1_013_000);
    expect(backlog.isHigh()).toBe(false);
  });
});
