/**
 * Whether something works, by a sequential test: Page's, of "works as usual" against "is down". From rest, a few failures in a row trip it; a
 * success takes back about as much as a failure adds. How much is asked before it trips depends on how much traffic there is, since chance
 * has more opportunities where there is more of it.
 */
import { Cusum } from './cusum.js';
import type { Evidence } from './evidence.js';

export type BreakerState = 'closed' | 'open' | 'half_open';

/** What a test is made against. */
export interface Norm {
  /** How often it succeeds when it is well. */
  readonly usual: number;
  /** Observations a week. */
  readonly weekly: number;
  /** Which part the observation is of: see {@link BreakerOptions.partsToTrip}. */
  readonly part?: string;
}

/** How far a test has come: its score, and failures by part since that was last at rest. */
export interface BreakerProgress {
  readonly score: number;
  readonly failures: Readonly<Record<string, number>>;
}

export interface BreakerOptions {
  /** In how many parts (networks of an account, accounts of a network) things must fail, twice each and with no success in between, before the whole is held to be down. */
  readonly partsToTrip: number;
}

/** How often calls succeed that go to something that is down. Not 0: some get through most outages. */
const SUCCEEDS_WHEN_DOWN = 0.1;
/** What is called usual is kept in these bounds: a poor gateway is not down, and a perfect record is no proof of perfection. */
const LEAST_USUAL = 0.8;
const MOST_USUAL = 0.96;
/** Trips by chance alone that are put up with, a week. */
const FALSE_TRIPS_PER_WEEK = 0.6;
/** As if there were never less traffic than this, a week: three straight failures of a gateway that is held for fair (90%) trip it, two never do. */
const LEAST_WEEKLY = 400;

/** One failure of a part is chance. */
const FAILURES_OF_A_PART = 2;

/** The first pause before a probe, in ms: a restarting server is back in a few seconds. */
const FIRST_COOL_DOWN_MS = 2_000;
/** Pauses double with every failed probe up to here, in ms, so that recovery is noticed within a minute where there is traffic. */
const MAX_COOL_DOWN_MS = 60_000;
/** A probe whose end is never heard of frees its place after this, in ms: longer than a charge may take. */
const PROBE_EXPIRES_MS = 45_000;

export class SequentialBreaker {
  private readonly test = new Cusum();
  /** Failures since the score was last at rest, by part. */
  private readonly failuresOf = new Map<string, number>();
  private current: BreakerState = 'closed';
  private changedAt = Number.NEGATIVE_INFINITY;
  private lastFailureStartedAt = Number.NEGATIVE_INFINITY;
  private coolDownMs = FIRST_COOL_DOWN_MS;
  private probeSince: number | undefined;

  constructor(private readonly options: BreakerOptions = { partsToTrip: 1 }) {}

  /** Half-open from the moment a probe would be let through. */
  stateAt(nowMs: number): BreakerState {
    if (this.current === 'open' && nowMs >= this.opensUntil) return 'half_open';
    return this.current;
  }

  /** When an open breaker lets the next probe through, by the caller's clock. */
  get opensUntil(): number {
    return this.current === 'open' ? this.changedAt + this.coolDownMs : Number.NEGATIVE_INFINITY;
  }

  /** Whether a probe could be sent now: half-open, and none is on its way. */
  mayProbe(nowMs: number): boolean {
    if (this.stateAt(nowMs) !== 'half_open') return false;
    return this.current === 'open' || this.probeSince === undefined || nowMs - this.probeSince >= PROBE_EXPIRES_MS;
  }

  /** Takes the place of the one probe. */
  beginProbe(nowMs: number): void {
    if (this.current === 'open') this.become('half_open', nowMs);
    this.probeSince = nowMs;
  }

