/** What was decided about breaks, for a spreadsheet. Amounts are minor units. */
import type { CsvColumns } from '../../../kernel/http/csv-pages.js';
import type { ShownResolution } from './resolution.views.js';

export const RESOLUTION_CSV: CsvColumns<ShownResolution> = {
  id: (row) => row.id,
  created_at_utc: (row) => row.created_at,
  break: (row) => row.break,
  gateway_account: (row) => row.gateway_account,
  livemode: (row) => row.livemode,
  action: (row) => row.action,
  status: (row) => row.status,
  automatic: (row) => row.automatic,
  remark: (row) => row.remark,
  clearing_side: (row) => row.booking?.side,
  account: (row) => row.booking?.account,
  amount_minor: (row) => row.booking?.amount,
  currency: (row) => row.booking?.currency,
  transfer: (row) => row.booking?.transfer,
  requested_by: (row) => row.requested_by,
  decided_by: (row) => row.decided_by,
  decision_remark: (row) => row.decision_remark,
  decided_at_utc: (row) => row.decided_at,
  booked_at_utc: (row) => row.booked_at,
};
