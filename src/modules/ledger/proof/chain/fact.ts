/**
 * What is proved: facts that never change, each as bytes that can be read in one way only, and as the SHA-256 of those.
 *
 * The bytes are those of PostgreSQL's own wire format, so that the database and this program come to the same ones: a version, the kind
 * of fact, then every column in the order below. uuid: 16 bytes. bigint, int: 8 and 4 bytes, the most significant first. text: its length in
 * bytes as int, then UTF-8. boolean: a byte. time: microseconds since 2000-01-01T00:00Z as bigint. date: days since 2000-01-01 as int.
 * What may be null has a byte before it: 0 and nothing more, or 1.
 */
import { hash } from 'node:crypto';

/** Raised whenever the bytes of a fact change their meaning; facts that are chained keep theirs. */
const FORMAT = 1;

type ColumnType = 'uuid' | 'uuid?' | 'bigint' | 'int' | 'text' | 'boolean' | 'time' | 'time?' | 'date';
export interface FactShape {
  /** As spans of blocks name it. */
  readonly kind: number;
  readonly table: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
}

/** Of an account what never changes. Its totals are what its entries add up to. */
export const ACCOUNT = {
  kind: 1,
  table: 'ledger.account',
  columns: {
    id: 'uuid',
    merchant_id: 'uuid?',
    livemode: 'boolean',
    currency: 'text',
    kind: 'text',
    qualifier: 'text',
    normal_side: 'text',
    limit_mode: 'text',
    created_at: 'time',
  },
} as const satisfies FactShape;

export const ENTRY = {
  kind: 2,
  table: 'ledger.entry',
  columns: {
    account_id: 'uuid',
    account_version: 'bigint',
    transfer_id: 'uuid',
    direction: 'text',
    amount: 'bigint',
    balance: 'bigint',
    booked_at: 'time',
    effective_on: 'date',
  },
} as const satisfies FactShape;

/** Of every phase: what becomes of a pending transfer is a transfer of its own. */
export const TRANSFER = {
  kind: 3,
  table: 'ledger.transfer',
  columns: {
    id: 'uuid',
    debit_account_id: 'uuid',
    credit_account_id: 'uuid',
    amount: 'bigint',
    kind: 'text',
    subject_id: 'uuid?',
    effective_at: 'time',
    created_at: 'time',
    phase: 'text',
    pending_id: 'uuid?',
    reverses_id: 'uuid?',
    expires_at: 'time?',
    group_id: 'uuid?',
  },
} as const satisfies FactShape;

export const STATE_CHANGE = {
  kind: 4,
  table: 'ledger.account_state_change',
  columns: {
    account_id: 'uuid',
    number: 'int',
    state: 'text',
    reason: 'text',
    actor: 'text',
    actor_id: 'uuid?',
    changed_at: 'time',
  },
} as const satisfies FactShape;

type ValueOf<Type extends ColumnType> = Type extends 'uuid' | 'text' | 'time' | 'date'
  ? string
  : Type extends 'uuid?' | 'time?'
    ? string | null
    : Type extends 'boolean'
      ? boolean
      : Type extends 'int'
        ? number
        : bigint;

/** A row. Times are RFC 3339 in UTC with six digits of a second, dates YYYY-MM-DD. */
export type Fact<Shape extends FactShape> = {
  readonly [Column in keyof Shape['columns']]: ValueOf<Shape['columns'][Column]>;
};
export type EntryFact = Fact<typeof ENTRY>;
export type TransferFact = Fact<typeof TRANSFER>;
export type AccountFact = Fact<typeof ACCOUNT>;
export type StateChangeFact = Fact<typeof STATE_CHANGE>;

/** Bytes of a SHA-256. */
export const DIGEST_BYTES = 32;

export const sha256 = (bytes: Buffer): Buffer => hash('sha256', bytes, 'buffer');

/** The SQL expression for the digest of a row, of functions that PostgreSQL brings along alone. */
export function digestSql(shape: FactShape, alias: string): string {
  const parts = Object.entries(shape.columns).map(([column, type]) => columnSql(type, `${alias}.${column}`));
  return `pg_catalog.sha256('\\x0${FORMAT}0${shape.kind}'::bytea || ${parts.join(' || ')})`;
}

