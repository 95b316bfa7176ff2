import type { Account } from '../../accounts.js';

/** How an IPv4 address looks on a socket that listens on both families. */
const MAPPED = /^::ffff:/;

/** @returns whether the account takes requests from this address; without a list it takes them from anywhere. */
export function isListed({ credentials }: Account, remoteAddress: string): boolean {
  const list = credentials['allowed_ips'];
  if (list === undefined) return true;
  return list
    .split(',')
    .map((address) => address.trim())
    .includes(remoteAddress.replace(MAPPED, ''));
}
