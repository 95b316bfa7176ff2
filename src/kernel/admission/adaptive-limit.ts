/**
 * How many requests may be worked on at once, found by trying: while they are answered in good time and all places are
 * used, a few more are allowed; when they take too long, a tenth fewer (additive increase, multiplicative decrease, as TCP
 * does it: Chiu and Jain, Computer Networks and ISDN Systems 17, 1989). Queueing shows as latency long before memory or
 * sockets run out, so latency is what it goes by. Pure: times are given.
 */
export interface AdaptiveLimits {
  readonly initial: number;
  readonly min: number;
  readonly max: number;
  /** Median time of a request, in ms, above which there are too many at once. */
  readonly targetMs: number;
}

/** The limit is reconsidered when so much time has passed and so many requests have ended since the last time. */
const WINDOW_MS = 200;
const MIN_SAMPLES = 10;
/** Enough for a median; more would only cost time. */
const MAX_SAMPLES = 500;
const DECREASE = 0.9;
const INCREASE = 8;
/** The limit is not raised while fewer than this part of the places are used: it would say nothing. */
const USED_SHARE = 0.8;

export class AdaptiveLimit {
  private current: number;
  private windowStart: number;
  private peak = 0;
  private samples: number[] = [];

  constructor(
    private readonly limits: AdaptiveLimits,
    nowMs: number,
  ) {
    this.current = limits.initial;
    this.windowStart = nowMs;
  }

  get limit(): number {
    return Math.floor(this.current);
  }

  /** Told how many are in flight whenever one is let in. */
  entered(inFlight: number): void {
    if (inFlight > this.peak) this.peak = inFlight;
  }

  /** Told how long each took. */
  left(tookMs: number, nowMs: number): void {
    if (this.samples.length < MAX_SAMPLES) this.samples.push(tookMs);
    if (nowMs - this.windowStart < WINDOW_MS || this.samples.length < MIN_SAMPLES) return;
    const median = this.samples.sort((a, b) => a - b)[this.samples.length >> 1] ?? 0;
    if (median > this.limits.targetMs) this.current = Math.max(this.limits.min, this.current * DECREASE);
    else if (this.peak >= this.current * USED_SHARE) this.current = Math.min(this.limits.max, this.current + INCREASE);
    this.samples = [];
    this.peak = 0;
    this.windowStart = nowMs;
  }
}
