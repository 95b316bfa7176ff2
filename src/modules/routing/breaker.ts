/**
 * Whether a gateway account works, by a sequential test (Wald's, one-sided, as in Page's CUSUM):
 *
 *   S = max(0, S + log(P(y | down) / P(y | up)))
 *
 * where y is one call that failed by the gateway's fault or one that worked. It trips when S passes a threshold. Three failures in
 * a row trip it from rest; a success takes away as much as a failure adds, so a gateway at 90% rarely trips by bad luck, and
 * a dead one is dropped after three calls instead of the dozens that a rate over a window needs.
 *
 * What customers cause (wrong PIN, no funds) and what is still pending is no evidence either way.
 */
export type Evidence = 'worked' | 'failed' | 'ambiguous' | 'none';
export type BreakerState = 'closed' | 'open' | 'half_open';

/** How often a working gateway fails by its own fault, as assumed: a poor one. A better one only trips later by chance. */
const FAILS_WHEN_UP = 0.1;
/** How often a broken gateway's calls fail. Not 1: some calls get through most outages. */
const FAILS_WHEN_DOWN = 0.9;
const FAILURE_WEIGHT = Math.log(FAILS_WHEN_DOWN / FAILS_WHEN_UP);
const SUCCESS_WEIGHT = Math.log((1 - FAILS_WHEN_DOWN) / (1 - FAILS_WHEN_UP));
/** Between two failures (4.39) and three (6.59). */
const THRESHOLD = 6.5;
/** What an outcome weighs of which it cannot be told who was at fault (DESIGN 6). */
const AMBIGUOUS_SHARE = 0.3;

/** The first pause before a probe, in ms: a restarting server is back in a few seconds. */
const FIRST_COOL_DOWN_MS = 2_000;
/** Pauses double with every failed probe up to here, in ms, so that recovery is noticed within a minute. */
const MAX_COOL_DOWN_MS = 60_000;
/** A probe whose end is never heard of (its process rolled back) frees its place after this, in ms: longer than a charge may take. */
const PROBE_EXPIRES_MS = 45_000;

export class Breaker {
  private score = 0;
  private current: BreakerState = 'closed';
  private changedAt = Number.NEGATIVE_INFINITY;
  private lastFailureStartedAt = Number.NEGATIVE_INFINITY;
  private coolDownMs = FIRST_COOL_DOWN_MS;
  private probeSince: number | undefined;

  /** Half-open from the moment a probe would be let through. */
  stateAt(nowMs: number): BreakerState {
    if (this.current === 'open' && nowMs >= this.opensUntil) return 'half_open';
    return this.current;
  }

  /** When an open breaker lets the next probe through, by the caller's clock. */
  get opensUntil(): number {
    return this.current === 'open' ? this.changedAt + this.coolDownMs : Number.NEGATIVE_INFINITY;
  }

  /** Whether a call may be sent here now. In half-open state it takes the place of the one probe. */
  admit(nowMs: number): boolean {
    const state = this.stateAt(nowMs);
    if (state === 'closed') return true;
    if (state === 'open') return false;
    if (this.current === 'half_open' && this.probeSince !== undefined && nowMs - this.probeSince < PROBE_EXPIRES_MS)
      return false;
    if (this.current === 'open') this.become('half_open', nowMs);
    this.probeSince = nowMs;
    return true;
  }

  /**
   * Takes note of how a call ended.
   * @param startedAtMs when the call was made: what was sent before the breaker last changed says nothing about the time since
   */
  observe(evidence: Evidence, startedAtMs: number, nowMs: number): void {
    if (startedAtMs < this.changedAt) return;
    if (this.current === 'half_open') {
      this.endProbe(evidence, nowMs);
      return;
    }
    if (this.current === 'open') return;
    if (evidence === 'worked' && startedAtMs >= this.lastFailureStartedAt)
      this.score = Math.max(0, this.score + SUCCESS_WEIGHT);
    if (evidence === 'failed' || evidence === 'ambiguous') {
      this.lastFailureStartedAt = Math.max(this.lastFailureStartedAt, startedAtMs);
      this.score += FAILURE_WEIGHT * (evidence === 'failed' ? 1 : AMBIGUOUS_SHARE);
    }
    if (this.score > THRESHOLD) this.become('open', nowMs);
  }

  /** A probe asks only whether the gateway answers again, so any answer but a failure closes the breaker. */
  private endProbe(evidence: Evidence, nowMs: number): void {
    if (evidence === 'failed' || evidence === 'ambiguous') {
      this.coolDownMs = Math.min(this.coolDownMs * 2, MAX_COOL_DOWN_MS);
      this.become('open', nowMs);
    } else {
      this.coolDownMs = FIRST_COOL_DOWN_MS;
      this.become('closed', nowMs);
    }
  }

  private become(state: BreakerState, nowMs: number): void {
    this.current = state;
    this.changedAt = nowMs;
    this.score = 0;
    this.probeSince = undefined;
  }
}
