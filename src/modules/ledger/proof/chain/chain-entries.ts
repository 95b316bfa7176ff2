/**
 * Chains what was posted, in the background. What of an account is not chained yet lies between the last version of it that is and the one
 * the account has now: both are committed with the entries between them, so nothing that commits late can be stepped over, and what is
 * rolled back never shows. Accounts are walked through in the order of their ids; the order in which their entries were taken is the order of the chain.
 */
import { headSigned } from '../../../../contracts/ledger.events.js';
import type { Database } from '../../../../kernel/database/database.js';
import { SQL_STATE } from '../../../../kernel/database/sql-state.js';
import type { Tx } from '../../../../kernel/database/tx.js';
import { codeOf } from '../../../../kernel/errors/describe.js';
import { newId } from '../../../../kernel/ids/ids.js';
import type { Logger } from '../../../../kernel/observability/logger.js';
import { appendEvents } from '../../../../kernel/outbox/append.js';
import { newEvent } from '../../../../kernel/outbox/event.js';
import { IntervalTask } from '../../../../kernel/queue/interval-task.js';
import type { LedgerMetrics } from '../../ledger.metrics.js';
import { BLOCK_LEAVES, hashHeader, hashSpans, NO_BLOCK, type Span } from './block.js';
import {
  appendBlock,
  insertHead,
  readTip,
  takeFactsDue,
  tryToLockChain,
  walkAccounts,
  type Changed,
  type Tip,
} from './chain.store.js';
import { ACCOUNT, ENTRY } from './fact.js';
import { isComplete, readDigests } from './facts.store.js';
import { publishHead, signHead, type Head, type SigningKey } from './head.js';
import { rootOf } from './merkle.js';

/** Between two walks, in ms. What is posted is chained within this and the walk, and a quiet ledger has few small blocks. */
const EVERY_MS = 5_000;
/** Accounts looked at in one statement: some 40 ms. */
const WALK_ACCOUNTS = 5_000;
/** Every head is kept beside its block; one in so many ms is announced. */
const ANNOUNCE_EVERY_MS = 60_000;

/** Before every other. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/** Thrown when the chain no longer has what was signed: nothing is added to it, so that no signature covers what was done to it. */
export class ChainBroken extends Error {
  override readonly name = 'ChainBroken';
}

export interface ChainerOptions {
  readonly database: Database;
  readonly key: () => Promise<SigningKey>;
  readonly logger: Logger;
  readonly metrics: LedgerMetrics;
  /** Given by tests, which have fewer accounts. */
  readonly walkAccounts?: number;
  readonly blockLeaves?: number;
}

/** So many of an account's entries that wait, from a version on; of an account that is new, the account before them. */
interface Waiting {
  readonly id: string;
  readonly isNew: boolean;
  readonly first: bigint;
  readonly last: bigint;
}

export class ChainEntries extends IntervalTask {
  constructor(options: ChainerOptions) {
    const chainer = new Chainer(options);
    super({
      name: 'ledger.chain_entries',
      everyMs: EVERY_MS,
      logger: options.logger,
      run: async () => {
        await chainer.walk();
      },
    });
  }
}

export class Chainer {
  private readonly blockLeaves: number;
  private key: SigningKey | undefined;
  /** What this process signed last. */
  private signed: Head | undefined;
  private announced: bigint | undefined;
  private announceAt = 0;
  /** Accounts that have something missing: nothing more of them is chained in this walk. */
  private stopped = new Set<string>();

  constructor(private readonly options: ChainerOptions) {
    this.blockLeaves = options.blockLeaves ?? BLOCK_LEAVES;
  }

