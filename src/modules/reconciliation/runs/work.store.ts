/** What a run reads: chunks by (time, id), and sets by index. */
import { statement, type Queryable } from '../../../kernel/database/tx.js';
import type { LineSide, MovementSide, RecordSide } from '../matching/sides.js';
import type { Cursor } from './runs.store.js';

const ms = (column: string, name: string): string => `(extract(epoch FROM ${column}) * 1000)::float8 AS "${name}"`;
/** In microseconds, whatever the session's settings: where the next chunk begins. */
const at = (column: string): string => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at`;

/** @param of the name under which reconciliation.record is read */
export const recordColumns = (
  of: string,
): string => `${of}.attempt_id AS "attemptId", ${of}.kind, ${of}.merchant_id AS "merchantId", ${of}.key, ${of}.handles, ${of}.status, ${of}.amount, ${of}.currency,
  ${of}.moved_amount AS "movedAmount", ${of}.moved_currency AS "movedCurrency", ${of}.fee, ${ms(`${of}.started_at`, 'startedAt')}, ${ms(`${of}.concluded_at`, 'concludedAt')},
  (SELECT true FROM reconciliation.refund f WHERE f.attempt_id = ${of}.attempt_id AND NOT f.failed LIMIT 1) IS NOT NULL AS "isGivenBack"`;
/** @param of the name under which reconciliation.line is read */
export const lineColumns = (of: string): string =>
  `${of}.id, ${of}.kind, ${of}.key, ${of}.aliases, ${of}.status, ${of}.amount, ${of}.fee, ${of}.currency, ${ms(`${of}.occurred_at`, 'occurredAt')}`;
const RECORD = recordColumns('r');
const LINE = lineColumns('l');
const IDENTIFIED = `rule IN ('reference', 'handle', 'manual')`;

/** No id sorts before it. */
export const NO_ID = '00000000-0000-0000-0000-000000000000';

export interface Window {
  readonly gatewayAccountId: string;
  /** Inclusive. */
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

export interface Chunk<Side> {
  readonly rows: readonly Side[];
  /** Null when there is nothing behind it. */
  readonly next: Cursor | null;
}

type Placed<Side> = Side & { readonly at: string };

function chunkOf<Side>(rows: readonly Placed<Side>[], size: number, idOf: (row: Side) => string): Chunk<Side> {
  const last = rows.at(-1);
  return { rows, next: last === undefined || rows.length < size ? null : { at: last.at, id: idOf(last) } };
}

const placeOf = (window: Window, cursor: Cursor | null, size: number): readonly unknown[] => [
  window.gatewayAccountId,
  cursor?.at ?? window.from.toISOString(),
  cursor?.id ?? NO_ID,
  window.to.toISOString(),
  size,
];

const recordsStatement = statement(
  'reconciliation.records_chunk',
  `SELECT ${RECORD}, ${at('r.started_at')} FROM reconciliation.record r
   WHERE r.gateway_account_id = $1 AND (r.started_at, r.attempt_id) > ($2::timestamptz, $3::uuid) AND r.started_at < $4
   ORDER BY r.started_at, r.attempt_id LIMIT $5`,
);

export async function recordsChunk(
  queryable: Queryable,
  window: Window,
  cursor: Cursor | null,
  size: number,
): Promise<Chunk<RecordSide>> {
  const rows = await queryable.query<Placed<RecordSide>>(recordsStatement, placeOf(window, cursor, size));
  return chunkOf(rows, size, ({ attemptId }) => attemptId);
}

const linesStatement = statement(
  'reconciliation.lines_chunk',
  `SELECT ${LINE}, ${at('l.occurred_at')},
     EXISTS (SELECT FROM reconciliation.match m WHERE m.line_id = l.id AND ${IDENTIFIED}) AS "isIdentified"
   FROM reconciliation.line l
   WHERE l.gateway_account_id = $1 AND (l.occurred_at, l.id) > ($2::timestamptz, $3::uuid) AND l.occurred_at < $4
   ORDER BY l.occurred_at, l.id LIMIT $5`,
);

export type LineOfChunk = LineSide & { readonly isIdentified: boolean };

export async function linesChunk(
  queryable: Queryable,
  window: Window,
  cursor: Cursor | null,
  size: number,
): Promise<Chunk<LineOfChunk>> {
  const rows = await queryable.query<Placed<LineOfChunk>>(linesStatement, placeOf(window, cursor, size));
  return chunkOf(rows, size, ({ id }) => id);
}

const leftRecordsStatement = statement(
  'reconciliation.left_records',
  `SELECT ${RECORD}, ${at('r.started_at')} FROM reconciliation.record r
   WHERE r.gateway_account_id = $1 AND (r.started_at, r.attempt_id) > ($2::timestamptz, $3::uuid) AND r.started_at < $4
     AND r.status NOT IN ('declined', 'not_sent')
     AND NOT EXISTS (SELECT FROM reconciliation.match m WHERE m.attempt_id = r.attempt_id AND m.${IDENTIFIED})
   ORDER BY r.started_at, r.attempt_id LIMIT $5`,
);

/** Records that no line names. */
export function leftRecords(queryable: Queryable, window: Window): Promise<readonly RecordSide[]> {
  return everyChunk(async (cursor) => {
    const rows = await queryable.query<Placed<RecordSide>>(leftRecordsStatement, placeOf(window, cursor, LEFT_AT_ONCE));
    return chunkOf(rows, LEFT_AT_ONCE, ({ attemptId }) => attemptId);
  });
}

const leftLinesStatement = statement(
  'reconciliation.left_lines',
  `SELECT ${LINE}, ${at('l.occurred_at')} FROM reconciliation.line l
   WHERE l.gateway_account_id = $1 AND (l.occurred_at, l.id) > ($2::timestamptz, $3::uuid) AND l.occurred_at < $4
     AND NOT EXISTS (SELECT FROM reconciliation.match m WHERE m.line_id = l.id AND m.${IDENTIFIED})
   ORDER BY l.occurred_at, l.id LIMIT $5`,
);

/** Lines that name no record. */
export function leftLines(queryable: Queryable, window: Window): Promise<readonly LineSide[]> {
  return everyChunk(async (cursor) => {
    const rows = await queryable.query<Placed<LineSide>>(leftLinesStatement, placeOf(window, cursor, LEFT_AT_ONCE));
    return chunkOf(rows, LEFT_AT_ONCE, ({ id }) => id);
  });
}

/** Rows per statement of what is left. */
const LEFT_AT_ONCE = 10_000;

async function everyChunk<Side>(read: (cursor: Cursor | null) => Promise<Chunk<Side>>): Promise<readonly Side[]> {
  const all: Side[] = [];
  for (let cursor: Cursor | null = null; ;) {
    const chunk: Chunk<Side> = await read(cursor);
    for (const row of chunk.rows) all.push(row);
    if (chunk.next === null) return all;
    cursor = chunk.next;
  }
}

/** Movements per commit: hardly any of them is given back, so a chunk may be larger than others. */
const MOVEMENTS_AT_ONCE = 10_000;

/* Those without a record, and the last, from which to go on. */
const unownedStatement = statement(
  'reconciliation.unowned_movements',
  `WITH chunk AS MATERIALIZED (
     SELECT v.transfer_id, v.attempt_id, v.kind, v.side, v.amount, v.currency, v.effective_at FROM reconciliation.movement v
      WHERE v.gateway_account_id = $1 AND (v.effective_at, v.transfer_id) > ($2::timestamptz, $3::uuid) AND v.effective_at < $4
      ORDER BY v.effective_at, v.transfer_id LIMIT $5
   ), last AS (SELECT transfer_id FROM chunk ORDER BY effective_at DESC, transfer_id DESC LIMIT 1
   ), judged AS (
     SELECT chunk.*, EXISTS (SELECT FROM reconciliation.record r WHERE r.attempt_id = chunk.attempt_id)
       OR chunk.kind = 'adjustment' AND EXISTS (SELECT FROM reconciliation.resolution z WHERE z.id = chunk.transfer_id)
       OR chunk.kind = 'bank_receipt' AND EXISTS (SELECT FROM reconciliation.settlement s WHERE s.bank_line_id = chunk.transfer_id) AS is_owned FROM chunk)
   SELECT v.transfer_id AS "transferId", v.attempt_id AS "attemptId", v.kind, v.side, v.amount, v.currency, ${ms('v.effective_at', 'effectiveAt')},
     ${at('v.effective_at')}, v.is_owned AS "isOwned", (SELECT count(*) FROM chunk)::int AS taken
   FROM judged v WHERE NOT v.is_owned OR v.transfer_id = (SELECT transfer_id FROM last) ORDER BY v.effective_at, v.transfer_id`,
);

export interface UnownedChunk {
  readonly unowned: readonly MovementSide[];
  /** How many were looked at. */
  readonly taken: number;
  readonly next: Cursor | null;
}

/** Movements that belong to no record. */
export async function unownedMovements(
  queryable: Queryable,
  window: Window,
  cursor: Cursor | null,
): Promise<UnownedChunk> {
  type Row = Placed<MovementSide> & { readonly isOwned: boolean; readonly taken: number };
  const rows = await queryable.query<Row>(unownedStatement, placeOf(window, cursor, MOVEMENTS_AT_ONCE));
  const last = rows.at(-1);
  const taken = last?.taken ?? 0;
  return {
    unowned: rows.filter(({ isOwned }) => !isOwned),
    taken,
    next: last === undefined || taken < MOVEMENTS_AT_ONCE ? null : { at: last.at, id: last.transferId },
  };
}

const ownedStatement = statement(
  'reconciliation.owned_movements',
  `SELECT v.transfer_id AS id FROM reconciliation.movement v
   WHERE v.transfer_id = ANY($1::uuid[]) AND (SELECT r.attempt_id FROM reconciliation.record r WHERE r.attempt_id = v.attempt_id) IS NOT NULL`,
);

/** Those of these movements that belong to a record. */
export async function ownedOf(queryable: Queryable, transferIds: readonly string[]): Promise<ReadonlySet<string>> {
  if (transferIds.length === 0) return new Set();
  const rows = await queryable.query<{ id: string }>(ownedStatement, [transferIds]);
  return new Set(rows.map(({ id }) => id));
}

const linesByKeyStatement = statement(
  'reconciliation.lines_by_key',
  `SELECT ${LINE} FROM reconciliation.line l WHERE l.gateway_account_id = $1 AND l.key = ANY($2::text[])`,
);

export function linesByKey(queryable: Queryable, account: string, keys: readonly string[]): Promise<LineSide[]> {
  return queryable.query<LineSide>(linesByKeyStatement, [account, keys]);
}

const linesByAliasStatement = statement(
  'reconciliation.lines_by_alias',
  `SELECT ${LINE} FROM reconciliation.line l
   WHERE l.aliases && $2::text[] AND l.gateway_account_id = $1
     AND NOT EXISTS (SELECT FROM reconciliation.record r WHERE r.gateway_account_id = $1 AND r.key = l.key)`,
);

/* The rule is asked for so that the attempts are looked up, and no index of the manual ones is read as a whole. */
const manualStatement = statement(
  'reconciliation.manual_matches',
  `SELECT m.attempt_id AS "attemptId", m.explanation,
     EXISTS (SELECT FROM reconciliation.match o WHERE o.run_id = m.run_id AND o.rule = 'manual' AND o.attempt_id <> m.attempt_id) AS "isShared", ${LINE}
   FROM reconciliation.match m JOIN reconciliation.line l ON l.id = m.line_id
   WHERE m.attempt_id = ANY($1::uuid[]) AND COALESCE(m.rule, '') = 'manual'`,
);

/** A line that somebody gave to a record; a shared one was given to several, which add up to it. */
export type LineByHand = LineSide & {
  readonly attemptId: string;
  readonly explanation: string;
  readonly isShared: boolean;
};

export function linesByHand(queryable: Queryable, attemptIds: readonly string[]): Promise<readonly LineByHand[]> {
  return queryable.query<LineByHand>(manualStatement, [attemptIds]);
}

/** Those of which no record has the reference. */
export async function linesByAlias(
  queryable: Queryable,
  account: string,
  aliases: readonly string[],
): Promise<LineSide[]> {
  return aliases.length === 0 ? [] : queryable.query<LineSide>(linesByAliasStatement, [account, aliases]);
}

const recordsByKeyStatement = statement(
  'reconciliation.records_by_key',
  `SELECT ${RECORD} FROM reconciliation.record r WHERE r.gateway_account_id = $1 AND r.key = ANY($2::text[]) ORDER BY r.attempt_id`,
);

export async function recordsByKey(
  queryable: Queryable,
  account: string,
  keys: readonly string[],
): Promise<RecordSide[]> {
  return keys.length === 0 ? [] : queryable.query<RecordSide>(recordsByKeyStatement, [account, keys]);
}

const movementsOfStatement = statement(
  'reconciliation.movements_of',
  `SELECT v.transfer_id AS "transferId", v.attempt_id AS "attemptId", v.kind, v.side, v.amount, v.currency, ${ms('v.effective_at', 'effectiveAt')}
   FROM reconciliation.movement v WHERE v.attempt_id = ANY($1::uuid[]) ORDER BY v.effective_at, v.transfer_id`,
);

export function movementsOf(queryable: Queryable, attemptIds: readonly string[]): Promise<MovementSide[]> {
  return queryable.query<MovementSide>(movementsOfStatement, [attemptIds]);
}

/** Of the sources that cover any of the window: what they cover, and when they were read. */
export function coveringSources(
  queryable: Queryable,
  window: Window,
): Promise<
  readonly { readonly from: number; readonly to: number; readonly toldAt: number; readonly covers: readonly string[] }[]
> {
  return queryable.query(
    `SELECT ${ms('window_from', 'from')}, ${ms('window_to', 'to')}, ${ms('told_at', 'toldAt')}, covers FROM reconciliation.source
      WHERE gateway_account_id = $1 AND state = 'committed' AND kind <> 'bank' AND window_from <= $3 AND window_to >= $2
      ORDER BY window_from, id`,
    [window.gatewayAccountId, window.from.toISOString(), window.to.toISOString()],
  );
}

/** How much there is to walk through. */
export async function countOf(queryable: Queryable, window: Window): Promise<bigint> {
  const [row] = await queryable.query<{ total: bigint }>(
    `SELECT (SELECT count(*) FROM reconciliation.record WHERE gateway_account_id = $1 AND started_at >= $2 AND started_at < $3)
          + (SELECT count(*) FROM reconciliation.line WHERE gateway_account_id = $1 AND occurred_at >= $2 AND occurred_at < $3)
          + (SELECT count(*) FROM reconciliation.movement WHERE gateway_account_id = $1 AND effective_at >= $2 AND effective_at < $3) AS total`,
    [window.gatewayAccountId, window.from.toISOString(), window.to.toISOString()],
  );
  return row?.total ?? 0n;
}
