import { decodeId, encodeId, ID_PREFIXES } from '../../../kernel/ids/ids.js';

const ACCOUNT_PREFIX = `${ID_PREFIXES.account}_`;
const PATTERN = new RegExp(`^${ID_PREFIXES.entry}_([0-9a-z]+)_([1-9][0-9]{0,18})$`);
/** The largest bigint of PostgreSQL. */
const MAX_VERSION = 2n ** 63n - 1n;

/** An entry has no uuid: it is the nth of its account, and so is its id: `ent_<the account's 26 characters>_<n>`. */
export function encodeEntryId(accountId: string, version: bigint): string {
  return `${ID_PREFIXES.entry}_${encodeId('account', accountId).slice(ACCOUNT_PREFIX.length)}_${version}`;
}

/** The version behind an entry's id, or undefined when it is not the id of an entry of that account. */
export function decodeEntryId(accountId: string, id: string): bigint | undefined {
  const match = PATTERN.exec(id);
  if (match === null) return undefined;
  const [, account = '', digits = ''] = match;
  const version = BigInt(digits);
  return decodeId('account', `${ACCOUNT_PREFIX}${account}`) === accountId && version <= MAX_VERSION
    ? version
    : undefined;
}
