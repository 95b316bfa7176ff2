/** What stands in the tables against the digests that were chained of it. */
import type { Database } from '../../../../kernel/database/database.js';
import { groupBy } from '../../../../kernel/collections/group-by.js';
import { encodeId } from '../../../../kernel/ids/ids.js';
import { encodeEntryId } from '../../accounts/entry-id.js';
import type { Span } from '../chain/block.js';
import { readBlocks } from '../chain/chain.store.js';
import { ACCOUNT, DIGEST_BYTES, ENTRY, STATE_CHANGE, TRANSFER, type EntryFact } from '../chain/fact.js';
import type { SpanDigests } from '../chain/facts.store.js';
import { LEAF_BYTES } from '../chain/merkle.js';
import { align, type Aligned, type Unmatched } from './align.js';
import type { Damage, Finding } from './finding.js';
import { readEntries, readEntryDigests, readHeightsOf, readNormalSide } from './verify.store.js';

/** Entries that are told apart when many differ; beyond them those that differ are called altered, wherever they come from. */
const TOLD_APART = 50_000;
/** After an account's chained entries so many more are looked at for those that were moved there. */
const LOOK_BEYOND = 50;

export type Note = (what: Damage, where: Omit<Finding, 'what' | 'detail'>, detail: string) => void;

export class FactComparison {
  private readonly unmatched: Unmatched[] = [];
  /** By the transfer's id. */
  private readonly transfers = new Map<string, Finding<Damage>>();
  /** Rows in the place of another, or besides those that were chained. */
  private readonly strange = new Map<string, { readonly account: string; readonly version: bigint }>();

  constructor(
    private readonly database: Database,
    private readonly note: Note,
  ) {}

  /** Transfers whose entries are sound, and they are not. */
  damagedTransfers(): readonly Finding<Damage>[] {
    return [...this.transfers.values()];
  }

