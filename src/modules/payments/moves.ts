/** What refunds and payouts are moved by, and what comes of it. */
import type { NewEvent, StoredEvent } from '../../kernel/outbox/event.js';
import type { Failure, Return, Success } from './disbursements.store.js';

/** What was heard, of refunds or of payouts. */
export interface Moves {
  /** All that anything was heard of. */
  readonly ids: readonly string[];
  readonly funded: readonly string[];
  readonly failed: readonly Failure[];
  readonly succeeded: readonly Success[];
  readonly returned: readonly Return[];
}

export type Outcome = 'failed' | 'succeeded' | 'returned';
/** Something that has moved, as it is announced. `outcome` is undefined where it only goes on. */
export interface Moved {
  readonly id: string;
  readonly outcome: Outcome | undefined;
  announce(cause: StoredEvent): NewEvent;
}
