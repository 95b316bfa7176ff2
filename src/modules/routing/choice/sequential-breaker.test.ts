import { SequentialBreaker, thresholdFor, type Norm } from './sequential-breaker.js';

const WORKED = { worked: true, weight: 1 } as const;
const FAILED = { worked: false, weight: 1 } as const;
const VAGUE = { worked: false, weight: 0.3 } as const;
const LOW: Norm = { usual: 0.95, weekly: 0 };

/** Feeds evidence one millisecond apart from `from` on, and returns the time after it. */
function feed(
  breaker: SequentialBreaker,
  evidence: readonly Parameters<SequentialBreaker['observe']>[0][],
  from = 0,
  norm: Norm = LOW,
): number {
  evidence.forEach((each, index) => breaker.observe(each, norm, from + index, from + index));
  return from + evidence.length;
}

/** Failures in a row until it trips. */
function failuresToTrip(norm: Norm): number {
  const breaker = new SequentialBreaker();
  let failures = 0;
  while (breaker.stateAt(failures) === 'closed') {
    breaker.observe(FAILED, norm, failures, failures);
    failures += 1;
  }
  return failures;
}

const many = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item);

describe('the breaker', () => {
  it.each([
    [0, 3],
    [3_000, 3],
    [50_000, 4],
    [500_000, 5],
    [5_000_000, 6],
  ])('with %s calls a week trips on %s straight failures', (weekly, failures) => {
    expect(failuresToTrip({ usual: 0.95, weekly })).toBe(failures);
  });

  it('is more patient with a gateway that fails more often', () => {
    expect(failuresToTrip({ usual: 0.8, weekly: 3_500 })).toBeGreaterThan(
      failuresToTrip({ usual: 0.95, weekly: 3_500 }),
    );
  });

  it('takes a success as back almost as much as a failure adds', () => {
    const breaker = new SequentialBreaker();
    feed(breaker, [FAILED, FAILED, WORKED, WORKED, FAILED, FAILED, WORKED, WORKED, FAILED]);
    expect(breaker.stateAt(9)).toBe('closed');
    feed(breaker, [FAILED, FAILED], 9);
    expect(breaker.stateAt(11)).toBe('open');
  });

  it('never trips on what customers cause', () => {
    const breaker = new SequentialBreaker();
    feed(breaker, many(1_000, undefined));
    expect(breaker.stateAt(1_000)).toBe('closed');
  });

  it('needs three times as much where it cannot be told who was at fault', () => {
    const breaker = new SequentialBreaker();
    feed(breaker, many(7, VAGUE));
    expect(breaker.stateAt(7)).toBe('closed');
    feed(breaker, many(1, VAGUE), 7);
    expect(breaker.stateAt(8)).toBe('open');
  });

  it('lets one probe through after the pause, and closes when it is answered', () => {
    const breaker = new SequentialBreaker();
    const now = feed(breaker, many(3, FAILED));
    expect(breaker.mayProbe(now)).toBe(false);
    const due = breaker.opensUntil;
    expect(breaker.mayProbe(due)).toBe(true);
    breaker.beginProbe(due);
    expect(breaker.mayProbe(due + 1)).toBe(false);
    expect(breaker.observe(undefined, LOW, due, due + 5)).toBe('closed');
    expect(breaker.stateAt(due + 5)).toBe('closed');
  });

  it('waits twice as long after each probe that fails, up to a minute', () => {
    const breaker = new SequentialBreaker();
    feed(breaker, many(3, FAILED));
    let now = 3;
    const pauses = Array.from({ length: 7 }, () => {
      const due = breaker.opensUntil;
      const pause = due - now;
      breaker.beginProbe(due);
      breaker.observe(FAILED, LOW, due, due);
      now = due;
      return Math.round(pause / 1_000);
    });
    expect(pauses).toEqual([2, 4, 8, 16, 32, 60, 60]);
  });

  it('gives the place of a probe that is never heard of to another', () => {
    const breaker = new SequentialBreaker();
    feed(breaker, many(3, FAILED));
    const due = breaker.opensUntil;
    breaker.beginProbe(due);
    expect(breaker.mayProbe(due + 44_000)).toBe(false);
    expect(breaker.mayProbe(due + 45_000)).toBe(true);
  });

  it('closes when what was sent for want of others works', () => {
    const breaker = new SequentialBreaker();
    const now = feed(breaker, many(3, FAILED));
    breaker.observe(WORKED, LOW, now + 10, now + 20);
    expect(breaker.stateAt(now + 20)).toBe('closed');
  });

  it('does not listen to calls that were made before it changed', () => {
    const breaker = new SequentialBreaker();
    const now = feed(breaker, many(3, FAILED));
    breaker.observe(WORKED, LOW, 0, now + 10);
    expect(breaker.stateAt(now + 10)).toBe('open');
  });

  it('of many parts wants two failures each of as many as were said', () => {
    const whole = new SequentialBreaker({ partsToTrip: 2 });
    const of = (part: string): Norm => ({ ...LOW, part });
    for (let at = 0; at < 20; at += 1) whole.observe(FAILED, of('mtn'), at, at);
    whole.observe(FAILED, of('telecel'), 20, 20);
    expect(whole.stateAt(21)).toBe('closed');
    whole.observe(FAILED, of('telecel'), 21, 21);
    expect(whole.stateAt(22)).toBe('open');
  });
});

it('asks for a score that grows with the log of the traffic', () => {
  expect(thresholdFor(100_000) - thresholdFor(10_000)).toBeCloseTo(Math.log(10), 9);
  expect(thresholdFor(0)).toBe(thresholdFor(400));
});
