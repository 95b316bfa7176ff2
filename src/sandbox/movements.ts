import type { Account } from './accounts.js';
import type { ChargePlan } from './charge-plan.js';
import { Records } from './records.js';
import type { Transaction } from './transactions.js';
import type { JsonObject } from './wire.js';

/** What will become of one refund or payout, decided when it is created. */
export interface OutPlan extends ChargePlan {
  /** A payout that succeeded comes back so many milliseconds later. */
  readonly returnsAfterMs?: number;
}

/** What a gateway asks the engine to pay out. */
export interface NewMovement {
  readonly account: Account;
  readonly kind: 'refund' | 'payout';
  /** The client's own reference; for a refund at a gateway that takes none, the charge's. */
  readonly reference: string;
  /** Integer minor units by ISO 4217. */
  readonly requestedMinor: number;
  readonly currency: string;
  /** The charge whose money goes back; refunds only. */
  readonly charge?: Transaction;
  /**
   * What tells two refunds of one charge apart where the gateway takes no reference for a refund: the client's own note.
   * Two refunds with the same note are one refund paid twice.
   */
  readonly note?: string;
  /** The receiver's mobile money number, in any form; its ending may be a magic one. Payouts only. */
  readonly phone?: string;
  /** `sent`: on its way at once. `waiting`: nothing happens until the client confirms it (an OTP). */
  readonly start: 'sent' | 'waiting';
  /** The gateway knows already that it will fail, and why, but says so only afterwards. */
  readonly failsWith?: string;
  /** What else the gateway needs to answer questions about it later. */
  readonly detail: JsonObject;
}

/** A refund or a payout in a gateway's books. */
export interface Movement extends NewMovement {
  /** The gateway's own numeric id. */
  readonly id: number;
  readonly gateway: string;
  readonly plan: OutPlan;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** `waiting`: not confirmed; `pending`: the bank or operator has it; `returned`: it was paid and came back. */
  status: 'waiting' | 'pending' | 'succeeded' | 'failed' | 'returned';
  /** What was, or will be, really paid out; differs from the request only under `wrong_amount`. Integer minor units. */
  movedMinor: number;
  /** What of the account's balance is kept for it. Integer minor units; 0 once it is booked or has failed for good. */
  heldMinor: number;
  /** When the status last became final. Milliseconds since the epoch. */
  finishedAt?: number;
  declineCode?: string;
}

/** One gateway's refunds, or its payouts. */
export class Movements extends Records<Movement> {}
