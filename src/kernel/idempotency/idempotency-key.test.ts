import { canonicalJson, readIdempotencyKey, requestFingerprint } from './idempotency-key.js';

describe('idempotency keys', () => {
  it('takes either header, and both when they agree', () => {
    expect(readIdempotencyKey({ 'idempotency-key': 'a-1' })).toBe('a-1');
    expect(readIdempotencyKey({ 'x-idempotency-key': 'a-1' })).toBe('a-1');
    expect(readIdempotencyKey({ 'idempotency-key': 'a-1', 'x-idempotency-key': 'a-1' })).toBe('a-1');
    expect(readIdempotencyKey({ 'idempotency-key': '"a-1"' })).toBe('a-1');
    expect(readIdempotencyKey({ 'idempotency-key': 'k'.repeat(255) })).toHaveLength(255);
  });

  it('says when there is none', () => {
    expect(() => readIdempotencyKey({})).toThrow('idempotency.key_missing');
  });

  it.each([
    { 'idempotency-key': '' },
    { 'idempotency-key': 'k'.repeat(256) },
    { 'idempotency-key': 'clé' },
    { 'idempotency-key': 'a', 'x-idempotency-key': 'b' },
    { 'idempotency-key': ['a', 'b'] },
    { 'idempotency-key': '""' },
  ])('refuses %j', (headers) => {
    expect(() => readIdempotencyKey(headers)).toThrow('idempotency.key_invalid');
  });

  it('refuses a card number, which would be kept with the key', () => {
    expect(() => readIdempotencyKey({ 'idempotency-key': 'order 4111 1111 1111 1111' })).toThrow('request.card_number');
  });

  it('gives one fingerprint to one request however it is spelled', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
    const one = requestFingerprint('POST /v1/payments', { amount: 1, currency: 'NGN' });
    expect(requestFingerprint('POST /v1/payments', { currency: 'NGN', amount: 1 })).toEqual(one);
    expect(requestFingerprint('POST /v1/payments', { currency: 'NGN', amount: 2 })).not.toEqual(one);
    expect(requestFingerprint('POST /v1/payouts', { amount: 1, currency: 'NGN' })).not.toEqual(one);
  });
});
