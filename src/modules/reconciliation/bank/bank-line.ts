/** An entry of a bank account as it is kept. Pure. */
import { createHash } from 'node:crypto';
import { maskCardNumbers } from '../../../kernel/http/card-numbers.js';
import { LineRegister, type BankLine } from '../files/index.js';
import type { StagedLine } from '../lines/line.js';

/** Hex digits of a SHA-256 that make a UUID. */
const UUID_DIGITS = 32;
/** An IBAN has 34; banks' own numbers are shorter. */
export const MAX_ACCOUNT_LENGTH = 64;

/** As accounts are kept and compared: files set spaces as they like. */
export const accountOf = (text: string): string => text.replaceAll(/\s/g, '').toUpperCase();

/**
 * Gives entries of one source their ids: of the account and the bank's id, else of all that the entry says, and which of several equal ones it is. So an entry that
 * stands in two statements is one, and what a statement has twice on a day is two: banks do not cut a day in halves.
 */
export class BankLineIds {
  private readonly seen = new LineRegister();
  private readonly copies = new Map<string, number>();

  constructor(private readonly livemode: boolean) {}

  idOf(account: string, line: BankLine): string {
    // What undoes an entry, or belongs to it, may have its id.
    const content = [
      String(this.livemode),
      account,
      line.currency,
      line.bookedOn ?? '',
      signedMinor(line).toString(),
      ...(line.id === null ? saidOf(line) : ['id', line.id]),
    ];
    const equal = hash(content);
    const isFirst = this.seen.add(equal, '', 1) === undefined;
    const copy = isFirst ? 0 : (this.copies.get(equal) ?? 0) + 1;
    if (!isFirst) this.copies.set(equal, copy);
    return hash([String(copy), ...content]);
  }
}

function saidOf(line: BankLine): readonly string[] {
  const references = Object.entries(line.references).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return [line.valueOn ?? '', ...references.flat(), line.description ?? ''];
}

/** A UUIDv8: what a hash makes is nobody's random or time. */
function hash(parts: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, UUID_DIGITS);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const signedMinor = ({ direction, amountMinor }: BankLine): bigint =>
  direction === 'debit' ? -amountMinor : amountMinor;

/** What banks and payers write into a text may be anything. */
const withoutCards = (text: string | null): string | null => (text === null ? null : maskCardNumbers(text));

/** @param ordinal which of its source it is: in XML many may stand on one line */
export function stagedBankLine(line: BankLine, account: string, ordinal: number, ids: BankLineIds): StagedLine {
  return {
    ordinal,
    id: ids.idOf(account, line),
    content: {
      file_line: line.line,
      account,
      statement_id: line.statementId,
      bank_id: line.id,
      booked_on: line.bookedOn,
      value_on: line.valueOn,
      amount: String(signedMinor(line)),
      currency: line.currency,
      is_reversal: line.isReversal,
      reference_texts: line.references,
      description: withoutCards(line.description),
      parts: line.parts.map((part) => ({
        amount:
          part.amountMinor === null
            ? null
            : (part.direction === 'debit' ? -part.amountMinor : part.amountMinor).toString(),
        references: part.references,
        description: withoutCards(part.description),
      })),
    },
  };
}
