/**
 * Successes and failures of late: what is old counts less and less, by time and by what came since.
 */
export interface DecayOptions {
  /** After this time, in ms, an observation counts half. */
  readonly halfLifeMs: number;
  /** All observations together never weigh more than this: beyond it the oldest fade as new ones come. */
  readonly maxWeight: number;
}

export interface Counts {
  readonly successes: number;
  readonly failures: number;
}

export interface CountsSnapshot extends Counts {
  readonly atMs: number;
}

export class DecayedCounts {
  private successes = 0;
  private failures = 0;
  private atMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: DecayOptions) {}

  add(worked: boolean, weight: number, nowMs: number): void {
    this.addAll(worked ? { successes: weight, failures: 0 } : { successes: 0, failures: weight }, nowMs);
  }

  addAll({ successes, failures }: Counts, nowMs: number): void {
    this.decayTo(nowMs);
    this.successes += successes;
    this.failures += failures;
    const excess = (this.successes + this.failures) / this.options.maxWeight;
    if (excess > 1) this.scale(1 / excess);
  }

  /** What is left of the observations at `nowMs`. */
  at(nowMs: number): Counts {
    this.decayTo(nowMs);
    return { successes: this.successes, failures: this.failures };
  }

  restore(snapshot: CountsSnapshot): void {
    this.successes = snapshot.successes;
    this.failures = snapshot.failures;
    this.atMs = snapshot.atMs;
  }

  private decayTo(nowMs: number): void {
    // Clocks of other processes may be a little behind: what comes late is not made younger by it.
    if (nowMs > this.atMs) {
      if (this.successes + this.failures > 0) this.scale(2 ** ((this.atMs - nowMs) / this.options.halfLifeMs));
      this.atMs = nowMs;
    }
  }

  private scale(factor: number): void {
    this.successes *= factor;
    this.failures *= factor;
  }
}
