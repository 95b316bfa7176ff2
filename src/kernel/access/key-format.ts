/**
 * What an API key looks like: `sk_test_`, `sk_live_` or `ak_`, then 33 characters that hold 192 random bits in base62, then
 * 6 that hold a CRC-32 of all before them. The checksum lets a mistyped or made-up key be refused without any lookup, and
 * lets secret scanners tell our keys from noise; it protects nothing else.
 */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Who a key is for: a merchant's test or live mode, or the admin API. */
export type KeyKind = 'merchant_test' | 'merchant_live' | 'admin';

const PREFIXES = { merchant_test: 'sk_test_', merchant_live: 'sk_live_', admin: 'ak_' } as const satisfies Record<
  KeyKind,
  string
>;

/** 192 bits: beyond any search, so that a plain SHA-256 (no salt, no slow hash) is enough to store it. */
const RANDOM_BYTES = 24;
/** ceil(192 / log2(62)). */
const BODY_LENGTH = 33;
/** ceil(32 / log2(62)). */
const CHECKSUM_LENGTH = 6;

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = BigInt(ALPHABET.length);
const TAIL_PATTERN = new RegExp(`^[0-9A-Za-z]{${BODY_LENGTH + CHECKSUM_LENGTH}}$`);
/** Enough to recognise a key in a list, too little to help anybody guess the rest. */
const SHOWN_CHARACTERS = 4;

export interface ParsedKey {
  readonly kind: KeyKind;
  /** SHA-256 of the whole key, prefix and checksum included. */
  readonly hash: Buffer;
  readonly last4: string;
}

/** A key that was just made. The secret is shown once and never stored. */
export interface GeneratedKey extends ParsedKey {
  readonly secret: string;
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; rest > 0n; rest /= BASE) text = ALPHABET.charAt(Number(rest % BASE)) + text;
  return text.padStart(length, ALPHABET.charAt(0));
}

/** Over the prefix too: the body of a test key must not pass as a live key. */
function checksumOf(prefixAndBody: string): string {
  return base62(BigInt(crc32(prefixAndBody)), CHECKSUM_LENGTH);
}

/** SHA-256 of the whole key: what is stored, looked up, and carried by events (in hex). */
export function hashKey(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export function generateKey(kind: KeyKind): GeneratedKey {
  const random = BigInt(`0x${randomBytes(RANDOM_BYTES).toString('hex')}`);
  const prefixAndBody = PREFIXES[kind] + base62(random, BODY_LENGTH);
  const secret = prefixAndBody + checksumOf(prefixAndBody);
  return { kind, secret, hash: hashKey(secret), last4: secret.slice(-SHOWN_CHARACTERS) };
}

/** The kind and hash of a key, or undefined when it is not one of ours: wrong prefix, length, alphabet or checksum. */
export function parseKey(secret: string): ParsedKey | undefined {
  for (const kind of ['merchant_test', 'merchant_live', 'admin'] as const) {
    const prefix = PREFIXES[kind];
    if (!secret.startsWith(prefix)) continue;
    if (!TAIL_PATTERN.test(secret.slice(prefix.length))) return undefined;
    const split = secret.length - CHECKSUM_LENGTH;
    if (checksumOf(secret.slice(0, split)) !== secret.slice(split)) return undefined;
    return { kind, hash: hashKey(secret), last4: secret.slice(-SHOWN_CHARACTERS) };
  }
  return undefined;
}

/** Whether a text is shaped like a key of ours, checksum included. It says nothing about whether the key exists. */
export function isWellFormedKey(secret: string): boolean {
  return parseKey(secret) !== undefined;
}
