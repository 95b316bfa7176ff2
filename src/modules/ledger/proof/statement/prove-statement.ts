/** Makes the proof of a statement: its entries, where they are in the chain, and the signed heads of the blocks that hold them. */
import type { Reader } from '../../../../kernel/database/tenant-scope.js';
import type { Queryable } from '../../../../kernel/database/tx.js';
import { DomainError } from '../../../../kernel/errors/domain-error.js';
import { readStatement, type Period } from '../../statements/statements.store.js';
import { readHeaders, readHeads, readTip } from '../chain/chain.store.js';
import type { EntryFact, TransferFact } from '../chain/fact.js';
import { DIGEST_BYTES } from '../chain/fact.js';
import { publishHead } from '../chain/head.js';
import { LEAF_BYTES, pathsOf } from '../chain/merkle.js';
import {
  readAccountToProve,
  readEntriesToProve,
  readChainedVersion,
  readDigests,
  readPlaces,
  readTransfersToProve,
  type SpanPlace,
} from './prove.store.js';
import {
  headerToJson,
  toJson,
  type PlaceJson,
  type ProvedEntryJson,
  type StatementProofJson,
} from './statement-proof.js';

export interface ProveOptions {
  readonly account: string;
  readonly period: Period;
  /** The version after which the page begins; undefined: with the first of the period. */
  readonly after: bigint | undefined;
  readonly limit: number;
  /** Whether the transfers are shown, with their other accounts. */
  readonly withTransfers: boolean;
  /** All headers up to the end of the chain, so that a head can be checked that was kept elsewhere. */
  readonly withHeaders?: boolean;
}

interface Leaf {
  readonly place: PlaceJson;
  readonly transferDigest: string;
}

/** @throws {DomainError} `ledger.account_not_chained` while nothing of the account is in a block */
export async function proveStatement(reader: Reader, options: ProveOptions): Promise<StatementProofJson> {
  const { account: id, period, limit } = options;
  const bounds = await readStatement(reader, id, period, undefined, 0);
  const start = options.after === undefined || options.after < bounds.before ? bounds.before : options.after;
  const [account, own] = await Promise.all([readAccountToProve(reader, id), readPlaces(reader, id, 0n, 0n)]);
  if (account === undefined || own.length === 0) throw new DomainError('ledger.account_not_chained');
  const wantedLast = bounds.last < start + BigInt(limit) ? bounds.last : start + BigInt(limit);
  // With the ones before and after: what lies between them is all there is.
  const places = await readPlaces(reader, id, start > 0n ? start : 1n, wantedLast + 1n);
  // Of the whole account, not of this page: what is chained behind the page is no gap.
  const chained = (await readChainedVersion(reader, id)) ?? start;
  const last = wantedLast < chained ? wantedLast : chained;
  const end = chained > last ? last + 1n : last;
  const facts = await readEntriesToProve(reader, id, start > 0n ? start : 1n, end);
  const leaves = await leavesOf(
    reader,
    [...own, ...places],
    (version) => version === 0n || (version >= start && version <= end),
  );
  const accountLeaf = leaves.get(0n);
  if (accountLeaf === undefined) throw new DomainError('ledger.account_not_chained');
  const transfers = options.withTransfers
    ? new Map(
        (
          await readTransfersToProve(
            reader,
            facts.map((fact) => fact.transfer_id),
          )
        ).map((each) => [each.id, each]),
      )
    : undefined;
  const proved = facts.flatMap((fact) => {
    const leaf = leaves.get(fact.account_version);
    return leaf === undefined ? [] : [{ version: fact.account_version, view: viewOf(fact, leaf, transfers) }];
  });
  const viewAt = (version: bigint): ProvedEntryJson | null =>
    proved.find((each) => each.version === version)?.view ?? null;
  return {
    object: 'ledger_statement_proof',
    format: 1,
    from: period.from ?? null,
    to: bounds.to.toISOString(),
    account: { account: toJson(account), place: accountLeaf.place },
    before: viewAt(start),
    entries: proved.filter(({ version }) => version > start && version <= last).map(({ view }) => view),
    after: viewAt(last + 1n),
    not_chained_yet: Number(
      bounds.last > chained ? bounds.last - (chained > bounds.before ? chained : bounds.before) : 0n,
    ),
    has_more: last < bounds.last && last < chained,
    blocks: await blocksOf(
      reader,
      [...leaves.values()].map(({ place }) => place.height),
      options.withHeaders === true,
    ),
  };
}

function viewOf(
  fact: EntryFact,
  { place, transferDigest }: Leaf,
  transfers: ReadonlyMap<string, TransferFact> | undefined,
): ProvedEntryJson {
  const transfer = transfers?.get(fact.transfer_id);
  return {
    entry: toJson(fact),
    transfer_digest: transferDigest,
    transfer: transfer === undefined ? null : toJson(transfer),
    place,
  };
}

/** By version; 0 is the account itself. */
async function leavesOf(
  db: Queryable,
  spans: readonly SpanPlace[],
  isWanted: (version: bigint) => boolean,
): Promise<ReadonlyMap<bigint, Leaf>> {
  const byHeight = new Map<bigint, { readonly version: bigint; readonly leaf: number }[]>();
  for (const { first, last, height, leaf } of spans)
    for (let version = first; version <= last; version += 1n) {
      if (!isWanted(version)) continue;
      const inBlock = byHeight.get(height) ?? [];
      inBlock.push({ version, leaf: leaf + Number(version - first) });
      byHeight.set(height, inBlock);
    }
  const leaves = new Map<bigint, Leaf>();
  for (const [height, wanted] of byHeight) {
    const digests = await readDigests(db, height);
    if (digests === undefined) continue;
    const paths = pathsOf(
      digests,
      wanted.map(({ leaf }) => leaf),
    );
    for (const [index, { version, leaf }] of wanted.entries()) {
      const begin = leaf * LEAF_BYTES;
      leaves.set(version, {
        place: { height: Number(height), leaf, path: (paths[index] ?? []).map((hash) => hash.toString('hex')) },
        transferDigest: digests.subarray(begin + DIGEST_BYTES, begin + LEAF_BYTES).toString('hex'),
      });
    }
  }
  return leaves;
}

async function blocksOf(
  db: Queryable,
  heights: readonly number[],
  isToTheEnd: boolean,
): Promise<StatementProofJson['blocks']> {
  const wanted = new Set(heights);
  const [from, to] = [Math.min(...heights), isToTheEnd ? Number((await readTip(db)).height) : Math.max(...heights)];
  const read = async (first: number, last: number): Promise<StatementProofJson['blocks']> => {
    const [headers, heads] = await Promise.all([
      readHeaders(db, BigInt(first), BigInt(last)),
      readHeads(db, BigInt(first), BigInt(last)),
    ]);
    return headers.map((header) => {
      const head = heads.find(({ height }) => height === header.height);
      return { ...headerToJson(header), head: head === undefined ? null : publishHead(head) };
    });
  };
  if (isToTheEnd) return read(from, to);
  const blocks: StatementProofJson['blocks'] = [];
  for (const height of [...wanted].sort((a, b) => a - b)) blocks.push(...(await read(height, height)));
  return blocks;
}
