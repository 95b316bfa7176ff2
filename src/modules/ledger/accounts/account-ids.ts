import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Tx } from '../../../kernel/database/tx.js';
import { keyText, type AccountKey } from './account.js';
import { openAccounts } from '../transfers/posting.store.js';

/** About 6 MB. Few thousand merchants are active at a time, with a handful of accounts each. */
const MAX_CACHED_IDS = 20_000;

/** Ids of accounts by key, opened on demand. Accounts are never deleted, so a known id stays right. */
@Injectable()
export class AccountIds {
  private readonly cache = new LRUCache<string, string>({ max: MAX_CACHED_IDS });

  /** @returns account ids by {@link keyText} */
  async resolve(tx: Tx, keys: readonly AccountKey[]): Promise<ReadonlyMap<string, string>> {
    const ids = new Map<string, string>();
    const unknown = new Map<string, AccountKey>();
    for (const key of keys) {
      const text = keyText(key);
      const id = this.cache.get(text);
      if (id === undefined) unknown.set(text, key);
      else ids.set(text, id);
    }
    if (unknown.size === 0) return ids;
    const opened = await openAccounts(tx, [...unknown.values()]);
    for (const [text, id] of opened) ids.set(text, id);
    // Only once they are there for good: a rolled back account's id would fail every later posting.
    tx.afterCommit(() => {
      for (const [text, id] of opened) this.cache.set(text, id);
    });
    return ids;
  }

  /** After a database was restored or replaced under a running process, ids may be wrong. */
  forget(): void {
    this.cache.clear();
  }
}
