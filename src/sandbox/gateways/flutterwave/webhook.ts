import { createHmac } from 'node:crypto';
import type { Account } from '../../accounts.js';
import type { Transaction } from '../../transactions.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import { transactionData } from './bodies.js';

const EVENT_TYPES: Readonly<Record<string, string>> = {
  card: 'CARD_TRANSACTION',
  bank_transfer: 'BANK_TRANSFER_TRANSACTION',
  ussd: 'USSD_TRANSACTION',
};

/** The value of `flutterwave-signature`: base64 HMAC-SHA256 of the raw body under the secret hash. */
export function flutterwaveSignature(body: string, secretHash: string): string {
  return createHmac('sha256', secretHash).update(body).digest('base64');
}

export function flutterwaveWebhook(transaction: Transaction): OutgoingWebhook {
  const body = bodyOf(transaction);
  return outgoing(transaction.account, body, body);
}

/**
 * A pending charge's webhook altered on the way: `verif-hash`, which does not depend on the body, is right, and the
 * signature is the one of the body that was altered.
 */
export function tamperedWebhook(transaction: Transaction): OutgoingWebhook {
  const claimed = bodyOf({ ...transaction, status: 'succeeded', finishedAt: Date.now() });
  return outgoing(transaction.account, claimed, bodyOf(transaction));
}

function bodyOf(transaction: Transaction): string {
  const data = transactionData(transaction);
  return JSON.stringify({
    event: 'charge.completed',
    data,
    'event.type': EVENT_TYPES[transaction.channel] ?? 'MOBILEMONEY_TRANSACTION',
  });
}

export function outgoing(account: Account, body: string, signedBody: string): OutgoingWebhook {
  const secretHash = account.credentials['secret_hash'] ?? '';
  return {
    method: 'POST',
    url: account.webhookUrl,
    headers: {
      'content-type': 'application/json',
      'verif-hash': secretHash,
      'flutterwave-signature': flutterwaveSignature(signedBody, secretHash),
    },
    body,
  };
}
