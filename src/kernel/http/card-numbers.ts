/**
 * Card numbers are refused in every inbound field, so that none is ever stored, queued or logged (PCI DSS: what we do not
 * hold cannot leak). A run of 13 to 19 digits, perhaps with spaces or dashes, that has an issuer's prefix, a length that
 * issuer uses and a valid Luhn digit. Prefixes matter: one phone number in ten passes Luhn, and Nigerian ones have 13 digits.
 */
const DIGIT_RUN = /(?<![\d.])\d(?:[ -]?\d){12,18}(?![ -]?\d)/g;

/** ISO/IEC 7812 issuer ranges in use: Visa; Mastercard; Amex; Diners; JCB; Verve, Maestro, UnionPay and Discover. */
const ISSUERS: readonly (readonly [prefix: RegExp, lengths: readonly number[]])[] = [
  [/^4/, [13, 16, 18, 19]],
  [/^5[1-5]/, [16]],
  [/^2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)/, [16]],
  [/^3[47]/, [15]],
  [/^3(?:0[0-5]|[689])/, [14, 16, 19]],
  [/^35(?:2[89]|[3-8]\d)/, [16, 17, 18, 19]],
  [/^(?:50|5[6-8]|6)/, [16, 17, 18, 19]],
];

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    let value = digits.charCodeAt(digits.length - 1 - index) - 48;
    if (index % 2 === 1) {
      value *= 2;
      if (value > 9) value -= 9;
    }
    sum += value;
  }
  return sum % 10 === 0;
}

/**
 * UUIDs, with or without dashes: one in 3,500 random ones has a run of digits that looks like a card number, and many
 * clients make their references of them.
 */
const UUID = /(?<![0-9a-f])[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}(?![0-9a-f])/gi;

/** Whether a text holds what looks like a card number. */
export function holdsCardNumber(text: string): boolean {
  // Searched twice only where there is something to find, so that what is usual costs nothing more.
  return looksLikeCard(text) && looksLikeCard(text.replaceAll(UUID, 'id'));
}

function looksLikeCard(text: string): boolean {
  for (const [run] of text.matchAll(DIGIT_RUN)) if (isCard(run.replaceAll(/[ -]/g, ''))) return true;
  return false;
}

function isCard(digits: string): boolean {
  return (
    ISSUERS.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits)) && passesLuhn(digits)
  );
}

/** What PCI DSS (requirement 3.4.1) lets be shown of a card number. */
const SHOWN = { first: 6, last: 4 };

/** The text without what looks like card numbers, for what others have written and we keep: their first six and last four digits stay. */
export function maskCardNumbers(text: string): string {
  if (!holdsCardNumber(text)) return text;
  return text.replaceAll(DIGIT_RUN, (run) => {
    const digits = run.replaceAll(/[ -]/g, '');
    if (!isCard(digits)) return run;
    const hidden = '*'.repeat(digits.length - SHOWN.first - SHOWN.last);
    return digits.slice(0, SHOWN.first) + hidden + digits.slice(-SHOWN.last);
  });
}
