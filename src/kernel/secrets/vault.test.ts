import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { CompactEncrypt, FlattenedEncrypt } from 'jose';
import { EnvError, readEnv } from '../../config/env.js';
import { loadMasterKeys, newMasterKey, readMasterKey } from './master-keys.js';
import { CannotOpen, sealed, Vault, type Sealed } from './vault.js';

const OLD = newMasterKey();
const NEW = newMasterKey();
const vaultOf = (...masterKeys: readonly string[]): Vault =>
  new Vault({ nodeEnv: 'production', masterKeys, dataDir: '/nowhere' });
const HERE = 'routing.gateway_account/all/paystack/main/credentials';

describe('a vault', () => {
  it('opens what it sealed, whatever it is, and never seals twice in the same way', async () => {
    const vault = vaultOf(OLD);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string({ minLength: 1 }), async (secret, place) => {
        const [one, other] = [await vault.seal(secret, place), await vault.seal(secret, place)];
        expect(await vault.open(one, place)).toBe(secret);
        expect(await vault.open(other, place)).toBe(secret);
        expect(one.encrypted_key).not.toBe(other.encrypted_key);
        expect(one.iv).not.toBe(other.iv);
      }),
    );
  });

  it('shows nothing of the secret or the key in what it stores', async () => {
    const text = JSON.stringify(await vaultOf(OLD).seal('sk_live_canary', HERE));
    for (const each of ['canary', OLD, Buffer.from('sk_live_canary').toString('base64url')])
      expect(text).not.toContain(each);
  });

  it('opens nothing at another place', async () => {
    const vault = vaultOf(OLD);
    const kept = await vault.seal('secret', HERE);
    await expect(vault.open(kept, HERE.replace('main', 'other'))).rejects.toThrow(CannotOpen);
    await expect(vault.open(kept, '')).rejects.toThrow(CannotOpen);
  });

  it('opens nothing that was changed, wherever', async () => {
    const vault = vaultOf(OLD);
    const kept = await vault.seal('a secret of some length', HERE);
    for (const part of Object.keys(kept) as (keyof Sealed)[]) {
      for (let at = 0; at < kept[part].length; at += 1) {
        const was = kept[part].charAt(at);
        const changed = kept[part].slice(0, at) + (was === 'A' ? 'Q' : 'A') + kept[part].slice(at + 1);
        // The last character may hold bits that mean nothing.
        if (Buffer.from(changed, 'base64url').equals(Buffer.from(kept[part], 'base64url'))) continue;
        await expect(vault.open({ ...kept, [part]: changed }, HERE)).rejects.toThrow(CannotOpen);
      }
    }
  });

  it('says which master key it lacks', async () => {
    const kept = await vaultOf(OLD).seal('secret', HERE);
    await expect(vaultOf(NEW).open(kept, HERE)).rejects.toThrow(
      `it is sealed under master key ${readMasterKey(OLD).id}, which MASTER_KEYS lacks`,
    );
    expect(await vaultOf(NEW).missingKeyOf(kept)).toBe(readMasterKey(OLD).id);
    expect(await vaultOf(NEW, OLD).missingKeyOf(kept)).toBeUndefined();
    expect(await vaultOf(NEW).missingKeyOf({ ...kept, protected: '?' })).toBe('unknown');
  });

  it('seals under the first key and opens under all, so that a key can be replaced', async () => {
    const before = await vaultOf(OLD).seal('secret', HERE);
    const both = vaultOf(NEW, OLD);
    expect(await both.open(before, HERE)).toBe('secret');
    expect(await both.isCurrent(before)).toBe(false);
    const after = await both.seal('secret', HERE);
    expect(await both.isCurrent(after)).toBe(true);
    expect(await vaultOf(NEW).open(after, HERE)).toBe('secret');
    await expect(vaultOf(OLD).open(after, HERE)).rejects.toThrow(CannotOpen);
  });

  it('takes no other algorithm than its own, though the key is right', async () => {
    const { id: kid, bytes } = readMasterKey(OLD);
    const direct = await new FlattenedEncrypt(new TextEncoder().encode('secret'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid })
      .setAdditionalAuthenticatedData(new TextEncoder().encode(HERE))
      .encrypt(bytes);
    await expect(vaultOf(OLD).open({ encrypted_key: '', ...direct } as Sealed, HERE)).rejects.toThrow(CannotOpen);
    const compact = await new CompactEncrypt(new TextEncoder().encode('secret'))
      .setProtectedHeader({ alg: 'A256KW', enc: 'A128CBC-HS256', kid })
      .encrypt(bytes);
    const [header, key, iv, ciphertext, tag] = compact.split('.');
    const other = sealed.parse({ protected: header, encrypted_key: key, iv, ciphertext, tag });
    await expect(vaultOf(OLD).open(other, HERE)).rejects.toThrow(CannotOpen);
  });
});

describe('master keys', () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(os.tmpdir(), 'sankofa-keys-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it('must be set in production', async () => {
    await expect(loadMasterKeys({ nodeEnv: 'production', masterKeys: [], dataDir })).rejects.toThrow(EnvError);
  });

  it('are one that makes itself elsewhere, the same for all who come at once, and for its owner alone', async () => {
    const env = { nodeEnv: 'development', masterKeys: [], dataDir: path.join(dataDir, 'new') } as const;
    const all = await Promise.all(Array.from({ length: 8 }, () => loadMasterKeys(env)));
    expect(new Set(all.map(([key]) => key.id)).size).toBe(1);
    const file = path.join(env.dataDir, 'master-key');
    expect(readMasterKey(readFileSync(file, 'utf8')).id).toBe(all[0]?.[0].id);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('are read from a list', async () => {
    const env = readEnv({ MASTER_KEYS: ` ${NEW} , ${OLD}` });
    expect((await loadMasterKeys(env)).map(({ id }) => id)).toEqual([readMasterKey(NEW).id, readMasterKey(OLD).id]);
  });

  it.each(['short', `${OLD},`, `${OLD}=`, 'A'.repeat(44)])('are refused when they are %j', (text) => {
    expect(() => readEnv({ MASTER_KEYS: text })).toThrow(/^MASTER_KEYS must be keys of 32 bytes/);
  });
});
