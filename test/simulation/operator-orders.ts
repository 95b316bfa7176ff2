/** What operators do while everything else happens: a pure function of the seed. */
import type { Random } from './random.js';

/**
 * - `refund_*`: one asks that a payment is given back; another approves it, rejects it, or nobody does: who asked takes it back, or tries to approve it alone.
 * - `rules`: rules come into force, of two people.
 * - `key_revoked`, `key_rolled`: a merchant's key is used, and no more.
 * - `replay`: whatever lies among the dead letters is taken up again. `redeliver`: a merchant is told once more.
 */
export const OPERATOR_ACTIONS = [
  'refund_approved',
  'refund_approved_twice',
  'refund_rejected',
  'refund_withdrawn',
  'refund_by_one',
  'rules',
  'key_revoked',
  'key_rolled',
  'replay',
  'redeliver',
] as const;
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

export interface OperatorOrder {
  readonly atMs: number;
  readonly action: OperatorAction;
  /** Which merchant it is about, and which payment of those that succeeded by then: from 0 to 1. */
  readonly merchant: number;
  readonly which: number;
}

/** Once there is something to act upon. */
const FIRST_MS = 4_000;
const PAUSE_MS = { min: 700, max: 1_800 };

/** Every action once, in a shuffled order, then all again: a run of 40 s has each twice. */
export function planOperators(random: Random, seconds: number, merchants: number): readonly OperatorOrder[] {
  const orders: OperatorOrder[] = [];
  let bag: OperatorAction[] = [];
  for (let atMs = FIRST_MS; atMs < seconds * 1_000; atMs += random.between(PAUSE_MS.min, PAUSE_MS.max)) {
    if (bag.length === 0) bag = random.shuffled(OPERATOR_ACTIONS);
    const action = bag.pop() ?? 'replay';
    orders.push({ atMs, action, merchant: random.between(0, merchants - 1), which: random.next() });
  }
  return orders;
}
