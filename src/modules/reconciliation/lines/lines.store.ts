/** Sources, what is staged of them, and making it visible. */
import type { Database } from '../../../kernel/database/database.js';
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import type { RecordKind } from '../records/record.js';
import type { StagedLine } from './line.js';

export type SourceKind = 'listing' | 'file' | 'bank';

export interface NewSource {
  readonly id: string;
  readonly kind: SourceKind;
  /** The file's name, or what was listed. */
  readonly name: string;
  readonly gatewayAccountId: string;
  readonly gateway: string;
  readonly livemode: boolean;
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
  /** SHA-256 in hex, of a file. */
  readonly checksum: string | null;
  /** What would be in it. */
  readonly covers: readonly RecordKind[];
}

export interface SourceRow extends NewSource {
  readonly state: 'staging' | 'publishing' | 'committed' | 'abandoned';
  readonly staged: number;
  readonly newLines: number;
  readonly repeatedLines: number;
  readonly problem: string | null;
  readonly toldAt: Date;
  readonly closedAt: Date | null;
}

const SOURCE = `id, kind, name, gateway_account_id AS "gatewayAccountId", gateway, livemode, window_from AS "from", window_to AS "to", checksum, covers, state,
  staged, new_lines AS "newLines", repeated_lines AS "repeatedLines", problem, told_at AS "toldAt", closed_at AS "closedAt"`;

/** Rows per statement when a source becomes visible: a second or so, far from a statement's time limit. */
const COMMITTED_AT_ONCE = 20_000;

/** By a unique index: two that stage the same file at the same time are told apart when the second is committed. */
export const SAME_FILE_INDEX = 'source_same_file';

