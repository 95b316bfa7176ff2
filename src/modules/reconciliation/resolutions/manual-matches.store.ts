/** Matches that somebody made. */
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import type { LineSide, RecordSide } from '../matching/sides.js';
import { lineColumns, recordColumns } from '../runs/work.store.js';

export interface Sides {
  readonly records: readonly RecordSide[];
  readonly lines: readonly LineSide[];
}

/** A side, and whether it has its counterpart already. */
export type Known<Side> = Side & { readonly isIdentified: boolean };

const IDENTIFIED = `m.rule IN ('reference', 'handle', 'manual')) AS "isIdentified"`;

export function recordsToMatch(
  queryable: Queryable,
  account: string,
  attemptIds: readonly string[],
): Promise<Known<RecordSide>[]> {
  return queryable.query<Known<RecordSide>>(
    `SELECT ${recordColumns('x')}, EXISTS (SELECT FROM reconciliation.match m WHERE m.attempt_id = x.attempt_id AND ${IDENTIFIED}
       FROM reconciliation.record x WHERE x.attempt_id = ANY($1::uuid[]) AND x.gateway_account_id = $2 ORDER BY x.started_at, x.attempt_id`,
    [attemptIds, account],
  );
}

export function linesToMatch(
  queryable: Queryable,
  account: string,
  lineIds: readonly string[],
): Promise<Known<LineSide>[]> {
  return queryable.query<Known<LineSide>>(
    `SELECT ${lineColumns('x')}, EXISTS (SELECT FROM reconciliation.match m WHERE m.line_id = x.id AND ${IDENTIFIED}
       FROM reconciliation.line x WHERE x.id = ANY($1::uuid[]) AND x.gateway_account_id = $2 ORDER BY x.occurred_at, x.id`,
    [lineIds, account],
  );
}

const matchStatement = statement(
  'reconciliation.match_by_hand',
  `INSERT INTO reconciliation.match (attempt_id, line_id, rule, score, explanation, run_id)
   SELECT a, l, 'manual', 100, $3, $4 FROM unnest($1::uuid[]) a CROSS JOIN unnest($2::uuid[]) l
   ON CONFLICT (attempt_id, line_id) DO UPDATE SET rule = 'manual', score = 100, explanation = EXCLUDED.explanation, run_id = EXCLUDED.run_id, matched_at = now()`,
);

/** Makes these one, whatever they resembled before. */
export async function matchByHand(
  tx: Tx,
  { records, lines }: Sides,
  remark: string,
  resolutionId: string,
): Promise<void> {
  const [attemptIds, lineIds] = [records.map(({ attemptId }) => attemptId), lines.map(({ id }) => id)];
  await tx.query('DELETE FROM reconciliation.match WHERE attempt_id = ANY($1::uuid[]) OR line_id = ANY($2::uuid[])', [
    attemptIds,
    lineIds,
  ]);
  await tx.query(matchStatement, [attemptIds, lineIds, remark, resolutionId]);
}
