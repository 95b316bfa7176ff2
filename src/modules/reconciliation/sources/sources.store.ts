/** Sources that are files: begun, staged in small transactions, sealed when they are whole, published in small transactions. */
import type { Queryable, Tx } from '../../../kernel/database/tx.js';
import type { FileProblem } from '../files/index.js';
import type { LineKind, LineStatus, StagedLine } from '../lines/line.js';
import { abandonSource, stageLines, type SourceKind } from '../lines/lines.store.js';
import type { RecordKind } from '../records/record.js';
import type { FileReport } from './file-report.js';

export type SourceState = 'staging' | 'publishing' | 'committed' | 'abandoned';
export const SOURCE_STATES = ['staging', 'publishing', 'committed', 'abandoned'] as const;
export const SOURCE_KINDS = ['listing', 'file', 'bank'] as const satisfies readonly SourceKind[];

/** A source as operators see it; of a listing what concerns files is empty. */
export interface Source {
  readonly id: string;
  readonly kind: SourceKind;
  readonly name: string;
  /** Null for bank statements. */
  readonly gatewayAccountId: string | null;
  readonly gateway: string | null;
  readonly livemode: boolean;
  /** Null where it never became whole. */
  readonly from: Date | null;
  readonly to: Date | null;
  readonly covers: readonly RecordKind[];
  readonly checksum: string | null;
  readonly state: SourceState;
  readonly format: string | null;
  readonly staged: number;
  readonly newLines: number;
  readonly repeatedLines: number;
  readonly summary: FileReport | Record<string, never>;
  readonly problem: string | null;
  readonly problems: readonly FileProblem[];
  readonly toldAt: Date;
  readonly begunAt: Date;
  readonly closedAt: Date | null;
}

const SOURCE = `id, kind, name, gateway_account_id AS "gatewayAccountId", gateway, livemode, window_from AS "from", window_to AS "to", covers, checksum, state,
  format, staged, new_lines AS "newLines", repeated_lines AS "repeatedLines", summary, problem, problems, told_at AS "toldAt", begun_at AS "begunAt",
  closed_at AS "closedAt"`;

export interface BegunSource {
  readonly id: string;
  readonly kind: 'file' | 'bank';
  readonly name: string;
  readonly gatewayAccountId: string | null;
  readonly gateway: string | null;
  readonly livemode: boolean;
  readonly format: string;
  /** When the file was made; null: now. */
  readonly asOf: Date | null;
  readonly requestedBy: string | null;
}

export async function beginSource(queryable: Queryable, source: BegunSource): Promise<void> {
  await queryable.query(
    `INSERT INTO reconciliation.source (id, kind, name, gateway_account_id, gateway, livemode, format, told_at, requested_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, COALESCE($8, now()), $9)`,
    [
      source.id,
      source.kind,
      source.name,
      source.gatewayAccountId,
      source.gateway,
      source.livemode,
      source.format,
      source.asOf?.toISOString() ?? null,
      source.requestedBy,
    ],
  );
}

/** @returns false when the source was given up on meanwhile: then nothing may be staged any more */
export async function stageFileLines(tx: Tx, sourceId: string, lines: readonly StagedLine[]): Promise<boolean> {
  // First, since it holds off whoever would give up on the source.
  const rows = await tx.query(
    `UPDATE reconciliation.source SET staged = staged + $2 WHERE id = $1 AND state = 'staging' RETURNING 1`,
    [sourceId, lines.length],
  );
  if (rows.length === 0) return false;
  await stageLines(tx, sourceId, lines);
  return true;
}

export interface Seal {
  readonly from: Date;
  readonly to: Date;
  readonly covers: readonly RecordKind[];
  /** How many must have been staged. */
  readonly lines: number;
  readonly checksum: string;
  readonly report: FileReport;
}