export async function insertSource(queryable: Queryable, source: NewSource): Promise<void> {
  await queryable.query(
    `INSERT INTO reconciliation.source (id, kind, name, gateway_account_id, gateway, livemode, window_from, window_to, checksum, covers)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      source.id,
      source.kind,
      source.name,
      source.gatewayAccountId,
      source.gateway,
      source.livemode,
      source.from.toISOString(),
      source.to.toISOString(),
      source.checksum,
      source.covers,
    ],
  );
}

export async function findSource(queryable: Queryable, id: string): Promise<SourceRow | undefined> {
  const [row] = await queryable.query<SourceRow>(`SELECT ${SOURCE} FROM reconciliation.source WHERE id = $1`, [id]);
  return row;
}

export async function findSameFile(
  queryable: Queryable,
  gatewayAccountId: string,
  checksum: string,
): Promise<SourceRow | undefined> {
  const [row] = await queryable.query<SourceRow>(
    `SELECT ${SOURCE} FROM reconciliation.source WHERE gateway_account_id = $1 AND checksum = $2 AND state IN ('publishing', 'committed')`,
    [gatewayAccountId, checksum],
  );
  return row;
}

const stageStatement = statement(
  'reconciliation.stage_lines',
  `INSERT INTO reconciliation.staged_line (source_id, ordinal, line_id, content)
   SELECT $1, ordinal, id, content FROM json_to_recordset($2) AS t(ordinal int, id uuid, content jsonb)
   ON CONFLICT (source_id, ordinal) DO NOTHING`,
);

/** The same line of a source given again changes nothing. */
export async function stageLines(tx: Tx, sourceId: string, lines: readonly StagedLine[]): Promise<void> {
  if (lines.length > 0) await tx.query(stageStatement, [sourceId, JSON.stringify(lines)]);
}

/** Locks the source while its lines become visible. */
export async function lockStaging(tx: Tx, sourceId: string): Promise<boolean> {
  const rows = await tx.query(`SELECT 1 FROM reconciliation.source WHERE id = $1 AND state = 'staging' FOR UPDATE`, [
    sourceId,
  ]);
  return rows.length > 0;
}

/*
 * Of a line that the source has more than once the last counts. What a later source leaves open (a reference, a fee) stays as it was known;
 * what an earlier one says comes too late.
 */
const publishStatement = statement(
  'reconciliation.publish_lines',
  `WITH chunk AS MATERIALIZED (
     SELECT ordinal, line_id, content FROM reconciliation.staged_line
      WHERE source_id = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3
   ), newest AS (
     SELECT DISTINCT ON (line_id) ordinal, line_id, content FROM chunk ORDER BY line_id, ordinal DESC
   ), written AS (
     INSERT INTO reconciliation.line AS l (id, source_id, ordinal, gateway_account_id, gateway_id, reference, key, aliases, kind, status, amount, fee, net,
       currency, occurred_at, settlement_id, description, told_at)
     SELECT line_id, s.id, newest.ordinal, s.gateway_account_id, c.gateway_id, c.reference, c.key, c.aliases, c.kind, c.status, c.amount, c.fee, c.net,
       c.currency, c.occurred_at, c.settlement_id, c.description, s.told_at
     FROM newest JOIN reconciliation.source s ON s.id = $1,
       jsonb_to_record(content) AS c(gateway_id text, reference text, key text, aliases text[], kind text, status text, amount bigint, fee bigint,
         net bigint, currency text, occurred_at timestamptz, settlement_id text, description text)
     ON CONFLICT (id) DO UPDATE SET
       source_id = EXCLUDED.source_id, ordinal = EXCLUDED.ordinal, told_at = EXCLUDED.told_at,
       reference = COALESCE(EXCLUDED.reference, l.reference), key = COALESCE(EXCLUDED.key, l.key),
       aliases = ARRAY(SELECT DISTINCT a COLLATE "C" FROM unnest(l.aliases || EXCLUDED.aliases) a ORDER BY 1),
       status = EXCLUDED.status, amount = EXCLUDED.amount, fee = COALESCE(EXCLUDED.fee, l.fee), net = COALESCE(EXCLUDED.net, l.net),
       currency = EXCLUDED.currency, occurred_at = EXCLUDED.occurred_at,
       settlement_id = COALESCE(EXCLUDED.settlement_id, l.settlement_id), description = COALESCE(EXCLUDED.description, l.description)
     WHERE EXCLUDED.told_at >= l.told_at
     RETURNING xmax = 0 AS is_new
   )
   SELECT (SELECT count(*) FROM chunk)::int AS taken, (SELECT max(ordinal) FROM chunk) AS last,
          (SELECT count(*) FROM written WHERE is_new)::int AS "newLines"`,
);

export interface Published {
  readonly staged: number;
  readonly newLines: number;
}

export interface PublishedChunk {
  readonly taken: number;
  /** Ordinal of the last; null when nothing was left. */
  readonly last: number | null;
  readonly newLines: number;
}

/** Makes visible what is staged behind an ordinal, at most so many lines. The caller holds the source's lock. */
export async function publishChunk(
  tx: Tx,
  sourceId: string,
  after: number,
  limit: number,
): Promise<PublishedChunk | undefined> {
  const [chunk] = await tx.query<PublishedChunk>(publishStatement, [sourceId, after, limit]);
  return chunk;
}

/** Makes all that is staged of a source visible. The caller holds its lock. */
export async function publishLines(tx: Tx, sourceId: string): Promise<Published> {
  let [staged, newLines] = [0, 0];
  for (let after = -1; ;) {
    const chunk = await publishChunk(tx, sourceId, after, COMMITTED_AT_ONCE);
    if (chunk === undefined || chunk.last === null) break;
    staged += chunk.taken;
    newLines += chunk.newLines;
    after = chunk.last;
  }
  await tx.query('DELETE FROM reconciliation.staged_line WHERE source_id = $1', [sourceId]);
  await tx.query(
    `UPDATE reconciliation.source SET state = 'committed', closed_at = now(), staged = $2::int, new_lines = $3::int, repeated_lines = $2::int - $3::int WHERE id = $1`,
    [sourceId, staged, newLines],
  );
  return { staged, newLines };
}

/** Forgets what was staged. @returns false when it was not staging any more */
export async function abandonSource(tx: Tx, sourceId: string, problem: string): Promise<boolean> {
  if (!(await lockStaging(tx, sourceId))) return false;
  await tx.query('DELETE FROM reconciliation.staged_line WHERE source_id = $1', [sourceId]);
  await tx.query(
    `UPDATE reconciliation.source SET state = 'abandoned', closed_at = now(), problem = $2 WHERE id = $1`,
    [sourceId, problem.slice(0, MAX_PROBLEM_LENGTH)],
  );
  return true;
}

/** Enough to see what went wrong. */
const MAX_PROBLEM_LENGTH = 500;

/** Sources that nobody has finished for so long. */
export async function findForgotten(database: Database, olderThanDays: number): Promise<readonly string[]> {
  const rows = await database.query<{ id: string }>(
    `SELECT id FROM reconciliation.source WHERE state = 'staging' AND begun_at < now() - make_interval(days => $1) ORDER BY begun_at LIMIT 100`,
    [olderThanDays],
  );
  return rows.map(({ id }) => id);
}
