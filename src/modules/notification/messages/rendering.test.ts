import { LANGUAGES } from '../../../config/message-settings.js';
import { gsm7Length, oneSms, SMS_CHARACTERS, toGsm7 } from './gsm7.js';
import { KIND_NAMES, KINDS, type Kind, type MessageData } from './message-kinds.js';
import { renderMail, renderSms, type Renderable } from './render-message.js';
import { money, plainName, plainReference } from './wording.js';

const AT = '2026-11-28T07:01:00.000Z';
const receipt = { merchant: 'Boutique Awa', amount: 1_500_000, currency: 'XOF', at: AT, livemode: true } as const;
const OUTAGE = { gateway: 'orange_money/main', livemode: true, network: 'XOF/payout/mobile_money/orange', at: AT };
const KEY = 'key_06cq3v00000000000000000000';
const PAYOUTS = {
  livemode: false,
  payouts: Array.from({ length: 10 }, () => ({
    payout: 'po_06cq3v00000000000000000000',
    amount: 123_456_789_012,
    currency: 'NGN' as const,
    reason: 'beneficiary_account_closed',
  })),
  total: 12,
};
/** As long as each can be. */
const DATA: MessageData = {
  admin_invited: { role: 'support', expires_at: AT },
  admin_password_changed: { at: AT },
  admin_second_factor_set_up: { at: AT },
  admin_second_factor_removed: { at: AT },
  admin_recovery_code_used: { at: AT },
  admin_disabled: { at: AT },
  alert_funds_short: {
    items: Array.from({ length: 10 }, () => ({ livemode: true, currency: 'NGN', shortfall: 123_456_789_012 }) as const),
  },
  alert_books_differ: {
    items: Array.from({ length: 10 }, () => ({
      livemode: true,
      gateway: 'orange_money',
      day: '2026-11-27',
      open_breaks: 12,
    })),
  },
  alert_ledger_drifted: {
    items: Array.from({ length: 10 }, () => ({
      livemode: true,
      account: 'acct_06cq3v0000000000000000000',
      currency: 'XOF' as const,
      frozen: true,
    })),
  },
  alert_gateway_shut_out: { items: Array.from({ length: 10 }, () => OUTAGE) },
  alert_gateway_back: { items: Array.from({ length: 10 }, () => ({ ...OUTAGE, minutes: 1_440 })) },
  alert_endpoint_disabled: {
    items: Array.from({ length: 10 }, () => ({
      livemode: false,
      endpoint: 'we_06cq3v00000000000000000000',
      merchant: 'mer_06cq3v0000000000000000000',
      reason: 'failing' as const,
    })),
  },
  merchant_endpoint_disabled: { livemode: true, endpoint: 'we_06cq3v', reason: 'gone' },
  member_endpoint_disabled: { livemode: false, endpoint: 'we_06cq3v00000000000000000000', reason: 'failing' },
  member_api_key_created: { key: KEY, livemode: false, at: AT },
  member_api_key_rolled: { key: KEY, ends_at: AT, at: AT },
  member_api_key_revoked: { key: KEY, at: AT },
  member_payout_failed: PAYOUTS,
  member_payout_returned: PAYOUTS,
  member_members_changed: { what: 'removed', member: 'mmb_06cq3v00000000000000000000', at: AT },
  receipt_payment: { ...receipt, merchant: 'Établissements Awa et Frères S', reference: 'R'.repeat(40) },
  receipt_refund: { ...receipt, reference: 'order-1' },
};

const of = <Name extends Kind>(kind: Name, more: Partial<Renderable<Name>> = {}): Renderable<Name> => ({
  kind,
  language: 'en',
  data: DATA[kind],
  personal: {},
  count: 12,
  ...more,
});

describe.each(LANGUAGES)('in %s', (language) => {
  it.each(KIND_NAMES)('%s has a subject, a text and HTML that say the same', (kind) => {
    const mail = renderMail(of(kind, { language }));
    expect(mail.subject).not.toBe('');
    expect(mail.html).toContain(`<html lang="${language}">`);
    const shown = mail.html
      .replace(/^[^]*<main[^>]*>/, '')
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll('&#39;', "'");
    for (const line of mail.text.split('\n').filter((each) => each !== '' && each !== '--'))
      for (const part of line.split(/(?<=\w): /)) expect(shown).toContain(part);
  });

  it.each(KIND_NAMES.filter((kind) => KINDS[kind].channels.includes('sms')))(
    '%s fits into one SMS of the alphabet that SMS have',
    (kind) => {
      for (const count of [1, 1_000]) {
        const text = renderSms(of(kind, { language, count })) ?? '';
        expect(text).not.toMatch(/\?|\.\.\.$/);
        expect(gsm7Length(text)).toBeLessThanOrEqual(SMS_CHARACTERS);
      }
    },
  );
});