/**
 * All is there and right: from now on it will become visible, whatever happens.
 * @returns false when the source was given up on meanwhile
 * @throws a unique violation of `source_same_file` or `source_same_statement` when the same bytes were sealed before
 */
export async function sealSource(tx: Tx, sourceId: string, seal: Seal): Promise<boolean> {
  const rows = await tx.query<{ isWhole: boolean }>(
    `UPDATE reconciliation.source SET state = 'publishing', window_from = $2, window_to = $3, covers = $4, checksum = $5, summary = $6
      WHERE id = $1 AND state = 'staging'
      RETURNING staged = $7 AND staged = (SELECT count(*) FROM reconciliation.staged_line WHERE source_id = $1) AS "isWhole"`,
    [
      sourceId,
      seal.from.toISOString(),
      seal.to.toISOString(),
      seal.covers,
      seal.checksum,
      JSON.stringify(seal.report),
      seal.lines,
    ],
  );
  const [row] = rows;
  if (row?.isWhole === false) throw new Error(`Source ${sourceId} does not have all of its lines`);
  return row !== undefined;
}

/** Both name the bytes of a file: of a gateway account's, and of a bank's. */
export const SAME_BYTES: ReadonlySet<string> = new Set(['source_same_file', 'source_same_statement']);

/** What the same bytes became, if they did. */
export async function findSameBytes(
  queryable: Queryable,
  gatewayAccountId: string | null,
  checksum: string,
): Promise<Source | undefined> {
  const [row] = await queryable.query<Source>(
    `SELECT ${SOURCE} FROM reconciliation.source
      WHERE gateway_account_id IS NOT DISTINCT FROM $1::uuid AND checksum = $2 AND state IN ('publishing', 'committed')`,
    [gatewayAccountId, checksum],
  );
  return row;
}

/** Forgets what was staged, and keeps what is wrong. */
export async function refuseSource(
  tx: Tx,
  sourceId: string,
  problem: string,
  problems: readonly FileProblem[],
): Promise<void> {
  if (!(await abandonSource(tx, sourceId, problem))) return;
  await tx.query('UPDATE reconciliation.source SET problems = $2 WHERE id = $1', [sourceId, JSON.stringify(problems)]);
}

/** Locks a source whose lines are becoming visible. @returns undefined when there is no more to do */
export async function lockPublishing(tx: Tx, sourceId: string): Promise<{ readonly kind: SourceKind } | undefined> {
  const [row] = await tx.query<{ kind: SourceKind }>(
    `SELECT kind FROM reconciliation.source WHERE id = $1 AND state = 'publishing' FOR UPDATE`,
    [sourceId],
  );
  return row;
}

/** They are visible now, and staged no more. */
export async function unstage(tx: Tx, sourceId: string, upTo: number, newLines: number): Promise<void> {
  await tx.query('DELETE FROM reconciliation.staged_line WHERE source_id = $1 AND ordinal <= $2', [sourceId, upTo]);
  await tx.query('UPDATE reconciliation.source SET new_lines = new_lines + $2 WHERE id = $1', [sourceId, newLines]);
}

export async function closePublished(tx: Tx, sourceId: string): Promise<void> {
  await tx.query(
    `UPDATE reconciliation.source SET state = 'committed', closed_at = now(), repeated_lines = staged - new_lines WHERE id = $1`,
    [sourceId],
  );
}

/** Sources whose lines have not all become visible: somebody works on them, or died. */
export async function findPublishing(queryable: Queryable): Promise<readonly string[]> {
  const rows = await queryable.query<{ id: string }>(
    `SELECT id FROM reconciliation.source WHERE state = 'publishing' ORDER BY id LIMIT 100`,
  );
  return rows.map(({ id }) => id);
}

export async function findSource(queryable: Queryable, id: string): Promise<Source | undefined> {
  const [row] = await queryable.query<Source>(`SELECT ${SOURCE} FROM reconciliation.source WHERE id = $1`, [id]);
  return row;
}

