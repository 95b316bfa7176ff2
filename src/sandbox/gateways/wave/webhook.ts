import { createHmac, randomBytes } from 'node:crypto';
import type { Account } from '../../accounts.js';
import type { Transaction } from '../../transactions.js';
import type { OutgoingWebhook } from '../../webhooks.js';
import { sessionBody } from './sessions.js';

/** What a forger signs or authorises with, who knows none of the secrets. */
const FORGED_SECRET = 'wave_sn_WHS_guessed_by_a_forger';

/** One `v1` of `Wave-Signature`: hex HMAC-SHA256 of the timestamp and the raw body, with nothing between them. */
export function waveSignature(timestamp: string, body: string, secret: string): string {
  return createHmac('sha256', secret).update(timestamp).update(body).digest('hex');
}

/** A failed try is told as well, and is not the end: the session can still be paid. */
export function sessionWebhook(session: Transaction): OutgoingWebhook | undefined {
  if (session.status !== 'succeeded' && session.status !== 'failed') return undefined;
  return event(session, signed);
}

export function forgedSessionWebhook(session: Transaction): OutgoingWebhook {
  return event({ ...session, status: 'succeeded', finishedAt: Date.now() }, () => [FORGED_SECRET]);
}

function event(session: Transaction, secretsOf: (account: Account) => readonly string[]): OutgoingWebhook {
  const isPaid = session.status === 'succeeded';
  const body = JSON.stringify({
    id: `EV_${randomBytes(9).toString('hex')}`,
    type: isPaid ? 'checkout.session.completed' : 'checkout.session.payment_failed',
    // The event tells how things stood when it happened; an expired session has no more events.
    data: sessionBody(session, false, String(session.detail['baseUrl'])),
  });
  const { account } = session;
  return {
    method: 'POST',
    url: account.webhookUrl,
    headers: { 'content-type': 'application/json', ...proof(account, body, secretsOf(account)) },
    body,
  };
}

/** The account's secrets for its webhooks: one shared secret, or signing secrets, of which there are two during a rotation. */
function signed({ credentials }: Account): readonly string[] {
  const shared = credentials['shared_secret'];
  if (shared !== undefined) return [shared];
  return (credentials['signing_secret'] ?? '')
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
}

function proof(account: Account, body: string, secrets: readonly string[]): Readonly<Record<string, string>> {
  if (account.credentials['shared_secret'] !== undefined) return { authorization: `Bearer ${secrets[0] ?? ''}` };
  if (secrets.length === 0) return {};
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const signatures = secrets.map((secret) => `v1=${waveSignature(timestamp, body, secret)}`);
  return { 'wave-signature': [`t=${timestamp}`, ...signatures].join(',') };
}
