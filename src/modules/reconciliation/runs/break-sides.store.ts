/** What the sides of a break say, for whoever looks into it. */
import { statement, type Queryable } from '../../../kernel/database/tx.js';
import type { AttemptStatus } from '../../../contracts/shared.js';
import type { RecordKind } from '../records/record.js';
import type { BreakInFull } from './breaks.store.js';

/** What we believe of the attempt. */
export interface OurRecord {
  readonly attemptId: string;
  readonly kind: RecordKind;
  /** The payment, refund or payout. */
  readonly subjectId: string;
  readonly reference: string;
  readonly handles: readonly string[];
  readonly status: AttemptStatus;
  readonly amount: bigint | null;
  readonly currency: string | null;
  readonly movedAmount: bigint | null;
  readonly movedCurrency: string | null;
  readonly fee: bigint | null;
  readonly startedAt: Date;
  readonly concludedAt: Date | null;
}

/** What the ledger has booked at the gateway's clearing account. */
export interface OurMovement {
  readonly transferId: string;
  readonly kind: string;
  readonly side: 'debit' | 'credit';
  readonly amount: bigint;
  readonly currency: string;
  readonly effectiveAt: Date;
}

const recordStatement = statement(
  'reconciliation.record_of_break',
  `SELECT attempt_id AS "attemptId", kind, subject_id AS "subjectId", reference, handles, status, amount, currency, moved_amount AS "movedAmount",
     moved_currency AS "movedCurrency", fee, started_at AS "startedAt", concluded_at AS "concludedAt"
   FROM reconciliation.record WHERE attempt_id = $1`,
);

export async function recordOfBreak(
  queryable: Queryable,
  { attemptId }: Pick<BreakInFull, 'attemptId'>,
): Promise<OurRecord | undefined> {
  if (attemptId === null) return undefined;
  const [row] = await queryable.query<OurRecord>(recordStatement, [attemptId]);
  return row;
}

const MOVEMENT = `transfer_id AS "transferId", kind, side, amount, currency, effective_at AS "effectiveAt"`;
/** Of one attempt there are a few: captures, fees, what went back. */
const MAX_MOVEMENTS = 100;

const ofAttemptStatement = statement(
  'reconciliation.movements_of_break',
  `SELECT ${MOVEMENT} FROM reconciliation.movement WHERE attempt_id = $1 ORDER BY transfer_id LIMIT ${MAX_MOVEMENTS}`,
);
const movementStatement = statement(
  'reconciliation.movement_of_break',
  `SELECT ${MOVEMENT} FROM reconciliation.movement WHERE transfer_id = $1`,
);

/** What was booked for its attempt; where it is about a transfer that belongs to none, that transfer. */
export function movementsOfBreak(
  queryable: Queryable,
  { attemptId, subject, subjectId }: Pick<BreakInFull, 'attemptId' | 'subject' | 'subjectId'>,
): Promise<readonly OurMovement[]> {
  if (subject === 'movement') return queryable.query<OurMovement>(movementStatement, [subjectId]);
  return attemptId === null ? Promise.resolve([]) : queryable.query<OurMovement>(ofAttemptStatement, [attemptId]);
}
