/**
 * Seals what must not be readable in the database: each secret under a data key of its own (AES-256-GCM), and that under a master key (AES-256 key
 * wrap), as a JWE (RFC 7516), with what it is of as additional authenticated data, so that one that was copied to another row does not open there.
 */
import { Inject, Injectable } from '@nestjs/common';
import { FlattenedEncrypt, decodeProtectedHeader, flattenedDecrypt } from 'jose';
import { z } from 'zod';
import type { Env } from '../../config/env.js';
import { ENV } from '../kernel.tokens.js';
import { loadMasterKeys, type MasterKey, type MasterKeys } from './master-keys.js';

/** A JWE in its flattened JSON form; its protected header names the master key. */
export const sealed = z.object({
  protected: z.string(),
  encrypted_key: z.string(),
  iv: z.string(),
  ciphertext: z.string(),
  tag: z.string(),
});
export type Sealed = z.infer<typeof sealed>;

/** Something sealed cannot be opened: its master key is not among ours, or it is not what was sealed there. */
export class CannotOpen extends Error {
  override readonly name = 'CannotOpen';
}

const WRAP = 'A256KW';
const ENCRYPT = 'A256GCM';

@Injectable()
export class Vault {
  private keys: Promise<MasterKeys> | undefined;

  constructor(@Inject(ENV) private readonly env: Pick<Env, 'nodeEnv' | 'masterKeys' | 'dataDir'>) {}

  /** @param of where it belongs, in words that never change for it: what is sealed for one place opens at no other */
  async seal(secret: string, of: string): Promise<Sealed> {
    const [key] = await this.masterKeys();
    const jwe = await new FlattenedEncrypt(new TextEncoder().encode(secret))
      .setProtectedHeader({ alg: WRAP, enc: ENCRYPT, kid: key.id })
      .setAdditionalAuthenticatedData(new TextEncoder().encode(of))
      .encrypt(key.bytes);
    return sealed.parse(jwe);
  }

  /** @throws {CannotOpen} */
  async open(what: Sealed, of: string): Promise<string> {
    const keyId = keyIdOf(what);
    if (keyId === undefined) throw new CannotOpen('it is not sealed');
    const key = await this.find(keyId);
    if (key === undefined) throw new CannotOpen(`it is sealed under master key ${keyId}, which MASTER_KEYS lacks`);
    const aad = Buffer.from(of).toString('base64url');
    try {
      const { plaintext } = await flattenedDecrypt({ ...what, aad }, key.bytes, {
        keyManagementAlgorithms: [WRAP],
        contentEncryptionAlgorithms: [ENCRYPT],
      });
      return new TextDecoder().decode(plaintext);
    } catch (error) {
      throw new CannotOpen('it is not what was sealed there', { cause: error });
    }
  }

  /** Whether it is sealed under the key that seals now; if not, the old key is still needed. */
  async isCurrent(what: Sealed): Promise<boolean> {
    return keyIdOf(what) === (await this.masterKeys())[0].id;
  }

  /** The id of the master key that it is sealed under, where that is not among ours. */
  async missingKeyOf(what: Sealed): Promise<string | undefined> {
    const keyId = keyIdOf(what);
    return keyId === undefined || (await this.find(keyId)) === undefined ? (keyId ?? 'unknown') : undefined;
  }

  private async find(id: string): Promise<MasterKey | undefined> {
    return (await this.masterKeys()).find((key) => key.id === id);
  }

  /** Read once; a failure is tried again by whoever asks next. */
  private masterKeys(): Promise<MasterKeys> {
    this.keys ??= loadMasterKeys(this.env).catch((error: unknown) => {
      this.keys = undefined;
      throw error;
    });
    return this.keys;
  }
}

/** Undefined where its header cannot be read. */
function keyIdOf(what: Sealed): string | undefined {
  try {
    return decodeProtectedHeader(what).kid;
  } catch {
    return undefined;
  }
}
