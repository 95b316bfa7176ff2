/** Breaks as operators list them. */
import type { Queryable } from '../../../kernel/database/tx.js';
import type { BreakKind, BreakSide, BreakSubject, Difference } from '../matching/break.js';

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
  readonly owner: string;
  readonly occurredAt: Date;
  readonly openedBy: string;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly closedWhy: string | null;
  /** What the gateway calls the line, or the settlement, and the reference that it carries. */
  readonly gatewayId: string | null;
  readonly reference: string | null;
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
  readonly limit: number;
  readonly before: string | null;
  readonly after: string | null;
}

/** The newest first. */
export async function listBreaks(queryable: Queryable, filter: BreakFilter): Promise<readonly BreakRow[]> {
  const isBackwards = filter.before === null && filter.after !== null;
  const rows = await queryable.query<BreakRow>(
    `SELECT b.id, b.kind, b.side, b.subject, b.gateway_account_id AS "gatewayAccountId", b.gateway, b.livemode, b.merchant_id AS "merchantId",
        b.attempt_id AS "attemptId", b.line_id AS "lineId", b.amount, b.currency, b.differences, b.owner, b.occurred_at AS "occurredAt",
        b.opened_by AS "openedBy", b.opened_at AS "openedAt", b.closed_at AS "closedAt", b.closed_why AS "closedWhy",
        COALESCE(l.gateway_id, t.gateway_id) AS "gatewayId", COALESCE(l.reference, r.reference) AS reference
       FROM reconciliation.break b
       LEFT JOIN reconciliation.line l ON l.id = b.line_id
       LEFT JOIN reconciliation.record r ON r.attempt_id = b.attempt_id
       LEFT JOIN reconciliation.settlement t ON b.subject = 'settlement' AND t.id = b.subject_id
      WHERE ($1::uuid IS NULL OR b.gateway_account_id = $1) AND ($2::text IS NULL OR b.kind = $2) AND ($3::text IS NULL OR b.side = $3)
        AND ($4::text IS NULL OR b.owner = $4) AND ($5::uuid IS NULL OR b.opened_by = $5)
        AND ($6::boolean IS NULL OR (b.closed_at IS NULL) = $6) AND ($7::boolean IS NULL OR b.livemode = $7)
        AND ($8::uuid IS NULL OR b.id < $8) AND ($9::uuid IS NULL OR b.id > $9)
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
    ],
  );
  return isBackwards ? rows.toReversed() : rows;
}
