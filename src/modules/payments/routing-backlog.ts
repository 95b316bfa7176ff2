/**
 * Whether payments are accepted faster than they are routed. What is accepted waits in the outbox, which is right while a
 * part of ours is away: nothing is lost, and it is fetched later. But when everything runs and the line only grows, each
 * further payment makes all that follow later: then it is better to say so at once.
 */
import type { Pressure } from '../../kernel/admission/admission.js';

/** The line is too long when its head has waited this long, and short enough again at half of it. */
const HIGH_MS = 4_000;
const LOW_MS = HIGH_MS / 2;
/** How far back the head of the line is looked for; one that is older is not a line but something that stands. */
const LOOK_BACK_MS = 60_000;
/** The moments at which it is looked for: every half second of the last ten, then every two. */
export const LOOKS_BACK_MS: readonly number[] = [
  ...Array.from({ length: 20 }, (_, index) => (index + 1) * 500),
  ...Array.from({ length: (LOOK_BACK_MS - 10_000) / 2_000 }, (_, index) => 12_000 + index * 2_000),
];
/** The head is seen to move, or not, over this time. */
const WATCH_MS = 3_000;
/** A head that moves less than this in that time stands: routing is away, and refusing would not help it. */
const STANDS_MS = 200;

export class RoutingBacklog implements Pressure {
  readonly name = 'routing_backlog';
  private high = false;
  /** When the head of the line had been accepted, at each look. */
  private heads: { readonly at: number; readonly acceptedAt: number }[] = [];

  isHigh(): boolean {
    return this.high;
  }

  /** @param headAgeMs how long the oldest payment without an attempt has waited; undefined when there is none */
  observe(headAgeMs: number | undefined, nowMs: number): void {
    if (headAgeMs === undefined || headAgeMs < LOW_MS) {
      this.high = false;
      this.heads = [];
      return;
    }
    const head = { at: nowMs, acceptedAt: nowMs - headAgeMs };
    this.heads = [...this.heads.filter(({ at }) => at > nowMs - WATCH_MS), head];
    const first = this.heads[0] ?? head;
    const isWatched = nowMs - first.at >= WATCH_MS / 2;
    const moves = head.acceptedAt - first.acceptedAt > STANDS_MS;
    // At the edge of what we see the head only seems to move: the edge does.
    const isSeen = headAgeMs < LOOK_BACK_MS * 0.9;
    if (isWatched) this.high = isSeen && moves && (this.high || headAgeMs > HIGH_MS);
  }
}