  /**
   * Takes note of how a call ended.
   * @param evidence undefined: it ended, and nothing can be told from it (the customer's fault). For a probe that is an answer all the same.
   * @param startedAtMs when the call was made: what was sent before the breaker last changed says nothing about the time since
   * @returns what it did, if anything
   */
  observe(
    evidence: Evidence | undefined,
    norm: Norm,
    startedAtMs: number,
    nowMs: number,
  ): 'tripped' | 'closed' | undefined {
    if (startedAtMs < this.changedAt) return undefined;
    if (this.current === 'half_open') return this.endProbe(evidence, nowMs);
    // Sent although it was open, since there was nobody else: that it worked is as good as a probe.
    if (this.current === 'open') return evidence?.worked === true ? this.endProbe(evidence, nowMs) : undefined;
    if (evidence === undefined) return undefined;
    this.count(evidence, norm, startedAtMs);
    if (this.test.score < thresholdFor(norm.weekly) || !this.failsWidely()) return undefined;
    this.become('open', nowMs);
    return 'tripped';
  }

  /** What it is in the middle of. */
  get progress(): BreakerProgress {
    return { score: this.test.score, failures: Object.fromEntries(this.failuresOf) };
  }

  /** Goes on with a test that another one is in the middle of. */
  rememberProgress({ score, failures }: BreakerProgress): void {
    this.test.restore(score);
    for (const [part, count] of Object.entries(failures)) this.failuresOf.set(part, count);
  }

  /** Begins as one that has tripped: whoever knew so is to be believed. */
  rememberOpen(nowMs: number): void {
    this.become('open', nowMs);
  }

  /** Something else was to blame: as if nothing had been observed. */
  acquit(nowMs: number): void {
    if (this.current !== 'closed') this.become('closed', nowMs);
    this.startAgain();
  }

  private count(evidence: Evidence, norm: Norm, startedAtMs: number): void {
    // A success of a call that was made before the last failed one says nothing about the time since.
    const isHeard = evidence.isHeard === true;
    if (evidence.worked && !isHeard && startedAtMs < this.lastFailureStartedAt) return;
    // What is down as a whole does not work anywhere: otherwise a part that is dead would be held against all, slowly but surely.
    if (evidence.worked && this.options.partsToTrip > 1) {
      this.startAgain();
      return;
    }
    if (!evidence.worked) {
      if (!isHeard) this.lastFailureStartedAt = Math.max(this.lastFailureStartedAt, startedAtMs);
      const part = norm.part ?? '';
      this.failuresOf.set(part, (this.failuresOf.get(part) ?? 0) + 1);
    }
    const usual = Math.min(MOST_USUAL, Math.max(LEAST_USUAL, norm.usual));
    this.test.observe(evidence.worked, evidence.weight, usual, SUCCEEDS_WHEN_DOWN);
    if (this.test.score === 0) this.failuresOf.clear();
  }

  private failsWidely(): boolean {
    if (this.options.partsToTrip === 1) return true;
    const failing = [...this.failuresOf.values()].filter((failures) => failures >= FAILURES_OF_A_PART);
    return failing.length >= this.options.partsToTrip;
  }

  /** A probe asks only whether there is an answer again, so any answer but a failure closes the breaker. */
  private endProbe(evidence: Evidence | undefined, nowMs: number): 'closed' | undefined {
    if (evidence?.worked === false) {
      this.coolDownMs = Math.min(this.coolDownMs * 2, MAX_COOL_DOWN_MS);
      this.become('open', nowMs);
      return undefined;
    }
    this.coolDownMs = FIRST_COOL_DOWN_MS;
    this.become('closed', nowMs);
    return 'closed';
  }

  private become(state: BreakerState, nowMs: number): void {
    this.current = state;
    this.changedAt = nowMs;
    this.probeSince = undefined;
    this.startAgain();
  }

  private startAgain(): void {
    this.test.reset();
    this.failuresOf.clear();
  }
}

/**
 * The score at which chance alone would trip it {@link FALSE_TRIPS_PER_WEEK} times a week: each observation may begin a run, and a run of things that
 * are well reaches a score of h with a probability of at most exp(-h) (Wald).
 */
export function thresholdFor(weekly: number): number {
  return Math.log(Math.max(LEAST_WEEKLY, weekly) / FALSE_TRIPS_PER_WEEK);
}
