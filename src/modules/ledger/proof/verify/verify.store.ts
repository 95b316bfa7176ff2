/** What verification reads besides blocks and digests. Pages are of a moment each: what has been chained changes no more. */
import type { Database } from '../../../../kernel/database/database.js';
import { statement, type Queryable, type Tx } from '../../../../kernel/database/tx.js';
import type { Span } from '../chain/block.js';
import { columnsSql, digestSql, ENTRY, TRANSFER, type EntryFact } from '../chain/fact.js';

export interface EntryDigest {
  readonly version: bigint;
  readonly transferId: string;
  readonly entry: Buffer;
  /** Null when the transfer is gone. */
  readonly transfer: Buffer | null;
}

const digestsStatement = statement(
  'ledger.entry_digests_each',
  `SELECT e.account_version AS version, e.transfer_id AS "transferId", ${digestSql(ENTRY, 'e')} AS entry,
     (SELECT ${digestSql(TRANSFER, 't')} FROM ledger.transfer t WHERE t.id = e.transfer_id LIMIT 1) AS transfer
   FROM ledger.entry e WHERE e.account_id = $1 AND e.account_version >= $2 AND e.account_version <= $3 ORDER BY e.account_version`,
);

/** One by one, where those of a span do not come to what was chained. */
export function readEntryDigests(db: Queryable, account: string, first: bigint, last: bigint): Promise<EntryDigest[]> {
  return db.query<EntryDigest>(digestsStatement, [account, first, last]);
}

const entriesStatement = statement(
  'ledger.entries_of_versions',
  `SELECT ${columnsSql(ENTRY, 'e')} FROM unnest($2::bigint[]) AS wanted (version)
     CROSS JOIN LATERAL (SELECT * FROM ledger.entry x WHERE x.account_id = $1 AND x.account_version = wanted.version LIMIT 2) e`,
);

export function readEntries(db: Queryable, account: string, versions: readonly bigint[]): Promise<EntryFact[]> {
  return db.query<EntryFact>(entriesStatement, [account, versions]);
}

const sideStatement = statement('ledger.normal_side', 'SELECT normal_side AS side FROM ledger.account WHERE id = $1');

/** Undefined when there is no such account. */
export async function readNormalSide(db: Queryable, account: string): Promise<string | undefined> {
  const [row] = await db.query<{ side: string }>(sideStatement, [account]);
  return row?.side;
}

export interface IndexRow {
  readonly position: number;
  /** Null when there is none. */
  readonly height: bigint | null;
  readonly leaf: number | null;
  /** Of entries: whether another span ends where this one begins. */
  readonly follows: boolean;
}

const indexStatement = statement(
  'ledger.chained_spans',
  `SELECT s.position::int AS position, c.height, c.leaf,
     s.kind <> 2 OR EXISTS (SELECT FROM ledger.chained p WHERE p.kind = 1 AND p.id = s.id AND p.last = s.first - 1) AS follows
   FROM unnest($1::smallint[], $2::uuid[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS s (kind, id, first, last, position)
     LEFT JOIN LATERAL (
       SELECT x.height, x.leaf FROM ledger.chained x WHERE x.kind = CASE s.kind WHEN 2 THEN 1 ELSE s.kind END AND x.id = s.id AND x.last = s.last
     ) c ON true`,
);

/** Where the index says that spans are. */
export function readIndex(db: Queryable, spans: readonly Span[]): Promise<IndexRow[]> {
  return db.query<IndexRow>(indexStatement, [
    spans.map(({ kind }) => kind),
    spans.map(({ id }) => id),
    spans.map(({ first }) => first),
    spans.map((span) => (span.kind === ENTRY.kind ? span.first + BigInt(span.count) - 1n : span.first)),
  ]);
}

/** The blocks that an account is in, by the index. */
export async function readHeightsOf(db: Queryable, account: string): Promise<readonly bigint[]> {
  const rows = await db.query<{ height: bigint }>(
    'SELECT DISTINCT height FROM ledger.chained WHERE kind = 1 AND id = $1 ORDER BY height',
    [account],
  );
  return rows.map(({ height }) => height);
}

