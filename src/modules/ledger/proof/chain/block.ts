/** Blocks: what each is of, and the header by which it is chained to the one before. Pure. */
import { int4, int8, microseconds, sha256, uuidBytes } from './fact.js';

/** Leaves in a full block: a proof has ten hashes for an entry, and a signature for a thousand. */
export const BLOCK_LEAVES = 1_000;

/** Facts of one kind that follow each other. */
export interface Span {
  /** ACCOUNT (`first` 0), ENTRY (from a version on), TRANSFER (`first` 0) or STATE_CHANGE (its number). */
  readonly kind: number;
  /** The account's, or the transfer's. */
  readonly id: string;
  readonly first: bigint;
  readonly count: number;
}

/** What a block's hash is made of. Hashes are 32 bytes. */
export interface Header {
  readonly height: bigint;
  readonly previousHash: Buffer;
  readonly leavesRoot: Buffer;
  readonly spansHash: Buffer;
  readonly leafCount: number;
  /** In this block and all before it. */
  readonly entries: bigint;
  readonly leaves: bigint;
  /** RFC 3339 in UTC with six digits of a second. */
  readonly chainedAt: string;
}

/** What the first block has for the one before it. */
export const NO_BLOCK: Buffer = Buffer.alloc(32);

/** First bytes of what is hashed here and of what heads sign; leaves, nodes and facts begin otherwise. */
const BLOCK = Buffer.from([2, 1]);
const SPANS = Buffer.from([3, 1]);

export function hashSpans(spans: readonly Span[]): Buffer {
  const parts = spans.map(({ kind, id, first, count }) =>
    Buffer.concat([Buffer.from([kind]), uuidBytes(id), int8(first), int4(count)]),
  );
  return sha256(Buffer.concat([SPANS, ...parts]));
}

export function hashHeader(header: Header): Buffer {
  return sha256(
    Buffer.concat([
      BLOCK,
      int8(header.height),
      header.previousHash,
      header.leavesRoot,
      header.spansHash,
      int4(header.leafCount),
      int8(header.entries),
      int8(header.leaves),
      int8(microseconds(header.chainedAt)),
    ]),
  );
}
