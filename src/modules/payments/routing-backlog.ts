/**
 * Whether payments are accepted faster than they are routed. What is accepted waits in the outbox, which is right while a
 * part of ours is away: nothing is lost, and it is fetched later. But when everything runs and the line only grows, each
 * further payment makes all that follow later: then it is better to say so at once, to as many as would wait too long, and to let in
 * as many as leave the line. A line is kept all the while, so that routing is never without work.
 */
import { Injectable } from '@nestjs/common';
import type { Pressure } from '../../kernel/admission/admission.js';
import type { HeadOfLine } from './payments.store.js';

/** What a newcomer may have to wait: by the line before them, and how fast it moves. */
const MAX_WAIT_MS = 2_000;
/** As long as a line may always be: who comes with a handful when nobody is there is not refused because routing takes a breath. */
const SHORT_LINE = 100;
/** While its head has waited less than this, how fast a line moves is not known yet, and it may be as long as it may be at 500 per second. */
const YOUNG_MS = 1_000;
const YOUNG_LINE = 1_000;
/** A line of others' making is too long when its head has waited this long, and short enough again at half of it. */
const HIGH_MS = 4_000;
const LOW_MS = HIGH_MS / 2;
/** How far back the head of the line is looked for; one that is older is not a line but something that stands. */
const LOOK_BACK_MS = 60_000;
/** The moments at which it is looked for: every quarter of a second of the last four, every half of the last ten, then every two. */
export const LOOKS_BACK_MS: readonly number[] = [
  ...Array.from({ length: 16 }, (_, index) => (index + 1) * 250),
  ...Array.from({ length: 12 }, (_, index) => 4_500 + index * 500),
  ...Array.from({ length: (LOOK_BACK_MS - 10_000) / 2_000 }, (_, index) => 12_000 + index * 2_000),
];
/** The line is seen to move, or not, over this time. */
const WATCH_MS = 3_000;
/** A head that moves less than this in that time stands: routing is away, and refusing would not help it. */
const STANDS_MS = 200;
/** Acceptances are counted by slots of this length, as far back as the head is looked for: 48 KB. */
const SLOT_MS = 10;
const SLOTS = LOOK_BACK_MS / SLOT_MS;

/** One look at the line. */
interface Look {
  readonly at: number;
  /** When the head had been accepted. */
  readonly headAt: number;
  /** Payments accepted here that had left the line, since the start. */
  readonly routed: number;
}

/** How many may have been accepted here by `at`, and how many more per ms afterwards. */
interface Bound {
  readonly accepted: number;
  readonly at: number;
  readonly perMs: number;
}

/** All times are of the clock that payments are stamped with, in ms since the epoch. */
@Injectable()
export class RoutingBacklog implements Pressure {
  readonly name = 'routing_backlog';
  private looks: readonly Look[] = [];
  private accepted = 0;
  /** How many had been accepted here before each slot of time, by the slot's number modulo their count. */
  private readonly before = new Float64Array(SLOTS);
  private slot: number | undefined;
  /** Undefined while nothing of ours leaves the line. */
  private bound: Bound | undefined;
  /** What the head's age alone says: for a process that has just started, whose line others have made. */
  private aged = false;

  room(nowMs = Date.now()): number {
    if (this.bound === undefined) return this.aged ? -Infinity : Infinity;
    const { accepted, at, perMs } = this.bound;
    return accepted + perMs * (nowMs - at) - this.accepted;
  }

  /** A payment is accepted in this process. Those of others are not seen: each process bounds its own part of the line. */
  accept(atMs: number): void {
    this.turnTo(atMs);
    this.accepted += 1;
  }

  observe(head: Pick<HeadOfLine, 'acceptedAt' | 'ageMs'> | undefined, nowMs: number): void {
    this.turnTo(nowMs);
    const headAt = head?.acceptedAt.getTime() ?? nowMs;
    const look = { at: nowMs, headAt, routed: head === undefined ? this.accepted : this.acceptedBefore(headAt) };
    this.looks = [...this.looks.filter(({ at }) => at > nowMs - WATCH_MS), look];
    this.bound = this.boundBy(look, head?.ageMs ?? 0);
    this.aged = this.isAged(look, head?.ageMs ?? 0);
  }

  private boundBy(look: Look, headAgeMs: number): Bound | undefined {
    const first = this.looks[0] ?? look;
    const perMs = (look.routed - first.routed) / Math.max(1, look.at - first.at);
    if (perMs <= 0) return undefined;
    const longest = Math.max(perMs * MAX_WAIT_MS, headAgeMs < YOUNG_MS ? YOUNG_LINE : SHORT_LINE);
    return { accepted: look.routed + longest, at: look.at, perMs };
  }

  private isAged(look: Look, headAgeMs: number): boolean {
    if (headAgeMs < LOW_MS) return false;
    const first = this.looks[0] ?? look;
    if (look.at - first.at < WATCH_MS / 2) return this.aged;
    // At the edge of what we see the head only seems to move: the edge does.
    const isSeen = headAgeMs < LOOK_BACK_MS * 0.9;
    return isSeen && look.headAt - first.headAt > STANDS_MS && (this.aged || headAgeMs > HIGH_MS);
  }

  /** Opens the slots from the last one to this time. */
  private turnTo(ms: number): void {
    const to = Math.floor(ms / SLOT_MS);
    const from = this.slot === undefined ? to : Math.max(this.slot + 1, to - SLOTS + 1);
    for (let slot = from; slot <= to; slot += 1) this.before[slot % SLOTS] = this.accepted;
    this.slot = Math.max(to, this.slot ?? to);
  }

  private acceptedBefore(ms: number): number {
    const slot = Math.max(Math.floor(ms / SLOT_MS), (this.slot ?? 0) - SLOTS + 1);
    return this.before[slot % SLOTS] ?? 0;
  }
}
