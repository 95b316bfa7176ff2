/** Breaks as operators list them. */
import { statement, type Queryable } from '../../../kernel/database/tx.js';
import type { BreakKind, BreakOwner, BreakSide, BreakSubject, Difference } from '../matching/break.js';
import type { ResolutionAction, ResolutionState } from '../resolutions/resolution.js';

export interface BreakRow {
  readonly id: string;
  readonly kind: BreakKind;
  readonly side: BreakSide;
  readonly subject: BreakSubject;
  readonly gatewayAccountId: string;
  readonly gateway: string;
  readonly livemode: boolean;
  readonly merchantId: string | null;
  readonly attemptId: string | null;
  readonly lineId: string | null;
  readonly amount: bigint | null;
  readonly currency: string | null;
  readonly differences: readonly Difference[];
  readonly owner: BreakOwner;
  readonly occurredAt: Date;
  readonly openedBy: string;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly closedWhy: string | null;
  /** What the gateway calls the line, or the settlement, and the reference that it carries. */
  readonly gatewayId: string | null;
  readonly reference: string | null;
  /** What was decided about it last. */
  readonly resolution: LastResolution | null;
}

export interface LastResolution {
  readonly id: string;
  readonly action: ResolutionAction;
  readonly state: ResolutionState;
  readonly isAutomatic: boolean;
}

/** A break on its own page. */
export interface BreakInFull extends BreakRow {
  readonly subjectId: string;
  /** The run that found it no more; null where it is open, or was resolved. */
  readonly closedBy: string | null;
}

export interface BreakFilter {
  readonly gatewayAccountId: string | null;
  readonly kind: string | null;
  readonly side: string | null;
  readonly owner: string | null;
  readonly runId: string | null;
  /** Null: both. */
  readonly isOpen: boolean | null;
  readonly livemode: boolean | null;
  readonly currency: string | null;
  /** What is at stake, in minor units, inclusive. */
  readonly amountFrom: bigint | null;
  readonly amountTo: bigint | null;
  /** When it happened: inclusive, exclusive. */
  readonly occurredFrom: Date | null;
  readonly occurredTo: Date | null;
  readonly limit: number;
  readonly before: string | null;
  readonly after: string | null;
}

const BREAK = `b.id, b.kind, b.side, b.subject, b.gateway_account_id AS "gatewayAccountId", b.gateway, b.livemode, b.merchant_id AS "merchantId",
  b.attempt_id AS "attemptId", b.line_id AS "lineId", b.amount, b.currency, b.differences, b.owner, b.occurred_at AS "occurredAt",
  b.opened_by AS "openedBy", b.opened_at AS "openedAt", b.closed_at AS "closedAt", b.closed_why AS "closedWhy",
  COALESCE(l.gateway_id, t.gateway_id) AS "gatewayId", COALESCE(l.reference, r.reference) AS reference,
  (SELECT json_build_object('id', z.id, 'action', z.action, 'state', z.state, 'isAutomatic', z.is_automatic)
     FROM reconciliation.resolution z WHERE z.break_id = b.id ORDER BY z.id DESC LIMIT 1) AS resolution`;
const FROM = `FROM reconciliation.break b
  LEFT JOIN reconciliation.line l ON l.id = b.line_id
  LEFT JOIN reconciliation.record r ON r.attempt_id = b.attempt_id
  LEFT JOIN reconciliation.settlement t ON b.subject = 'settlement' AND t.id = b.subject_id`;

const oneStatement = statement(
  'reconciliation.one_break',
  `SELECT ${BREAK}, b.subject_id AS "subjectId", b.closed_by AS "closedBy" ${FROM} WHERE b.id = $1`,
);

export async function findBreak(queryable: Queryable, id: string): Promise<BreakInFull | undefined> {
  const [row] = await queryable.query<BreakInFull>(oneStatement, [id]);
  return row;
}

/** The newest first. */
export async function listBreaks(queryable: Queryable, filter: BreakFilter): Promise<readonly BreakRow[]> {
  const isBackwards = filter.before === null && filter.after !== null;
  const rows = await queryable.query<BreakRow>(
    `SELECT ${BREAK} ${FROM}
      WHERE ($1::uuid IS NULL OR b.gateway_account_id = $1) AND ($2::text IS NULL OR b.kind = $2) AND ($3::text IS NULL OR b.side = $3)
        AND ($4::text IS NULL OR b.owner = $4) AND ($5::uuid IS NULL OR b.opened_by = $5)
        AND ($6::boolean IS NULL OR b.is_open = $6) AND ($7::boolean IS NULL OR b.livemode = $7)
        AND ($8::uuid IS NULL OR b.id < $8) AND ($9::uuid IS NULL OR b.id > $9)
        AND ($11::text IS NULL OR b.currency = $11) AND ($12::bigint IS NULL OR b.amount >= $12) AND ($13::bigint IS NULL OR b.amount <= $13)
        AND ($14::timestamptz IS NULL OR b.occurred_at >= $14) AND ($15::timestamptz IS NULL OR b.occurred_at < $15)
      ORDER BY b.id ${isBackwards ? 'ASC' : 'DESC'} LIMIT $10`,
    [
      filter.gatewayAccountId,
      filter.kind,
      filter.side,
      filter.owner,
      filter.runId,
      filter.isOpen,
      filter.livemode,
      filter.before,
      filter.after,
      filter.limit,
      filter.currency,
      filter.amountFrom,
      filter.amountTo,
      filter.occurredFrom?.toISOString() ?? null,
      filter.occurredTo?.toISOString() ?? null,
    ],
  );
  return isBackwards ? rows.toReversed() : rows;
}
