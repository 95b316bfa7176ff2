/**
 * A token bucket: `perSecond` tokens flow in, at most `burst` are kept, each request takes one. Pure: times are given, in
 * milliseconds of a clock that never goes back.
 */
export interface BucketLimits {
  readonly perSecond: number;
  readonly burst: number;
}

export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(
    private limits: BucketLimits,
    nowMs: number,
  ) {
    this.tokens = limits.burst;
    this.filledAt = nowMs;
  }

  /** Takes a token if there is one. */
  take(nowMs: number): boolean {
    this.fill(nowMs);
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  /** Adds tokens beside those that flow in; what does not fit is lost. */
  give(tokens: number, nowMs: number): void {
    this.fill(nowMs);
    this.tokens = Math.min(this.limits.burst, this.tokens + tokens);
  }

  /** From now on others: what flowed in until now stays, as far as it fits. */
  change(limits: BucketLimits, nowMs: number): void {
    this.fill(nowMs);
    this.limits = limits;
    this.tokens = Math.min(limits.burst, this.tokens);
  }

  /** Whole tokens left. */
  remaining(nowMs: number): number {
    this.fill(nowMs);
    return Math.floor(this.tokens);
  }

  /** Milliseconds until there is a token; 0 when there is one. */
  waitMs(nowMs: number): number {
    this.fill(nowMs);
    return this.tokens >= 1 ? 0 : ((1 - this.tokens) / this.limits.perSecond) * 1_000;
  }

  /** Nothing has been taken for so long that a new bucket would be the same. */
  isFull(nowMs: number): boolean {
    this.fill(nowMs);
    return this.tokens >= this.limits.burst;
  }

  private fill(nowMs: number): void {
    const elapsedMs = nowMs - this.filledAt;
    if (elapsedMs <= 0) return;
    this.tokens = Math.min(this.limits.burst, this.tokens + (elapsedMs / 1_000) * this.limits.perSecond);
    this.filledAt = nowMs;
  }
}
