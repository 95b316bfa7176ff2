import fc from 'fast-check';
import { CURRENCIES, exponentOf, toDecimal } from '../../../kernel/money/money.js';
import { newUuid } from '../../../kernel/ids/ids.js';
import { balanceToMinor, creditedToUs, jsonWithDecimals, majorToMinor } from './amounts.js';
import { countryOf } from './customers.js';
import { withAmount } from './flutterwave/flutterwave.requests.js';
import { dateOf, dayOf } from './dates.js';
import { joinUrl } from './join-url.js';
import { codeAsGiven, codeFromText } from './outcomes.js';
import { fromSubunits, toSubunits } from './paystack/paystack.amounts.js';
import { pageNumber } from './pages.js';
import { refusalOfPayout, saysShortOfFloat } from './payout-texts.js';
import { asUuidV4, isReference } from './references.js';

describe('amounts at the edge', () => {
  it('writes hundredths for Paystack, also of francs', () => {
    expect([toSubunits(1_500n, 'XOF'), toSubunits(150_000n, 'NGN'), toSubunits(1n, 'GHS')]).toEqual([
      '150000',
      '150000',
      '1',
    ]);
  });

  it('writes Flutterwave a JSON number with exactly the digits of the amount', () => {
    expect(withAmount('1500.50', { tx_ref: 'a' })).toBe('{"amount":1500.50,"tx_ref":"a"}');
    expect(withAmount('1500', {})).toBe('{"amount":1500}');
    expect(withAmount('90071992547409.93', {})).toContain('90071992547409.93');
  });

  it('writes the others JSON numbers with exactly the digits of the amount as well', () => {
    expect(jsonWithDecimals({ Amount: '0.80' }, { a: 'b' })).toBe('{"Amount":0.80,"a":"b"}');
    expect(jsonWithDecimals({ amount: '90071992547409.93' }, {})).toBe('{"amount":90071992547409.93}');
    expect(jsonWithDecimals({}, { a: undefined })).toBe('{}');
  });

  it('reads back every amount that it wrote', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.constantFrom(...CURRENCIES), (minor, currency) => {
        expect(majorToMinor(toDecimal(minor, exponentOf(currency)), exponentOf(currency), 'down')).toBe(minor);
      }),
    );
  });

  it.each([
    ['26.875', 2, 'up', 2_688n],
    [26.875, 2, 'down', 2_687n],
    ['37.5', 0, 'up', 38n],
    ['37.0', 0, 'up', 37n],
    [0.1, 2, 'down', 10n],
    [1_500, 2, 'up', 150_000n],
  ] as const)('reads %p with %p digits, rounded %s', (value, exponent, rounding, expected) => {
    expect(majorToMinor(value, exponent, rounding)).toBe(expected);
  });

  it.each([-1, '-1', '1e3', 1e21, Number.NaN, Number.POSITIVE_INFINITY, '', ' ', '1,5', '0x1', '1.'])(
    'refuses %p as an amount',
    (value) => {
      expect(majorToMinor(value, 2, 'down')).toBeUndefined();
    },
  );

  it('reads back what it wrote for Paystack', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.constantFrom(...CURRENCIES), (minor, currency) => {
        expect(fromSubunits(toSubunits(minor, currency), exponentOf(currency), 'down')).toBe(minor);
      }),
    );
  });

  it.each([
    ['10.999', 2, 1_099n],
    [-0.5, 2, -50n],
    ['-10.001', 2, -1_001n],
    ['-1.5', 0, -2n],
    ['--1', 2, undefined],
    ['', 2, undefined],
  ])('counts on no more than there is: a balance of %p with %p digits', (value, exponent, expected) => {
    expect(balanceToMinor(value, exponent)).toBe(expected);
  });

  it.each([
    ['nothing on top', { requested: 100n, paid: 100n, fees: 3n }, { amountMinor: 100n, feeMinor: 3n }],
    ['the fee on top', { requested: 30_050n, paid: 40_333n, fees: 10_283n }, { amountMinor: 30_050n, feeMinor: 0n }],
    ['part of the fee on top', { requested: 100n, paid: 102n, fees: 3n }, { amountMinor: 100n, feeMinor: 1n }],
    ['less than asked', { requested: 100n, paid: 50n, fees: 3n }, { amountMinor: 50n, feeMinor: 3n }],
    ['more than the fees explain', { requested: 100n, paid: 110n, fees: 3n }, { amountMinor: 110n, feeMinor: 3n }],
    [
      'more, with no fee named',
      { requested: 100n, paid: 110n, fees: undefined },
      { amountMinor: 110n, feeMinor: null },
    ],
    [
      'no request remembered',
      { requested: undefined, paid: 110n, fees: undefined },
      { amountMinor: 110n, feeMinor: null },
    ],
  ])('credits what is ours: %s', (_name, money, expected) => {
    expect(creditedToUs(money)).toEqual(expected);
  });
});

