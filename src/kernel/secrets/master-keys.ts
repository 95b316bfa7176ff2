/**
 * The keys that data keys are wrapped under. The first one of MASTER_KEYS wraps, all of them unwrap, so that a key is replaced without a moment in
 * which something cannot be read: put a new one in front, start everything anew, `npm run cli -- master-key rotate`, take the old one away.
 */
import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { EnvError, type Env } from '../../config/env.js';
import { keptSecret } from './kept-secret.js';

export interface MasterKey {
  /** Tells keys apart and says nothing about them. */
  readonly id: string;
  /** 32 bytes, for AES-256 key wrap. */
  readonly bytes: Uint8Array;
}

/** The first is the one that wraps. */
export type MasterKeys = readonly [MasterKey, ...MasterKey[]];

/** In DATA_DIR, outside production. */
const FILE = 'master-key';
const BYTES = 32;
const ID_CHARACTERS = 16;

/** 32 random bytes as base64url. */
export function newMasterKey(): string {
  return randomBytes(BYTES).toString('base64url');
}

/** @param text 32 bytes as base64url */
export function readMasterKey(text: string): MasterKey {
  const bytes = Buffer.from(text, 'base64url');
  return { id: createHash('sha256').update('master key ').update(bytes).digest('hex').slice(0, ID_CHARACTERS), bytes };
}

/** @throws {EnvError} in production, where nobody would keep a key that was made by itself */
export function assertMasterKeys(env: Pick<Env, 'nodeEnv' | 'masterKeys'>): void {
  if (env.nodeEnv === 'production' && env.masterKeys.length === 0)
    throw new EnvError(
      'MASTER_KEYS must be set in production: make a key with `npm run cli -- master-key new`, and keep it where the database is not',
    );
}

/** Those that are set; outside production else the one in DATA_DIR, which is made when it is first needed. */
export async function loadMasterKeys(env: Pick<Env, 'nodeEnv' | 'masterKeys' | 'dataDir'>): Promise<MasterKeys> {
  assertMasterKeys(env);
  const [first, ...others] = env.masterKeys;
  if (first !== undefined) return [readMasterKey(first), ...others.map(readMasterKey)];
  return [readMasterKey(await keptSecret(path.join(env.dataDir, FILE), newMasterKey))];
}
