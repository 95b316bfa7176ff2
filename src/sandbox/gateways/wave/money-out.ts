import type { Movement, Movements } from '../../movements.js';
import type { Office } from '../world.js';
import type { IdempotencyKeys } from './idempotency.js';

/** What the endpoints that lead money out of a wallet share. */
export interface PayoutOffice extends Office {
  readonly payouts: Movements;
  readonly keys: IdempotencyKeys;
  readonly batches: Batches;
}

/** The batches, by account and id. What the books have forgotten is not shown. */
export type Batches = Map<string, readonly Movement[]>;
