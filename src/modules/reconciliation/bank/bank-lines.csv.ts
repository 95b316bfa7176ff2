/** Entries of banks as rows of CSV. Amounts are integer minor units, below zero for what went out. */
import type { CsvValue } from '../files/index.js';
import { shownBankLine } from './bank-line.views.js';
import type { BankLineRow } from './bank.store.js';

export const BANK_LINE_COLUMNS = [
  'id',
  'source',
  'livemode',
  'account',
  'statement_id',
  'bank_id',
  'booked_on',
  'value_on',
  'amount',
  'currency',
  'is_reversal',
  'references',
  'description',
  'parts',
] as const;

/** In the order of {@link BANK_LINE_COLUMNS}; `references` are `name: text`. They are banks' texts: the writer makes formulas harmless. */
export function bankLineCells(row: BankLineRow): readonly CsvValue[] {
  const { references, ...shown } = shownBankLine(row);
  const texts = Object.entries(references).map(([name, text]) => `${name}: ${text}`);
  const cells: Readonly<Record<(typeof BANK_LINE_COLUMNS)[number], CsvValue>> = {
    ...shown,
    references: texts.join('; '),
  };
  return BANK_LINE_COLUMNS.map((column) => cells[column]);
}
