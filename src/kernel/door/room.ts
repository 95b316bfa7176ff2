/**
 * How many more requests may come in, told by the thread that works to the one at the door, in memory that both see: asking would
 * take as long as whatever the other is busy with.
 */
import type { Admissible } from '../admission/priority.js';

/** Each has a place among the numbers. */
const INDEX: Readonly<Record<Admissible, number>> = { webhook: 0, charge: 1, write: 2, read: 3, export: 4 };
export const PRIORITIES = Object.keys(INDEX) as readonly Admissible[];

/** Why somebody is refused at the door: there is no room for anybody, or the merchant has used up what is theirs. */
export const REFUSAL_REASONS = ['no_room', 'merchant_limit'] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** Where each number stands: the turn, then the room for each priority, then how many of each were refused, reason by reason. */
const TURN = 0;
const ROOM = 1;
const REFUSED = ROOM + PRIORITIES.length;
const NUMBERS = REFUSED + REFUSAL_REASONS.length * PRIORITIES.length;
const MOST = 2 ** 31 - 1;

const refusedAt = (reason: RefusalReason, priority: Admissible): number =>
  REFUSED + REFUSAL_REASONS.indexOf(reason) * PRIORITIES.length + INDEX[priority];

/** Of the thread that works. */
export class RoomTold {
  readonly memory = new SharedArrayBuffer(NUMBERS * Int32Array.BYTES_PER_ELEMENT);
  private readonly numbers = new Int32Array(this.memory);

  /** Tells once per turn of the event loop at most: whoever was let in some turns ago has been counted by then. */
  tell(room: (priority: Admissible) => number): void {
    for (const priority of PRIORITIES) {
      const places = Math.max(0, Math.min(MOST, Math.floor(room(priority))));
      Atomics.store(this.numbers, ROOM + INDEX[priority], places);
    }
    Atomics.add(this.numbers, TURN, 1);
  }

  /** How many have been refused since this was asked last. */
  takeRefused(reason: RefusalReason, priority: Admissible): number {
    return Atomics.exchange(this.numbers, refusedAt(reason, priority), 0);
  }
}

/**
 * Turns after which whoever was let in has been counted: a connection is taken up in the first, says who calls in the second, and asks in
 * the third. Counting somebody twice meanwhile keeps a few places empty; counting them too late would let in who is refused inside.
 */
export const TURNS_UNCOUNTED = 3;

/** Of the thread at the door. */
export class RoomTaken {
  private readonly numbers: Int32Array;
  private turn = 0;
  /** Let in by priority, in the turn that it is and in those before that may not be counted yet, the latest first. */
  private letIn = Array.from({ length: TURNS_UNCOUNTED }, () => new Int32Array(PRIORITIES.length));

  constructor(memory: SharedArrayBuffer) {
    this.numbers = new Int32Array(memory);
  }

  /** Whether one more may come in, who counts as let in then. */
  take(priority: Admissible): boolean {
    const index = INDEX[priority];
    this.catchUp();
    const uncounted = this.letIn.reduce((sum, turn) => sum + (turn[index] ?? 0), 0);
    if (uncounted >= Atomics.load(this.numbers, ROOM + index)) return false;
    const [now] = this.letIn;
    if (now !== undefined) now[index] = (now[index] ?? 0) + 1;
    return true;
  }

  countRefused(reason: RefusalReason, priority: Admissible): void {
    Atomics.add(this.numbers, refusedAt(reason, priority), 1);
  }

  private catchUp(): void {
    const turn = Atomics.load(this.numbers, TURN);
    const turns = Math.min((turn - this.turn) | 0, TURNS_UNCOUNTED);
    this.turn = turn;
    for (let passed = 0; passed < turns; passed += 1) {
      const oldest = this.letIn.pop() ?? new Int32Array(PRIORITIES.length);
      this.letIn.unshift(oldest.fill(0));
    }
  }
}
