/** The chain's tables. They are only ever added to. */
import { statement, type Queryable, type Tx } from '../../../../kernel/database/tx.js';
import type { Header, Span } from './block.js';
import type { Head } from './head.js';

export interface Block extends Header {
  readonly hash: Buffer;
  readonly spans: readonly Span[];
  readonly digests: Buffer;
}

const TIME = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

const lockStatement = statement(
  'ledger.lock_chain',
  `SELECT pg_try_advisory_xact_lock(hashtextextended('sankofa.ledger.chain', 0)) AS got`,
);

/** Until the transaction ends nobody else adds a block. @returns whether nobody else is at it already */
export async function tryToLockChain(tx: Tx): Promise<boolean> {
  const [row] = await tx.query<{ got: boolean }>(lockStatement);
  return row?.got === true;
}

/** Where the chain ends, and what of it was signed last. */
export interface Tip {
  /** 0 before the first block. */
  readonly height: bigint;
  readonly hash: Buffer | null;
  readonly entries: bigint;
  readonly leaves: bigint;
  /** Of the newest head; null before the first. */
  readonly signedHeight: bigint | null;
  readonly signedHash: Buffer | null;
}

const tipStatement = statement(
  'ledger.chain_tip',
  `SELECT coalesce(b.height, 0) AS height, b.hash, coalesce(b.entries, 0) AS entries, coalesce(b.leaves, 0) AS leaves,
     h.height AS "signedHeight", h.block_hash AS "signedHash"
   FROM (SELECT 1) AS always
     LEFT JOIN LATERAL (SELECT height, hash, entries, leaves FROM ledger.block ORDER BY height DESC LIMIT 1) b ON true
     LEFT JOIN LATERAL (SELECT height, block_hash FROM ledger.head ORDER BY height DESC LIMIT 1) h ON true`,
);

export async function readTip(db: Queryable): Promise<Tip> {
  const [tip] = await db.query<Tip>(tipStatement);
  if (tip === undefined) throw new Error('The database did not tell where the chain ends');
  return tip;
}

/** An account that has more than is chained of it. */
export interface Changed {
  readonly id: string;
  readonly version: bigint;
  /** Null before the account itself is chained. */
  readonly last: bigint | null;
  /** How many accounts were looked at up to this one. */
  readonly number: number;
}

/** The last account looked at is always in the answer, so that the next look goes on from there. */
const walkStatement = statement(
  'ledger.unchained_accounts',
  `WITH page AS MATERIALIZED (
     SELECT a.id, a.version, c.last, row_number() OVER (ORDER BY a.id)::int AS number
     FROM (SELECT id, version FROM ledger.account WHERE id > $1 ORDER BY id LIMIT $2) a
       LEFT JOIN LATERAL (SELECT c.last FROM ledger.chained c WHERE c.kind = 1 AND c.id = a.id ORDER BY c.last DESC LIMIT 1) c ON true
   )
   SELECT id, version, last, number FROM page
   WHERE last IS NULL OR last < version OR number = (SELECT max(number) FROM page) ORDER BY number`,
);

/** @param after an account's id */
export function walkAccounts(db: Queryable, after: string, take: number): Promise<Changed[]> {
  return db.query<Changed>(walkStatement, [after, take]);
}

export interface DueFact {
  readonly kind: number;
  readonly id: string;
  readonly number: number;
}

const dueStatement = statement('ledger.take_facts_due', 'SELECT * FROM ledger.take_facts_due($1)');

/** Whoever takes facts puts them into a block in the same transaction. */
export function takeFactsDue(tx: Tx, most: number): Promise<DueFact[]> {
  return tx.query<DueFact>(dueStatement, [most]);
}

const appendStatement = statement(
  'ledger.append_block',
  `SELECT ledger.append_block($1, $2, $3, $4, $5, $6, $7, $8::smallint[], $9::uuid[], $10::bigint[], $11::int[], $12)`,
);

