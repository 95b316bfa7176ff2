/** The chain against itself and its signed heads, and block by block against the facts it is of. */
import type { KeyObject } from 'node:crypto';
import type { Database } from '../../../../kernel/database/database.js';
import { groupBy } from '../../../../kernel/collections/group-by.js';
import { encodeId } from '../../../../kernel/ids/ids.js';
import { hashHeader, hashSpans, NO_BLOCK, type Span } from '../chain/block.js';
import { readBlocks, readHeads, readTip, type Block } from '../chain/chain.store.js';
import { ACCOUNT, ENTRY, TRANSFER } from '../chain/fact.js';
import { readDigests, type SpanDigests } from '../chain/facts.store.js';
import { isSigned, type Head } from '../chain/head.js';
import { LEAF_BYTES, rootOf } from '../chain/merkle.js';
import { FactComparison, nameOf } from './compare-facts.js';
import type { Damage, Finding } from './finding.js';
import { countSpans, findUnchainedFacts, readHeightsOf, readIndex, readSpansByIndex } from './verify.store.js';

/** Blocks in memory at a time, some 100 KB each. */
const BLOCKS_AT_ONCE = 20;
const MOST_EXTRA_FACTS = 1_000;
/** Beyond so many in a row, missing blocks are told as one. */
const MOST_MISSING_TOLD = 1_000n;
const DEFAULT_HEIGHT = 1n;

export interface ChainOptions {
  readonly database: Database;
  readonly keys: ReadonlyMap<string, KeyObject>;
  /** One that was kept elsewhere. */
  readonly head?: Head | undefined;
  /** Blocks before it are taken as they are. */
  readonly fromBlock?: bigint | undefined;
  /** Of the entries only those of one account, in its blocks alone. */
  readonly account?: string | undefined;
  progress(entries: bigint, ofEntries: bigint): void;
}

export interface ChainReport {
  readonly blocks: number;
  readonly leaves: number;
  readonly height: bigint;
  readonly entries: bigint;
  readonly findings: readonly Finding<Damage>[];
}

export async function verifyChain(options: ChainOptions): Promise<ChainReport> {
  return new ChainVerifier(options).run();
}

class ChainVerifier {
  private readonly findings: Finding<Damage>[] = [];
  private readonly comparison: FactComparison;
  private blocks = 0;
  private leaves = 0;
  /** What the next block must name. */
  private previous:
    { readonly height: bigint; readonly hash: Buffer; readonly entries: bigint; readonly leaves: bigint } | undefined;
  private isHeadMet = false;

  constructor(private readonly options: ChainOptions) {
    this.comparison = new FactComparison(options.database, (...finding) => this.note(...finding));
  }

  async run(): Promise<ChainReport> {
    const { database, account, fromBlock } = this.options;
    const tip = await readTip(database);
    if (account !== undefined) {
      for (const height of await readHeightsOf(database, account)) {
        const [block] = await readBlocks(database, height, 1);
        if (block?.height === height) await this.takeAll([block], false);
        else this.note('block_missing', { block: Number(height) }, 'the index names it');
      }
    } else await this.walk(fromBlock ?? DEFAULT_HEIGHT, tip.entries);
    const last = account === undefined ? (this.previous?.height ?? 0n) : tip.height;
    if (account === undefined) await this.headsBeyond(last);
    await this.compareKeptHead(last);
    await this.comparison.tellApart();
    if (account === undefined && fromBlock === undefined) await this.whatIsInNoBlock();
    return {
      blocks: this.blocks,
      leaves: this.leaves,
      height: tip.height,
      entries: tip.entries,
      findings: [...this.findings, ...this.comparison.damagedTransfers()],
    };
  }

  private note(what: Damage, where: Omit<Finding, 'what' | 'detail'>, detail: string): void {
    this.findings.push({ what, ...where, detail });
  }

  private async walk(from: bigint, ofEntries: bigint): Promise<void> {
    let next = from;
    if (from === DEFAULT_HEIGHT) this.previous = { height: 0n, hash: NO_BLOCK, entries: 0n, leaves: 0n };
    let reading = readBlocks(this.options.database, next, BLOCKS_AT_ONCE);
    for (;;) {
      const blocks = await reading;
      const last = blocks.at(-1);
      if (last === undefined) return;
      next = last.height + 1n;
      reading = readBlocks(this.options.database, next, BLOCKS_AT_ONCE);
      // Awaited in the next round; what becomes of it meanwhile is not unheard.
      reading.catch(() => undefined);
      await this.takeAll(blocks, true);
      this.options.progress(last.entries, ofEntries);
    }
  }

