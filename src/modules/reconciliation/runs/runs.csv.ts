/** Runs for a spreadsheet. */
import type { CsvColumns } from '../../../kernel/http/csv-pages.js';
import type { ShownRun } from '../reconciliation.views.js';

export const RUN_CSV: CsvColumns<ShownRun> = {
  id: (run) => run.id,
  created_at_utc: (run) => run.created_at,
  job: (run) => run.job,
  gateway: (run) => run.gateway,
  gateway_account: (run) => run.gateway_account,
  livemode: (run) => run.livemode,
  from_utc: (run) => run.from,
  to_utc: (run) => run.to,
  status: (run) => run.status,
  listing: (run) => run.listing?.status,
  records: (run) => run.counts.records,
  lines: (run) => run.counts.lines,
  matched: (run) => run.counts.matched,
  unmatched: (run) => run.counts.unmatched,
  breaks_opened: (run) => run.counts.opened,
  breaks_closed: (run) => run.counts.closed,
  problem: (run) => run.problem,
  finished_at_utc: (run) => run.finished_at,
};
