/** Amounts, dates and references as camt.053 has them. */
import { exponentOf, fromDecimal, isCurrency, type Currency } from '../../../../kernel/money/money.js';
import { quoted, type FileProblemCode, type Problems } from '../file-refused.js';
import { MAX_NAME_LENGTH } from '../limits.js';
import type { CalendarDate, Direction } from '../lines.js';
import { elementAt, elementsAt, textAt, type XmlElement } from './xml-elements.js';

export interface CamtAmount {
  /** Minor units, never negative. */
  readonly minor: bigint;
  readonly currency: Currency;
}

export function report(problems: Problems, element: XmlElement, code: FileProblemCode, text: string): void {
  problems.add({
    code,
    line: element.line,
    column: element.name,
    message: `Line ${element.line}, ${element.name}: ${text}.`,
  });
}

/** @returns undefined when it is missing or wrong, which is reported */
export function amountOf(parent: XmlElement, problems: Problems): CamtAmount | undefined {
  const element = elementAt(parent, 'Amt');
  if (element === undefined) {
    report(problems, parent, 'value_missing', 'has no amount (Amt)');
    return undefined;
  }
  const currency = element.attributes['Ccy'];
  if (!isCurrency(currency)) {
    const what =
      currency === undefined ? 'has no currency (Ccy)' : `${quoted(currency)} is not a currency that is booked here`;
    report(problems, element, currency === undefined ? 'value_missing' : 'currency', what);
    return undefined;
  }
  // XML Schema's decimal may leave out either side of the point. It has no sign here: the indicator says which way.
  const text = element.text.replace(/^\./, '0.').replace(/\.$/, '');
  const minor = text.startsWith('-') ? undefined : fromDecimal(text.replace(/^0+(?=\d)/, ''), exponentOf(currency));
  if (minor === undefined) {
    const isNumber = /^\d+(\.\d+)?$/.test(text);
    report(
      problems,
      element,
      isNumber ? 'decimals' : 'amount',
      isNumber
        ? `${quoted(element.text)} has more digits than ${currency} can have`
        : `${quoted(element.text)} is not an amount`,
    );
    return undefined;
  }
  if (minor > BigInt(Number.MAX_SAFE_INTEGER)) {
    report(problems, element, 'amount_too_large', `${quoted(element.text)} is beyond any amount that can be booked`);
    return undefined;
  }
  return { minor, currency };
}

/** @returns undefined when it is missing or wrong, which is reported */
export function directionOf(parent: XmlElement, problems: Problems): Direction | undefined {
  const text = textAt(parent, 'CdtDbtInd');
  if (text === 'CRDT') return 'credit';
  if (text === 'DBIT') return 'debit';
  report(problems, parent, 'value_unknown', `is neither credit nor debit (CdtDbtInd is ${quoted(text ?? '')})`);
  return undefined;
}

export function signed(amountMinor: bigint, direction: Direction): bigint {
  return direction === 'credit' ? amountMinor : -amountMinor;
}

/**
 * The bank's own day, whichever zone a time beside it is in.
 * @returns null when there is none, undefined when it is wrong, which is reported
 */
export function dayOf(element: XmlElement | undefined, problems: Problems): CalendarDate | null | undefined {
  const text = textAt(element, 'Dt') ?? textAt(element, 'DtTm');
  if (element === undefined || text === undefined) return null;
  const day = /^(\d{4}-\d{2}-\d{2})(?:$|T|Z|[+-])/.exec(text)?.[1];
  const date = new Date(`${day ?? ''}T00:00:00Z`);
  if (day !== undefined && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)) return day;
  report(problems, element, 'time', `${quoted(text)} is not a date`);
  return undefined;
}

/** An id or a reference at a path. One that is longer than any is reported. */
export function nameAt(
  element: XmlElement | undefined,
  problems: Problems,
  ...path: readonly string[]
): string | undefined {
  const found = path.length === 0 ? element : elementAt(element, ...path);
  if (found === undefined || found.text === '') return undefined;
  if (found.text.length > MAX_NAME_LENGTH) {
    report(
      problems,
      found,
      'cell_too_long',
      `it is longer than the ${MAX_NAME_LENGTH} characters that an id or a reference has at most`,
    );
  }
  return found.text;
}

/** Where each reference of a transaction stands, and what it is called here. */
const REFERENCES: readonly (readonly [name: string, path: readonly string[]])[] = [
  ['end_to_end_id', ['Refs', 'EndToEndId']],
  ['account_servicer_reference', ['Refs', 'AcctSvcrRef']],
  ['instruction_id', ['Refs', 'InstrId']],
  ['payment_information_id', ['Refs', 'PmtInfId']],
  ['transaction_id', ['Refs', 'TxId']],
  ['message_id', ['Refs', 'MsgId']],
  ['mandate_id', ['Refs', 'MndtId']],
  ['uetr', ['Refs', 'UETR']],
  ['clearing_reference', ['Refs', 'ClrSysRef']],
  ['creditor_reference', ['RmtInf', 'Strd', 'CdtrRefInf', 'Ref']],
  ['return_reason', ['RtrInf', 'Rsn', 'Cd']],
];

/** `NOTPROVIDED` is what the standard has banks write where there is no end-to-end id. */
export function referencesOf(transaction: XmlElement, problems: Problems): Record<string, string> {
  const references: Record<string, string> = {};
  for (const [name, path] of REFERENCES) {
    const text = nameAt(transaction, problems, ...path);
    if (text !== undefined && text !== 'NOTPROVIDED') references[name] = text;
  }
  return references;
}

export function remittanceOf(transaction: XmlElement): string | null {
  const texts = elementsAt(elementAt(transaction, 'RmtInf'), 'Ustrd').map(({ text }) => text);
  const all = texts.filter((text) => text !== '').join(' ');
  return all === '' ? (textAt(transaction, 'AddtlTxInf') ?? null) : all;
}
