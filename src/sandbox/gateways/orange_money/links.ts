import { randomBytes } from 'node:crypto';
import type { Transaction, Transactions } from '../../transactions.js';
import { text } from '../../wire.js';

/** How long a payment link can be used. Seconds. */
const LIFE_SECONDS = 600;

/** The number at the end of a token: 12 hexadecimal digits hold every id. */
const NUMBER_DIGITS = 12;

/** The payments whose customer has opened the link and confirmed. Weak, so that a reset forgets them with their transactions. */
export class Links {
  private readonly confirmed = new WeakSet<Transaction>();

  confirm(payment: Transaction): void {
    this.confirmed.add(payment);
  }

  /** Nobody opened it in time. That is told to nobody: who does not ask never learns it. */
  isExpired(payment: Transaction): boolean {
    if (payment.status === 'succeeded' || this.confirmed.has(payment)) return false;
    const seconds = Number(payment.account.credentials['link_seconds'] ?? LIFE_SECONDS);
    return Date.now() >= payment.createdAt + seconds * 1_000;
  }

  statusWord(payment: Transaction): string {
    if (payment.status === 'succeeded') return 'SUCCESS';
    if (payment.status === 'failed') return payment.declineCode === EXPIRED ? EXPIRED : 'FAILED';
    if (this.isExpired(payment)) return EXPIRED;
    return this.confirmed.has(payment) ? 'PENDING' : 'INITIATED';
  }
}

export const EXPIRED = 'EXPIRED';

/** A token nobody can guess that ends in the transaction's number, so that no table of tokens has to be kept. */
export function newPayToken(id: number): string {
  return `${randomBytes(20).toString('hex')}${id.toString(16).padStart(NUMBER_DIGITS, '0')}`;
}

export function byPayToken(transactions: Transactions, token: string): Transaction | undefined {
  const found = transactions.ofAnyAccount(Number.parseInt(token.slice(-NUMBER_DIGITS), 16));
  return found !== undefined && text(found.detail, 'payToken') === token ? found : undefined;
}
