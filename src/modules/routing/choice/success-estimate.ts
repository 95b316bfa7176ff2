/**
 * How often a segment succeeds, as far as its own attempts tell: a long memory for fine differences, which is given up for a
 * short one when a test says that the world has changed. A sliding window has to choose between the two.
 */
import { Cusum } from './cusum.js';
import { DecayedCounts, type CountsSnapshot } from './decayed-counts.js';

/** A difference of two points is seen with some hundred attempts; older ones than the last few hundred would tell of other times. */
const LONG = { halfLifeMs: 7 * 86_400_000, maxWeight: 1_000 };
/** What is left after a change: enough to know its direction, little enough to be outvoted soon. */
const SHORT = { halfLifeMs: 3 * 3_600_000, maxWeight: 8 };
/** Changes smaller than this are left to the long memory, which fades. */
const CHANGE = 0.25;
/** A false alarm makes a gateway as good as unknown again, which costs dozens of choices to learn what was known: log of about 3,000. */
const ALARM = 8;
/** What was believed before a fall is kept for so many observations: until then a breaker has tripped, or it was none. */
const FALL_KEPT_FOR = 12;
/** Estimates are kept from the ends, where one observation would weigh without bound. */
const LOWEST = 0.05;
const HIGHEST = 0.97;

export class SuccessEstimate {
  private readonly long = new DecayedCounts(LONG);
  private readonly short = new DecayedCounts(SHORT);
  private readonly fallen = new Cusum();
  private readonly risen = new Cusum();
  private beforeFall: CountsSnapshot | undefined;
  private keepFor = 0;

  observe(worked: boolean, weight: number, nowMs: number): void {
    const usual = this.usual(nowMs);
    if (this.fallen.score === 0 && this.keepFor <= 0) this.beforeFall = this.long.snapshot();
    this.keepFor -= 1;
    this.long.add(worked, weight, nowMs);
    this.short.add(worked, weight, nowMs);
    this.fallen.observe(worked, weight, usual, Math.max(LOWEST / 2, usual - CHANGE));
    this.risen.observe(worked, weight, usual, Math.min((1 + HIGHEST) / 2, usual + CHANGE));
    if (this.fallen.score < ALARM && this.risen.score < ALARM) return;
    this.long.restore({ ...this.short.at(nowMs), atMs: nowMs });
    this.keepFor = FALL_KEPT_FOR;
    this.fallen.reset();
    this.risen.reset();
  }

  /** What was observed since the first of the latest failures is forgotten: it was an outage, and says nothing about better times. */
  forgetFall(): void {
    if (this.beforeFall !== undefined) this.long.restore(this.beforeFall);
    this.keepFor = 0;
    this.fallen.reset();
    this.risen.reset();
  }

  counts(nowMs: number): { readonly successes: number; readonly failures: number } {
    return this.long.at(nowMs);
  }

  /** Begins with what is remembered. */
  remember(counts: { readonly successes: number; readonly failures: number }, nowMs: number): void {
    this.long.restore({ ...counts, atMs: nowMs });
  }

  /** As it was before the latest failures, if there are any: what they have to be compared with. */
  countsBeforeFall(nowMs: number): { readonly successes: number; readonly failures: number } {
    const isFalling = this.fallen.score > 0 || this.keepFor > 0;
    return isFalling && this.beforeFall !== undefined ? this.beforeFall : this.long.at(nowMs);
  }

  /** What it was before whatever is being tested for. */
  private usual(nowMs: number): number {
    const { successes, failures } = this.long.at(nowMs);
    // As if ten attempts at 90% had been seen before any: three first successes do not make a gateway perfect.
    const mean = (successes + 9) / (successes + failures + 10);
    return Math.min(HIGHEST, Math.max(LOWEST, mean));
  }
}