  /** @param chained the digests of the span's leaves, one after the other */
  async compareSpan(height: bigint, span: Span, chained: Buffer, found: SpanDigests): Promise<void> {
    if (span.kind !== ENTRY.kind) {
      const kind = (
        { [ACCOUNT.kind]: 'account', [TRANSFER.kind]: 'transfer', [STATE_CHANGE.kind]: 'state_change' } as const
      )[span.kind];
      if (kind === undefined) return;
      const is = found.found === 0 ? 'missing' : 'altered';
      const number = span.kind === STATE_CHANGE.kind ? `change ${span.first} of its state: ` : '';
      this.note(
        `${kind}_${is}`,
        { ...nameOf(span), block: Number(height) },
        number + (is === 'missing' ? 'it is gone' : 'its content is not what was chained'),
      );
      return;
    }
    const last = span.first + BigInt(span.count) - 1n;
    const rows = groupBy(await readEntryDigests(this.database, span.id, span.first, last), ({ version }) => version);
    for (let index = 0; index < span.count; index += 1) {
      const version = span.first + BigInt(index);
      const leaf = chained.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES);
      const digest = leaf.subarray(0, DIGEST_BYTES);
      const [row, ...doubles] = rows.get(version) ?? [];
      if (row?.entry.equals(digest) === true) {
        if (row.transfer?.equals(leaf.subarray(DIGEST_BYTES)) !== true)
          this.noteTransfer(row.transferId, row.transfer === null, height);
      } else {
        if (row !== undefined) this.strange.set(`${span.id} ${version}`, { account: span.id, version });
        this.unmatched.push({ account: span.id, version, digest: Buffer.from(digest), height });
      }
      if (doubles.length > 0)
        this.note(
          'entry_extra',
          { ...entryOf(span.id, version), block: Number(height) },
          'there are several of that version',
        );
    }
  }

  private noteTransfer(id: string, isMissing: boolean, height: bigint): void {
    if (this.transfers.has(id)) return;
    this.transfers.set(id, {
      what: isMissing ? 'transfer_missing' : 'transfer_altered',
      transfer: encodeId('transfer', id),
      block: Number(height),
      detail: isMissing ? 'it is gone' : 'its content is not what was chained',
    });
  }

  /** Names what became of entries that are not what was chained in their place. */
  async tellApart(): Promise<void> {
    if (this.unmatched.length > TOLD_APART) {
      for (const { account, version, height } of this.unmatched)
        this.note(
          'entry_altered',
          { ...entryOf(account, version), block: Number(height) },
          'its content is not what was chained, or it is gone',
        );
      return;
    }
    const { database } = this;
    const sides = new Map<string, string>();
    const before = new Map<string, bigint>();
    const rows: EntryFact[] = [];
    const strange = new Set(this.strange.keys());
    for (const [account, places] of groupBy(this.unmatched, (place) => place.account)) {
      const side = await readNormalSide(database, account);
      if (side !== undefined) sides.set(account, side);
      const versions = new Set(places.flatMap(({ version }) => [version - 1n, version]));
      const end = (await this.chainedVersion(account, places)) + 1n;
      const beyond = Array.from({ length: LOOK_BEYOND }, (_, index) => end + BigInt(index));
      for (const row of await readEntries(database, account, [...versions, ...beyond])) {
        const key = `${account} ${row.account_version}`;
        if (strange.has(key) || row.account_version >= end) rows.push(row);
        else before.set(key, row.balance);
      }
    }
    rows.sort((a, b) =>
      a.account_id === b.account_id
        ? Number(a.account_version - b.account_version)
        : a.account_id < b.account_id
          ? -1
          : 1,
    );
    const { altered, missing, moved, extra } = align(this.unmatched, rows, {
      normalSides: sides,
      balanceBefore: (account, version) => (version === 1n ? 0n : before.get(`${account} ${version - 1n}`)),
    });
    const place = ({ account, version, height }: Unmatched) => ({
      ...entryOf(account, version),
      block: Number(height),
    });
    const renumbered = renumberedOf(
      moved,
      new Set([...missing, ...extra.map((row) => ({ account: row.account_id }))].map(({ account }) => account)),
    );
    for (const each of altered)
      this.note(
        'entry_altered',
        place(each),
        each.balanceOnly ? 'its balance is not what was chained' : 'its content is not what was chained',
      );
    const after = (account: string, version: bigint): string => {
      const count = renumbered.filter((each) => each.account === account && each.version >= version).length;
      return count === 0 ? '' : `, and ${count} after it were renumbered`;
    };
    for (const each of missing)
      this.note('entry_missing', place(each), `it is gone${after(each.account, each.version)}`);
    const told = new Set(renumbered);
    for (const each of moved)
      if (!told.has(each))
        this.note(
          'entry_moved',
          place(each),
          `it stands as ${encodeEntryId(each.now.account_id, each.now.account_version)} now`,
        );
    for (const row of extra)
      if (strange.has(`${row.account_id} ${row.account_version}`))
        this.note(
          'entry_extra',
          entryOf(row.account_id, row.account_version),
          `it was put there${after(row.account_id, row.account_version)}`,
        );
  }

  private async chainedVersion(account: string, places: readonly Unmatched[]): Promise<bigint> {
    const heights = await readHeightsOf(this.database, account);
    const [block] = await readBlocks(this.database, heights.at(-1) ?? 0n, 1);
    const last = block?.spans.findLast(({ id, kind }) => id === account && kind === ENTRY.kind);
    return last === undefined ? (places.at(-1)?.version ?? 0n) : last.first + BigInt(last.count) - 1n;
  }
}

/**
 * Those that moved up or down because one before them was put in or taken away. Those that changed places with each other did not: from place
 * to place they come back to where they began.
 */
function renumberedOf<Moved extends Aligned['moved'][number]>(
  moved: readonly Moved[],
  accounts: ReadonlySet<string>,
): readonly Moved[] {
  const keyOf = (account: string, version: bigint): string => `${account} ${version}`;
  const byPlace = new Map(moved.map((each) => [keyOf(each.account, each.version), each]));
  const isOfCycle = new Map<Moved, boolean>();
  for (const start of moved) {
    const path: Moved[] = [];
    let each: Moved | undefined = start;
    while (each !== undefined && !isOfCycle.has(each) && !(path.length > 0 && each === start)) {
      path.push(each);
      each = byPlace.get(keyOf(each.now.account_id, each.now.account_version));
    }
    const closes = each !== undefined && (each === start || isOfCycle.get(each) === true);
    for (const one of path) isOfCycle.set(one, closes);
  }
  return moved.filter(
    (each) => isOfCycle.get(each) === false && accounts.has(each.account) && each.now.account_id === each.account,
  );
}

function entryOf(account: string, version: bigint): { readonly entry: string; readonly account: string } {
  return { entry: encodeEntryId(account, version), account: encodeId('account', account) };
}

export function nameOf({ kind, id }: Span): Omit<Finding, 'what' | 'detail'> {
  return kind === TRANSFER.kind ? { transfer: encodeId('transfer', id) } : { account: encodeId('account', id) };
}
