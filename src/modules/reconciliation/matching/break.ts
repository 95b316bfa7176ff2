/** A place where two accounts of the same money differ. */
export const BREAK_KINDS = [
  'missing_here',
  'missing_there',
  'amount',
  'currency',
  'fee',
  'status',
  'duplicate',
  'late',
] as const;
export type BreakKind = (typeof BREAK_KINDS)[number];

/** Whom our record differs from; at the bank, the gateway's word of what it has settled. */
export const BREAK_SIDES = ['gateway', 'ledger', 'bank'] as const;
export type BreakSide = (typeof BREAK_SIDES)[number];

export const DIFFERING_FIELDS = ['amount', 'currency', 'fee', 'status', 'time', 'lines'] as const;

/** A field in which the two differ. */
export interface Difference {
  readonly field: (typeof DIFFERING_FIELDS)[number];
  readonly ours: string | null;
  readonly theirs: string | null;
}

export const BREAK_SUBJECTS = ['record', 'line', 'movement', 'settlement'] as const;
export type BreakSubject = (typeof BREAK_SUBJECTS)[number];

export interface Found {
  readonly kind: BreakKind;
  readonly side: BreakSide;
  readonly subject: BreakSubject;
  readonly subjectId: string;
  readonly attemptId: string | null;
  /** Of the gateway; of a settlement, of the bank. */
  readonly lineId: string | null;
  readonly merchantId: string | null;
  /** What is at stake, in minor units. */
  readonly amount: bigint | null;
  readonly currency: string | null;
  readonly differences: readonly Difference[];
  readonly occurredAt: number;
}

/** There is one open break per identity. */
export const identityOf = (found: Pick<Found, 'subjectId' | 'kind' | 'side'>): string =>
  `${found.subjectId} ${found.side} ${found.kind}`;

export const BREAK_OWNERS = ['engineering', 'finance', 'operations'] as const;
export type BreakOwner = (typeof BREAK_OWNERS)[number];

/** Who is to look at it first. */
export function ownerOf({ kind, side }: Pick<Found, 'kind' | 'side'>): BreakOwner {
  if (side === 'ledger') return 'engineering';
  return kind === 'fee' || side === 'bank' ? 'finance' : 'operations';
}
