/** What can be decided about a break. */
export const RESOLUTION_ACTIONS = ['ask', 'dismiss', 'match', 'write_off', 'adjust'] as const;
/**
 * `ask`: has the gateway asked again. `dismiss`: it is as it should be. `match`: these belong together. `write_off`: the difference is our loss, or
 * our gain. `adjust`: it is booked against an account that is named.
 */
export type ResolutionAction = (typeof RESOLUTION_ACTIONS)[number];

export const RESOLUTION_STATES = ['proposed', 'approved', 'done', 'rejected', 'expired'] as const;
/** `approved`: the ledger is to book it; `done`: nothing is left to do. */
export type ResolutionState = (typeof RESOLUTION_STATES)[number];

/** What a difference may be booked against. */
export const ADJUSTMENT_ACCOUNTS = ['gateway_fees', 'suspense', 'write_offs'] as const;
export type AdjustmentAccount = (typeof ADJUSTMENT_ACCOUNTS)[number];

/** What is to be booked at a gateway's clearing account, in minor units. */
export interface Correction {
  /** `debit`: the gateway owes us more than the books say. */
  readonly side: 'debit' | 'credit';
  readonly amount: bigint;
  readonly currency: string;
}

/** Somebody in a session. */
export interface Person {
  readonly id: string;
  readonly sessionId: string;
}

/** Who resolves a break: a person, or a key, who is nobody in particular. */
export type Asker = Person | { readonly id: string; readonly sessionId: null };

/** A proposal that nobody has approved by then is void, in ms. */
export const PROPOSAL_LASTS_MS = 7 * 86_400_000;
