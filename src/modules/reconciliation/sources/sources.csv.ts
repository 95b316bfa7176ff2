/** Sources, and the lines that they brought, for a spreadsheet. Amounts are minor units. */
import type { z } from 'zod';
import type { CsvColumns } from '../../../kernel/http/csv-pages.js';
import type { bankLineAnswer } from '../bank/bank-line.answers.js';
import type { lineAnswer } from './source.answers.js';
import type { ShownSource } from './source.views.js';

export const SOURCE_CSV: CsvColumns<ShownSource> = {
  id: (source) => source.id,
  created_at_utc: (source) => source.created_at,
  kind: (source) => source.kind,
  name: (source) => source.name,
  gateway: (source) => source.gateway,
  gateway_account: (source) => source.gateway_account,
  livemode: (source) => source.livemode,
  status: (source) => source.status,
  from_utc: (source) => source.from,
  to_utc: (source) => source.to,
  covers: (source) => source.covers.join(' '),
  format: (source) => source.format,
  sha256: (source) => source.sha256,
  lines: (source) => source.lines,
  new_lines: (source) => source.new_lines,
  repeated_lines: (source) => source.repeated_lines,
  problem: (source) => source.problem,
  as_of_utc: (source) => source.as_of,
};

/** A gateway's line, or an entry of a bank. */
export type SourceLine = z.infer<typeof lineAnswer> | z.infer<typeof bankLineAnswer>;

const ofGateway = (line: SourceLine) => (line.object === 'reconciliation_line' ? line : undefined);
const ofBank = (line: SourceLine) => (line.object === 'bank_line' ? line : undefined);

export const LINE_CSV: CsvColumns<SourceLine> = {
  id: (line) => line.id,
  line: (line) => line.line,
  kind: (line) => ofGateway(line)?.kind,
  status: (line) => ofGateway(line)?.status,
  reference: (line) => ofGateway(line)?.reference ?? ofBank(line)?.bank_id,
  gateway_id: (line) => ofGateway(line)?.gateway_id,
  account: (line) => ofBank(line)?.account ?? ofGateway(line)?.gateway_account,
  amount_minor: (line) => line.amount,
  fee_minor: (line) => ofGateway(line)?.fee,
  net_minor: (line) => ofGateway(line)?.net,
  currency: (line) => line.currency,
  occurred_at_utc: (line) => ofGateway(line)?.occurred_at,
  booked_on: (line) => ofBank(line)?.booked_on,
  settlement: (line) => ofGateway(line)?.settlement_id,
  description: (line) => line.description,
};
