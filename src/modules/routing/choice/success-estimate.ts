/**
 * How often a segment succeeds, as far as its own attempts tell. It is either as usual or in trouble: what is usual is remembered for weeks, since
 * fine differences take hundreds of attempts to see, and what a trouble does is learned anew each time. How probable a trouble is follows by
 * Bayes' rule from what was seen since it may have begun, and from the time: nobody looks at what is avoided, and troubles end.
 * So a trouble is forgotten when it is over, and what was usual before is known again at once.
 */
import { DecayedCounts, type Counts } from './decayed-counts.js';
import type { Evidence } from './evidence.js';

/** A difference of two points is seen with some hundred attempts; older ones than the last thousand would tell of other times. */
const USUAL = { halfLifeMs: 14 * 86_400_000, maxWeight: 2_000 };
/** Troubles get worse and better: what was seen in them is believed for some hours, or some dozens of attempts. */
const TROUBLE = { halfLifeMs: 3 * 3_600_000, maxWeight: 30 };
/** What a trouble leaves of success can be anything, all of it as probable: as if one success and one failure had been seen in it. */
const TROUBLE_PRIOR = 1;
/** The odds that a trouble has begun since the attempt before, apart from the time between. So slight a suspicion changes no choice, and costs nothing. */
const BEGINS = 1 / 1_000;
/** Troubles begin about so often, in ms: after a quiet night the first failures say more than amid many successes. */
const BETWEEN_TROUBLES_MS = 10 * 86_400_000;
/**
 * A trouble lasts about as long again as it has lasted: outages of minutes are common, those of a day are seen too, and nothing but its
 * age tells which it is. At first it is given this time, in ms.
 */
const LASTS_AT_LEAST_MS = 5 * 60_000;
/** From here on it is held for certain, and what was seen since it may have begun says nothing about what is usual. */
const CERTAIN = 0.9;
/** What has lasted for this time, in ms, and was seen so often, is what is usual now. */
const BECOMES_USUAL_MS = 2 * 86_400_000;
const BECOMES_USUAL_WEIGHT = 20;
/** What is usual is kept in these bounds, where one observation would prove too much. */
const LOWEST = 0.05;
const HIGHEST = 0.98;
/** Log odds beyond these tell nothing more; recovering from them would take observations all the same. */
const MOST_ODDS = 7;

const NOTHING: Counts = { successes: 0, failures: 0 };

export class SuccessEstimate {
  private readonly usual = new DecayedCounts(USUAL);
  private readonly trouble = new DecayedCounts(TROUBLE);
  /** Seen since a trouble may have begun, until it was most probable: of what is usual as far as it was not one. */
  private doubtful: Counts = NOTHING;
  /** Seen since then. */
  private since: Counts = NOTHING;
  /** The log odds when it was most probable; that time has passed since does not change what was seen then. */
  private mostOdds = Number.NEGATIVE_INFINITY;
  private logOdds = Math.log(BEGINS);
  /** What they were when the trouble may have begun: back there, nothing speaks for one. */
  private atFirst = this.logOdds;
  private mayHaveBegunMs = 0;
  private atMs = 0;
  private lastFailureStartedAt = Number.NEGATIVE_INFINITY;

  /** @param onUsual told what turns out to be of ordinary times */
  constructor(private readonly onUsual: (counts: Counts, nowMs: number) => void = () => {}) {}

  /** @param usual how often it succeeds in ordinary times, as far as is known */
  observe({ worked, weight, isHeard = false }: Evidence, usual: number, startedAtMs: number, nowMs: number): void {
    this.advance(nowMs);
    // A success of a call that was made before the last failed one says nothing about the time since.
    if (worked && !isHeard && startedAtMs < this.lastFailureStartedAt) return;
    if (!worked && !isHeard) this.lastFailureStartedAt = Math.max(this.lastFailureStartedAt, startedAtMs);
    const before = Math.min(HIGHEST, Math.max(LOWEST, usual));
    const { mean: now } = this.inTrouble(nowMs);
    this.logOdds += weight * Math.log(worked ? now / before : (1 - now) / (1 - before));
    this.logOdds = Math.min(MOST_ODDS, this.logOdds);
    this.trouble.add(worked, weight, nowMs);
    this.since = sumOf(this.since, worked ? { successes: weight, failures: 0 } : { successes: 0, failures: weight });
    if (this.logOdds <= this.atFirst) this.decideForUsual(nowMs);
    else if (this.troubleAt(nowMs) > CERTAIN) this.decideForTrouble(nowMs);
    else if (this.logOdds >= this.mostOdds) {
      this.mostOdds = this.logOdds;
      this.doubtful = sumOf(this.doubtful, this.since);
      this.since = NOTHING;
    }
  }