  /**
   * Once through all accounts, chaining what is found. Ends early when another process is at it.
   * @returns how many leaves were chained
   * @throws {ChainBroken}
   */
  async walk(): Promise<number> {
    const take = this.options.walkAccounts ?? WALK_ACCOUNTS;
    let waiting: Waiting[] = [];
    let after = FIRST_ID;
    let chained = 0;
    this.stopped = new Set();
    for (;;) {
      const page = await walkAccounts(this.options.database, after, take);
      waiting.push(...page.flatMap(waitingOf));
      while (leavesOf(waiting) >= this.blockLeaves) {
        const { taken, rest } = split(waiting, this.blockLeaves);
        const leaves = await this.append(taken);
        if (leaves === undefined) return chained;
        chained += leaves;
        waiting = rest;
      }
      const last = page.at(-1);
      if (last === undefined || last.number < take) break;
      after = last.id;
    }
    // What is left, and then what is due besides, in blocks that may be full of it.
    for (;;) {
      const leaves = await this.append(waiting);
      if (leaves === undefined) break;
      chained += leaves;
      if (leaves < this.blockLeaves) break;
      waiting = [];
    }
    return chained;
  }

  /** @returns how many leaves the block has, 0 when there was none to make; undefined when another process is at it */
  private async append(waiting: readonly Waiting[]): Promise<number | undefined> {
    const { database, logger, metrics } = this.options;
    this.key ??= await this.options.key();
    const key = this.key;
    try {
      const added = await database.transaction(async (tx) => {
        if (!(await tryToLockChain(tx))) return undefined;
        const tip = await readTip(tx);
        this.assertUnbroken(tip);
        const block = await this.makeBlock(tx, tip, waiting);
        if (block === undefined) {
          await this.announce(tx, this.signed);
          return { leaves: 0, head: this.signed };
        }
        await appendBlock(tx, block, block.newEntries);
        const { height, hash: blockHash, entries, chainedAt: signedAt } = block;
        const head = signHead(key, { height, blockHash, entries, signedAt });
        await insertHead(tx, head);
        await this.announce(tx, head);
        return { leaves: block.leafCount, head };
      });
      if (added === undefined) return undefined;
      this.signed = added.head;
      if (added.leaves > 0) metrics.chained(added.leaves);
      return added.leaves;
    } catch (error) {
      if (codeOf(error) === SQL_STATE.serializationFailure) return undefined;
      if (error instanceof ChainBroken) {
        metrics.chainBroken();
        logger.error({ reason: error.message }, 'the ledger is not chained any further: run ledger verify');
      }
      throw error;
    }
  }

  private assertUnbroken(tip: Tip): void {
    if (
      tip.signedHeight !== null &&
      (tip.signedHeight !== tip.height || tip.hash?.equals(tip.signedHash ?? NO_BLOCK) !== true)
    )
      throw new ChainBroken(`the last block is ${tip.height}, and not the one that was signed as ${tip.signedHeight}`);
    if (tip.signedHeight === null && tip.height > 0n) throw new ChainBroken('there are blocks, and none is signed');
    const { signed } = this;
    if (
      signed !== undefined &&
      (tip.height < signed.height || (tip.height === signed.height && tip.hash?.equals(signed.blockHash) !== true))
    )
      throw new ChainBroken(`block ${signed.height}, which this process signed, is no longer there`);
  }

  private async makeBlock(tx: Tx, tip: Tip, waiting: readonly Waiting[]) {
    const planned = waiting.filter(({ id }) => !this.stopped.has(id)).flatMap(spansOf);
    const found = await readDigests(tx, planned);
    const spans: Span[] = [];
    const digests: Buffer[] = [];
    let newEntries = 0;
    for (const [index, span] of planned.entries()) {
      const digest = found[index];
      if (digest === undefined || !isComplete(span, digest)) {
        this.stopped.add(span.id);
        this.options.metrics.chainStopped();
        this.options.logger.error(
          { account: span.id, from: String(span.first), entries: span.count, found: digest?.found ?? 0 },
          'an account has entries or transfers missing that were not chained yet: run ledger verify',
        );
        continue;
      }
      spans.push(span);
      digests.push(digest.digests);
      if (span.kind === ENTRY.kind) newEntries += span.count;
    }
    const room = this.blockLeaves - leavesOf(waiting);
    const due = room > 0 ? await this.dueSpans(tx, room) : [];
    for (const { span, leaf } of due) {
      spans.push(span);
      digests.push(leaf);
    }
    if (spans.length === 0) return undefined;
    const leafCount = spans.reduce((sum, { count }) => sum + count, 0);
    const leaves = Buffer.concat(digests);
    const header = {
      height: tip.height + 1n,
      previousHash: tip.hash ?? NO_BLOCK,
      leavesRoot: rootOf(leaves),
      spansHash: hashSpans(spans),
      leafCount,
      entries: tip.entries + BigInt(newEntries),
      leaves: tip.leaves + BigInt(leafCount),
      chainedAt: `${new Date().toISOString().slice(0, -1)}000Z`,
    };
    return { ...header, hash: hashHeader(header), spans, digests: leaves, newEntries };
  }

