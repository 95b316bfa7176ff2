import { newId } from '../ids/ids.js';
import { shownPart, shownPath, WITHHELD } from './address-parts.js';

describe('an address that is told again', () => {
  it.each([
    '/',
    '/v1/payments',
    '/admin/v1/webhook_deliveries',
    `/v1/payments/${newId('payment')}/refunds`,
    `/admin/v1/dead_letters/${newId('event')}:ledger.book-collections`,
    '/admin/v1/roles/webhooks-only',
    '/admin/v1/roles/l2-support',
    '/admin/v1/roles/tier1',
    '/admin/v1/routing/rule_sets/12',
    '/webhooks/mtn_momo/sandbox',
    '/openapi.json',
    '/v1/nothing',
  ])('says %s as it is', (path) => {
    expect(shownPath(path)).toBe(path);
  });

  it.each([
    ['a key', 'sk_test_0EABGp4drWd8gqMuGKp3flV5Tala4WQJ41DzabJ'],
    ['a key of another maker', 'sk_live_canary_486588e3-5187-4323-b0d9-b8864a4c'],
    ['a webhook secret', 'whsec_C2FVsBQIhrscChlQIMV+b5sSYob7oD8h'],
    ['a TOTP seed', 'JZMOABYUHQPOTIFWLSZHCEACVXXNUGBZ'],
    ['a session', 'i4i1gB68bi7zskJF8L7xbMFQg6O-yMqeWxcVOlEcZjs'],
    ['a recovery code', 'cdte-h4un-liz2-ci2n'],
    ['a recovery code of letters alone', 'cdte-hxun-lizz-cixn'],
    ['a card number', '4111111111111111'],
    ['a card number in groups', '4111%201111%201111%201111'],
    ['a telephone number', '+233241234567'],
    ['an e-mail address', 'ama@example.com'],
    ['a pass phrase', 'a%20long%20pass%20phrase'],
  ])('withholds %s', (_, secret) => {
    expect(shownPath(`/v1/payments/${secret}/refunds`)).toBe(`/v1/payments/${WITHHELD}/refunds`);
    expect(shownPart(secret)).toBe(WITHHELD);
  });

  it('withholds a card number with dashes, which looks like several small numbers', () => {
    expect(shownPart('4111-1111-1111-1111')).toBe(WITHHELD);
  });
});