function columnSql(type: ColumnType, column: string): string {
  switch (type) {
    case 'uuid':
      return `pg_catalog.uuid_send(${column})`;
    case 'bigint':
      return `pg_catalog.int8send(${column})`;
    case 'int':
      return `pg_catalog.int4send(${column})`;
    case 'boolean':
      return `pg_catalog.boolsend(${column})`;
    case 'time':
      return `pg_catalog.timestamptz_send(${column})`;
    case 'date':
      return `pg_catalog.date_send(${column})`;
    case 'text':
      return `pg_catalog.int4send(pg_catalog.octet_length(${column})) || pg_catalog.convert_to(${column}, 'UTF8')`;
    case 'uuid?':
    case 'time?': {
      const present = columnSql(type === 'uuid?' ? 'uuid' : 'time', column);
      return `CASE WHEN ${column} IS NULL THEN '\\x00'::bytea ELSE '\\x01'::bytea || ${present} END`;
    }
  }
}

const TIME_FORMAT = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

/** The SQL list of a row's columns as a {@link Fact} has them. */
export function columnsSql(shape: FactShape, alias: string): string {
  return Object.entries(shape.columns)
    .map(([column, type]) => {
      if (type === 'time' || type === 'time?')
        return `to_char(${alias}.${column} AT TIME ZONE 'UTC', ${TIME_FORMAT}) AS ${column}`;
      return type === 'date'
        ? `to_char(${alias}.${column}, 'YYYY-MM-DD') AS ${column}`
        : `${alias}.${column} AS ${column}`;
    })
    .join(', ');
}

/** The same digest as {@link digestSql}, of a row at hand. @throws {TypeError} for a value that no such column can have */
export function digestOf<Shape extends FactShape>(shape: Shape, fact: Fact<Shape>): Buffer {
  const values: Readonly<Record<string, unknown>> = fact;
  const parts: Buffer[] = [Buffer.from([FORMAT, shape.kind])];
  for (const [column, type] of Object.entries(shape.columns)) parts.push(...encoded(type, values[column], column));
  return sha256(Buffer.concat(parts));
}

function encoded(type: ColumnType, value: unknown, column: string): readonly Buffer[] {
  switch (type) {
    case 'uuid':
      return [uuidBytes(textOf(value, column))];
    case 'bigint':
      if (typeof value !== 'bigint') throw new TypeError(`${column} must be a whole number`);
      return [int8(value)];
    case 'int':
      if (!Number.isInteger(value)) throw new TypeError(`${column} must be a whole number`);
      return [int4(Number(value))];
    case 'boolean':
      if (typeof value !== 'boolean') throw new TypeError(`${column} must be true or false`);
      return [Buffer.from([value ? 1 : 0])];
    case 'time':
      return [int8(microseconds(textOf(value, column)))];
    case 'date':
      return [int4(Number(microseconds(`${textOf(value, column)}T00:00:00.000000Z`) / MICROSECONDS_A_DAY))];
    case 'text': {
      const bytes = Buffer.from(textOf(value, column), 'utf8');
      return [int4(bytes.length), bytes];
    }
    case 'uuid?':
    case 'time?':
      if (value === null) return [Buffer.from([0])];
      return [Buffer.from([1]), ...encoded(type === 'uuid?' ? 'uuid' : 'time', value, column)];
  }
}

function textOf(value: unknown, column: string): string {
  if (typeof value !== 'string') throw new TypeError(`${column} must be a string`);
  return value;
}

const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function uuidBytes(uuid: string): Buffer {
  if (!UUID_PATTERN.test(uuid)) throw new TypeError('a uuid must be in its canonical form');
  return Buffer.from(uuid.replaceAll('-', ''), 'hex');
}

export function int8(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

export function int4(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const MICROSECONDS_A_DAY = 86_400_000_000n;
const YEAR_2000_MS = Date.UTC(2000, 0, 1);
const TIME_PATTERN = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})Z$/;

/** @param time RFC 3339 in UTC with six digits of a second @returns microseconds since 2000-01-01T00:00Z */
export function microseconds(time: string): bigint {
  const [, seconds = '', fraction = ''] = TIME_PATTERN.exec(time) ?? [];
  const ms = Date.parse(`${seconds}Z`);
  if (Number.isNaN(ms)) throw new TypeError('a time must have the form 2026-01-31T10:00:00.123456Z');
  return BigInt(ms - YEAR_2000_MS) * 1_000n + BigInt(fraction);
}
