/**
 * How many more requests may come in, told by the thread that works to the one at the door, in memory that both see: asking would
 * take as long as whatever the other is busy with.
 */
import type { Admissible } from '../admission/priority.js';

/** Each has a place among the numbers. */
const INDEX: Readonly<Record<Admissible, number>> = { webhook: 0, charge: 1, write: 2, read: 3, export: 4 };
export const PRIORITIES = Object.keys(INDEX) as readonly Admissible[];

/** Where each number stands: the turn, then the room for each priority, then how many of each were refused. */
const TURN = 0;
const ROOM = 1;
const REFUSED = ROOM + PRIORITIES.length;
const NUMBERS = REFUSED + PRIORITIES.length;
const MOST = 2 ** 31 - 1;

/** Of the thread that works. */
export class RoomTold {
  readonly memory = new SharedArrayBuffer(NUMBERS * Int32Array.BYTES_PER_ELEMENT);
  private readonly numbers = new Int32Array(this.memory);

  /** Tells once per turn of the event loop at most: whoever was let in before the last turn has been counted by then. */
  tell(room: (priority: Admissible) => number): void {
    for (const priority of PRIORITIES) {
      const places = Math.max(0, Math.min(MOST, Math.floor(room(priority))));
      Atomics.store(this.numbers, ROOM + INDEX[priority], places);
    }
    Atomics.add(this.numbers, TURN, 1);
  }

  /** How many have been refused since this was asked last. */
  takeRefused(priority: Admissible): number {
    return Atomics.exchange(this.numbers, REFUSED + INDEX[priority], 0);
  }
}

/** Of the thread at the door. */
export class RoomTaken {
  private readonly numbers: Int32Array;
  private turn = 0;
  /** Let in since the room was told last, and in the turn before, by priority: they may not be counted in it yet. */
  private sinceTold = new Int32Array(PRIORITIES.length);
  private before = new Int32Array(PRIORITIES.length);

  constructor(memory: SharedArrayBuffer) {
    this.numbers = new Int32Array(memory);
  }

  /** Whether one more may come in; it counts as let in, or as refused. */
  take(priority: Admissible): boolean {
    const index = INDEX[priority];
    this.catchUp();
    const uncounted = (this.before[index] ?? 0) + (this.sinceTold[index] ?? 0);
    if (uncounted < Atomics.load(this.numbers, ROOM + index)) {
      this.sinceTold[index] = (this.sinceTold[index] ?? 0) + 1;
      return true;
    }
    Atomics.add(this.numbers, REFUSED + index, 1);
    return false;
  }

  private catchUp(): void {
    const turn = Atomics.load(this.numbers, TURN);
    const turns = (turn - this.turn) | 0;
    if (turns === 0) return;
    this.turn = turn;
    [this.before, this.sinceTold] = [this.sinceTold, this.before];
    this.sinceTold.fill(0);
    if (turns > 1) this.before.fill(0);
  }
}
