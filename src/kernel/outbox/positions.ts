/** Places in an outbox's order, how they are kept, and remembering when they were reached. */
import { statement } from '../database/tx.js';

export interface Position {
  /** xid8 as text: it has 64 bits. */
  readonly xid: string;
  readonly seq: bigint;
}

export function isBefore(a: Position, b: Position): boolean {
  return a.xid === b.xid ? a.seq < b.seq : BigInt(a.xid) < BigInt(b.xid);
}

/** $1 whose, $2 and $3 the position. Only forward: a relay that was frozen must not pull a cursor back. */
export const savePositionStatement = statement(
  'messaging.save_position',
  `UPDATE messaging.relay_cursor SET xid = $2::xid8, seq = $3, updated_at = now() WHERE name = $1 AND (xid, seq) < ($2::xid8, $3::bigint)`,
);

/** Positions older than this are of no use to the sweeper, whose lease is shorter. */
const KEPT_MS = 900_000;
const EVERY_MS = 500;

/** When which position had been dispatched. */
export class Checkpoints {
  private reached: { readonly at: number; readonly position: Position }[] = [];

  add(position: Position): void {
    const now = Date.now();
    const newest = this.reached.at(-1);
    if (newest !== undefined && now - newest.at < EVERY_MS) return;
    this.reached.push({ at: now, position });
    while ((this.reached[0]?.at ?? now) < now - KEPT_MS) this.reached.shift();
  }

  /** The newest position that was reached at least `ageMs` ago. */
  before(ageMs: number): Position | undefined {
    const limit = Date.now() - ageMs;
    return this.reached.findLast((checkpoint) => checkpoint.at <= limit)?.position;
  }

  clear(): void {
    this.reached = [];
  }
}
