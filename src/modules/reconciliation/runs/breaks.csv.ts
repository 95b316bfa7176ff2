/** Breaks as rows of CSV, for whoever works with a spreadsheet. Amounts are integer minor units, as everywhere. */
import type { CsvValue } from '../files/index.js';
import { shownBreak } from './break.views.js';
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
  'asked',
  'resolution',
  'resolution_action',
  'resolution_status',
  'resolution_automatic',
] as const;

/** In the order of {@link BREAK_COLUMNS}. References and ids are gateways' texts: the writer makes formulas harmless. */
export function breakCells(row: BreakRow, now: Date): readonly CsvValue[] {
  const { differences, resolution, ...shown } = shownBreak(row, now);
  const cells: Readonly<Record<(typeof BREAK_COLUMNS)[number], CsvValue>> = {
    ...shown,
    differences: differences.map(({ field, ours, theirs }) => `${field}: ${ours ?? '-'} / ${theirs ?? '-'}`).join('; '),
    resolution: resolution?.id ?? null,
    resolution_action: resolution?.action ?? null,
    resolution_status: resolution?.status ?? null,
    resolution_automatic: resolution?.automatic ?? null,
  };
  return BREAK_COLUMNS.map((column) => cells[column]);
}