export interface SourceFilter {
  readonly gatewayAccountId: string | null;
  readonly kind: SourceKind | null;
  readonly state: SourceState | null;
  readonly livemode: boolean | null;
  readonly limit: number;
  /** Those that were begun before this one. */
  readonly before: string | null;
  /** Those that were begun after this one. */
  readonly after: string | null;
}

/** The newest first. */
export async function listSources(queryable: Queryable, filter: SourceFilter): Promise<readonly Source[]> {
  const isBackwards = filter.before === null && filter.after !== null;
  const rows = await queryable.query<Source>(
    `SELECT ${SOURCE} FROM reconciliation.source
      WHERE ($1::uuid IS NULL OR gateway_account_id = $1) AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR state = $3)
        AND ($4::uuid IS NULL OR id < $4) AND ($5::uuid IS NULL OR id > $5) AND ($7::boolean IS NULL OR livemode = $7)
      ORDER BY id ${isBackwards ? 'ASC' : 'DESC'} LIMIT $6`,
    [filter.gatewayAccountId, filter.kind, filter.state, filter.before, filter.after, filter.limit, filter.livemode],
  );
  return isBackwards ? rows.toReversed() : rows;
}

/** Ids of the runs that were begun because of a source, in the order of their windows. */
export async function runsOfSource(queryable: Queryable, sourceId: string): Promise<readonly string[]> {
  const rows = await queryable.query<{ id: string }>(
    'SELECT id FROM reconciliation.run WHERE source_id = $1 ORDER BY window_from, id',
    [sourceId],
  );
  return rows.map(({ id }) => id);
}

/** A line as operators list it. */
export interface ShownLine {
  readonly id: string;
  readonly ordinal: number;
  readonly sourceId: string;
  readonly gatewayAccountId: string;
  readonly gatewayId: string | null;
  readonly reference: string | null;
  readonly kind: LineKind;
  readonly status: LineStatus;
  readonly amount: bigint;
  readonly fee: bigint | null;
  readonly net: bigint | null;
  readonly currency: string;
  readonly occurredAt: Date;
  readonly settlementId: string | null;
  readonly description: string | null;
}

const SHOWN_LINE = `id, ordinal, source_id AS "sourceId", gateway_account_id AS "gatewayAccountId", gateway_id AS "gatewayId", reference, kind, status, amount, fee, net,
  currency, occurred_at AS "occurredAt", settlement_id AS "settlementId", description`;

export async function findLine(queryable: Queryable, id: string): Promise<ShownLine | undefined> {
  const [row] = await queryable.query<ShownLine>(`SELECT ${SHOWN_LINE} FROM reconciliation.line WHERE id = $1`, [id]);
  return row;
}

export interface LinePage {
  readonly sourceId: string;
  readonly limit: number;
  /** Ids of lines of this source. */
  readonly after: string | null;
  readonly before: string | null;
}

/** In the order of the source: those that no later source has told again. */
export async function linesOfSource(queryable: Queryable, page: LinePage): Promise<readonly ShownLine[]> {
  const isBackwards = page.after === null && page.before !== null;
  const rows = await queryable.query<ShownLine>(
    `SELECT ${SHOWN_LINE} FROM reconciliation.line
      WHERE source_id = $1
        AND ($2::uuid IS NULL OR (ordinal, id) > (SELECT c.ordinal, c.id FROM reconciliation.line c WHERE c.id = $2))
        AND ($3::uuid IS NULL OR (ordinal, id) < (SELECT c.ordinal, c.id FROM reconciliation.line c WHERE c.id = $3))
      ORDER BY ordinal ${isBackwards ? 'DESC' : 'ASC'}, id ${isBackwards ? 'DESC' : 'ASC'} LIMIT $4`,
    [page.sourceId, page.after, page.before, page.limit],
  );
  return isBackwards ? rows.toReversed() : rows;
}
