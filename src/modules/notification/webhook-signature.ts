/** Standard Webhooks signatures: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Webhook } from 'standardwebhooks';
import { encodeId } from '../../kernel/ids/ids.js';

/** The specification asks for 24 to 64 bytes; 32 is the output of the HMAC's hash. */
const SECRET_BYTES = 32;

export function newSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** Signers decode their secret when made; keeping the recent ones saves that per delivery. Two secrets for 2,000 busy endpoints. */
const signers = new LRUCache<string, Webhook>({ max: 4_000 });

function signerOf(secret: string): Webhook {
  let signer = signers.get(secret);
  if (signer === undefined) {
    signer = new Webhook(secret);
    signers.set(secret, signer);
  }
  return signer;
}

/**
 * Headers of one attempt. `webhook-id` is the event's id at every attempt and redelivery; the timestamp is of this attempt.
 * @param secrets the valid ones, newest first: two during a rotation, each with its signature.
 */
export function signatureHeaders(
  eventId: string,
  body: string,
  secrets: readonly string[],
  now: Date,
): Record<string, string> {
  const id = encodeId('event', eventId);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => signerOf(secret).sign(id, now, body)).join(' '),
  };
}