/** Read once, by sequential scans: hours on a very large ledger are allowed. */
async function unhurried<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return database.transaction(async (tx) => {
    await tx.query('SET LOCAL statement_timeout = 0');
    await tx.query('SET LOCAL enable_seqscan = on');
    return work(tx);
  });
}

/** As the index has it, to be recovered when a block does not say what it is of any more. */
export async function readSpansByIndex(
  database: Database,
  height: bigint,
): Promise<readonly (Omit<Span, 'count' | 'first'> & { readonly last: bigint; readonly leaf: number })[]> {
  return unhurried(database, (tx) =>
    tx.query('SELECT kind, id, last, leaf FROM ledger.chained WHERE height = $1 ORDER BY leaf', [height]),
  );
}

/** How many spans the index has, and how many the blocks. */
export async function countSpans(database: Database): Promise<{ readonly indexed: bigint; readonly chained: bigint }> {
  const [row] = await unhurried(database, (tx) =>
    tx.query<{ indexed: bigint; chained: bigint }>(
      `SELECT (SELECT count(*) FROM ledger.chained) AS indexed, (SELECT coalesce(sum(cardinality(span_ids)), 0) FROM ledger.block)::bigint AS chained`,
    ),
  );
  if (row === undefined) throw new Error('The database did not count');
  return row;
}

export interface ExtraFact {
  readonly kind: number;
  readonly id: string;
  readonly number: number;
}

/** Transfers without entries and changes of state that are in no block, nor due to be. At most `most`. */
export function findUnchainedFacts(database: Database, most: number): Promise<ExtraFact[]> {
  return unhurried(database, (tx) =>
    tx.query<ExtraFact>(
      `SELECT 3 AS kind, t.id, 0 AS number FROM ledger.transfer t
        WHERE t.phase IN ('pending', 'void', 'expire') AND NOT EXISTS (SELECT FROM ledger.chained c WHERE c.kind = 3 AND c.id = t.id AND c.last = 0)
          AND NOT EXISTS (SELECT FROM ledger.fact_due d WHERE d.kind = 3 AND d.id = t.id)
       UNION ALL
       SELECT 4, s.account_id, s.number FROM ledger.account_state_change s
        WHERE NOT EXISTS (SELECT FROM ledger.chained c WHERE c.kind = 4 AND c.id = s.account_id AND c.last = s.number)
          AND NOT EXISTS (SELECT FROM ledger.fact_due d WHERE d.kind = 4 AND d.id = s.account_id AND d.number = s.number)
       LIMIT $1`,
      [most],
    ),
  );
}

export interface AccountRow {
  readonly id: string;
  readonly normalSide: string;
  readonly version: bigint;
  readonly debits: bigint;
  readonly credits: bigint;
  readonly lastEntry: bigint;
  readonly rolledUp: bigint;
  /** Up to which version it is chained; null when it is not yet. */
  readonly chained: bigint | null;
}

const accountsStatement = statement(
  'ledger.accounts_to_verify',
  `SELECT a.id, a.normal_side AS "normalSide", a.version, a.debits_posted AS debits, a.credits_posted AS credits,
     coalesce((SELECT e.account_version FROM ledger.entry e WHERE e.account_id = a.id ORDER BY e.account_version DESC LIMIT 1), 0) AS "lastEntry",
     coalesce((SELECT r.account_version FROM ledger.rolled_up r WHERE r.account_id = a.id), 0) AS "rolledUp",
     (SELECT c.last FROM ledger.chained c WHERE c.kind = 1 AND c.id = a.id ORDER BY c.last DESC LIMIT 1) AS chained
   FROM ledger.account a WHERE a.id > $1 ORDER BY a.id LIMIT $2`,
);

