/** What was found about attempts: with which of the gateway's lines they agree, whether its books prove them, and where they differ. */
import { statement, type Queryable } from '../../../kernel/database/tx.js';

export interface ReconciledRow {
  readonly attemptId: string;
  readonly kind: string;
  readonly gateway: string;
  readonly gatewayAccountId: string;
  readonly reference: string;
  readonly status: string;
  readonly provedAt: Date | null;
}

export interface MatchedLineRow {
  readonly attemptId: string;
  readonly lineId: string;
  readonly rule: string;
  readonly explanation: string;
  readonly runId: string;
  readonly matchedAt: Date;
  readonly gatewayId: string | null;
  readonly amount: bigint;
  readonly fee: bigint | null;
  readonly currency: string;
  readonly occurredAt: Date;
  readonly settlementId: string | null;
}

export interface FoundBreakRow {
  readonly id: string;
  readonly attemptId: string;
  readonly kind: string;
  readonly side: string;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly closedWhy: string | null;
}

const recordsStatement = statement(
  'reconciliation.records_of_attempts',
  `SELECT r.attempt_id AS "attemptId", r.kind, r.gateway, r.gateway_account_id AS "gatewayAccountId", r.reference, r.status, p.proved_at AS "provedAt"
   FROM reconciliation.record r LEFT JOIN reconciliation.proof p ON p.attempt_id = r.attempt_id
   WHERE r.attempt_id = ANY($1::uuid[]) ORDER BY r.started_at, r.attempt_id`,
);

const linesStatement = statement(
  'reconciliation.lines_of_attempts',
  `SELECT m.attempt_id AS "attemptId", m.line_id AS "lineId", m.rule, m.explanation, m.run_id AS "runId", m.matched_at AS "matchedAt",
     l.gateway_id AS "gatewayId", l.amount, l.fee, l.currency, l.occurred_at AS "occurredAt", l.settlement_id AS "settlementId"
   FROM reconciliation.match m JOIN reconciliation.line l ON l.id = m.line_id
   WHERE m.attempt_id = ANY($1::uuid[]) ORDER BY l.occurred_at, m.line_id`,
);

const breaksStatement = statement(
  'reconciliation.breaks_of_attempts',
  `SELECT id, attempt_id AS "attemptId", kind, side, opened_at AS "openedAt", closed_at AS "closedAt", closed_why AS "closedWhy"
   FROM reconciliation.break WHERE attempt_id = ANY($1::uuid[]) ORDER BY id LIMIT $2`,
);

/** More of one payment's were not looked at by people either. */
const MAX_BREAKS = 500;

export interface Reconciled {
  readonly records: readonly ReconciledRow[];
  readonly lines: readonly MatchedLineRow[];
  readonly breaks: readonly FoundBreakRow[];
}

/** @param attemptIds uuids */
export async function reconciledOf(db: Queryable, attemptIds: readonly string[]): Promise<Reconciled> {
  const [records, lines, breaks] = await Promise.all([
    db.query<ReconciledRow>(recordsStatement, [attemptIds]),
    db.query<MatchedLineRow>(linesStatement, [attemptIds]),
    db.query<FoundBreakRow>(breaksStatement, [attemptIds, MAX_BREAKS]),
  ]);
  return { records, lines, breaks };
}
