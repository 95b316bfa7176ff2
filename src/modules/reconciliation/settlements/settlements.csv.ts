/** Settlements as rows of CSV. Amounts are integer minor units, as everywhere. */
import type { CsvValue } from '../files/index.js';
import { shownSettlement } from './settlement.views.js';
import type { SettlementRow } from './settlements.store.js';

export const SETTLEMENT_COLUMNS = [
  'id',
  'gateway',
  'gateway_account',
  'livemode',
  'gateway_id',
  'status',
  'currency',
  'gross',
  'fees',
  'net',
  'settled_at',
  'bank_reference',
  'bank_line',
  'received_by',
  'received_at',
  'told_at',
  'created_at',
] as const;

/** In the order of {@link SETTLEMENT_COLUMNS}. Ids are gateways' texts: the writer makes formulas harmless. */
export function settlementCells(row: SettlementRow): readonly CsvValue[] {
  const { received, ...shown } = shownSettlement(row);
  const cells: Readonly<Record<(typeof SETTLEMENT_COLUMNS)[number], CsvValue>> = {
    ...shown,
    bank_line: received?.bank_line ?? null,
    received_by: received?.by ?? null,
    received_at: received?.at ?? null,
  };
  return SETTLEMENT_COLUMNS.map((column) => cells[column]);
}
