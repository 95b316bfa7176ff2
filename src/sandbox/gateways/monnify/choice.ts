import type { Transaction } from '../../transactions.js';

/** How the customer pays: open when the transaction is made, settled by the second call or by the page, whichever comes first. */
export class Choice {
  method: 'CARD' | 'ACCOUNT_TRANSFER' | undefined;
  /** The dynamic account that was given out. */
  accountNumber: string | undefined;

  constructor(readonly offered: readonly string[]) {}
}

export function choiceOf({ detail }: Transaction): Choice | undefined {
  const { choice } = detail;
  return choice instanceof Choice ? choice : undefined;
}

/** @returns `CARD` for whoever went through the page; everybody else pays into an account. */
export function methodOf(transaction: Transaction): string {
  return choiceOf(transaction)?.method ?? 'ACCOUNT_TRANSFER';
}
