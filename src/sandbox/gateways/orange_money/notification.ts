import { randomBytes } from 'node:crypto';
import type { Transaction } from '../../transactions.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import { text } from '../../wire.js';
import { EXPIRED } from './links.js';

/** How many digits of the id close a transaction number: `MP150709.1341.A00073` has five, which would repeat too soon here. */
const NUMBER_DIGITS = 10;

/** Orange's own number of a payment, made of the minute and a running number. */
export function transactionNumber({ id, finishedAt, createdAt }: Transaction): string {
  const digits = new Date(finishedAt ?? createdAt).toISOString().replace(/\D/g, '');
  const tail = String(id).slice(-NUMBER_DIGITS);
  return `MP${digits.slice(2, 8)}.${digits.slice(8, 12)}.A${tail}`;
}

/** Unsigned, and without the order: the token alone says which payment is meant. A link that expired is told to nobody. */
export function notification(payment: Transaction): OutgoingWebhook | undefined {
  const { status, declineCode, detail } = payment;
  if (status !== 'succeeded' && (status !== 'failed' || declineCode === EXPIRED)) return undefined;
  return post(payment, text(detail, 'notifToken') ?? '');
}

/** A forger can read the address in nobody's browser, but not the token. */
export function forgedNotification(payment: Transaction): OutgoingWebhook | undefined {
  const claimed = { ...payment, status: 'succeeded' as const, finishedAt: Date.now() };
  return post(claimed, randomBytes(16).toString('hex'));
}

function post(payment: Transaction, notifToken: string): OutgoingWebhook | undefined {
  const url = text(payment.detail, 'notifUrl');
  if (url === undefined) return undefined;
  const isPaid = payment.status === 'succeeded';
  const body = {
    status: isPaid ? 'SUCCESS' : 'FAILED',
    notif_token: notifToken,
    txnid: isPaid ? transactionNumber(payment) : '',
  };
  return { method: 'POST', url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