  /** Something else told of a trouble. */
  suspect(least: number, nowMs: number): void {
    this.advance(nowMs);
    if (probabilityOf(this.logOdds) < least) this.logOdds = logOddsOf(least);
  }

  /** Something else told of the end of a trouble. */
  relieve(most: number, nowMs: number): void {
    this.advance(nowMs);
    if (probabilityOf(this.logOdds) > most) this.logOdds = logOddsOf(most);
  }

  /** What was observed since a trouble may have begun is forgotten: something else was to blame. */
  acquit(nowMs: number): void {
    this.forget();
    this.decideForUsual(nowMs);
  }

  /** How probable it is that it is in trouble now. */
  troubleAt(nowMs: number): number {
    this.advance(nowMs);
    return probabilityOf(this.logOdds);
  }

  usualCounts(nowMs: number): Counts {
    return this.usual.at(nowMs);
  }

  /** What was seen since a trouble may have begun. */
  troubleCounts(nowMs: number): Counts {
    return this.trouble.at(nowMs);
  }

  /** Begins with what is remembered of ordinary times, of a trouble, and of how probable that was. */
  remember(usual: Counts, inTrouble: Counts, trouble: number, nowMs: number): void {
    this.usual.restore({ ...usual, atMs: nowMs });
    this.suspect(trouble, nowMs);
    this.trouble.restore({ ...inTrouble, atMs: nowMs });
  }

  /** How often it succeeds if it is in trouble. */
  inTrouble(nowMs: number): { readonly mean: number; readonly strength: number } {
    const { successes, failures } = this.trouble.at(nowMs);
    const strength = successes + failures + 2 * TROUBLE_PRIOR;
    return { mean: (successes + TROUBLE_PRIOR) / strength, strength };
  }

  private decideForUsual(nowMs: number): void {
    // A suspicion that fades by time alone is not refuted: what nourished it is of ordinary times only as probably as there was no trouble.
    const usual = sumOf(this.since, this.doubtful, 1 - probabilityOf(this.mostOdds));
    if (usual.successes + usual.failures > 0) {
      this.usual.addAll(usual, nowMs);
      this.onUsual(usual, nowMs);
    }
    this.startAgain(nowMs);
  }

  private decideForTrouble(nowMs: number): void {
    this.forget();
    const seen = this.trouble.at(nowMs);
    if (nowMs - this.mayHaveBegunMs < BECOMES_USUAL_MS || seen.successes + seen.failures < BECOMES_USUAL_WEIGHT) return;
    this.usual.restore({ ...seen, atMs: nowMs });
    this.startAgain(nowMs);
  }

  private startAgain(nowMs: number): void {
    this.forget();
    this.trouble.restore({ successes: 0, failures: 0, atMs: nowMs });
    this.logOdds = Math.log(BEGINS);
    this.atFirst = this.logOdds;
    this.mayHaveBegunMs = nowMs;
  }

  private forget(): void {
    this.doubtful = NOTHING;
    this.since = NOTHING;
    this.mostOdds = Number.NEGATIVE_INFINITY;
  }

  private advance(nowMs: number): void {
    // Clocks of other processes may be a little behind.
    const passedMs = nowMs - this.atMs;
    if (passedMs <= 0) return;
    this.atMs = nowMs;
    if (this.logOdds <= this.atFirst) {
      this.mayHaveBegunMs = nowMs;
      this.logOdds = Math.log(BEGINS + Math.min(1, passedMs / BETWEEN_TROUBLES_MS));
      this.atFirst = this.logOdds;
      return;
    }
    const age = nowMs - this.mayHaveBegunMs + LASTS_AT_LEAST_MS;
    const lasts = (age - passedMs) / age;
    this.logOdds = Math.max(this.atFirst, logOddsOf(probabilityOf(this.logOdds) * lasts));
  }
}

/** @param share of `other` that counts */
function sumOf(one: Counts, other: Counts, share = 1): Counts {
  return {
    successes: one.successes + share * other.successes,
    failures: one.failures + share * other.failures,
  };
}

function probabilityOf(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}

function logOddsOf(probability: number): number {
  return Math.log(probability / (1 - probability));
}
