/** When a gateway's books confirm a capture. Pure. */
import type { BreakKind, Found } from './break.js';
import { amountOf, currencyOf, type LineSide, type RecordSide } from './sides.js';

/** What says nothing against the capture itself: what the gateway kept of it, when, and that it took another one besides. */
const BESIDES: ReadonlySet<BreakKind> = new Set(['fee', 'late', 'duplicate']);

/**
 * Whether the lines that name an attempt prove that it captured what we believe: it won its payment, and among what moved is its amount. One that
 * only resembles it proves nothing.
 * @param breaks all that were found between the two
 */
export function isProved(record: RecordSide, named: readonly LineSide[], breaks: readonly Found[]): boolean {
  if (record.kind !== 'payment' || record.status !== 'succeeded') return false;
  const moved = named.filter(({ kind, status }) => kind === 'charge' && status === 'succeeded');
  if (moved.length === 0 || named.some(({ status }) => status === 'reversed')) return false;
  const [amount, currency] = [amountOf(record), currencyOf(record)];
  const isOfCurrency = moved.every((line) => line.currency === currency);
  const isOne = moved.some((line) => line.amount === amount);
  const isAll = moved.reduce((sum, line) => sum + line.amount, 0n) === amount;
  return isOfCurrency && (isOne || isAll) && breaks.every(({ side, kind }) => side === 'ledger' || BESIDES.has(kind));
}
