import type { Transaction, Transactions } from '../../transactions.js';

/** The first two groups of every reference: the name and a number of Monnify's own. */
const PREFIX = 'MNFY|67';

/** Monnify's own reference, `MNFY|67|<when>|<number>`; the last group is the id, so that no table of references has to be kept. */
export function transactionReference({ id, createdAt }: Pick<Transaction, 'id' | 'createdAt'>): string {
  const when = new Date(createdAt).toISOString().replace(/\D/g, '').slice(0, 14);
  return `${PREFIX}|${when}|${id}`;
}

/** @returns the account's transaction of this reference; all four groups have to be right. */
export function byTransactionReference(
  transactions: Transactions,
  account: string,
  reference: string,
): Transaction | undefined {
  const found = transactions.byId(account, idIn(reference));
  return found !== undefined && transactionReference(found) === reference ? found : undefined;
}

export function idIn(reference: string): number {
  return Number(reference.slice(reference.lastIndexOf('|') + 1));
}
