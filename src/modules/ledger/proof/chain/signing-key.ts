/** The key under which heads are signed, and those whose signatures count. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import path from 'node:path';
import { EnvError, type Env } from '../../../../config/env.js';
import { keptSecret, readKept } from '../../../../kernel/secrets/kept-secret.js';
import { keyIdOf, keyRing, readPublicKey, type SigningKey } from './head.js';

/** An Ed25519 private key in PKCS #8 (RFC 8410) is this and its 32 bytes. */
const PKCS8_BEGIN = Buffer.from('302e020100300506032b657004220420', 'hex');

/** In DATA_DIR, outside production. */
const FILE = 'ledger-signing-key';

/** @param text 32 bytes as base64url */
export function readPrivateKey(text: string): SigningKey {
  const der = Buffer.concat([PKCS8_BEGIN, Buffer.from(text, 'base64url')]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  return { id: keyIdOf(publicKey), privateKey, publicKey };
}

/** A new private key as {@link readPrivateKey} reads it. */
export function newPrivateKey(): string {
  const { d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  if (d === undefined) throw new Error('a new key has no private part');
  return d;
}

/** @throws {EnvError} in production, where nobody would keep a key that was made by itself */
export function assertSigningKey(env: Env): void {
  if (env.nodeEnv === 'production' && env.role !== 'http' && env.ledgerSigningKey === undefined)
    throw new EnvError(
      'LEDGER_SIGNING_KEY must be set in production: make one with `npm run cli -- ledger new-key`, and keep it where the database is not',
    );
}

/** The key that is set; outside production else the one in DATA_DIR, which is made when it is first needed. */
export async function loadSigningKey(env: Env): Promise<SigningKey> {
  assertSigningKey(env);
  if (env.ledgerSigningKey !== undefined) return readPrivateKey(env.ledgerSigningKey);
  return readPrivateKey(await keptSecret(path.join(env.dataDir, FILE), newPrivateKey));
}

/** The public keys whose signatures count: that of the signing key, where it is known here, and those that are set besides. */
export async function loadKeyRing(env: Env): Promise<ReadonlyMap<string, KeyObject>> {
  const own =
    env.ledgerSigningKey ?? (env.nodeEnv === 'production' ? undefined : await readKept(path.join(env.dataDir, FILE)));
  return keyRing([
    ...(own === undefined ? [] : [readPrivateKey(own).publicKey]),
    ...env.ledgerPublicKeys.map(readPublicKey),
  ]);
}
