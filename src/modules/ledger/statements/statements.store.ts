/** What an account stood at when, and what moved it. */
import { Injectable } from '@nestjs/common';
import type { Database } from '../../../kernel/database/database.js';
import { Databases } from '../../../kernel/database/databases.js';
import type { Reader } from '../../../kernel/database/tenant-scope.js';
import { statement, type Queryable } from '../../../kernel/database/tx.js';
import type { EntryRow, Owner } from '../accounts/accounts.store.js';
import { readerFor } from '../reader.js';
import { totalsByDay, type Totals } from './day-totals.store.js';

export interface Period {
  /** The first moment that counts; undefined: from the first entry. RFC 3339, as it came: PostgreSQL reads more digits than a Date has. */
  readonly from: string | undefined;
  /** The first moment that counts no more; undefined: now. */
  readonly to: string | undefined;
}

export interface Statement {
  readonly to: Date;
  /** Versions after `before`, up to and with `last`, are of the period. */
  readonly before: bigint;
  readonly last: bigint;
  readonly opening: bigint;
  readonly closing: bigint;
  /** What the account stood at right before the first entry of the page. */
  readonly carried: bigint;
  readonly entries: readonly EntryRow[];
}

const boundsStatement = statement(
  'ledger.statement_bounds',
  `WITH bounds AS MATERIALIZED (
     SELECT least(coalesce($3::timestamptz, statement_timestamp()), statement_timestamp()) AS "to",
       CASE WHEN $2::timestamptz IS NULL THEN 0 ELSE ledger.version_before($1, $2) END AS before,
       ledger.version_before($1, least(coalesce($3::timestamptz, statement_timestamp()), statement_timestamp())) AS last
   )
   SELECT b."to", b.before, greatest(b.last, b.before) AS last,
     coalesce((SELECT balance FROM ledger.entry WHERE account_id = $1 AND account_version = b.before), 0) AS opening,
     coalesce((SELECT balance FROM ledger.entry WHERE account_id = $1 AND account_version = greatest(b.last, b.before)), 0) AS closing
   FROM bounds b`,
);

const entriesStatement = statement(
  'ledger.statement_entries',
  `SELECT e.account_id AS "accountId", e.account_version AS version, e.transfer_id AS "transferId", e.direction, e.amount, e.balance,
     t.kind, t.subject_id AS "subjectId", t.effective_at AS "effectiveAt", e.booked_at AS "createdAt"
   FROM ledger.entry e JOIN ledger.transfer t ON t.id = e.transfer_id
   WHERE e.account_id = $1 AND e.account_version > $2 AND e.account_version <= $3 ORDER BY e.account_version LIMIT $4`,
);

const balanceStatement = statement(
  'ledger.balance_at_version',
  'SELECT balance FROM ledger.entry WHERE account_id = $1 AND account_version = $2',
);

interface Bounds {
  readonly to: Date;
  readonly before: bigint;
  readonly last: bigint;
  readonly opening: bigint;
  readonly closing: bigint;
}

/** @param after the version after which the page begins; undefined: with the first of the period */
export function readStatement(
  reader: Reader,
  accountId: string,
  { from, to }: Period,
  after: bigint | undefined,
  take: number,
): Promise<Statement> {
  return reader.inOneMoment(async (moment) => {
    const [bounds] = await moment.query<Bounds>(boundsStatement, [accountId, from ?? null, to ?? null]);
    if (bounds === undefined) throw new Error('The database did not tell the bounds of a statement');
    const start = after === undefined || after < bounds.before ? bounds.before : after;
    const entries = await moment.query<EntryRow>(entriesStatement, [accountId, start, bounds.last, take]);
    return { ...bounds, carried: await balanceAt(moment, accountId, start), entries };
  });
}

async function balanceAt(db: Queryable, accountId: string, version: bigint): Promise<bigint> {
  const [row] = await db.query<{ balance: bigint }>(balanceStatement, [accountId, version]);
  return row?.balance ?? 0n;
}

/** In all of it, an owner of null is an operator, who reads of any account. */
@Injectable()
export class StatementsStore {
  private readonly database: Database;

  constructor(databases: Databases) {
    this.database = databases.of('ledger');
  }

  /** As {@link readStatement}. */
  read(
    owner: Owner | null,
    accountId: string,
    period: Period,
    after: bigint | undefined,
    take: number,
  ): Promise<Statement> {
    return readStatement(readerFor(this.database, owner), accountId, period, after, take);
  }

  /** What stood on the account right before a moment by what was booked until then, and when that was. */
  async balanceBefore(
    owner: Owner | null,
    accountId: string,
    moment: string | undefined,
  ): Promise<{ to: Date; balance: bigint }> {
    const reader = readerFor(this.database, owner);
    const [bounds] = await reader.query<Bounds>(boundsStatement, [accountId, null, moment ?? null]);
    if (bounds === undefined) throw new Error('The database did not tell the balance of an account');
    return { to: bounds.to, balance: bounds.closing };
  }

  /** What was effective on or before a day, whenever it was booked. */
  totalsByDay(owner: Owner | null, accountId: string, day: string): Promise<Totals> {
    return totalsByDay(readerFor(this.database, owner), accountId, day);
  }
}
