/** Matches and breaks: what stands, and writing what differs from it. */
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { ownerOf, type Difference, type Found } from '../matching/break.js';
import { contentOf, type BreakChanges, type PairChanges, type StandingBreak, type StandingPair } from './results.js';
import type { Run } from './runs.store.js';

const standingPairsStatement = statement(
  'reconciliation.standing_matches',
  `SELECT attempt_id AS "attemptId", line_id AS "lineId", rule, explanation FROM reconciliation.match WHERE attempt_id = ANY($1::uuid[])
   UNION SELECT attempt_id, line_id, rule, explanation FROM reconciliation.match WHERE line_id = ANY($2::uuid[])`,
);

/** Those of any of these records or lines. */
export function standingPairs(
  queryable: Queryable,
  attemptIds: readonly string[],
  lineIds: readonly string[],
): Promise<readonly StandingPair[]> {
  return queryable.query<StandingPair>(standingPairsStatement, [attemptIds, lineIds]);
}

const standingBreaksStatement = statement(
  'reconciliation.standing_breaks',
  `SELECT id, kind, side, subject_id AS "subjectId", attempt_id AS "attemptId", line_id AS "lineId", merchant_id AS "merchantId", amount, currency, differences
   FROM reconciliation.break WHERE subject_id = ANY($1::uuid[]) AND closed_at IS NULL`,
);

const standingUnownedStatement = statement(
  'reconciliation.standing_unowned',
  `SELECT id, kind, side, subject_id AS "subjectId", attempt_id AS "attemptId", line_id AS "lineId", merchant_id AS "merchantId", amount, currency, differences
   FROM reconciliation.break
   WHERE gateway_account_id = $1 AND subject = 'movement' AND occurred_at >= $2 AND occurred_at < $3 AND closed_at IS NULL`,
);

/** Open breaks about movements of a window. */
export async function standingUnowned(
  queryable: Queryable,
  { gatewayAccountId, from, to }: Pick<Run, 'gatewayAccountId' | 'from' | 'to'>,
): Promise<readonly StandingBreak[]> {
  const values = [gatewayAccountId, from.toISOString(), to.toISOString()];
  const rows = await queryable.query<BreakRow>(standingUnownedStatement, values);
  return rows.map((row) => ({ ...row, content: contentOf(row) }));
}

type BreakRow = Omit<StandingBreak, 'content'> &
  Pick<Found, 'attemptId' | 'lineId' | 'merchantId' | 'amount' | 'currency'> & {
    readonly differences: readonly Difference[];
  };

export async function standingBreaks(
  queryable: Queryable,
  subjectIds: readonly string[],
): Promise<readonly StandingBreak[]> {
  const rows = await queryable.query<BreakRow>(standingBreaksStatement, [subjectIds]);
  return rows.map((row) => ({ ...row, content: contentOf(row) }));
}

const makeStatement = statement(
  'reconciliation.make_matches',
  `INSERT INTO reconciliation.match (attempt_id, line_id, rule, score, explanation, run_id)
   SELECT "attemptId", "lineId", rule, score, explanation, $2
   FROM json_to_recordset($1) AS t("attemptId" uuid, "lineId" uuid, rule text, score smallint, explanation text)
   ON CONFLICT (attempt_id, line_id) DO UPDATE
      SET rule = EXCLUDED.rule, score = EXCLUDED.score, explanation = EXCLUDED.explanation, run_id = EXCLUDED.run_id, matched_at = now()`,
);

const dropStatement = statement(
  'reconciliation.drop_matches',
  `DELETE FROM reconciliation.match m USING unnest($1::uuid[], $2::uuid[]) AS t(attempt_id, line_id)
   WHERE m.attempt_id = t.attempt_id AND m.line_id = t.line_id`,
);

export async function writePairs(tx: Tx, run: Pick<Run, 'id'>, { made, dropped }: PairChanges): Promise<void> {
  if (dropped.length > 0)
    await tx.query(dropStatement, [dropped.map(({ attemptId }) => attemptId), dropped.map(({ lineId }) => lineId)]);
  if (made.length > 0) await tx.query(makeStatement, [JSON.stringify(made), run.id]);
}

const openStatement = statement(
  'reconciliation.open_breaks',
  `INSERT INTO reconciliation.break (id, kind, side, subject, subject_id, gateway_account_id, gateway, livemode, merchant_id, attempt_id, line_id, amount,
     currency, differences, owner, occurred_at, opened_by)
   SELECT id, kind, side, subject, "subjectId", $2, $3, $4, "merchantId", "attemptId", "lineId", amount, currency, differences, owner,
     to_timestamp("occurredAt" / 1000.0), $5
   FROM json_to_recordset($1) AS t(id uuid, kind text, side text, subject text, "subjectId" uuid, "merchantId" uuid, "attemptId" uuid, "lineId" uuid,
     amount bigint, currency text, differences jsonb, owner text, "occurredAt" float8)`,
);

const changeStatement = statement(
  'reconciliation.change_breaks',
  `UPDATE reconciliation.break b SET merchant_id = t."merchantId", attempt_id = t."attemptId", line_id = t."lineId", amount = t.amount,
     currency = t.currency, differences = t.differences
   FROM json_to_recordset($1) AS t(id uuid, "merchantId" uuid, "attemptId" uuid, "lineId" uuid, amount bigint, currency text, differences jsonb)
   WHERE b.id = t.id AND b.id = ANY($2::uuid[])`,
);

/* Still open, said so that no index of the open ones is read as a whole instead of the ids looked up. */
const closeStatement = statement(
  'reconciliation.close_breaks',
  `UPDATE reconciliation.break b SET closed_by = $3, closed_at = now(), closed_why = t.why
   FROM unnest($1::uuid[], $2::text[]) AS t(id, why)
   WHERE b.id = t.id AND b.id = ANY($1::uuid[]) AND COALESCE(b.closed_at, 'infinity') = 'infinity'`,
);

export interface WrittenBreak {
  readonly id: string;
  readonly found: Found;
}

/** @returns those that say something new */
export async function writeBreaks(
  tx: Tx,
  run: Pick<Run, 'id' | 'gatewayAccountId' | 'gateway' | 'livemode'>,
  { opened, changed, closed }: BreakChanges,
): Promise<readonly WrittenBreak[]> {
  if (closed.length > 0)
    await tx.query(closeStatement, [closed.map(({ id }) => id), closed.map(({ why }) => why), run.id]);
  const fresh = opened.map((found) => ({ id: newUuid(), found }));
  if (fresh.length > 0) {
    const rows = fresh.map(({ id, found }) => ({ ...jsonOf(found), id, owner: ownerOf(found) }));
    await tx.query(openStatement, [JSON.stringify(rows), run.gatewayAccountId, run.gateway, run.livemode, run.id]);
  }
  if (changed.length > 0) {
    const rows = changed.map(({ id, found }) => ({ ...jsonOf(found), id }));
    await tx.query(changeStatement, [JSON.stringify(rows), changed.map(({ id }) => id)]);
  }
  return [...fresh, ...changed];
}

function jsonOf(found: Found): object {
  return { ...found, amount: found.amount === null ? null : String(found.amount) };
}
