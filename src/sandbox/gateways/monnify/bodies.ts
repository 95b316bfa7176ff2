import { decimalText } from '../../money.js';
import type { Transaction } from '../../transactions.js';
import type { JsonObject } from '../../wire.js';
import { methodOf } from './choice.js';
import { transactionReference } from './references.js';

/** What is kept of a payment, as in the published sample: NGN 10 of NGN 1,500. Kobo. */
const FEE_MINOR = 1_000;

/** How long a customer has, whichever way they pay. Milliseconds. */
export const OPEN_MS = 40 * 60_000;

const KOBO = 2;

/** Monnify's words for a payment that did not come about; a decline with another code is FAILED. */
const UNPAID_WORDS = new Set(['FAILED', 'CANCELLED', 'EXPIRED', 'ABANDONED']);

export function statusWord(transaction: Transaction): string {
  const { status, requestedMinor, chargedMinor, createdAt, declineCode = '' } = transaction;
  if (status === 'succeeded') {
    if (wentBackWhole(transaction)) return 'REFUNDED';
    if (chargedMinor === requestedMinor) return 'PAID';
    return chargedMinor < requestedMinor ? 'UNDERPAID' : 'OVERPAID';
  }
  if (status === 'failed') return UNPAID_WORDS.has(declineCode) ? declineCode : 'FAILED';
  return Date.now() > createdAt + OPEN_MS ? 'EXPIRED' : 'PENDING';
}

/** A payment of which a part went back stays what it was: there is no word for it. */
function wentBackWhole({ refunds = [], chargedMinor }: Transaction): boolean {
  const back = refunds.reduce((sum, { status, movedMinor }) => sum + (status === 'succeeded' ? movedMinor : 0), 0);
  return back > 0 && back >= chargedMinor;
}

/** The transaction of the queries. Every amount is a quoted string here, whereas the request has numbers. */
export function transactionBody(transaction: Transaction, status = statusWord(transaction)): JsonObject {
  const paid = paidMinor(transaction);
  return {
    ...common(transaction, status),
    amountPaid: twoDecimals(paid),
    totalPayable: twoDecimals(transaction.requestedMinor),
    settlementAmount: twoDecimals(settledMinor(paid)),
  };
}

/** The same in the webhook: numbers again, except the settlement amount, which is a string without needless zeros. */
export function eventData(transaction: Transaction, status = statusWord(transaction)): JsonObject {
  const paid = paidMinor(transaction);
  const isCard = methodOf(transaction) === 'CARD';
  const source = { accountName: 'Sandbox Customer', accountNumber: '0000000001', bankCode: '50515', sessionId: '1' };
  return {
    ...common(transaction, status),
    amountPaid: Number(decimalText(paid, KOBO)),
    totalPayable: Number(decimalText(transaction.requestedMinor, KOBO)),
    settlementAmount: decimalText(settledMinor(paid), KOBO),
    // An array after a transfer and an empty object after a card: readers have to bear either.
    paymentSourceInformation: isCard ? {} : [{ ...source, amountPaid: Number(decimalText(paid, KOBO)) }],
    destinationAccountInformation: {},
  };
}

export function twoDecimals(minor: number): string {
  const digits = String(minor).padStart(KOBO + 1, '0');
  return `${digits.slice(0, -KOBO)}.${digits.slice(-KOBO)}`;
}

/** Monnify's timestamps: `2026-01-31T10:00:00.000+0000`. */
export function timestamp(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000');
}

export function feeMinor(amountMinor: number): number {
  return Math.min(FEE_MINOR, amountMinor);
}

function common(transaction: Transaction, paymentStatus: string): JsonObject {
  const { reference, currency, detail, finishedAt, status, customer } = transaction;
  return {
    transactionReference: transactionReference(transaction),
    paymentReference: reference,
    paidOn: status === 'succeeded' && finishedAt !== undefined ? timestamp(finishedAt) : null,
    paymentStatus,
    paymentDescription: detail['description'] ?? reference,
    currency,
    paymentMethod: methodOf(transaction),
    product: { type: 'API_NOTIFICATION', reference },
    customer: { name: customer.name ?? customer.email ?? '', email: customer.email ?? '' },
    metaData: detail['metaData'] ?? {},
  };
}

function paidMinor({ status, chargedMinor }: Transaction): number {
  return status === 'succeeded' ? chargedMinor : 0;
}

function settledMinor(paid: number): number {
  return paid - feeMinor(paid);
}