  /** Transfers without entries, and changes of state. One that is gone before it was chained is told of, and stays gone. */
  private async dueSpans(tx: Tx, most: number): Promise<readonly { readonly span: Span; readonly leaf: Buffer }[]> {
    const spans = (await takeFactsDue(tx, most)).map(({ kind, id, number }): Span => ({
      kind,
      id,
      first: BigInt(number),
      count: 1,
    }));
    if (spans.length === 0) return [];
    const found = await readDigests(tx, spans);
    return spans.flatMap((span, index) => {
      const digest = found[index];
      if (digest !== undefined && isComplete(span, digest)) return [{ span, leaf: digest.digests }];
      this.options.metrics.chainStopped();
      this.options.logger.error({ kind: span.kind, id: span.id }, 'a fact is gone that was not chained yet');
      return [];
    });
  }

  /** In the log and as an event, for others to keep. */
  private async announce(tx: Tx, head: Head | undefined): Promise<void> {
    if (head === undefined || head.height === this.announced || performance.now() < this.announceAt) return;
    const published = publishHead(head);
    const of = { aggregateId: 'ledger', merchantId: null, cause: { correlationId: newId('request') } };
    await appendEvents(tx, [newEvent(headSigned, of, published)]);
    tx.afterCommit(() => {
      this.announced = head.height;
      this.announceAt = performance.now() + ANNOUNCE_EVERY_MS;
      this.options.logger.info({ head: published }, 'the ledger is chained up to here');
    });
  }
}

function waitingOf({ id, version, last }: Changed): readonly Waiting[] {
  if (last !== null && last >= version) return [];
  return [{ id, isNew: last === null, first: (last ?? 0n) + 1n, last: version }];
}

const sizeOf = ({ isNew, first, last }: Waiting): number => Number(last - first) + 1 + (isNew ? 1 : 0);
const leavesOf = (waiting: readonly Waiting[]): number => waiting.reduce((sum, each) => sum + sizeOf(each), 0);

/** Cuts off the first `leaves`, in the middle of an account if need be. */
function split(waiting: readonly Waiting[], leaves: number): { taken: Waiting[]; rest: Waiting[] } {
  const taken: Waiting[] = [];
  let room = leaves;
  for (const [index, each] of waiting.entries()) {
    const size = sizeOf(each);
    if (size > room) {
      const cut = each.first + BigInt(room - (each.isNew ? 1 : 0));
      const rest = waiting.slice(index + 1);
      if (room === 0) return { taken, rest: [each, ...rest] };
      return { taken: [...taken, { ...each, last: cut - 1n }], rest: [{ ...each, isNew: false, first: cut }, ...rest] };
    }
    taken.push(each);
    room -= size;
  }
  return { taken, rest: [] };
}

function spansOf({ id, isNew, first, last }: Waiting): readonly Span[] {
  return [
    ...(isNew ? [{ kind: ACCOUNT.kind, id, first: 0n, count: 1 }] : []),
    ...(last < first ? [] : [{ kind: ENTRY.kind, id, first, count: Number(last - first) + 1 }]),
  ];
}
