/** A row of a bank's CSV statement to a line. */
import { quoted } from '../file-refused.js';
import type { BankLine, CalendarDate } from '../lines.js';
import { cellText } from './cells.js';
import type { Layout } from './layout.js';
import type { BankMapping, Column } from './mapping.js';
import { RowParts, type Row, type RowReader } from './row-parts.js';
import { compileDates } from './time-text.js';

/** A line with the balance that the bank states behind it, in minor units, where the mapping has it checked. */
export interface BalancedLine extends BankLine {
  readonly balanceMinor: bigint | null;
}

export function compileBankRow(mapping: BankMapping, layout: Layout): RowReader<BalancedLine> {
  const parts = new RowParts(mapping, layout);
  const idOf = parts.names(mapping.columns.id);
  const accountOf = parts.names(mapping.columns.account);
  const referencesOf = parts.named(mapping.references);
  const descriptionAt = parts.at(mapping.columns.description);
  const currencyOf = parts.currency(mapping.currency);
  const amountOf = parts.amount(mapping.amount);
  const bookedOn = compileDay(mapping.bookedOn, parts);
  const valueOn = mapping.valueOn === undefined ? () => null : compileDay(mapping.valueOn, parts);
  const balanceAt = parts.at(mapping.balance?.column);

  return (row) => {
    const booked = bookedOn(row);
    const value = valueOn(row);
    if (booked === null) row.report('value_missing', parts.at(mapping.bookedOn.column), 'is empty: no booking date');
    const currency = currencyOf(row);
    if (currency === undefined) return undefined;
    const amount = amountOf(row, currency);
    const balance = balanceAt === -1 ? null : parts.read(row, balanceAt, currency, 'refuse');
    if (balanceAt !== -1 && balance === null) row.report('value_missing', balanceAt, 'is empty: no balance');
    if (amount === undefined || booked === undefined || booked === null || value === undefined || balance === undefined)
      return undefined;
    if (balanceAt !== -1 && balance === null) return undefined;
    const direction = amount.direction ?? 'credit';
    const line: BalancedLine = {
      line: row.record.line,
      account: accountOf(row),
      statementId: null,
      id: idOf(row),
      status: 'booked',
      direction,
      amountMinor: amount.size,
      currency,
      bookedOn: booked,
      valueOn: value,
      isReversal: false,
      references: referencesOf(row),
      description: descriptionAt === -1 ? null : cellText(row.record.cells, descriptionAt) || null,
      parts: [],
      balanceMinor: balance,
    };
    return {
      line,
      feeMinor: null,
      key: line.id,
      content: [
        line.direction,
        line.amountMinor,
        line.currency,
        booked,
        value,
        line.account,
        ...Object.entries(line.references).flat(),
      ].join('\u001f'),
      written: {
        currency,
        amount: amount.written,
        debit: direction === 'debit' ? amount.size : 0n,
        credit: direction === 'credit' ? amount.size : 0n,
        fee: 0n,
        net: 0n,
      },
    };
  };
}

/** @returns null when the cell is empty, undefined when it is no date, which is reported */
function compileDay(source: { readonly column: Column; readonly formats: readonly string[] }, parts: RowParts) {
  const at = parts.at(source.column);
  const read = compileDates(source.formats);
  return ({ record, report }: Row): CalendarDate | null | undefined => {
    const text = at === -1 ? '' : cellText(record.cells, at);
    if (text === '') return null;
    const day = read(text);
    if (day === undefined)
      report('time', at, `${quoted(text)} is not a date in the form ${source.formats.join(' or ')}`);
    return day;
  };
}
