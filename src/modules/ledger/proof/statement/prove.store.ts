/** What a proof of a statement is made of. */
import { statement, type Queryable } from '../../../../kernel/database/tx.js';
import {
  ACCOUNT,
  columnsSql,
  ENTRY,
  TRANSFER,
  type AccountFact,
  type EntryFact,
  type TransferFact,
} from '../chain/fact.js';

export interface SpanPlace {
  /** Versions from here to `last` are in it; of the account itself both are 0. */
  readonly first: bigint;
  readonly last: bigint;
  readonly height: bigint;
  /** Of the first one. */
  readonly leaf: number;
}

const placesStatement = statement(
  'ledger.places_of_versions',
  `SELECT coalesce((SELECT p.last + 1 FROM ledger.chained p WHERE p.kind = 1 AND p.id = $1 AND p.last < c.last ORDER BY p.last DESC LIMIT 1), 0) AS first,
     c.last, c.height, c.leaf
   FROM ledger.chained c WHERE c.kind = 1 AND c.id = $1 AND c.last >= $2
     AND c.last <= coalesce((SELECT e.last FROM ledger.chained e WHERE e.kind = 1 AND e.id = $1 AND e.last >= $3 ORDER BY e.last LIMIT 1), $3)
   ORDER BY c.last`,
);

/** Where versions of an account are. What is not chained yet is nowhere. @param first 0 for the account itself */
export function readPlaces(db: Queryable, account: string, first: bigint, last: bigint): Promise<SpanPlace[]> {
  return db.query<SpanPlace>(placesStatement, [account, first, last]);
}

const chainedStatement = statement(
  'ledger.chained_version',
  `SELECT last FROM ledger.chained WHERE kind = 1 AND id = $1 ORDER BY last DESC LIMIT 1`,
);

/** The last version of an account that is in a block; undefined: none is. */
export async function readChainedVersion(db: Queryable, account: string): Promise<bigint | undefined> {
  const [row] = await db.query<{ last: bigint }>(chainedStatement, [account]);
  return row?.last;
}

const entriesStatement = statement(
  'ledger.entries_to_prove',
  `SELECT ${columnsSql(ENTRY, 'e')} FROM ledger.entry e
   WHERE e.account_id = $1 AND e.account_version >= $2 AND e.account_version <= $3 ORDER BY e.account_version`,
);

export function readEntriesToProve(db: Queryable, account: string, first: bigint, last: bigint): Promise<EntryFact[]> {
  return db.query<EntryFact>(entriesStatement, [account, first, last]);
}

const digestsStatement = statement('ledger.digests_of_block', 'SELECT digests FROM ledger.block WHERE height = $1');

/** The leaves of a block, without what they are of; undefined: there is no such block. */
export async function readDigests(db: Queryable, height: bigint): Promise<Buffer | undefined> {
  const [row] = await db.query<{ digests: Buffer }>(digestsStatement, [height]);
  return row?.digests;
}

const transfersStatement = statement(
  'ledger.transfers_to_prove',
  `SELECT ${columnsSql(TRANSFER, 't')} FROM unnest($1::uuid[]) AS wanted (id)
     CROSS JOIN LATERAL (SELECT * FROM ledger.transfer x WHERE x.id = wanted.id LIMIT 1) t`,
);

export function readTransfersToProve(db: Queryable, ids: readonly string[]): Promise<TransferFact[]> {
  return db.query<TransferFact>(transfersStatement, [ids]);
}

const accountStatement = statement(
  'ledger.account_to_prove',
  `SELECT ${columnsSql(ACCOUNT, 'a')} FROM ledger.account a WHERE a.id = $1`,
);

export async function readAccountToProve(db: Queryable, id: string): Promise<AccountFact | undefined> {
  const [row] = await db.query<AccountFact>(accountStatement, [id]);
  return row;
}
