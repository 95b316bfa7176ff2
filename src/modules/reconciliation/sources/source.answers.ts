/** What /docs, and the back-office's client, are told that sources, their lines and previews of files look like. */
import { z } from 'zod';
import { listOf } from '../../../kernel/http/answers.js';
import { bankLineAnswer } from '../bank/bank-line.answers.js';
import { SOURCE_KINDS, SOURCE_STATES } from './sources.store.js';

const fileProblem = z
  .object({ code: z.string(), line: z.int().nullable(), column: z.string().nullable(), message: z.string() })
  .meta({ id: 'FileProblem' });

const source = z.object({
  object: z.literal('reconciliation_source'),
  id: z.string(),
  kind: z.enum(SOURCE_KINDS),
  name: z.string(),
  gateway: z.string().nullable(),
  gateway_account: z.string().nullable().describe('Null: a bank statement.'),
  livemode: z.boolean(),
  status: z.enum(SOURCE_STATES),
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  covers: z.array(z.enum(['payment', 'refund', 'payout'])),
  format: z.string().nullable(),
  sha256: z.string().nullable(),
  lines: z.int(),
  new_lines: z.int(),
  repeated_lines: z.int(),
  problem: z.string().nullable(),
  as_of: z.iso.datetime(),
  created_at: z.iso.datetime(),
  closed_at: z.iso.datetime().nullable(),
});
export const sourceListedAnswer = source.meta({ id: 'ReconciliationSourceListed' });
export const sourcesAnswer = listOf(sourceListedAnswer);

const report = z.object({
  encoding: z.string(),
  bytes: z.int(),
  lines: z.int(),
  ignored: z.int(),
  duplicates: z.int(),
  duplicate_lines: z.array(z.object({ line: z.int(), first_line: z.int(), id: z.string() })),
  totals: z.array(
    z.object({
      currency: z.string(),
      status: z.string(),
      lines: z.int(),
      credit: z.int(),
      debit: z.int(),
      fee: z.int(),
    }),
  ),
  statements: z.array(
    z.object({
      id: z.string().nullable(),
      account: z.string().nullable(),
      currency: z.string(),
      opening_balance: z.int(),
      closing_balance: z.int(),
      opened_on: z.string().nullable(),
      closed_on: z.string().nullable(),
      entries: z.int(),
      credit: z.int(),
      debit: z.int(),
    }),
  ),
  notices: z.array(z.string()),
});

export const sourceAnswer = source
  .extend({
    report: report.nullable().describe('How a file was read; null: it is none, or it was not read to its end.'),
    problems: z.array(fileProblem),
    runs: z.array(z.string()).describe('That it began.'),
  })
  .meta({ id: 'ReconciliationSource' });

export const lineAnswer = z
  .object({
    object: z.literal('reconciliation_line'),
    id: z.string(),
    source: z.string(),
    gateway_account: z.string(),
    line: z.int(),
    gateway_id: z.string().nullable(),
    reference: z.string().nullable(),
    kind: z.enum(['charge', 'refund', 'payout', 'payout_return', 'fee', 'settlement']),
    status: z.enum(['succeeded', 'pending', 'failed', 'reversed']),
    amount: z.int(),
    fee: z.int().nullable(),
    net: z.int().nullable(),
    currency: z.string(),
    occurred_at: z.iso.datetime(),
    settlement_id: z.string().nullable(),
    description: z.string().nullable(),
  })
  .meta({ id: 'ReconciliationLine' });

export const linesAnswer = listOf(z.discriminatedUnion('object', [lineAnswer, bankLineAnswer]));

const parsedLine = z
  .object({
    id: z.string().nullable(),
    status: z.string(),
    direction: z.enum(['credit', 'debit']),
    amount: z.int(),
    currency: z.string(),
    description: z.string().nullable(),
    reference: z.string().nullable().exactOptional(),
    handles: z.record(z.string(), z.string()).exactOptional(),
    kind: z.string().exactOptional(),
    fee: z.int().nullable().exactOptional(),
    net: z.int().nullable().exactOptional(),
    occurred_at: z.iso.datetime().exactOptional(),
    settlement_id: z.string().nullable().exactOptional(),
    account: z.string().nullable().exactOptional(),
    statement_id: z.string().nullable().exactOptional(),
    booked_on: z.string().nullable().exactOptional(),
    value_on: z.string().nullable().exactOptional(),
    references: z.record(z.string(), z.string()).exactOptional(),
    parts: z.int().exactOptional(),
  })
  .describe("A gateway's line, or an entry of a bank.");

export const previewAnswer = z
  .object({
    object: z.literal('reconciliation_file_preview'),
    format: z.enum(['csv', 'camt053']),
    encoding: z.string(),
    delimiter: z.string().nullable(),
    header_line: z.int().nullable(),
    headers: z.array(z.string()),
    mapping: z.string().nullable().describe('By which these rows were read; null: none reads the file.'),
    fits: z.array(
      z.object({
        mapping: z.string(),
        name: z.string(),
        columns_found: z.int(),
        rows_with_problems: z.int(),
        problems: z.array(fileProblem),
      }),
    ),
    problems: z.array(fileProblem),
    rows: z.array(
      z.object({
        line: z.int(),
        cells: z.array(z.string()),
        ignored: z.boolean(),
        parsed: parsedLine.nullable(),
        problems: z.array(fileProblem),
      }),
    ),
  })
  .meta({ id: 'ReconciliationFilePreview' });
