/**
 * Signed heads: a statement, under an Ed25519 key, that the chain had this block at this height. Whoever keeps one can tell later whether the
 * chain was rewritten or cut short, whoever did so, unless they have the key as well.
 */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { int8, microseconds } from './fact.js';

export interface Head {
  readonly height: bigint;
  readonly blockHash: Buffer;
  /** In that block and all before it. */
  readonly entries: bigint;
  /** RFC 3339 in UTC with six digits of a second. */
  readonly signedAt: string;
  readonly keyId: string;
  readonly signature: Buffer;
}

/** No other text that is signed anywhere begins so. */
const STATEMENT = Buffer.from('sankofa ledger head 1\n', 'ascii');

function statementOf(head: Omit<Head, 'signature'>): Buffer {
  return Buffer.concat([
    STATEMENT,
    int8(head.height),
    head.blockHash,
    int8(head.entries),
    int8(microseconds(head.signedAt)),
    Buffer.from(head.keyId, 'ascii'),
  ]);
}

export function signHead(key: SigningKey, head: Omit<Head, 'signature' | 'keyId'>): Head {
  const of = { ...head, keyId: key.id };
  return { ...of, signature: sign(null, statementOf(of), key.privateKey) };
}

/** Whether one of the keys signed it. */
export function isSigned(head: Head, keys: ReadonlyMap<string, KeyObject>): boolean {
  const key = keys.get(head.keyId);
  return key !== undefined && verify(null, statementOf(head), key, head.signature);
}

export interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Hex digits of a key's id: enough that no two keys of an installation share them. */
const KEY_ID_DIGITS = 16;

const rawOf = (key: KeyObject): Buffer => Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');

/** The first digits of the SHA-256 of the public key's 32 bytes. */
export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256').update(rawOf(publicKey)).digest('hex').slice(0, KEY_ID_DIGITS);
}

/** The 32 bytes of a public key, as base64url. */
export function writePublicKey(publicKey: KeyObject): string {
  return rawOf(publicKey).toString('base64url');
}

/** @throws {TypeError} for what is no public key as {@link writePublicKey} writes it */
export function readPublicKey(text: string): KeyObject {
  if (!/^[A-Za-z0-9_-]{43}$/.test(text)) throw new TypeError('a public key has 32 bytes, written as base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: text }, format: 'jwk' });
}

/** By their ids. */
export function keyRing(publicKeys: readonly KeyObject[]): ReadonlyMap<string, KeyObject> {
  return new Map(publicKeys.map((key) => [keyIdOf(key), key]));
}

/** How a head is published: in an event, over HTTP, in the log. `ledger verify --head` reads it. */
export interface PublishedHead {
  readonly height: number;
  /** Hex. */
  readonly block_hash: string;
  readonly entries: number;
  readonly signed_at: string;
  readonly key_id: string;
  /** Base64url. */
  readonly signature: string;
}

export function publishHead(head: Head): PublishedHead {
  return {
    height: Number(head.height),
    block_hash: head.blockHash.toString('hex'),
    entries: Number(head.entries),
    signed_at: head.signedAt,
    key_id: head.keyId,
    signature: head.signature.toString('base64url'),
  };
}

export function readHead(published: PublishedHead): Head {
  return {
    height: BigInt(published.height),
    blockHash: Buffer.from(published.block_hash, 'hex'),
    entries: BigInt(published.entries),
    signedAt: published.signed_at,
    keyId: published.key_id,
    signature: Buffer.from(published.signature, 'base64url'),
  };
}
