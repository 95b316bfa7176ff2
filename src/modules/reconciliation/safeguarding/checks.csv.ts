/** Safeguarding checks for a spreadsheet: one line each, with what was found in every currency. Amounts are minor units. */
import type { z } from 'zod';
import type { CsvColumns } from '../../../kernel/http/csv-pages.js';
import type { checkAnswer } from './check.answers.js';

export const CHECK_CSV: CsvColumns<z.infer<typeof checkAnswer>> = {
  id: (check) => check.id,
  created_at_utc: (check) => check.created_at,
  job: (check) => check.job,
  status: (check) => check.status,
  captured_since: (check) => check.captured_since,
  coverage: ({ coverage }) =>
    coverage
      .map(({ currency, livemode, status, owed, held, shortfall }) =>
        [currency, livemode ? 'live' : 'test', status, `owed ${owed}`, `held ${held}`, `short ${shortfall}`].join(' '),
      )
      .join('; '),
  problem: (check) => check.problem,
  requested_by: (check) => check.requested_by,
  closed_at_utc: (check) => check.closed_at,
};
