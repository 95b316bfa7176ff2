import { Breaker } from './breaker.js';
import { evidenceOf } from './breakers.js';

/** Feeds evidence one millisecond apart from `from` on, and returns the time after it. */
function feed(breaker: Breaker, evidence: readonly Parameters<Breaker['observe']>[0][], from = 0): number {
  evidence.forEach((each, index) => breaker.observe(each, from + index, from + index));
  return from + evidence.length;
}

/** mulberry32: chance that is the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('the breaker', () => {
  it('trips on three straight failures, not on two', () => {
    const breaker = new Breaker();
    const now = feed(breaker, ['failed', 'failed']);
    expect(breaker.admit(now)).toBe(true);
    feed(breaker, ['failed'], now);
    expect(breaker.stateAt(now + 1)).toBe('open');
    expect(breaker.admit(now + 1)).toBe(false);
  });

  it('takes a success as back as much as a failure adds', () => {
    const breaker = new Breaker();
    feed(breaker, ['failed', 'failed', 'worked', 'failed', 'failed', 'worked', 'worked', 'failed']);
    expect(breaker.stateAt(8)).toBe('open');
    const calmer = new Breaker();
    feed(calmer, ['failed', 'failed', 'worked', 'worked', 'failed', 'failed', 'worked', 'failed']);
    expect(calmer.stateAt(8)).toBe('closed');
  });

  it('never trips on what customers cause, nor on what is pending', () => {
    const breaker = new Breaker();
    feed(
      breaker,
      Array.from({ length: 1_000 }, () => 'none' as const),
    );
    expect(breaker.stateAt(1_000)).toBe('closed');
  });

  it('needs ten outcomes of uncertain fault in a row', () => {
    const breaker = new Breaker();
    feed(
      breaker,
      Array.from({ length: 9 }, () => 'ambiguous' as const),
    );
    expect(breaker.stateAt(9)).toBe('closed');
    breaker.observe('ambiguous', 9, 9);
    expect(breaker.stateAt(10)).toBe('open');
  });

  it('lets one probe through after the pause, and closes when it is answered', () => {
    const breaker = new Breaker();
    feed(breaker, ['failed', 'failed', 'failed']);
    expect(breaker.admit(1_900)).toBe(false);
    expect(breaker.stateAt(2_010)).toBe('half_open');
    expect(breaker.admit(2_010)).toBe(true);
    expect(breaker.admit(2_011)).toBe(false);
    breaker.observe('none', 2_020, 2_030);
    expect(breaker.stateAt(2_031)).toBe('closed');
  });

  it('doubles the pause with every failed probe, up to a minute', () => {
    const breaker = new Breaker();
    let now = feed(breaker, ['failed', 'failed', 'failed']);
    const pauses: number[] = [];
    for (let probe = 0; probe < 7; probe += 1) {
      const openedAt = now;
      now = breaker.opensUntil;
      pauses.push(Math.round((now - openedAt) / 1_000));
      expect(breaker.admit(now)).toBe(true);
      now += 1;
      breaker.observe('failed', now, now);
    }
    expect(pauses).toEqual([2, 4, 8, 16, 32, 60, 60]);
  });

  it("gives a probe's place to another when its end is never heard of", () => {
    const breaker = new Breaker();
    feed(breaker, ['failed', 'failed', 'failed']);
    expect(breaker.admit(5_000)).toBe(true);
    expect(breaker.admit(49_999)).toBe(false);
    expect(breaker.admit(50_000)).toBe(true);
  });

  it('ignores calls that began before it last changed', () => {
    const breaker = new Breaker();
    feed(breaker, ['failed', 'failed', 'failed']);
    breaker.admit(3_000);
    breaker.observe('failed', 10, 3_001);
    expect(breaker.stateAt(3_001)).toBe('half_open');
    breaker.observe('worked', 3_001, 3_002);
    for (let late = 0; late < 10; late += 1) breaker.observe('failed', 100, 4_000);
    expect(breaker.stateAt(4_001)).toBe('closed');
  });

  it('drops a dead gateway in three calls, and a good one (99%) less than once in 10,000', () => {
    const random = seeded(7);
    let trips = 0;
    let breaker = new Breaker();
    for (let call = 0; call < 100_000; call += 1) {
      breaker.observe(random() < 0.01 ? 'failed' : 'worked', call, call);
      if (breaker.stateAt(call) === 'closed') continue;
      trips += 1;
      breaker = new Breaker();
    }
    expect(trips).toBeLessThan(10);
  });
});

describe('evidence', () => {
  it.each([
    [{ kind: 'unknown', code: 'timeout' }, 'failed'],
    [{ kind: 'not_sent', code: 'ECONNREFUSED', blame: 'gateway' }, 'failed'],
    [{ kind: 'not_sent', code: '401', blame: 'merchant' }, 'none'],
    [{ kind: 'declined', code: 'pin', blame: 'customer', retryable: false, handles: {} }, 'none'],
    [{ kind: 'declined', code: 'network', blame: 'network', retryable: true, handles: {} }, 'none'],
    [{ kind: 'declined', code: 'down', blame: 'gateway', retryable: true, handles: {} }, 'failed'],
    [{ kind: 'pending', code: 'pending', nextAction: null, handles: {} }, 'none'],
    [{ kind: 'duplicate', code: 'duplicate' }, 'none'],
    [
      { kind: 'succeeded', code: 'ok', amountMinor: 1n, currency: 'GHS', reference: 'r', feeMinor: null, handles: {} },
      'worked',
    ],
  ] as const)('of %j is %s', (outcome, evidence) => {
    expect(evidenceOf(outcome)).toBe(evidence);
  });
});