  private async takeAll(blocks: readonly Block[], isInOrder: boolean): Promise<void> {
    const [first, last] = [blocks[0], blocks.at(-1)];
    if (first === undefined || last === undefined) return;
    const heads = groupBy(await readHeads(this.options.database, first.height, last.height), ({ height }) => height);
    let reading = this.readFacts(first);
    for (const [index, block] of blocks.entries()) {
      const facts = await reading;
      const next = blocks[index + 1];
      if (next !== undefined) reading = this.readFacts(next);
      // Awaited in the next round; what becomes of it meanwhile is not unheard.
      reading.catch(() => undefined);
      if (isInOrder) this.noteMissing(block.height);
      await this.take(block, heads.get(block.height) ?? [], isInOrder, facts);
    }
  }

  /** While the block before is hashed here. Not of a block that does not say any more what it is of. */
  private async readFacts(block: Block): Promise<readonly SpanDigests[] | undefined> {
    return isOf(block, block.spans) ? readDigests(this.options.database, block.spans) : undefined;
  }

  private noteMissing(height: bigint): void {
    if (this.previous === undefined) return;
    const first = this.previous.height + 1n;
    for (let missing = first; missing < height; missing += 1n) {
      const isMany = height - first > MOST_MISSING_TOLD;
      const detail = isMany ? `it and all up to ${height - 1n}` : 'there are blocks before and after it';
      this.note('block_missing', { block: Number(missing) }, detail);
      if (isMany) return;
    }
  }

  private async take(
    block: Block,
    heads: readonly Head[],
    isInOrder: boolean,
    facts: readonly SpanDigests[] | undefined,
  ): Promise<void> {
    this.blocks += 1;
    this.leaves += block.leafCount;
    const signed = this.signedHash(block, heads);
    const isWhole = this.judgeHeader(block, signed);
    const hash = signed ?? block.hash;
    const { head } = this.options;
    if (head !== undefined && head.height === block.height) {
      this.isHeadMet = true;
      if (!head.blockHash.equals(hashHeader(block)))
        this.note(
          'chain_rewritten',
          { block: Number(block.height) },
          `the head that was kept, of ${head.signedAt}, is of another block`,
        );
    }
    if (
      isInOrder &&
      this.previous !== undefined &&
      isWhole &&
      this.previous.height + 1n === block.height &&
      !block.previousHash.equals(this.previous.hash)
    )
      this.note('block_detached', { block: Number(block.height) }, 'it names another block as the one before it');
    this.previous = { height: block.height, hash, entries: block.entries, leaves: block.leaves };
    await this.takeFacts(block, isWhole, facts);
  }

  /** What a valid head says that the block's hash is; undefined without one. */
  private signedHash(block: Block, heads: readonly Head[]): Buffer | undefined {
    const where = { block: Number(block.height) };
    if (heads.length === 0) this.note('head_missing', where, 'no signed head tells of it');
    let signed: Buffer | undefined;
    for (const head of heads) {
      if (isSigned(head, this.options.keys)) signed = head.blockHash;
      else if (this.options.keys.has(head.keyId))
        this.note('head_altered', where, 'its signature is not of what it says');
      else this.note('head_of_unknown_key', where, `key ${head.keyId} is not among those that are known`);
    }
    return signed;
  }

  /** Whether what the header says is what was chained. */
  private judgeHeader(block: Block, signed: Buffer | undefined): boolean {
    const where = { block: Number(block.height) };
    const computed = hashHeader(block);
    const truth = signed ?? block.hash;
    if (computed.equals(truth)) {
      if (!block.hash.equals(truth)) this.note('block_altered', where, 'its hash is not that of its header');
      return true;
    }
    if (computed.equals(block.hash)) this.note('block_rewritten', where, 'it is not the one that was signed');
    else this.note('block_altered', where, 'its header is not what its hash was made of');
    return false;
  }

  private async takeFacts(block: Block, isWhole: boolean, facts: readonly SpanDigests[] | undefined): Promise<void> {
    const { database, account } = this.options;
    const where = { block: Number(block.height) };
    let { spans } = block;
    let found = facts;
    if (found === undefined) {
      const indexed = await this.spansByIndex(block);
      if (isWhole || isOf(block, indexed))
        this.note('block_altered', where, 'what it says it is of is not what was chained');
      if (!isOf(block, indexed)) return;
      spans = indexed;
      found = await readDigests(database, spans);
    } else if (isWhole) await this.compareIndex(block);
    let { digests } = block;
    if (!rootOf(digests).equals(block.leavesRoot)) {
      const present = Buffer.concat(found.map((each) => each.digests));
      const isPresentTrue = present.length === digests.length && rootOf(present).equals(block.leavesRoot);
      const wrong = isPresentTrue ? leavesThatDiffer(digests, present) : [];
      if (isWhole || isPresentTrue)
        this.note(
          'block_altered',
          where,
          wrong.length > 0
            ? `its digests of leaf ${wrong.join(', ')} are not what was chained`
            : 'its digests are not what its root was made of',
        );
      if (isPresentTrue) digests = present;
    }
    let at = 0;
    for (const [index, span] of spans.entries()) {
      const chained = digests.subarray(at * LEAF_BYTES, (at + span.count) * LEAF_BYTES);
      const each = found[index];
      at += span.count;
      if (each === undefined || each.digests.equals(chained)) continue;
      if (account !== undefined && span.id !== account) continue;
      await this.comparison.compareSpan(block.height, span, chained, each);
    }
  }

