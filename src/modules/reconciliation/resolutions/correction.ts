/** What has to be booked so that the ledger says what a gateway's books say. Pure. */
import type { LineKind, LineStatus } from '../lines/line.js';
import type { BreakKind, BreakSide, Difference } from '../matching/break.js';
import type { RecordKind } from '../records/record.js';
import type { Correction } from './resolution.js';

export interface Broken {
  readonly kind: BreakKind;
  readonly side: BreakSide;
  readonly currency: string | null;
  readonly differences: readonly Difference[];
}

/** What we believe of the attempt that a break is about. */
export interface OurSide {
  readonly kind: RecordKind;
  /** Whether we say that money moved. */
  readonly took: boolean;
  /** What we say that it moved, or was to move. */
  readonly amount: bigint | null;
  readonly fee: bigint | null;
}

/** The line that a break is about. */
export interface TheirSide {
  readonly kind: LineKind;
  readonly status: LineStatus;
  readonly amount: bigint;
}

const RECORDS_IN: ReadonlySet<RecordKind> = new Set(['payment']);
const LINES_IN: ReadonlySet<LineKind> = new Set(['charge', 'payout_return']);
const LINES_OUT: ReadonlySet<LineKind> = new Set(['refund', 'payout']);

/** @returns undefined where no amount follows from what the break says: it must be explained before it can be booked */
export function correctionOf(
  found: Broken,
  ours: OurSide | undefined,
  theirs: TheirSide | undefined,
): Correction | undefined {
  const { currency } = found;
  if (found.side === 'ledger' || currency === null) return undefined;
  const booked = (change: bigint | undefined): Correction | undefined => {
    if (change === undefined || change === 0n) return undefined;
    return { side: change > 0n ? 'debit' : 'credit', amount: change > 0n ? change : -change, currency };
  };
  // What came in at the bank was booked; the rest of the settlement is still owed to us, and what was too much is owed to the gateway.
  if (found.side === 'bank') return found.kind === 'amount' ? booked(differenceIn(found, 'amount')) : undefined;
  switch (found.kind) {
    case 'fee': {
      const by = differenceIn(found, 'fee');
      return booked(by === undefined ? undefined : -by);
    }
    case 'amount': {
      const by = differenceIn(found, 'amount');
      if (by === undefined || ours === undefined) return undefined;
      return booked(RECORDS_IN.has(ours.kind) ? by : -by);
    }
    case 'missing_here':
    case 'duplicate':
      return booked(theirs === undefined ? undefined : movedBy(theirs));
    case 'missing_there':
      return booked(ours === undefined ? undefined : undone(ours));
    case 'status':
      return booked(ours === undefined || theirs === undefined ? undefined : ofStatus(ours, theirs));
    // There is no rate to book one currency as another by, and what is late is not wrong.
    case 'currency':
    case 'late':
      return undefined;
  }
}

/** By how much theirs is more than ours. */
function differenceIn({ differences }: Broken, field: Difference['field']): bigint | undefined {
  const found = differences.find((each) => each.field === field);
  return found?.theirs == null ? undefined : BigInt(found.theirs) - BigInt(found.ours ?? '0');
}

/** What a line that took place did to what the gateway owes us. */
function movedBy({ kind, status, amount }: TheirSide): bigint | undefined {
  if (status !== 'succeeded') return undefined;
  if (LINES_IN.has(kind)) return amount;
  return LINES_OUT.has(kind) ? -amount : undefined;
}

/** All that we booked for an attempt, taken back. */
function undone({ kind, took, amount, fee }: OurSide): bigint | undefined {
  if (!took || amount === null) return undefined;
  const kept = fee ?? 0n;
  return RECORDS_IN.has(kind) ? kept - amount : amount + kept;
}

function ofStatus(ours: OurSide, theirs: TheirSide): bigint | undefined {
  // Its fee stays with the gateway when money went back.
  if (ours.took && theirs.status === 'reversed') return undone({ ...ours, fee: 0n });
  if (ours.took) return theirs.status === 'failed' ? undone(ours) : undefined;
  return movedBy(theirs);
}