/** Accounts with what is to be known of the same moment. */
export function readAccounts(db: Queryable, after: string, take: number): Promise<AccountRow[]> {
  return db.query<AccountRow>(accountsStatement, [after, take]);
}

export interface EntryLine {
  readonly account: string;
  readonly version: bigint;
  readonly transfer: string;
  readonly direction: string;
  readonly amount: bigint;
  readonly balance: bigint;
  /** Microseconds since 1970. */
  readonly bookedAt: bigint;
  readonly day: string;
}

const linesStatement = statement(
  'ledger.entry_lines',
  `SELECT account_id AS account, account_version AS version, transfer_id AS transfer, direction, amount, balance,
     (EXTRACT(EPOCH FROM booked_at) * 1000000)::bigint AS "bookedAt", effective_on::text AS day
   FROM ledger.entry WHERE (account_id, account_version) > ($1, $2) ORDER BY account_id, account_version LIMIT $3`,
);

export function readLines(db: Queryable, account: string, version: bigint, take: number): Promise<EntryLine[]> {
  return db.query<EntryLine>(linesStatement, [account, version, take]);
}

const daysStatement = statement(
  'ledger.day_totals_of',
  `SELECT effective_on::text AS day, debits, credits, (SELECT r.account_version FROM ledger.rolled_up r WHERE r.account_id = $1) AS mark
   FROM ledger.day_total WHERE account_id = $1`,
);

export function readDays(
  db: Queryable,
  account: string,
): Promise<
  { readonly day: string; readonly debits: bigint; readonly credits: bigint; readonly mark: bigint | null }[]
> {
  return db.query(daysStatement, [account]);
}

export interface Unbalanced {
  readonly id: string;
  /** Null when there is no such transfer. */
  readonly phase: string | null;
  readonly entries: number;
}

/** Transfers in one pass: beyond that many, they are looked at in so many parts as it takes, so that PostgreSQL's memory is enough. */
const TRANSFERS_AT_ONCE = 2_000_000;

/** Transfers that do not have one entry on each side, of their amount and on their accounts; none, where they move nothing. */
export async function findUnbalanced(database: Database, most: number): Promise<readonly Unbalanced[]> {
  return unhurried(database, async (tx) => {
    const [size] = await tx.query<{ transfers: number }>('SELECT count(*)::float8 AS transfers FROM ledger.transfer');
    const parts = Math.max(1, Math.ceil((size?.transfers ?? 0) / TRANSFERS_AT_ONCE));
    const found: Unbalanced[] = [];
    for (let part = 0; part < parts && found.length < most; part += 1) {
      found.push(
        ...(await tx.query<Unbalanced>(
          `SELECT coalesce(t.id, e.transfer_id) AS id, t.phase, coalesce(e.entries, 0)::int AS entries
           FROM (SELECT * FROM ledger.transfer WHERE $1 = 1 OR get_byte(uuid_send(id), 15) % $1 = $2) t
             FULL JOIN (
               SELECT transfer_id, count(*) AS entries, count(*) FILTER (WHERE direction = 'debit') AS debits, min(amount) AS least, max(amount) AS most,
                 min(account_id::text) FILTER (WHERE direction = 'debit') AS debited, min(account_id::text) FILTER (WHERE direction = 'credit') AS credited
               FROM ledger.entry WHERE $1 = 1 OR get_byte(uuid_send(transfer_id), 15) % $1 = $2 GROUP BY transfer_id
             ) e ON e.transfer_id = t.id
           WHERE CASE WHEN t.phase IN ('pending', 'void', 'expire') THEN e.entries IS NOT NULL
             ELSE e.entries IS DISTINCT FROM 2 OR e.debits <> 1 OR e.debited IS DISTINCT FROM t.debit_account_id::text
               OR e.credited IS DISTINCT FROM t.credit_account_id::text OR e.least IS DISTINCT FROM t.amount OR e.most IS DISTINCT FROM t.amount END
           LIMIT $3`,
          [parts, part, most - found.length],
        )),
      );
    }
    return found;
  });
}
