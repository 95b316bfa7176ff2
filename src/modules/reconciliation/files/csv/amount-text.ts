/** Amounts as exports write them, digit by digit to minor units. What could be read two ways is refused. */
import { exponentOf, type Currency } from '../../../../kernel/money/money.js';
import type { FileProblemCode } from '../file-refused.js';
import type { Numbers } from './mapping.js';

/** What is written: `signed` says whether the text has a sign of any kind (a minus, parentheses, DR or CR). */
export interface AmountRead {
  readonly minor: bigint;
  readonly signed: boolean;
}

/** `problem` completes a sentence that begins with the text. */
export interface AmountProblem {
  readonly code: FileProblemCode;
  readonly problem: string;
}

export type Rounding = 'refuse' | 'up' | 'down';

const separators: Readonly<Record<Numbers['thousands'][number], string>> = {
  comma: ',',
  point: '.',
  space: ' \\u00a0\\u2007\\u2009\\u202f',
  apostrophe: "'\\u2019",
};

/** Beyond this a JSON number is no longer exact, and no statement holds such an amount. */
const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

export type AmountReader = (text: string, currency: Currency, rounding?: Rounding) => AmountRead | AmountProblem | null;

/** @returns a function that reads one cell; null when it says that there is no amount */
export function compileAmounts(numbers: Numbers): AmountReader {
  const point = numbers.decimal === 'point' ? '\\.' : ',';
  const between = numbers.thousands.map((name) => separators[name]).join('');
  const grouped = between === '' ? '' : `\\d{1,3}(?<between>[${between}])\\d{3}(?:\\k<between>\\d{3})*|`;
  const digits = new RegExp(`^(?<whole>${grouped}\\d*)(?:${point}(?<fraction>\\d+))?$`);
  const none = new Set(numbers.none.map((word) => word.toLowerCase()));
  // The longer first, so that "F CFA" is not left as "CFA" behind an "F".
  const symbols = [...numbers.symbols].sort((a, b) => b.length - a.length);

  return (cell, currency, rounding = 'refuse') => {
    const text = cell.trim();
    if (text === '' || none.has(text.toLowerCase())) return null;
    const { body, negative, signs } = withoutSigns(text, [currency, ...symbols]);
    if (signs > 1) return { code: 'amount', problem: 'has more than one sign' };
    const match = digits.exec(body)?.groups;
    const whole = (match?.['whole'] ?? '').replace(/\D/g, '');
    const fraction = match?.['fraction'] ?? '';
    if (match === undefined || whole + fraction === '') return { code: 'amount', problem: whyNot(text, body, numbers) };
    const minor = toMinor(whole, fraction, currency, numbers.unit, rounding, negative);
    if (typeof minor !== 'bigint') return minor;
    if (minor > LARGEST) return { code: 'amount_too_large', problem: 'is beyond any amount that can be booked' };
    return { minor: negative ? -minor : minor, signed: signs > 0 };
  };
}

/** Takes off what may stand around the digits, in whatever order: a currency, a sign, parentheses, DR or CR. */
function withoutSigns(text: string, symbols: readonly string[]) {
  let body = text;
  let negative = false;
  let signs = 0;
  for (let changed = true; changed;) {
    const before = body;
    for (const symbol of symbols) body = withoutSymbol(body, symbol);
    const match =
      /^\((?<body>.*)(?<minus>\))$/.exec(body) ??
      /^(?<minus>[-\u2212])(?<body>.*)$/.exec(body) ??
      /^(?<body>.*)(?<minus>[-\u2212])$/.exec(body) ??
      /^(?<body>.*[\d)\s])(?<minus>DR|D)\.?$/i.exec(body) ??
      /^\+(?<body>.*)$/.exec(body) ??
      /^(?<body>.*[\d)\s])(?:CR|C)\.?$/i.exec(body);
    if (match?.groups !== undefined) {
      signs += 1;
      negative ||= match.groups['minus'] !== undefined;
      body = (match.groups['body'] ?? '').trim();
    }
    // A lone sign has nothing left to be taken off of.
    changed = body !== before && body !== '';
  }
  return { body, negative, signs };
}

function withoutSymbol(text: string, symbol: string): string {
  const length = symbol.length;
  if (text.length <= length) return text;
  if (text.slice(0, length).toLowerCase() === symbol.toLowerCase()) return text.slice(length).trim();
  return text.slice(-length).toLowerCase() === symbol.toLowerCase() ? text.slice(0, -length).trim() : text;
}

function toMinor(
  whole: string,
  fraction: string,
  currency: Currency,
  unit: Numbers['unit'],
  rounding: Rounding,
  negative: boolean,
): bigint | AmountProblem {
  const exponent = exponentOf(currency);
  // Checked before it becomes a number: a cell may hold 60,000 digits.
  if (whole.replace(/^0+/, '').length > 18) {
    return { code: 'amount_too_large', problem: 'is beyond any amount that can be booked' };
  }
  // 1.500 is fifteen hundred in one country and one and a half in another, and none of our currencies has three decimals.
  if (fraction.length === 3 && rounding === 'refuse') {
    return {
      code: 'decimals',
      problem: 'may be thousands or have three decimals; the mapping must say which separator is which',
    };
  }
  // The digits as a whole, and how many of them stand behind the minor unit.
  const all = (whole === '' ? '0' : whole) + fraction;
  const shift = unit === 'major' ? exponent : unit === 'minor' ? 0 : exponent - 2;
  const excess = fraction.length - shift;
  if (excess <= 0) return BigInt(all + '0'.repeat(-excess));
  const kept = all.length > excess ? all.slice(0, all.length - excess) : '0';
  const minor = BigInt(kept);
  if (!/[1-9]/.test(all.slice(Math.max(0, all.length - excess)))) return minor;
  if (rounding === 'refuse') {
    const has = exponent === 0 ? 'no decimals' : `${exponent} decimals`;
    return {
      code: 'decimals',
      problem:
        unit === 'major'
          ? `has more decimals than ${currency}, which has ${has}`
          : `is no whole minor unit of ${currency}`,
    };
  }
  return (rounding === 'up') === negative ? minor : minor + 1n;
}

function whyNot(text: string, body: string, numbers: Numbers): string {
  if (/^\d+([.,]\d+)?E[+-]?\d+$/i.test(body)) return 'was shortened by a spreadsheet program, which lost its digits';
  if (/^[=@]/.test(text)) return 'is a formula, not an amount';
  const decimal = numbers.decimal === 'point' ? 'a decimal point' : 'a decimal comma';
  const list = numbers.thousands.join(', ');
  return `is not an amount with ${decimal}${list === '' ? '' : ` (between thousands: ${list})`}`;
}
