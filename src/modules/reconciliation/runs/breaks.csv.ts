/** Breaks as rows of CSV, for whoever works with a spreadsheet. Amounts are integer minor units, as everywhere. */
import type { CsvValue } from '../files/index.js';
import { shownBreak } from '../reconciliation.views.js';
import type { BreakRow } from './breaks.store.js';

/** As the API calls them; `differences` are `field: ours / theirs`. */
export const BREAK_COLUMNS = [
  'id',
  'kind',
  'side',
  'subject',
  'status',
  'owner',
  'gateway',
  'gateway_account',
  'livemode',
  'merchant',
  'attempt',
  'reference',
  'gateway_id',
  'bank_line',
  'amount',
  'currency',
  'differences',
  'occurred_at',
  'opened_at',
  'opened_by',
  'closed_at',
  'closed_why',
  'age_seconds',
] as const;

/** In the order of {@link BREAK_COLUMNS}. References and ids are gateways' texts: the writer makes formulas harmless. */
export function breakCells(row: BreakRow, now: Date): readonly CsvValue[] {
  const shown = shownBreak(row, now) as Readonly<Record<(typeof BREAK_COLUMNS)[number], CsvValue>>;
  const differences = row.differences.map(({ field, ours, theirs }) => `${field}: ${ours ?? '-'} / ${theirs ?? '-'}`);
  return BREAK_COLUMNS.map((column) => (column === 'differences' ? differences.join('; ') : shown[column]));
}
