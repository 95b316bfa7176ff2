/**
 * Which entry is which, where an account's entries are not those that were chained: whether one was changed, taken away, put in between,
 * or stands in another place. Only digests were chained, so rows are tried in the places whose digests nothing else comes to. Pure.
 */
import { digestOf, ENTRY, type EntryFact } from '../chain/fact.js';

/** A place in an account for which no row stands that was chained there. */
export interface Unmatched {
  readonly account: string;
  readonly version: bigint;
  readonly digest: Buffer;
  readonly height: bigint;
}

export interface Aligned {
  /** Changed where they stand; `balanceOnly` when nothing but the running balance was. */
  readonly altered: readonly (Unmatched & { readonly balanceOnly: boolean })[];
  readonly missing: readonly Unmatched[];
  readonly moved: readonly (Unmatched & { readonly now: EntryFact })[];
  readonly extra: readonly EntryFact[];
}

export interface Around {
  /** By account. */
  readonly normalSides: ReadonlyMap<string, string>;
  /** The balance before a place, where the entry before it is as it was. */
  balanceBefore(account: string, version: bigint): bigint | undefined;
}

/** What is not found near its place is tried everywhere, unless there is more than this on either side: it would be their product. */
const ALL_WITH_ALL = 300;
const NEAR = 20n;

const keyOf = (account: string, version: bigint): string => `${account} ${version}`;

/** @param rows those that stand in the unmatched places, and those that nothing was chained for; ascending within an account, as `places` */
export function align(places: readonly Unmatched[], rows: readonly EntryFact[], around: Around): Aligned {
  const byPlace = new Map(rows.map((row) => [keyOf(row.account_id, row.account_version), row]));
  const restored = new Map<string, bigint>();
  const used = new Map<EntryFact, Unmatched>();
  const balanceOnly = new Set<Unmatched>();
  let offset = 0n;
  const matches = (row: EntryFact, place: Unmatched): boolean => {
    if (used.has(row)) return false;
    const before =
      restored.get(keyOf(place.account, place.version - 1n)) ?? around.balanceBefore(place.account, place.version);
    const side = around.normalSides.get(place.account);
    const step = row.direction === side ? row.amount : -row.amount;
    const balances = before === undefined ? [row.balance] : [row.balance, before + step];
    const balance = balances.find((each) =>
      digestOf(ENTRY, { ...row, account_id: place.account, account_version: place.version, balance: each }).equals(
        place.digest,
      ),
    );
    if (balance === undefined) return false;
    used.set(row, place);
    restored.set(keyOf(place.account, place.version), balance);
    offset = row.account_version - place.version;
    return true;
  };
  const near = function* (place: Unmatched): Generator<EntryFact> {
    const at = (version: bigint): EntryFact | undefined => byPlace.get(keyOf(place.account, version));
    const likely = at(place.version + offset);
    if (likely !== undefined) yield likely;
    for (let step = -NEAR; step <= NEAR; step += 1n) {
      const row = at(place.version + step);
      if (row !== undefined) yield row;
    }
  };
  const ownOf = (place: Unmatched): EntryFact | undefined => byPlace.get(keyOf(place.account, place.version));
  const findAmong = (candidates: Iterable<EntryFact>, place: Unmatched): boolean => {
    for (const row of candidates) if (row !== ownOf(place) && matches(row, place)) return true;
    return false;
  };
  const notNear: Unmatched[] = [];
  for (const place of places) {
    const own = ownOf(place);
    if (own !== undefined && matches(own, place)) balanceOnly.add(place);
    else if (!findAmong(near(place), place)) notNear.push(place);
  }
  const left = rows.filter((row) => !used.has(row));
  const isSmall = notNear.length <= ALL_WITH_ALL && left.length <= ALL_WITH_ALL;
  const open = isSmall ? notNear.filter((place) => !findAmong(left, place)) : notNear;
  const taken = new Set(open.map(ownOf));
  const isAltered = (place: Unmatched): boolean => {
    const own = ownOf(place);
    return own !== undefined && !used.has(own);
  };
  return {
    altered: [
      ...open.filter(isAltered).map((place) => ({ ...place, balanceOnly: false })),
      ...[...balanceOnly].map((place) => ({ ...place, balanceOnly: true })),
    ],
    missing: open.filter((place) => !isAltered(place)),
    moved: [...used].flatMap(([now, place]) => (balanceOnly.has(place) ? [] : [{ ...place, now }])),
    extra: rows.filter((row) => !used.has(row) && !taken.has(row)),
  };
}
