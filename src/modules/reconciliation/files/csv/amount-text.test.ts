import fc from 'fast-check';
import { exponentOf, toDecimal, type Currency } from '../../../../kernel/money/money.js';
import { compileAmounts, type Rounding } from './amount-text.js';
import { gatewayMappingSchema, type Numbers } from './mapping.js';
import { paystack } from './mappings/paystack.js';

/** A mapping's numbers with their defaults, as the schema gives them. */
function numbers(spec: object): Numbers {
  return gatewayMappingSchema.parse({ ...paystack, numbers: spec }).numbers;
}

function read(text: string, currency: Currency, spec: object = {}, rounding: Rounding = 'refuse') {
  const result = compileAmounts(numbers(spec))(text, currency, rounding);
  return result === null ? null : 'minor' in result ? result.minor : result.code;
}

const french = { decimal: 'comma', thousands: ['space', 'point'], symbols: ['F CFA', 'FCFA'] };
const swiss = { thousands: ['apostrophe'] };

describe('amounts in a file', () => {
  it.each<[string, Currency, object, bigint | null]>([
    ['1500', 'NGN', {}, 150_000n],
    ['1,500.00', 'NGN', {}, 150_000n],
    ['1,234,567.8', 'NGN', {}, 123_456_780n],
    ['.5', 'GHS', {}, 50n],
    ['0.00', 'GHS', {}, 0n],
    ['1500.00', 'XOF', {}, 1_500n],
    ['-1,500.00', 'NGN', {}, -150_000n],
    ['1,500.00-', 'NGN', {}, -150_000n],
    ['(1,500.00)', 'NGN', {}, -150_000n],
    ['\u22121500', 'NGN', {}, -150_000n],
    ['1,500.00 DR', 'NGN', {}, -150_000n],
    ['1,500.00CR', 'NGN', {}, 150_000n],
    ['+5.00', 'NGN', {}, 500n],
    ['NGN 1,500.00', 'NGN', {}, 150_000n],
    ['1500 ngn', 'NGN', {}, 150_000n],
    ['-₦1,500.00', 'NGN', { symbols: ['₦'] }, -150_000n],
    ['₦-1,500.00', 'NGN', { symbols: ['₦'] }, -150_000n],
    ['1 500,00', 'GHS', french, 150_000n],
    ['1\u202f500,50', 'GHS', french, 150_050n],
    ['1\u00a0234\u00a0567', 'XOF', french, 1_234_567n],
    ['1.500,00', 'GHS', french, 150_000n],
    ['25 000 F CFA', 'XOF', french, 25_000n],
    ["1'234'567.80", 'GHS', swiss, 123_456_780n],
    ['1’234.00', 'GHS', swiss, 123_400n],
    ['150000', 'NGN', { unit: 'minor' }, 150_000n],
    ['150000.00', 'NGN', { unit: 'minor' }, 150_000n],
    ['150000', 'XOF', { unit: 'hundredths' }, 1_500n],
    ['150000', 'NGN', { unit: 'hundredths' }, 150_000n],
    ['', 'NGN', {}, null],
    ['-', 'NGN', {}, null],
    ['n/a', 'NGN', {}, null],
  ])('reads %p of %p under %p as %p', (text, currency, spec, expected) => {
    expect(read(text, currency, spec)).toBe(expected);
  });

  it.each<[string, Currency, object, string]>([
    // A decimal comma under a decimal point, and the other way round.
    ['1500,00', 'NGN', {}, 'amount'],
    ['1,50', 'NGN', {}, 'amount'],
    ['1.500,00', 'NGN', {}, 'amount'],
    ['1,500.00', 'GHS', french, 'amount'],
    // Fifteen hundred, or one and a half.
    ['1.500', 'NGN', {}, 'decimals'],
    ['1.500', 'XOF', {}, 'decimals'],
    ['1,500', 'GHS', french, 'decimals'],
    ['12.345', 'NGN', {}, 'decimals'],
    ['12.3456', 'NGN', {}, 'decimals'],
    ['1500.50', 'XOF', {}, 'decimals'],
    ['150050', 'XOF', { unit: 'hundredths' }, 'decimals'],
    ['1500.5', 'NGN', { unit: 'minor' }, 'decimals'],
    ['12,34,567.00', 'NGN', {}, 'amount'],
    ['1,234 567', 'NGN', { thousands: ['comma', 'space'] }, 'amount'],
    ['--5', 'NGN', {}, 'amount'],
    ['(-5)', 'NGN', {}, 'amount'],
    ['-5 DR', 'NGN', {}, 'amount'],
    ['1.5E+9', 'NGN', {}, 'amount'],
    ['=1+1', 'NGN', {}, 'amount'],
    ['0x10', 'NGN', {}, 'amount'],
    ['GHS 5.00', 'NGN', {}, 'amount'],
    ['١٢٣', 'NGN', {}, 'amount'],
    ['five', 'NGN', {}, 'amount'],
    ['90071992547409.92', 'NGN', {}, 'amount_too_large'],
    ['9'.repeat(19), 'XOF', {}, 'amount_too_large'],
    ['9'.repeat(60_000), 'XOF', {}, 'amount_too_large'],
  ])('refuses %.40p of %p under %p instead of guessing', (text, currency, spec, code) => {
    expect(read(text, currency, spec)).toBe(code);
  });

  it('takes the largest amount that can be booked, and not one more', () => {
    expect(read('90071992547409.91', 'NGN')).toBe(9_007_199_254_740_991n);
    expect(read('9007199254740992', 'XOF')).toBe('amount_too_large');
  });

  it('rounds only where the mapping says so, away from what we could claim too much', () => {
    expect(read('26.875', 'NGN', {}, 'up')).toBe(2_688n);
    expect(read('26.875', 'NGN', {}, 'down')).toBe(2_687n);
    expect(read('-26.875', 'NGN', {}, 'down')).toBe(-2_688n);
    expect(read('-26.875', 'NGN', {}, 'up')).toBe(-2_687n);
    expect(read('0.001', 'XOF', {}, 'up')).toBe(1n);
  });

  it('reads back any amount in any style', () => {
    const styles = [
      { spec: {}, point: '.', between: ',' },
      { spec: french, point: ',', between: ' ' },
      { spec: french, point: ',', between: '\u202f' },
      { spec: french, point: ',', between: '.' },
      { spec: swiss, point: '.', between: "'" },
      { spec: { thousands: [] }, point: '.', between: '' },
    ];
    const signs = [
      (text: string) => `-${text}`,
      (text: string) => `(${text})`,
      (text: string) => `${text}-`,
      (text: string) => `${text} DR`,
    ];
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }),
        fc.constantFrom<Currency>('NGN', 'XOF'),
        fc.constantFrom(...styles),
        fc.constantFrom(...signs),
        (minor, currency, { spec, point, between }, negative) => {
          const [whole = '', fraction] = toDecimal(minor < 0n ? -minor : minor, exponentOf(currency)).split('.');
          const grouped = whole.replace(/\B(?=(\d{3})+$)/g, between);
          const text = fraction === undefined ? grouped : `${grouped}${point}${fraction}`;
          expect(read(minor < 0n ? negative(text) : text, currency, spec)).toBe(minor);
        },
      ),
    );
  });
});
