/** Reading the key and fingerprinting the request: draft-ietf-httpapi-idempotency-key-header, and ECOSYSTEM's API conventions. */
import { createHash } from 'node:crypto';
import { DomainError } from '../errors/domain-error.js';
import { holdsCardNumber } from '../http/card-numbers.js';

/** Printable ASCII; longer keys are nobody's UUID. */
const KEY_PATTERN = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The draft makes the value a quoted string; most clients send it bare. Both name the same key. */
function bare(value: string): string {
  return value.length >= 2 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value;
}

/**
 * @throws {DomainError} `idempotency.key_missing`, or `idempotency.key_invalid` when malformed, repeated, or when the two
 *   header names disagree; `request.card_number`.
 */
export function readIdempotencyKey(headers: Headers): string {
  const given = [headers['idempotency-key'], headers['x-idempotency-key']].filter((value) => value !== undefined);
  if (given.length === 0) throw new DomainError('idempotency.key_missing');
  const keys = new Set(given.flat().map((value) => bare(value.trim())));
  const [key] = keys;
  if (keys.size !== 1 || key === undefined || !KEY_PATTERN.test(key)) throw new DomainError('idempotency.key_invalid');
  // It is kept, and in the cache as well.
  if (holdsCardNumber(key)) throw new DomainError('request.card_number');
  return key;
}

/** JSON with sorted keys and no spaces: two spellings of one body are one request. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as Record<string, unknown>;
  const members = Object.keys(object)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(object[name])}`);
  return `{${members.join(',')}}`;
}

/** SHA-256 over route and canonical body. `route` is method and path, for example `POST /v1/payments`. */
export function requestFingerprint(route: string, body: unknown): Buffer {
  return createHash('sha256')
    .update(`${route}\n${canonicalJson(body)}`)
    .digest();
}
