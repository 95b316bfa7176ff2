import type { Evidence } from './evidence.js';

export interface Violation {
  /** One sentence with the figures. */
  readonly text: string;
  /** The payment to show the trail of, by its uuid. */
  readonly paymentId?: string;
}

/** Something that holds after quiet, whatever happened. */
export interface Invariant {
  readonly name: string;
  /** All that contradicts it; the first ones are enough. */
  check(evidence: Evidence): Promise<readonly Violation[]> | readonly Violation[];
}

/** They took money from the customer. */
export const TOOK_MONEY: ReadonlySet<string> = new Set(['succeeded', 'surplus', 'quarantined']);