/** @param entries how many of the block's leaves are entries @throws SQLSTATE 40001 when the chain has moved on meanwhile */
export async function appendBlock(tx: Tx, block: Block, entries: number): Promise<void> {
  const { spans } = block;
  await tx.query(appendStatement, [
    block.height,
    block.previousHash,
    block.leavesRoot,
    block.spansHash,
    block.chainedAt,
    block.hash,
    entries,
    spans.map(({ kind }) => kind),
    spans.map(({ id }) => id),
    spans.map(({ first }) => first),
    spans.map(({ count }) => count),
    block.digests,
  ]);
}

const HEADER = `height, previous_hash AS "previousHash", leaves_root AS "leavesRoot", spans_hash AS "spansHash", leaf_count AS "leafCount", entries, leaves,
  to_char(chained_at AT TIME ZONE 'UTC', ${TIME}) AS "chainedAt", hash`;
const blocksStatement = statement(
  'ledger.blocks',
  `SELECT ${HEADER}, digests, span_kinds AS kinds, span_ids AS ids, span_firsts AS firsts, span_counts AS counts
   FROM ledger.block WHERE height >= $1 ORDER BY height LIMIT $2`,
);
const headersStatement = statement(
  'ledger.block_headers',
  `SELECT ${HEADER} FROM ledger.block WHERE height >= $1 AND height <= $2 ORDER BY height`,
);

interface BlockRow extends Header {
  readonly hash: Buffer;
  readonly digests: Buffer;
  readonly kinds: readonly number[];
  /** uuid[] has no parser, and comes as PostgreSQL writes it. */
  readonly ids: string | readonly string[];
  readonly firsts: readonly (bigint | string)[];
  readonly counts: readonly number[];
}

/** @param from the lowest height */
export async function readBlocks(db: Queryable, from: bigint, most: number): Promise<readonly Block[]> {
  const rows = await db.query<BlockRow>(blocksStatement, [from, most]);
  return rows.map(({ kinds, ids, firsts, counts, ...block }) => {
    const all = typeof ids === 'string' ? ids.slice(1, -1).split(',') : ids;
    return {
      ...block,
      spans: all.map((id, index) => ({
        id,
        kind: kinds[index] ?? 0,
        first: BigInt(firsts[index] ?? 0),
        count: counts[index] ?? 0,
      })),
    };
  });
}

/** Headers without what the blocks are of. */
export function readHeaders(
  db: Queryable,
  from: bigint,
  to: bigint,
): Promise<readonly (Header & { readonly hash: Buffer })[]> {
  return db.query(headersStatement, [from, to]);
}

const insertHeadStatement = statement(
  'ledger.insert_head',
  `INSERT INTO ledger.head (height, key_id, block_hash, entries, signed_at, signature) VALUES ($1, $2, $3, $4, $5, $6)`,
);

export async function insertHead(tx: Tx, head: Head): Promise<void> {
  await tx.query(insertHeadStatement, [
    head.height,
    head.keyId,
    head.blockHash,
    head.entries,
    head.signedAt,
    head.signature,
  ]);
}

const HEAD = `SELECT height, key_id AS "keyId", block_hash AS "blockHash", entries, signature,
  to_char(signed_at AT TIME ZONE 'UTC', ${TIME}) AS "signedAt" FROM ledger.head`;
const newestHeadStatement = statement('ledger.newest_head', `${HEAD} ORDER BY height DESC, key_id DESC LIMIT 1`);
const headsStatement = statement('ledger.heads', `${HEAD} WHERE height >= $1 AND height <= $2 ORDER BY height, key_id`);

/** Undefined before the first block. */
export async function readNewestHead(db: Queryable): Promise<Head | undefined> {
  const [head] = await db.query<Head>(newestHeadStatement);
  return head;
}

export function readHeads(db: Queryable, from: bigint, to: bigint): Promise<readonly Head[]> {
  return db.query<Head>(headsStatement, [from, to]);
}