it('says what was paid, in each language', () => {
  const data = { ...receipt, reference: 'order-1' };
  expect(renderSms(of('receipt_payment', { data }))).toBe(
    'You paid XOF 1,500,000 to Boutique Awa on 28/11/2026 07:01 UTC. Ref order-1.',
  );
  expect(renderSms(of('receipt_payment', { data, language: 'fr' }))).toBe(
    'Vous avez payé 1 500 000 XOF à Boutique Awa le 28/11/2026 07:01 UTC. Réf order-1.',
  );
  expect(renderSms(of('receipt_refund', { data: { ...data, livemode: false } }))).toBe(
    '[TEST] Boutique Awa has refunded XOF 1,500,000 to you on 28/11/2026 07:01 UTC. Ref order-1.',
  );
  expect(renderMail(of('receipt_payment', { data, language: 'fr' })).text).toContain(
    'Montant: 1\u00a0500\u00a0000\u00a0XOF',
  );
});

it('says how many more there are than it names', () => {
  expect(renderMail(of('alert_books_differ', { count: 57 })).text).toContain('And 47 more.');
  expect(renderMail(of('alert_books_differ', { count: 10 })).text).not.toContain('more.');
});

it.each([
  [150_000, 'NGN', 'NGN 1,500.00', '1\u00a0500,00\u00a0NGN'],
  [5, 'GHS', 'GHS 0.05', '0,05\u00a0GHS'],
  [1_500, 'XOF', 'XOF 1,500', '1\u00a0500\u00a0XOF'],
  [999, 'GNF', 'GNF 999', '999\u00a0GNF'],
] as const)('writes %i %s with the digits that the currency has', (amount, currency, english, french) => {
  expect(money('en', amount, currency)).toBe(english);
  expect(money('fr', amount, currency)).toBe(french);
});

describe('what somebody gave', () => {
  it.each(['Ama Mensah', "N'Golo", 'Aïssatou Diop-Sarr', 'Dr. Kwame A. Boateng', 'Ọlá', 'أمينة'])(
    'is a name: %s',
    (name) => expect(plainName(name)).toBe(name),
  );
  it.each([
    'evil.com',
    'Ama www.evil.com',
    'http://evil',
    'a@b.c',
    '<b>Ama</b>',
    'Ama\r\nBcc: x',
    'x'.repeat(61),
    '',
    '+233',
    null,
  ])('is none: %j', (name) => {
    const plain = plainName(name);
    expect(plain ?? '').not.toMatch(/[.:/@<>\r\n]/);
    if (name !== 'Ama\r\nBcc: x') expect(plain).toBeUndefined();
  });
  it('is a reference, or is left out', () => {
    expect(plainReference('order-1_A#2')).toBe('order-1_A#2');
    for (const each of ['see evil.com', 'http://evil', 'a.b', '', undefined, 7])
      expect(plainReference(each)).toBeUndefined();
  });

  it('is text in HTML, and one line in a subject', () => {
    const data = { ...receipt, merchant: '<img src=x>"&\r\nBcc: all@example.com' };
    const { html, subject } = renderMail(of('receipt_payment', { data }));
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x&gt;&quot;&amp; Bcc: all@example.com');
    expect(subject).not.toMatch(/[\r\n]/);
  });

  it('never becomes another link than ours', () => {
    expect(() => renderMail(of('admin_invited', { personal: { link: 'javascript:alert(1)' } }))).toThrow(TypeError);
  });
});

describe('the alphabet of SMS', () => {
  it('has some French letters, and others are written without their accent', () => {
    expect(toGsm7('é è à ù ò ì É Ç')).toBe('é è à ù ò ì É Ç');
    expect(toGsm7('ê ô î â û ç ë œ ’ « » –')).toBe('e o i a u c e oe \' " " -');
    expect(toGsm7('Ọlá 😀 أ')).toBe('Ola ? ?');
  });

  it('counts two places for what is in its extension', () => {
    expect(gsm7Length('abc')).toBe(3);
    expect(gsm7Length('[€]')).toBe(6);
    expect(gsm7Length('ê')).toBeUndefined();
  });

  it('takes of what is further what fits, in order, and cuts what must be in it last of all', () => {
    expect(oneSms('a'.repeat(150), 'b'.repeat(10), 'c')).toBe('a'.repeat(150) + 'b'.repeat(10));
    expect(oneSms('a'.repeat(155), 'b'.repeat(10), 'c')).toBe('a'.repeat(155));
    expect(oneSms('a'.repeat(200))).toBe(`${'a'.repeat(157)}...`);
  });
});

it.each([
  ['en', 'XOF/mobile_money/wave, at every gateway'],
  ['fr', 'XOF/mobile_money/wave, à toutes les passerelles'],
] as const)(
  'says in %s of a network that fails wherever it is reached that no gateway is to blame',
  (language, text) => {
    const item = { gateway: null, livemode: null, network: 'XOF/mobile_money/wave', at: AT };
    const data = { items: [item] };
    expect(renderMail(of('alert_gateway_shut_out', { language, data, count: 1 })).text).toContain(text);
    expect(
      renderMail(of('alert_gateway_back', { language, data: { items: [{ ...item, minutes: 3 }] }, count: 1 })).text,
    ).toContain(text);
  },
);
