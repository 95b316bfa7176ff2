/** Checks the proof of a statement, with a public key and nothing else: no database, and nobody to trust but who holds the key. Pure. */
import type { KeyObject } from 'node:crypto';
import { hashHeader } from '../chain/block.js';
import { ACCOUNT, DIGEST_BYTES, digestOf, ENTRY, microseconds, TRANSFER } from '../chain/fact.js';
import { isSigned, readHead, type Head } from '../chain/head.js';
import { rootFrom } from '../chain/merkle.js';
import { headerFromJson, type ProvedEntry, type StatementProof } from './statement-proof.js';

export interface CheckedProof {
  /** What is wrong with it; empty when it proves what it says. */
  readonly faults: readonly string[];
  readonly opening: bigint;
  readonly closing: bigint;
}

/** @param kept a head that was kept elsewhere: the proof must then reach up to it, header by header */
export function checkProof(proof: StatementProof, keys: ReadonlyMap<string, KeyObject>, kept?: Head): CheckedProof {
  const faults: string[] = [];
  const blocks = checkBlocks(proof, keys, faults);
  if (kept !== undefined) checkKept(proof, kept, keys, faults);
  const { account, place } = proof.account;
  const isAt = (at: StatementProof['account']['place'], digests: Buffer, what: string): void => {
    const block = blocks.get(at.height);
    if (block === undefined) return void faults.push(`${what}: block ${at.height} is not in the proof, or not signed`);
    const path = at.path.map((hash) => Buffer.from(hash, 'hex'));
    if (rootFrom(digests, at.leaf, block.leafCount, path)?.equals(block.leavesRoot) !== true)
      faults.push(`${what}: it is not leaf ${at.leaf} of block ${at.height}`);
  };
  const attempt = (what: string, check: () => void): void => {
    try {
      check();
    } catch (error) {
      faults.push(`${what}: ${error instanceof Error ? error.message : 'it cannot be read'}`);
    }
  };
  attempt('the account', () =>
    isAt(place, Buffer.concat([digestOf(ACCOUNT, account), Buffer.alloc(DIGEST_BYTES)]), 'the account'),
  );
  const all = [proof.before, ...proof.entries, proof.after].filter((each) => each !== null);
  for (const each of all) {
    const what = `entry ${each.entry.account_version}`;
    attempt(what, () => {
      isAt(each.place, Buffer.concat([digestOf(ENTRY, each.entry), Buffer.from(each.transfer_digest, 'hex')]), what);
      checkTransfer(each, faults);
    });
  }
  checkOrder(proof, all, faults);
  return { faults, ...balancesOf(proof) };
}

/** Headers that are signed, or that one that is signed names as its past. */
function checkBlocks(proof: StatementProof, keys: ReadonlyMap<string, KeyObject>, faults: string[]) {
  const trusted = new Map<number, ReturnType<typeof headerFromJson>>();
  let next: ReturnType<typeof headerFromJson> | undefined;
  for (const block of proof.blocks.toSorted((a, b) => b.height - a.height)) {
    const header = headerFromJson(block);
    const hash = hashHeader(header);
    const head = block.head === null ? undefined : readHead(block.head);
    const isOfHead =
      head !== undefined && isSigned(head, keys) && head.height === header.height && head.blockHash.equals(hash);
    const isBefore = next !== undefined && next.height === header.height + 1n;
    if (isBefore && next?.previousHash.equals(hash) !== true)
      faults.push(`block ${block.height}: the one after it names another`);
    else if (isOfHead || isBefore) {
      trusted.set(block.height, header);
      next = header;
      if (head !== undefined && !isOfHead)
        faults.push(`block ${block.height}: its head is not signed by the key, or not of it`);
    } else faults.push(`block ${block.height}: its head is not signed by the key, or not of it`);
  }
  return trusted;
}

function checkKept(proof: StatementProof, kept: Head, keys: ReadonlyMap<string, KeyObject>, faults: string[]): void {
  if (!isSigned(kept, keys)) faults.push('the head that was kept is not signed by the key');
  const heights = proof.blocks.map(({ height }) => height).toSorted((a, b) => a - b);
  const [first = 0] = heights;
  const block = proof.blocks.find(({ height }) => height === Number(kept.height));
  if (
    block === undefined ||
    heights.filter((height) => height <= Number(kept.height)).length !== Number(kept.height) - first + 1
  )
    faults.push(`the proof does not reach up to block ${kept.height}, of which the head is that was kept`);
  else if (!hashHeader(headerFromJson(block)).equals(kept.blockHash))
    faults.push(`block ${kept.height} is not the one of the head that was kept`);
}

function checkTransfer({ entry, transfer, transfer_digest: digest }: ProvedEntry, faults: string[]): void {
  if (transfer === null) return;
  const side = entry.direction === 'debit' ? transfer.debit_account_id : transfer.credit_account_id;
  if (digestOf(TRANSFER, transfer).toString('hex') !== digest || transfer.id !== entry.transfer_id)
    faults.push(`entry ${entry.account_version}: its transfer is not the one that was chained`);
  else if (transfer.amount !== entry.amount || side !== entry.account_id)
    faults.push(`entry ${entry.account_version}: it is not what its transfer says`);
}

/** Versions without gaps, balances that follow from each other, and nothing of the period left out on either side. */
function checkOrder(proof: StatementProof, all: readonly ProvedEntry[], faults: string[]): void {
  const { account } = proof.account;
  const [from, to] = [proof.from === null ? undefined : momentOf(proof.from), momentOf(proof.to)];
  let previous = { version: 0n, balance: 0n, bookedAt: -(2n ** 63n) };
  for (const [index, each] of all.entries()) {
    const { entry } = each;
    const what = `entry ${entry.account_version}`;
    const bookedAt = microseconds(entry.booked_at);
    if (entry.account_id !== account.id) faults.push(`${what}: it is of another account`);
    if (index === 0 && each === proof.before) previous = { version: entry.account_version - 1n, balance: 0n, bookedAt };
    if (entry.account_version !== previous.version + 1n) faults.push(`${what}: what comes before it is missing`);
    const step = entry.direction === account.normal_side ? entry.amount : -entry.amount;
    if (each !== proof.before && entry.balance !== previous.balance + step)
      faults.push(`${what}: its balance does not follow`);
    if (bookedAt < previous.bookedAt) faults.push(`${what}: it was booked before the one before it`);
    const isWithin = (from === undefined || bookedAt >= from) && bookedAt < to;
    if (each !== proof.before && each !== proof.after && !isWithin) faults.push(`${what}: it is not of the period`);
    if (each === proof.after && isWithin && !proof.has_more) faults.push(`${what}: it is of the period, and left out`);
    previous = { version: entry.account_version, balance: entry.balance, bookedAt };
  }
  if (proof.not_chained_yet > 0)
    faults.push(`${proof.not_chained_yet} entries of the period are not chained yet: ask again in a moment`);
}

/** In microseconds since 2000. Milliseconds are enough of what was asked for. */
function momentOf(time: string): bigint {
  return microseconds(`${new Date(time).toISOString().slice(0, -1)}000Z`);
}

function balancesOf({ before, entries }: StatementProof): { readonly opening: bigint; readonly closing: bigint } {
  const opening = before?.entry.balance ?? 0n;
  return { opening, closing: entries.at(-1)?.entry.balance ?? opening };
}
