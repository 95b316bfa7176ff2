/** What is certain, so that nobody has to decide it. Pure. */
import type { Found } from '../matching/break.js';

export type Certain = 'ask' | 'book_fee' | undefined;

const BPS = 10_000n;

/**
 * - `ask`: the gateway's books and its answers differ, or one of them has moved on. It is asked again: a success that we missed is then fetched and
 *   booked, a late one goes back to the customer, and what came back is taken back.
 * - `book_fee`: the gateway kept more, or less, than it had said, and not much. Its books are right about what it kept.
 * @param feeToleranceBps how much of what moved a fee may differ by, in basis points
 */
export function whatIsCertain(
  found: Pick<Found, 'kind' | 'side' | 'attemptId' | 'amount'>,
  movedAmount: bigint | null,
  feeToleranceBps: number,
): Certain {
  if (found.side !== 'gateway' || found.attemptId === null) return undefined;
  if (found.kind === 'status' || found.kind === 'missing_there') return 'ask';
  if (found.kind !== 'fee' || found.amount === null || movedAmount === null) return undefined;
  return found.amount * BPS <= movedAmount * BigInt(feeToleranceBps) ? 'book_fee' : undefined;
}

/** The success that we believe in is not in the gateway's books, or has failed there. */
export function isDenied(found: Pick<Found, 'kind' | 'differences'>): boolean {
  if (found.kind === 'missing_there') return true;
  return (
    found.kind === 'status' && found.differences.some(({ ours, theirs }) => ours === 'succeeded' && theirs === 'failed')
  );
}
