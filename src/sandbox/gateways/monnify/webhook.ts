import { createHmac } from 'node:crypto';
import type { Account } from '../../accounts.js';
import type { Transaction } from '../../transactions.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import type { JsonObject } from '../../wire.js';
import { eventData, statusWord } from './bodies.js';

/** What a forger signs with, who does not know the secret key. */
const FORGED_KEY = 'secret-guessed-by-a-forger';

/** The value of `monnify-signature`: hex HMAC-SHA512 of the raw body under the secret key. */
export function monnifySignature(body: string, secretKey: string): string {
  return createHmac('sha512', secretKey).update(body).digest('hex');
}

/** There is no event for a payment that failed; one that was paid in the wrong amount is told as successful, with its own status. */
export function paymentWebhook(transaction: Transaction): OutgoingWebhook | undefined {
  if (transaction.status !== 'succeeded') return undefined;
  return event(transaction.account, 'SUCCESSFUL_TRANSACTION', eventData(transaction, statusWord(transaction)));
}

export function forgedPaymentWebhook(transaction: Transaction): OutgoingWebhook {
  const claimed = { ...transaction, status: 'succeeded' as const, finishedAt: Date.now() };
  return event(transaction.account, 'SUCCESSFUL_TRANSACTION', eventData(claimed, 'PAID'), FORGED_KEY);
}

export function event(
  account: Account,
  eventType: string,
  data: JsonObject,
  key = account.credentials['secret_key'] ?? '',
): OutgoingWebhook {
  const body = JSON.stringify({ eventType, eventData: data });
  // Monnify's own sandbox signs nothing: an account can ask for the same.
  const isSigned = account.credentials['webhook_signature'] !== 'none';
  return {
    method: 'POST',
    url: account.webhookUrl,
    headers: {
      'content-type': 'application/json',
      ...(isSigned ? { 'monnify-signature': monnifySignature(body, key) } : {}),
    },
    body,
  };
}
