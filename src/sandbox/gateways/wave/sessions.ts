import type { Transaction, Transactions } from '../../transactions.js';
import type { JsonObject } from '../../wire.js';
import { amountText } from './amounts.js';

/** How long a checkout session can be paid. Milliseconds. */
const LIFE_MS = 30 * 60_000;

/** What `last_payment_error` says beside its code. */
const ERROR_MESSAGES: Readonly<Record<string, string>> = {
  'insufficient-funds': 'The customer did not have enough funds to complete the payment',
  'blocked-account': 'The customer has a blocked account',
  'payer-mobile-mismatch': 'The payer is not the one the session is restricted to',
};

/** The sessions that the merchant closed. Weak, so that a reset forgets them with their transactions. */
export class ExpiredSessions {
  private readonly expired = new WeakSet<Transaction>();

  add(session: Transaction): void {
    this.expired.add(session);
  }

  /** Closed by the merchant or by its age. A payment that failed closes nothing: the customer may try again. */
  has(session: Transaction): boolean {
    if (session.status === 'succeeded') return false;
    return this.expired.has(session) || Date.now() >= session.createdAt + LIFE_MS;
  }
}

/** The checkout session as the API and the webhooks show it. */
export function sessionBody(session: Transaction, isExpired: boolean, baseUrl: string): JsonObject {
  const { currency, detail, status, finishedAt, createdAt } = session;
  const isPaid = status === 'succeeded';
  return {
    id: sessionId(session),
    amount: amountText(isPaid ? session.chargedMinor : session.requestedMinor, currency),
    checkout_status: isPaid ? 'complete' : isExpired ? 'expired' : 'open',
    client_reference: detail['clientReference'] ?? null,
    currency,
    error_url: detail['errorUrl'],
    last_payment_error: lastPaymentError(session),
    business_name: 'Sandbox Business',
    // A failed try leaves it `processing`: only the end of the session cancels it.
    payment_status: isPaid ? 'succeeded' : isExpired ? 'cancelled' : 'processing',
    transaction_id: isPaid ? transactionId(session) : null,
    aggregated_merchant_id: detail['aggregatedMerchantId'] ?? null,
    restrict_payer_mobile: detail['restrictPayerMobile'] ?? null,
    success_url: detail['successUrl'],
    wave_launch_url: `${baseUrl}/c/${sessionId(session)}`,
    when_completed: isPaid && finishedAt !== undefined ? when(finishedAt) : null,
    when_created: when(createdAt),
    when_expires: when(createdAt + LIFE_MS),
  };
}

/** The id holds the transaction's number, so that no table of ids has to be kept. */
export function sessionId({ id }: Pick<Transaction, 'id'>): string {
  return `cos-${id.toString(36)}`;
}

export function transactionId({ id }: Pick<Transaction, 'id'>): string {
  return `T_${id.toString(36).toUpperCase()}`;
}

export function sessionOf(transactions: Transactions, account: string, id: string): Transaction | undefined {
  const found = transactions.byId(account, numberIn(id));
  return found !== undefined && sessionId(found) === id ? found : undefined;
}

export function sessionOfAnyAccount(transactions: Transactions, id: string): Transaction | undefined {
  const found = transactions.ofAnyAccount(numberIn(id));
  return found !== undefined && sessionId(found) === id ? found : undefined;
}

/** @returns the session that this transaction paid. */
export function sessionOfTransaction(transactions: Transactions, account: string, id: string): Transaction | undefined {
  const found = /^T_[0-9A-Z]+$/.test(id) ? transactions.byId(account, Number.parseInt(id.slice(2), 36)) : undefined;
  return found?.status === 'succeeded' ? found : undefined;
}

/** Wave's timestamps have no fraction of a second. */
export function when(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

function numberIn(id: string): number {
  return /^cos-[0-9a-z]+$/.test(id) ? Number.parseInt(id.slice(4), 36) : Number.NaN;
}

function lastPaymentError({ status, declineCode }: Transaction): JsonObject | null {
  if (status !== 'failed' || declineCode === undefined) return null;
  return { code: declineCode, message: ERROR_MESSAGES[declineCode] ?? 'The payment failed' };
}