  private async spansByIndex(block: Block): Promise<readonly Span[]> {
    const rows = await readSpansByIndex(this.options.database, block.height);
    return rows.map(({ kind, id, last, leaf }, index) => {
      const count = (rows[index + 1]?.leaf ?? block.leafCount) - leaf;
      if (kind !== ACCOUNT.kind || last === 0n) return { kind, id, first: last, count };
      return { kind: ENTRY.kind, id, first: last - BigInt(count) + 1n, count };
    });
  }

  private async compareIndex(block: Block): Promise<void> {
    let leaf = 0;
    const rows = await readIndex(this.options.database, block.spans);
    for (const { position, height, leaf: indexed, follows } of rows.toSorted((a, b) => a.position - b.position)) {
      const span = block.spans[position - 1];
      if (span === undefined) continue;
      const where = { block: Number(block.height), ...nameOf(span) };
      if (height === null) this.note('index_altered', where, 'the index does not have it');
      else if (height !== block.height || indexed !== leaf)
        this.note('index_altered', where, 'the index says that it is elsewhere');
      if (!follows) this.note('index_altered', where, 'by the index nothing ends where it begins');
      leaf += span.count;
    }
  }

  private async headsBeyond(last: bigint): Promise<void> {
    const beyond = await readHeads(this.options.database, last + 1n, 2n ** 63n - 1n);
    for (const { height, signedAt } of beyond)
      this.note(
        'block_missing',
        { block: Number(height) },
        `a head of ${signedAt} tells of it: the chain was cut short`,
      );
  }

  private async compareKeptHead(last: bigint): Promise<void> {
    const { head, keys, database, account } = this.options;
    if (head === undefined) return;
    const where = { block: Number(head.height) };
    if (!isSigned(head, keys))
      this.note(
        keys.has(head.keyId) ? 'head_altered' : 'head_of_unknown_key',
        where,
        'the head that was kept is not signed by a known key',
      );
    if (this.isHeadMet) return;
    if (head.height > last)
      this.note(
        'chain_truncated',
        where,
        `the chain ends at ${last}, and the head that was kept, of ${head.signedAt}, is of a later block`,
      );
    else if (account !== undefined) {
      const [block] = await readBlocks(database, head.height, 1);
      if (block?.height !== head.height || !hashHeader(block).equals(head.blockHash))
        this.note('chain_rewritten', where, `the head that was kept, of ${head.signedAt}, is of another block`);
    }
  }

  private async whatIsInNoBlock(): Promise<void> {
    for (const { kind, id, number } of await findUnchainedFacts(this.options.database, MOST_EXTRA_FACTS)) {
      if (kind === TRANSFER.kind)
        this.note(
          'transfer_extra',
          { transfer: encodeId('transfer', id) },
          'it is in no block, and was not to be put into one',
        );
      else
        this.note(
          'state_change_extra',
          { account: encodeId('account', id) },
          `change ${number} of its state is in no block`,
        );
    }
    const { indexed, chained } = await countSpans(this.options.database);
    // Chaining goes on meanwhile, in one transaction for both.
    if (indexed > chained && this.findings.every(({ what }) => !what.startsWith('block_')))
      this.note('index_altered', {}, `the index has ${indexed - chained} more than the blocks`);
  }
}

/** Whether that is what the block was made of. */
function isOf(block: Block, spans: readonly Span[]): boolean {
  return (
    hashSpans(spans).equals(block.spansHash) && spans.reduce((sum, { count }) => sum + count, 0) === block.leafCount
  );
}

function leavesThatDiffer(a: Buffer, b: Buffer): readonly number[] {
  const differing: number[] = [];
  for (let leaf = 0; leaf * LEAF_BYTES < a.length; leaf += 1) {
    const range = [leaf * LEAF_BYTES, (leaf + 1) * LEAF_BYTES] as const;
    if (!a.subarray(...range).equals(b.subarray(...range))) differing.push(leaf);
  }
  return differing;
}
