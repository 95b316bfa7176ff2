import type { Queryable, Tx } from '../../../kernel/database/tx.js';
import type { BreakKind, BreakSide } from '../matching/break.js';
import type { RecordKind } from '../records/record.js';

/** Amounts in minor units, as text: a day of a large account is beyond what JSON numbers hold exactly. */
export interface DayFigures {
  readonly kind: RecordKind;
  readonly currency: string;
  /** Attempts that we say moved money. */
  readonly count: number;
  readonly amount: string;
  readonly fee: string;
  /** Of those, the ones that the gateway has too. */
  readonly matchedCount: number;
  readonly matchedAmount: string;
  /** Lines of the gateway that say that money moved. */
  readonly lineCount: number;
  readonly lineAmount: string;
  readonly lineFee: string;
}

export interface DayBreaks {
  readonly side: BreakSide;
  readonly kind: BreakKind;
  readonly open: number;
  readonly closed: number;
}

export interface DayReport {
  readonly id: string;
  readonly runId: string;
  readonly gatewayAccountId: string;
  readonly gateway: string;
  readonly livemode: boolean;
  /** `2026-11-27`, in UTC. */
  readonly day: string;
  readonly figures: readonly DayFigures[];
  readonly breaks: readonly DayBreaks[];
  readonly createdAt: Date;
}

export interface DayOfAccount {
  readonly gatewayAccountId: string;
  readonly from: Date;
  readonly to: Date;
}

const windowOf = ({ gatewayAccountId, from, to }: DayOfAccount): readonly unknown[] => [
  gatewayAccountId,
  from.toISOString(),
  to.toISOString(),
];

export function figuresOf(queryable: Queryable, day: DayOfAccount): Promise<DayFigures[]> {
  return queryable.query<DayFigures>(
    `WITH ours AS (
       SELECT r.kind, COALESCE(r.moved_currency, r.currency) AS currency, COALESCE(r.moved_amount, r.amount, 0) AS amount, COALESCE(r.fee, 0) AS fee,
         EXISTS (SELECT FROM reconciliation.match m WHERE m.attempt_id = r.attempt_id) AS is_matched
       FROM reconciliation.record r
       WHERE r.gateway_account_id = $1 AND r.started_at >= $2 AND r.started_at < $3 AND r.status IN ('succeeded', 'surplus', 'quarantined', 'returned')
     ), theirs AS (
       SELECT CASE l.kind WHEN 'charge' THEN 'payment' WHEN 'refund' THEN 'refund' ELSE 'payout' END AS kind, l.currency, l.amount, COALESCE(l.fee, 0) AS fee
       FROM reconciliation.line l
       WHERE l.gateway_account_id = $1 AND l.occurred_at >= $2 AND l.occurred_at < $3 AND l.status = 'succeeded' AND l.kind IN ('charge', 'refund', 'payout')
     ), o AS (
       SELECT kind, currency, count(*)::int AS count, sum(amount)::text AS amount, sum(fee)::text AS fee, (count(*) FILTER (WHERE is_matched))::int AS matched_count,
         COALESCE(sum(amount) FILTER (WHERE is_matched), 0)::text AS matched_amount
       FROM ours WHERE currency IS NOT NULL GROUP BY 1, 2
     ), t AS (
       SELECT kind, currency, count(*)::int AS count, sum(amount)::text AS amount, sum(fee)::text AS fee FROM theirs GROUP BY 1, 2
     )
     SELECT kind, currency, COALESCE(o.count, 0) AS count, COALESCE(o.amount, '0') AS amount, COALESCE(o.fee, '0') AS fee,
       COALESCE(o.matched_count, 0) AS "matchedCount", COALESCE(o.matched_amount, '0') AS "matchedAmount",
       COALESCE(t.count, 0) AS "lineCount", COALESCE(t.amount, '0') AS "lineAmount", COALESCE(t.fee, '0') AS "lineFee"
     FROM o FULL JOIN t USING (kind, currency) ORDER BY kind, currency`,
    windowOf(day),
  );
}

/** Of what happened that day, whenever it was found. */
export function breaksOf(queryable: Queryable, day: DayOfAccount): Promise<DayBreaks[]> {
  return queryable.query<DayBreaks>(
    `SELECT side, kind, (count(*) FILTER (WHERE closed_at IS NULL))::int AS open, (count(*) FILTER (WHERE closed_at IS NOT NULL))::int AS closed
     FROM reconciliation.break WHERE gateway_account_id = $1 AND occurred_at >= $2 AND occurred_at < $3 GROUP BY side, kind ORDER BY side, kind`,
    windowOf(day),
  );
}

/** @returns whether it is the first of its account and day */
export async function insertReport(tx: Tx, report: Omit<DayReport, 'createdAt'>): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO reconciliation.day_report (id, run_id, gateway_account_id, gateway, livemode, day, figures, breaks) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (gateway_account_id, day) DO NOTHING RETURNING 1`,
    [
      report.id,
      report.runId,
      report.gatewayAccountId,
      report.gateway,
      report.livemode,
      report.day,
      JSON.stringify(report.figures),
      JSON.stringify(report.breaks),
    ],
  );
  return rows.length > 0;
}

export interface ReportFilter {
  readonly gatewayAccountId: string | null;
  /** `2026-11-27`. */
  readonly day: string | null;
  readonly livemode: boolean | null;
  readonly limit: number;
  readonly before: string | null;
  readonly after: string | null;
}

/** The newest first. */
export async function listReports(queryable: Queryable, filter: ReportFilter): Promise<readonly DayReport[]> {
  const isBackwards = filter.before === null && filter.after !== null;
  const rows = await queryable.query<DayReport>(
    `SELECT id, run_id AS "runId", gateway_account_id AS "gatewayAccountId", gateway, livemode, day::text, figures, breaks, created_at AS "createdAt"
       FROM reconciliation.day_report
      WHERE ($1::uuid IS NULL OR gateway_account_id = $1) AND ($2::date IS NULL OR day = $2) AND ($3::uuid IS NULL OR id < $3) AND ($4::uuid IS NULL OR id > $4)
        AND ($6::boolean IS NULL OR livemode = $6)
      ORDER BY id ${isBackwards ? 'ASC' : 'DESC'} LIMIT $5`,
    [filter.gatewayAccountId, filter.day, filter.before, filter.after, filter.limit, filter.livemode],
  );
  return isBackwards ? rows.toReversed() : rows;
}
