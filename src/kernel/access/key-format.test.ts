import fc from 'fast-check';
import { generateKey, hashKey, parseKey, type KeyKind } from './key-format.js';

const KINDS: readonly KeyKind[] = ['merchant_test', 'merchant_live', 'admin'];

describe('key format', () => {
  it.each([
    ['merchant_test', /^sk_test_[0-9A-Za-z]{39}$/],
    ['merchant_live', /^sk_live_[0-9A-Za-z]{39}$/],
    ['admin', /^ak_[0-9A-Za-z]{39}$/],
  ] as const)('writes a %s key in one fixed shape', (kind, shape) => {
    for (let round = 0; round < 200; round += 1) expect(generateKey(kind).secret).toMatch(shape);
  });

  it('reads back what it generated', () => {
    for (const kind of KINDS) {
      const key = generateKey(kind);
      expect(parseKey(key.secret)).toEqual({ kind, hash: hashKey(key.secret), last4: key.secret.slice(-4) });
      expect(key.hash).toHaveLength(32);
    }
  });

  it('never makes the same key twice', () => {
    expect(new Set(Array.from({ length: 2_000 }, () => generateKey('admin').secret)).size).toBe(2_000);
  });

  it('refuses a key with any one character changed', () => {
    const { secret } = generateKey('merchant_test');
    fc.assert(
      fc.property(fc.nat(secret.length - 1), fc.constantFrom('0', 'Z', 'z', '_', '9', ' ', 'é'), (index, character) => {
        fc.pre(secret[index] !== character);
        const changed = secret.slice(0, index) + character + secret.slice(index + 1);
        expect(parseKey(changed)).toBeUndefined();
      }),
    );
  });

  it('refuses a test key whose prefix was turned into live', () => {
    expect(parseKey(generateKey('merchant_test').secret.replace('sk_test_', 'sk_live_'))).toBeUndefined();
  });

  it.each([
    '',
    'sk_test_',
    'ak_',
    'Bearer x',
    'sk_test_sandbox_paystack',
    `ak_${'0'.repeat(38)}`,
    `ak_${'0'.repeat(40)}`,
  ])('refuses %j', (text) => {
    expect(parseKey(text)).toBeUndefined();
  });

  it('refuses a key with a line break after it', () => {
    expect(parseKey(`${generateKey('admin').secret}\n`)).toBeUndefined();
  });

  it('refuses arbitrary text', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('sk_test_', 'sk_live_', 'ak_', ''), (text, prefix) => {
        expect(parseKey(prefix + text)).toBeUndefined();
      }),
    );
  });
});
