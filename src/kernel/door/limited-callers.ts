/**
 * Whose limit is used up, as the house has just said to them. For a moment the same is said to them at the door: a merchant who asks for
 * fifty times what is theirs costs the others next to nothing then. The house decides, again and again; what flows into their bucket
 * meanwhile stays there, so nobody gets less than their limit by it.
 */

/**
 * Far below what a merchant's bucket takes to overflow (MERCHANT_BURST), so that no request of theirs is lost; long enough that who asks
 * thousands of times a second is heard inside a hundred times.
 */
export const LIMITED_MS = 10;
/** One for each credential that asks too much at the moment: more is somebody who makes them up, and who is not limited but unknown. */
const MAX_CALLERS = 1_000;

export class LimitedCallers {
  private readonly until = new Map<string, number>();

  /** @param authorization as it stands in the request */
  add(authorization: string, nowMs: number): void {
    if (this.until.size >= MAX_CALLERS) this.until.clear();
    this.until.set(authorization, nowMs + LIMITED_MS);
  }

  has(authorization: string, nowMs: number): boolean {
    const until = this.until.get(authorization);
    if (until === undefined) return false;
    if (nowMs < until) return true;
    this.until.delete(authorization);
    return false;
  }
}
