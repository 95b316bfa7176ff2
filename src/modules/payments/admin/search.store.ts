/**
 * Operators' lists of payments, refunds and payouts, whoever's they are. Newest first, by id. What has an index is found by it; any other condition is looked
 * for among the rows that come next, and no further than SCANNED of them: a condition that few rows meet would else read the whole table. How far the
 * search came is told with what it found.
 */
import type { Database } from '../../../kernel/database/database.js';
import { statement, type Statement } from '../../../kernel/database/tx.js';
import { earliestUuid } from '../../../kernel/ids/ids.js';

/** Read in some tens of milliseconds, also where each lies elsewhere. */
const SCANNED = 10_000;
/** A gateway knows one attempt by a reference, unless references of gateways collide. */
const MAX_OWNERS = 100;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export type Searched = 'payment' | 'refund' | 'payout';

/** What leads to rows by an index: a column and its value; or `ids`. */
export interface Lead {
  readonly by: string;
  readonly value: string | readonly string[];
}

export interface SearchFilter {
  readonly livemode: boolean;
  readonly merchantId: string | undefined;
  readonly status: string | undefined;
  readonly currency: string | undefined;
  readonly amountFrom: number | undefined;
  readonly amountTo: number | undefined;
  readonly gateway: string | undefined;
  readonly createdFrom: Date | undefined;
  /** Not included. */
  readonly createdTo: Date | undefined;
  /** Rows older than this id alone. */
  readonly before: string | undefined;
  readonly limit: number;
}

export interface Found<Row> {
  /** At most one more than the limit. */
  readonly rows: readonly Row[];
  /** The id of the last row that was looked at, where there are older ones. */
  readonly searchedUntil: string | undefined;
}

interface Search {
  readonly rows: Statement;
  readonly end: Statement;
}

const CONDITIONS = `livemode = $4 AND ($5::uuid IS NULL OR merchant_id = $5) AND ($6::text IS NULL OR status = $6) AND ($7::text IS NULL OR currency = $7)
    AND ($8::bigint IS NULL OR amount >= $8) AND ($9::bigint IS NULL OR amount <= $9) AND ($10::text IS NULL OR gateway = $10)
    AND ($11::timestamptz IS NULL OR created_at >= $11) AND ($12::timestamptz IS NULL OR created_at < $12)`;

/** @param where the way to the rows, with the parameters that each of the two statements has for it */
function searchOf(table: Searched, name: string, where: { readonly rows: string; readonly end: string }): Search {
  const scan = (way: string): string => `FROM payments.${table} WHERE ${way}id < $1 AND id > $2 ORDER BY id DESC`;
  return {
    rows: statement(
      `payments.search_${table}_${name}`,
      `SELECT * FROM (SELECT * ${scan(where.rows)} LIMIT ${SCANNED}) scanned WHERE ${CONDITIONS} ORDER BY id DESC LIMIT $3`,
    ),
    end: statement(
      `payments.search_${table}_${name}_end`,
      `SELECT id ${scan(where.end)} OFFSET ${SCANNED - 1} LIMIT 1`,
    ),
  };
}

const leadsOf = (table: Searched, columns: readonly string[]): ReadonlyMap<string, Search> =>
  new Map([
    ['all', searchOf(table, 'all', { rows: '', end: '' })],
    [
      'merchant',
      searchOf(table, 'merchant', {
        rows: 'merchant_id = $5 AND livemode = $4 AND ',
        end: 'merchant_id = $3 AND livemode = $4 AND ',
      }),
    ],
    ['ids', searchOf(table, 'ids', { rows: 'id = ANY($13::uuid[]) AND ', end: 'id = ANY($3::uuid[]) AND ' })],
    ...columns.map((column): [string, Search] => [
      column,
      searchOf(table, column, { rows: `${column} = $13 AND `, end: `${column} = $3 AND ` }),
    ]),
  ]);

const SEARCHES: Readonly<Record<Searched, ReadonlyMap<string, Search>>> = {
  payment: leadsOf('payment', ['reference', 'phone_key', 'other_phone_key', 'email_key']),
  refund: leadsOf('refund', ['payment_id']),
  payout: leadsOf('payout', ['reference', 'destination_key']),
};

/** @param lead undefined: the merchant where there is one, or all there are */
export async function search<Row extends { readonly id: string }>(
  database: Database,
  table: Searched,
  filter: SearchFilter,
  lead: Lead | undefined,
): Promise<Found<Row>> {
  const { livemode, merchantId, status, currency, amountFrom, amountTo, gateway, createdFrom, createdTo, limit } =
    filter;
  const by = lead?.by ?? (merchantId === undefined ? 'all' : 'merchant');
  const ways = SEARCHES[table].get(by);
  if (ways === undefined) throw new Error(`There is no way to ${table}s by ${by}`);
  const above = createdTo === undefined ? LAST_ID : earliestUuid(createdTo.getTime() + CLOCK_SLACK_MS);
  const before = filter.before === undefined || filter.before > above ? above : filter.before;
  const after = createdFrom === undefined ? FIRST_ID : earliestUuid(createdFrom.getTime() - CLOCK_SLACK_MS);
  const conditions = [livemode, merchantId, status, currency, amountFrom, amountTo, gateway, createdFrom, createdTo];
  const values = [before, after, limit + 1, ...conditions.map((value) => value ?? null)];
  return database.transaction(async (tx) => {
    await tx.query(IN_ORDER);
    const rows = await tx.query<Row>(ways.rows, lead === undefined ? values : [...values, lead.value]);
    if (rows.length > limit) return { rows, searchedUntil: undefined };
    const wayValues = lead !== undefined ? [lead.value] : merchantId === undefined ? [] : [merchantId, livemode];
    const [end] = await tx.query<{ id: string }>(ways.end, [before, after, ...wayValues]);
    return { rows, searchedUntil: end?.id };
  });
}

/**
 * A plan for any values takes a range of ids for a few rows, and would read and sort all of them before it shows the first twenty. Read along the index
 * they come in order, and reading stops when there are enough.
 */
const IN_ORDER = 'SET LOCAL enable_bitmapscan = off';

/** An id is made a moment before its row says when it was created, by a clock that may have been set meanwhile. */
const CLOCK_SLACK_MS = 60_000;

const ownersStatement = statement(
  'payments.owners_of_reference',
  'SELECT DISTINCT payment_id AS id FROM payments.attempt WHERE reference = $1 LIMIT $2',
);
const ownersOfIdStatement = statement(
  'payments.owners_of_attempt',
  'SELECT payment_id AS id FROM payments.attempt WHERE id = $1',
);

/** What the attempt belongs to that a gateway knows by this reference: a payment, a refund or a payout. */
export async function ownersOfReference(database: Database, reference: string): Promise<readonly string[]> {
  const rows = await database.query<{ id: string }>(ownersStatement, [reference, MAX_OWNERS]);
  return rows.map(({ id }) => id);
}

export async function ownerOfAttempt(database: Database, id: string): Promise<readonly string[]> {
  return (await database.query<{ id: string }>(ownersOfIdStatement, [id])).map((row) => row.id);
}
