import { newMasterKey } from './master-keys.js';
import { OpenedSecrets } from './opened-secrets.js';
import { CannotOpen, Vault, type Sealed } from './vault.js';

/** Counts what it opens. */
class CountingVault extends Vault {
  opens = 0;

  override async open(what: Sealed, of: string): Promise<string> {
    this.opens += 1;
    return super.open(what, of);
  }
}

const vaultOf = (masterKey: string): CountingVault =>
  new CountingVault({ nodeEnv: 'production', masterKeys: [masterKey], dataDir: '/nowhere' });

let vault: CountingVault;
let opened: OpenedSecrets<string>;
beforeEach(() => {
  vault = vaultOf(newMasterKey());
  opened = new OpenedSecrets(vault, { max: 2, read: (text) => text });
});

it('opens once, however many ask, and again what is sealed in another way', async () => {
  const one = await vault.seal('one', 'a');
  const asked = await Promise.all(Array.from({ length: 20 }, () => opened.open(one, 'a')));
  expect(new Set(asked)).toEqual(new Set(['one']));
  expect(vault.opens).toBe(1);
  const other = await vault.seal('other', 'a');
  expect(await opened.open(other, 'a')).toBe('other');
  expect(await opened.open(other, 'a')).toBe('other');
  expect(vault.opens).toBe(2);
});

it('opens at no other place what it has opened at its own', async () => {
  const one = await vault.seal('one', 'a');
  await opened.open(one, 'a');
  await expect(opened.open(one, 'b')).rejects.toThrow(CannotOpen);
});

it('keeps no more than it may', async () => {
  const places = ['a', 'b', 'c'];
  const kept = await Promise.all(places.map((place) => vault.seal(place, place)));
  const openAll = async (): Promise<void> => {
    for (const [index, what] of kept.entries()) await opened.open(what, places[index] ?? '');
  };
  await openAll();
  await openAll();
  expect(vault.opens).toBe(6);
});

it('does not remember a failure, nor forget for it what was opened before', async () => {
  const one = await vault.seal('one', 'a');
  const lost = await vaultOf(newMasterKey()).seal('lost', 'a');
  await expect(Promise.all([opened.open(lost, 'a'), opened.open(lost, 'a')])).rejects.toThrow(CannotOpen);
  await expect(opened.open(lost, 'a')).rejects.toThrow(CannotOpen);
  expect(vault.opens).toBe(2);
  expect(await opened.open(one, 'a')).toBe('one');
});
