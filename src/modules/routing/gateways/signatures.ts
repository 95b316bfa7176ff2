/** Comparing what a webhook claims with what we compute, in constant time. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { WebhookRequest } from './gateway-adapter.js';

/** A header that must occur once; several of a name are as good as none. */
export function headerOf(request: WebhookRequest, name: string): string | undefined {
  const value = request.headers[name];
  if (typeof value === 'string') return value;
  return value?.length === 1 ? value[0] : undefined;
}

/** Compares two texts without telling by the time taken where they differ, or how long the expected one is. */
export function sameText(given: string, expected: string): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

export function hmac(algorithm: 'sha256' | 'sha512', key: string, body: Buffer, encoding: 'hex' | 'base64'): string {
  return createHmac(algorithm, key).update(body).digest(encoding);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
