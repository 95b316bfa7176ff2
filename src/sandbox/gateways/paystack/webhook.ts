import { createHmac } from 'node:crypto';
import type { Account } from '../../accounts.js';
import type { Transaction } from '../../transactions.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import { transactionData } from './bodies.js';

/** What a forger signs with, who does not know the secret key. */
export const FORGED_KEY = 'sk_test_guessed_by_a_forger';

/** The value of `x-paystack-signature`: hex HMAC-SHA512 of the raw body under the secret key. */
export function paystackSignature(body: string, secretKey: string): string {
  return createHmac('sha512', secretKey).update(body).digest('hex');
}

export function paystackWebhook(transaction: Transaction, secretKey: string): OutgoingWebhook {
  return signed(transaction.account, { event: 'charge.success', data: transactionData(transaction) }, secretKey);
}

/** @returns the event on its way to the account's address, signed over the very bytes that are sent. */
export function signed(
  account: Account,
  event: unknown,
  secretKey = account.credentials['secret_key'] ?? '',
): OutgoingWebhook {
  const body = JSON.stringify(event);
  return {
    method: 'POST',
    url: account.webhookUrl,
    headers: { 'content-type': 'application/json', 'x-paystack-signature': paystackSignature(body, secretKey) },
    body,
  };
}
