import type { Transaction } from '../../transactions.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import { text, type JsonObject } from '../../wire.js';
import { cedis } from './amounts.js';
import { CODES } from './answers.js';
import { amountOf, chargeData, networkId, transactionId } from './bodies.js';

/** The callback goes where the request said, unsigned; paid or failed, it is sent once the outcome is there. */
export function paymentCallback(transaction: Transaction): OutgoingWebhook | undefined {
  const { status, detail } = transaction;
  const url = text(detail, 'callbackUrl');
  if (url === undefined || (status !== 'succeeded' && status !== 'failed')) return undefined;
  return post(url, transaction.channel === 'checkout' ? checkoutBody(transaction) : directBody(transaction));
}

export function forgedCallback(transaction: Transaction): OutgoingWebhook | undefined {
  return paymentCallback({ ...transaction, status: 'succeeded', finishedAt: Date.now() });
}

export function post(url: string, body: JsonObject): OutgoingWebhook {
  return { method: 'POST', url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function directBody(transaction: Transaction): JsonObject {
  const isPaid = transaction.status === 'succeeded';
  return {
    ResponseCode: codeOf(transaction),
    Message: isPaid ? 'success' : 'failed',
    Data: {
      ...chargeData(transaction),
      ExternalTransactionId: isPaid ? networkId(transaction) : null,
      OrderId: transactionId(transaction),
      PaymentDate: new Date(transaction.finishedAt ?? transaction.createdAt).toISOString(),
    },
  };
}

function checkoutBody(transaction: Transaction): JsonObject {
  const { status, reference, detail, customer } = transaction;
  const word = status === 'succeeded' ? 'Success' : 'Failed';
  return {
    ResponseCode: codeOf(transaction),
    Status: word,
    Data: {
      CheckoutId: transactionId(transaction),
      SalesInvoiceId: networkId(transaction),
      ClientReference: reference,
      Status: word,
      Amount: cedis(amountOf(transaction)),
      CustomerPhoneNumber: customer.phone ?? null,
      PaymentDetails: {
        MobileMoneyNumber: customer.phone ?? null,
        PaymentType: 'mobilemoney',
        Channel: 'mtn-gh',
      },
      Description: detail['description'],
    },
  };
}

function codeOf({ status, declineCode }: Transaction): string {
  return status === 'succeeded' ? CODES.success : (declineCode ?? CODES.failed);
}
