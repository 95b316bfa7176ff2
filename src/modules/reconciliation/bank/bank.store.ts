/** Bank lines: making them visible, listing them, and reading them by what settlements are found by. */
import { statement, type Queryable, type Tx } from '../../../kernel/database/tx.js';
import type { PublishedChunk } from '../lines/lines.store.js';

/* What was booked stays as it was first told: banks correct by reversals. */
const publishStatement = statement(
  'reconciliation.publish_bank_lines',
  `WITH chunk AS MATERIALIZED (
     SELECT ordinal, line_id, content FROM reconciliation.staged_line
      WHERE source_id = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3
   ), written AS (
     INSERT INTO reconciliation.bank_line (id, source_id, ordinal, file_line, livemode, account, statement_id, bank_id, booked_on, value_on, amount, currency,
       is_reversal, reference_texts, description, parts)
     SELECT line_id, s.id, ordinal, c.file_line, s.livemode, c.account, c.statement_id, c.bank_id, c.booked_on, c.value_on, c.amount, c.currency,
       c.is_reversal, c.reference_texts, c.description, c.parts
     FROM chunk JOIN reconciliation.source s ON s.id = $1,
       jsonb_to_record(content) AS c(file_line int, account text, statement_id text, bank_id text, booked_on date, value_on date, amount bigint, currency text,
         is_reversal boolean, reference_texts jsonb, description text, parts jsonb)
     ORDER BY ordinal
     ON CONFLICT (id) DO NOTHING RETURNING 1
   )
   SELECT (SELECT count(*) FROM chunk)::int AS taken, (SELECT max(ordinal) FROM chunk) AS last, (SELECT count(*) FROM written)::int AS "newLines"`,
);

/** Makes visible what is staged behind an ordinal, at most so many lines. The caller holds the source's lock. */
export async function publishBankChunk(
  tx: Tx,
  sourceId: string,
  after: number,
  limit: number,
): Promise<PublishedChunk | undefined> {
  const [chunk] = await tx.query<PublishedChunk>(publishStatement, [sourceId, after, limit]);
  return chunk;
}

/** An entry of a bank account. Days are `2026-01-31`; amounts in minor units, below zero for what went out. */
export interface BankLineRow {
  readonly id: string;
  readonly sourceId: string;
  readonly fileLine: number;
  readonly livemode: boolean;
  readonly account: string;
  readonly statementId: string | null;
  readonly bankId: string | null;
  readonly bookedOn: string;
  readonly valueOn: string | null;
  readonly amount: bigint;
  readonly currency: string;
  readonly isReversal: boolean;
  readonly references: Readonly<Record<string, string>>;
  readonly description: string | null;
  /** How many transactions the bank booked as this one; 0 where it is but one. */
  readonly parts: number;
}

const LINE = `b.id, b.source_id AS "sourceId", b.file_line AS "fileLine", b.livemode, b.account, b.statement_id AS "statementId", b.bank_id AS "bankId",
  b.booked_on::text AS "bookedOn", b.value_on::text AS "valueOn", b.amount, b.currency, b.is_reversal AS "isReversal", b.reference_texts AS "references",
  b.description, jsonb_array_length(b.parts) AS parts`;

export interface BankLineQuery {
  /** As `accountOf` writes it. */
  readonly account: string;
  readonly currency: string;
  readonly livemode: boolean;
  /** Booked on this day or later. */
  readonly from: string;
  /** Booked on this day or earlier. */
  readonly to: string;
  /** Exactly this, with its sign; undefined: any. */
  readonly amountMinor?: bigint;
  readonly limit: number;
}

const byAmountStatement = statement(
  'reconciliation.bank_lines_by_amount',
  `SELECT ${LINE} FROM reconciliation.bank_line b
   WHERE b.account = $1 AND b.currency = $2 AND b.amount = $6 AND b.booked_on BETWEEN $4::date AND $5::date AND b.livemode = $3
   ORDER BY b.booked_on, b.id LIMIT $7`,
);
const byDayStatement = statement(
  'reconciliation.bank_lines_by_day',
  `SELECT ${LINE} FROM reconciliation.bank_line b
   WHERE b.account = $1 AND b.currency = $2 AND b.booked_on BETWEEN $4::date AND $5::date AND b.livemode = $3
   ORDER BY b.booked_on, b.id LIMIT $6`,
);

/** What was booked on an account in a window, by day: where a settlement's money may have come in. */
export function readBankLines(queryable: Queryable, query: BankLineQuery): Promise<readonly BankLineRow[]> {
  const values = [query.account, query.currency, query.livemode, query.from, query.to];
  return query.amountMinor === undefined
    ? queryable.query<BankLineRow>(byDayStatement, [...values, query.limit])
    : queryable.query<BankLineRow>(byAmountStatement, [...values, query.amountMinor, query.limit]);
}

export interface BankLineFilter {
  readonly sourceId: string | null;
  readonly account: string | null;
  readonly currency: string | null;
  readonly amountMinor: bigint | null;
  /** Days, both inclusive. */
  readonly from: string | null;
  readonly to: string | null;
  readonly livemode: boolean | null;
  readonly limit: number;
  /** Ids of lines, in the order of the list. */
  readonly after: string | null;
  readonly before: string | null;
}

/** By day and id, the newest first; those of one source in its order. */
export async function listBankLines(queryable: Queryable, filter: BankLineFilter): Promise<readonly BankLineRow[]> {
  const isBackwards = filter.after === null && filter.before !== null;
  const place = filter.sourceId === null ? ['booked_on', 'id'] : ['ordinal', 'id'];
  const isDescending = (filter.sourceId === null) !== isBackwards;
  const [behind, ahead] = filter.sourceId === null ? ['<', '>'] : ['>', '<'];
  const key = (table: string): string => `(${place.map((column) => `${table}.${column}`).join(', ')})`;
  const at = (parameter: string): string =>
    `(SELECT ${place.map((column) => `c.${column}`).join(', ')} FROM reconciliation.bank_line c WHERE c.id = ${parameter})`;
  const rows = await queryable.query<BankLineRow>(
    `SELECT ${LINE} FROM reconciliation.bank_line b
      WHERE ($1::uuid IS NULL OR b.source_id = $1) AND ($2::text IS NULL OR b.account = $2) AND ($3::text IS NULL OR b.currency = $3)
        AND ($4::bigint IS NULL OR b.amount = $4) AND ($5::date IS NULL OR b.booked_on >= $5) AND ($6::date IS NULL OR b.booked_on <= $6)
        AND ($7::boolean IS NULL OR b.livemode = $7)
        AND ($8::uuid IS NULL OR ${key('b')} ${behind} ${at('$8')}) AND ($9::uuid IS NULL OR ${key('b')} ${ahead} ${at('$9')})
      ORDER BY ${place.map((column) => `b.${column} ${isDescending ? 'DESC' : 'ASC'}`).join(', ')} LIMIT $10`,
    [
      filter.sourceId,
      filter.account,
      filter.currency,
      filter.amountMinor,
      filter.from,
      filter.to,
      filter.livemode,
      filter.after,
      filter.before,
      filter.limit,
    ],
  );
  return isBackwards ? rows.toReversed() : rows;
}

export async function findBankLine(queryable: Queryable, id: string): Promise<BankLineRow | undefined> {
  const [row] = await queryable.query<BankLineRow>(`SELECT ${LINE} FROM reconciliation.bank_line b WHERE b.id = $1`, [
    id,
  ]);
  return row;
}
