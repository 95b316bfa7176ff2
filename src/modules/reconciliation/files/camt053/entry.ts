/** One entry (Ntry) of a statement, and the transactions (TxDtls) that it is made of. */
import type { Problems } from '../file-refused.js';
import { MAX_PARTS } from '../limits.js';
import type { BankLine, BankLinePart, Direction } from '../lines.js';
import { amountOf, dayOf, directionOf, nameAt, referencesOf, remittanceOf, report, signed } from './values.js';
import { elementAt, elementsAt, textAt, type XmlElement } from './xml-elements.js';
import { exponentOf, fromDecimal, toDecimal, type Currency } from '../../../../kernel/money/money.js';

export interface BankEntry {
  readonly line: BankLine;
  readonly element: XmlElement;
}

/** A transaction as it stands, until its entry has ended: only then is it known in which currency it must be. */
export interface PendingPart {
  readonly references: Readonly<Record<string, string>>;
  readonly description: string | null;
  readonly direction: Direction | undefined;
  /** As written, in the order of preference. */
  readonly amounts: readonly { readonly text: string; readonly currency: string }[];
  readonly hasCharges: boolean;
}

export class PendingParts {
  private parts: PendingPart[] = [];

  add(transaction: XmlElement, problems: Problems): void {
    if (this.parts.length >= MAX_PARTS) {
      report(problems, transaction, 'too_many_lines', `an entry has more than ${MAX_PARTS} transactions`);
      return;
    }
    const indicator = textAt(transaction, 'CdtDbtInd');
    const amounts = [
      elementAt(transaction, 'Amt'),
      elementAt(transaction, 'AmtDtls', 'TxAmt', 'Amt'),
      elementAt(transaction, 'AmtDtls', 'InstdAmt', 'Amt'),
    ];
    this.parts.push({
      references: referencesOf(transaction, problems),
      description: remittanceOf(transaction),
      direction: indicator === 'CRDT' ? 'credit' : indicator === 'DBIT' ? 'debit' : undefined,
      amounts: amounts.flatMap((amount) =>
        amount === undefined ? [] : [{ text: amount.text, currency: amount.attributes['Ccy'] ?? '' }],
      ),
      hasCharges: elementAt(transaction, 'Chrgs') !== undefined,
    });
  }

  take(): PendingPart[] {
    const parts = this.parts;
    this.parts = [];
    return parts;
  }
}

/** @returns undefined when it is wrong, which is reported */
export function readEntry(
  element: XmlElement,
  pending: readonly PendingPart[],
  of: { readonly account: string | null; readonly statementId: string | null },
  problems: Problems,
): BankEntry | undefined {
  const amount = amountOf(element, problems);
  const direction = directionOf(element, problems);
  const status = statusOf(element, problems);
  const bookedOn = dayOf(elementAt(element, 'BookgDt'), problems);
  const valueOn = dayOf(elementAt(element, 'ValDt'), problems);
  const isReversal = reversalOf(element, problems);
  if (amount === undefined || direction === undefined || status === undefined) return undefined;
  if (bookedOn === undefined || valueOn === undefined || isReversal === undefined) return undefined;
  const parts = pending.map((part) => partOf(part, direction, amount.currency));
  const hasCharges = elementAt(element, 'Chrgs') !== undefined || pending.some((part) => part.hasCharges);
  if (!hasCharges) checkParts(parts, signed(amount.minor, direction), amount.currency, element, problems);
  const only = parts.length === 1 ? parts[0] : undefined;
  const id = nameAt(element, problems, 'AcctSvcrRef') ?? only?.references['account_servicer_reference'] ?? null;
  const line: BankLine = {
    ...of,
    line: element.line,
    id,
    status,
    direction,
    amountMinor: amount.minor,
    currency: amount.currency,
    bookedOn,
    valueOn,
    isReversal,
    references: { ...entryReferences(element, id, problems), ...only?.references },
    description: only?.description ?? textAt(element, 'AddtlNtryInf') ?? null,
    parts: only === undefined ? parts : [],
  };
  return { line, element };
}

function entryReferences(element: XmlElement, id: string | null, problems: Problems): Record<string, string> {
  const references: Record<string, string> = {};
  const add = (name: string, text: string | null | undefined) => {
    if (text !== undefined && text !== null) references[name] = text;
  };
  add('entry_reference', nameAt(element, problems, 'NtryRef'));
  add('account_servicer_reference', id);
  const batches = elementsAt(element, 'NtryDtls').flatMap((details) => elementsAt(details, 'Btch'));
  add('batch_message_id', nameAt(batches[0], problems, 'MsgId'));
  add('batch_payment_information_id', nameAt(batches[0], problems, 'PmtInfId'));
  add('transaction_code', transactionCode(element));
  return references;
}

/** The bank's kind of transaction, `PMNT-RCDT-ESCT` or in its own words. */
function transactionCode(element: XmlElement): string | undefined {
  const code = elementAt(element, 'BkTxCd');
  const domain = textAt(code, 'Domn', 'Cd');
  if (domain === undefined) return textAt(code, 'Prtry', 'Cd');
  const family = elementAt(code, 'Domn', 'Fmly');
  return [domain, textAt(family, 'Cd'), textAt(family, 'SubFmlyCd')].filter((part) => part !== undefined).join('-');
}

/** A bare code until version 06, inside Cd from 07 on. */
function statusOf(element: XmlElement, problems: Problems): BankLine['status'] | undefined {
  const text = textAt(element, 'Sts', 'Cd') ?? textAt(element, 'Sts', 'Prtry') ?? textAt(element, 'Sts') ?? '';
  if (text === 'BOOK') return 'booked';
  if (text === 'PDNG' || text === 'FUTR') return 'pending';
  if (text === 'INFO') return 'information';
  report(
    problems,
    element,
    'value_unknown',
    `its status (Sts) is "${text.slice(0, 20)}", which is none of BOOK, PDNG, FUTR and INFO`,
  );
  return undefined;
}

function reversalOf(element: XmlElement, problems: Problems): boolean | undefined {
  const text = textAt(element, 'RvslInd') ?? 'false';
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  report(
    problems,
    element,
    'value_unknown',
    `its reversal indicator (RvslInd) is "${text.slice(0, 20)}", neither true nor false`,
  );
  return undefined;
}

/** What was instructed in another currency is no part of the entry's sum, so only an amount in its own currency counts. */
function partOf(part: PendingPart, direction: Direction, currency: Currency): BankLinePart {
  const amount = part.amounts.find((candidate) => candidate.currency === currency);
  const minor = amount === undefined ? undefined : fromDecimal(amount.text, exponentOf(currency));
  return {
    direction: part.direction ?? direction,
    amountMinor: minor ?? null,
    references: part.references,
    description: part.description,
  };
}

/** Where every part states its amount, they must add up to the entry; charges between them would explain a difference. */
function checkParts(
  parts: readonly BankLinePart[],
  entryMinor: bigint,
  currency: Currency,
  element: XmlElement,
  problems: Problems,
): void {
  let sum = 0n;
  for (const part of parts) {
    if (part.amountMinor === null) return;
    sum += signed(part.amountMinor, part.direction);
  }
  if (parts.length < 2 || sum === entryMinor) return;
  const exponent = exponentOf(currency);
  const text = `its ${parts.length} transactions add up to ${toDecimal(sum, exponent)}, but the entry is ${toDecimal(entryMinor, exponent)} ${currency}`;
  report(problems, element, 'total', text);
}
