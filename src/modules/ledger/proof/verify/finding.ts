/** What verification finds. */

/** Of what was chained: each names the one thing that was done something to. */
export type Damage =
  | 'entry_altered'
  | 'entry_missing'
  | 'entry_extra'
  /** It stands in another place than it was chained in. */
  | 'entry_moved'
  | 'transfer_altered'
  | 'transfer_missing'
  | 'transfer_extra'
  | 'account_altered'
  | 'account_missing'
  | 'state_change_altered'
  | 'state_change_missing'
  | 'state_change_extra'
  /** Its columns contradict each other, or the head that was signed. */
  | 'block_altered'
  | 'block_missing'
  /** It is whole in itself, and not the one that was signed. */
  | 'block_rewritten'
  /** It does not follow the block before it. */
  | 'block_detached'
  | 'index_altered'
  | 'head_altered'
  | 'head_missing'
  | 'head_of_unknown_key'
  /** The head that was kept elsewhere is of a block that is not there (any more), or is another one now. */
  | 'chain_truncated'
  | 'chain_rewritten';

/** Of the books as they stand: what contradicts what. Often what damage leads to. */
export type Contradiction =
  | 'running_balance'
  | 'booked_out_of_order'
  | 'version_gap'
  | 'account_totals'
  | 'account_version'
  | 'pending_totals'
  | 'day_totals'
  | 'not_double_entry';

export interface Finding<What extends string = string> {
  readonly what: What;
  /** Public ids, and the block's height. */
  readonly entry?: string;
  readonly account?: string;
  readonly transfer?: string;
  readonly block?: number;
  /** What differs, in words. */
  readonly detail: string;
}

export function lineOf({ what, entry, account, transfer, block, detail }: Finding): string {
  const where = [entry ?? account, transfer, block === undefined ? undefined : `block ${block}`].filter(Boolean);
  return `${what.replaceAll('_', ' ')}: ${[...where, detail].join(', ')}`;
}