describe('references at the edge', () => {
  it('makes a UUIDv4 of a UUIDv7, and of two always two', () => {
    const references = Array.from({ length: 2_000 }, () => newUuid().replaceAll('-', ''));
    const written = references.map(asUuidV4);
    for (const one of written)
      expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(written).size).toBe(references.length);
    expect(asUuidV4('0193f5c2a1b27c3d8e4f5a6b7c8d9e0f')).toBe('0193f5c2-a1b2-4c3d-8e4f-5a6b7c8d9e0f');
  });

  it('knows the form of a reference', () => {
    expect([
      isReference('0'.repeat(32)),
      isReference('G'.repeat(32)),
      isReference('0'.repeat(33)),
      isReference(1),
    ]).toEqual([true, false, false, false]);
  });
});

describe('texts at the edge', () => {
  it('makes codes of texts and bounds them', () => {
    expect(codeFromText('  Insufficient Funds! ', 'x')).toBe('insufficient_funds');
    expect(codeFromText(undefined, 'failed')).toBe('failed');
    expect(codeFromText('é'.repeat(9), 'failed')).toBe('failed');
    expect(codeFromText('a'.repeat(1_000), 'x')).toHaveLength(64);
    expect(codeAsGiven('APPROVAL_REJECTED', 'x')).toBe('APPROVAL_REJECTED');
    expect(codeAsGiven('<script>\n', 'x')).toBe('_script_');
  });

  it('joins paths to base addresses', () => {
    expect(joinUrl('https://a.example/', '/b?c=d')?.href).toBe('https://a.example/b?c=d');
    expect(joinUrl('https://a.example/proxy', '/b')?.href).toBe('https://a.example/proxy/b');
    expect(joinUrl('ftp://a.example', '/b')).toBeUndefined();
    expect(joinUrl('nonsense', '/b')).toBeUndefined();
  });

  it('tells countries by phone numbers', () => {
    expect([countryOf('+225 07 08'), countryOf('+237600000000'), countryOf('+15550100')]).toEqual([
      'CI',
      'CM',
      undefined,
    ]);
  });

  it('reads dates, and days', () => {
    expect(dateOf('2026-01-01T10:00:00.000Z')?.getTime()).toBe(Date.UTC(2026, 0, 1, 10));
    expect([dateOf(undefined), dateOf(''), dateOf('soon')]).toEqual([undefined, undefined, undefined]);
    expect(dayOf(new Date('2026-01-31T23:59:59Z'))).toBe('2026-01-31');
  });

  it('takes no cursor but a page number', () => {
    expect([null, '1', '999999', '0', '01', '-1', '1e3', '1000000', ''].map(pageNumber)).toEqual([
      1,
      1,
      999_999,
      ...Array.from({ length: 6 }, () => undefined),
    ]);
  });

  it.each([
    ['insufficient_balance', { blame: 'merchant', retryable: true }],
    ['insufficient_funds_in_wallet', { blame: 'merchant', retryable: true }],
    ['account_not_found', { blame: 'customer', retryable: false }],
    ['network_unavailable', { blame: 'network', retryable: true }],
    ['constructor', { blame: 'ambiguous', retryable: false }],
  ])('blames a payout that failed with %s on the right side', (code, refusal) => {
    expect(refusalOfPayout(code)).toEqual(refusal);
  });

  it.each([
    ['Your balance is not enough to fulfil this request', true],
    ['Insufficient funds in wallet', true],
    ['You have insufficient balance', true],
    ['Account not found', false],
    [undefined, false],
  ])('knows that our float is short: %p', (message, expected) => {
    expect(saysShortOfFloat(message)).toBe(expected);
  });
});
