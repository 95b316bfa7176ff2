/**
 * The form of a proof: JSON that whoever has a public key can check without us (see check-proof.ts). Facts stand as they are hashed:
 * amounts in integer minor units, ids as UUIDs, times with microseconds. Hashes are in hex.
 */
import { z } from 'zod';
import { headSigned } from '../../../../contracts/ledger.events.js';
import type { AccountFact, EntryFact, TransferFact } from '../chain/fact.js';
import type { Header } from '../chain/block.js';

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const minor = z.number().int().min(Number.MIN_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER).transform(BigInt);
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

/** Where a leaf is: in which block, the how manieth, and its neighbours on the way to the root, from the lowest up. */
const place = z.object({ height: count, leaf: count, path: z.array(hex32).max(64) });

const provedEntry = z.object({
  entry: z.object({
    account_id: uuid,
    account_version: minor,
    transfer_id: uuid,
    direction: z.string(),
    amount: minor,
    balance: minor,
    booked_at: time,
    effective_on: z.string(),
  }),
  transfer_digest: hex32,
  /** Null for merchants: it would tell of accounts that are not theirs. */
  transfer: z
    .object({
      id: uuid,
      debit_account_id: uuid,
      credit_account_id: uuid,
      amount: minor,
      kind: z.string(),
      subject_id: uuid.nullable(),
      effective_at: time,
      created_at: time,
      phase: z.string(),
      pending_id: uuid.nullable(),
      reverses_id: uuid.nullable(),
      expires_at: time.nullable(),
      group_id: uuid.nullable(),
    })
    .nullable(),
  place,
});

const provedBlock = z.object({
  height: count,
  previous_hash: hex32,
  leaves_root: hex32,
  spans_hash: hex32,
  leaf_count: count,
  entries: count,
  leaves: count,
  chained_at: time,
  head: headSigned.schema.nullable(),
});

export const statementProof = z.object({
  object: z.literal('ledger_statement_proof'),
  format: z.literal(1),
  /** By when entries were booked; null: from the first on. */
  from: z.string().nullable(),
  to: z.string(),
  account: z.object({
    account: z.object({
      id: uuid,
      merchant_id: uuid.nullable(),
      livemode: z.boolean(),
      currency: z.string(),
      kind: z.string(),
      qualifier: z.string(),
      normal_side: z.string(),
      limit_mode: z.string(),
      created_at: time,
    }),
    place,
  }),
  /** The entry before the period, or before the page: where the first balance comes from. Null when there is none. */
  before: provedEntry.nullable(),
  entries: z.array(provedEntry),
  /** The entry after: nothing lies between. Null when nothing more was chained. */
  after: provedEntry.nullable(),
  /** Entries of the period that are in no block yet. */
  not_chained_yet: count,
  has_more: z.boolean(),
  blocks: z.array(provedBlock),
});

/** As it is read. */
export type StatementProof = z.output<typeof statementProof>;
/** As it is written. */
export type StatementProofJson = z.input<typeof statementProof>;
export type ProvedEntry = StatementProof['entries'][number];
export type ProvedEntryJson = StatementProofJson['entries'][number];
export type PlaceJson = z.input<typeof place>;

type Jsonable<Fact> = { readonly [Column in keyof Fact]: Fact[Column] extends bigint ? number : Fact[Column] };

/** @throws {RangeError} for an amount beyond the range in which a JSON number is exact */
export function toJson<Fact extends AccountFact | EntryFact | TransferFact>(fact: Fact): Jsonable<Fact> {
  const entries = Object.entries(fact).map(([column, value]): [string, unknown] => {
    if (typeof value !== 'bigint') return [column, value];
    if (!Number.isSafeInteger(Number(value)))
      throw new RangeError('An amount is beyond the range of exact JSON integers');
    return [column, Number(value)];
  });
  return Object.fromEntries(entries) as Jsonable<Fact>;
}

export function headerToJson(header: Header): Omit<z.input<typeof provedBlock>, 'head'> {
  return {
    height: Number(header.height),
    previous_hash: header.previousHash.toString('hex'),
    leaves_root: header.leavesRoot.toString('hex'),
    spans_hash: header.spansHash.toString('hex'),
    leaf_count: header.leafCount,
    entries: Number(header.entries),
    leaves: Number(header.leaves),
    chained_at: header.chainedAt,
  };
}

export function headerFromJson(block: StatementProof['blocks'][number]): Header {
  return {
    height: BigInt(block.height),
    previousHash: Buffer.from(block.previous_hash, 'hex'),
    leavesRoot: Buffer.from(block.leaves_root, 'hex'),
    spansHash: Buffer.from(block.spans_hash, 'hex'),
    leafCount: block.leaf_count,
    entries: BigInt(block.entries),
    leaves: BigInt(block.leaves),
    chainedAt: block.chained_at,
  };
}
