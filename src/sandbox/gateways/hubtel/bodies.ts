import type { Transaction, Transactions } from '../../transactions.js';
import type { JsonObject } from '../../wire.js';
import { cedis, chargesOn } from './amounts.js';

/** Wide enough for a look of Hubtel's own ids, which are 32 hexadecimal digits. */
const ID_DIGITS = 32;

/** Hubtel's own id; it holds the transaction's number, so that no table of ids has to be kept. */
export function transactionId({ id }: Pick<Transaction, 'id'>): string {
  return id.toString(16).padStart(ID_DIGITS, '0');
}

export function byTransactionId(transactions: Transactions, account: string, id: string): Transaction | undefined {
  return /^[0-9a-f]{32}$/.test(id) ? transactions.byId(account, Number.parseInt(id, 16)) : undefined;
}

/** The network's id, known once the network has moved the money. */
export function networkId({ id }: Pick<Transaction, 'id'>): string {
  return String(id);
}

/** `Data` of the answer and of the callback. The charges are on top: the customer pays `AmountCharged`, the merchant gets `AmountAfterCharges`. */
export function chargeData(transaction: Transaction): JsonObject {
  const minor = amountOf(transaction);
  const charges = chargesOn(minor);
  return {
    TransactionId: transactionId(transaction),
    ClientReference: transaction.reference,
    Amount: cedis(minor),
    Charges: cedis(charges),
    AmountAfterCharges: cedis(minor),
    AmountCharged: cedis(minor + charges),
    Description: transaction.detail['description'],
    DeliveryFee: 0,
  };
}

/** `data` of the status query. `Unpaid` covers who has not paid yet and who never will. */
export function statusData(transaction: Transaction): JsonObject {
  const minor = amountOf(transaction);
  const isPaid = transaction.status === 'succeeded';
  return {
    date: new Date(transaction.finishedAt ?? transaction.createdAt).toISOString(),
    status: isPaid ? 'Paid' : 'Unpaid',
    transactionId: transactionId(transaction),
    externalTransactionId: isPaid ? networkId(transaction) : null,
    paymentMethod: 'mobilemoney',
    clientReference: transaction.reference,
    currencyCode: null,
    amount: cedis(minor),
    charges: cedis(chargesOn(minor)),
    amountAfterCharges: cedis(minor),
    isFulfilled: null,
  };
}

export function amountOf({ status, chargedMinor, requestedMinor }: Transaction): number {
  return status === 'succeeded' ? chargedMinor : requestedMinor;
}
