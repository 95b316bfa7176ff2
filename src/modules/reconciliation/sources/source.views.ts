/** Sources, their lines and what a look into a file shows, as /admin/v1 and the command line show them. */
import type { z } from 'zod';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { BankLine, FileLine, FileProblem, Inspection } from '../files/index.js';
import type { lineAnswer, previewAnswer, sourceAnswer, sourceListedAnswer } from './source.answers.js';
import type { FileReport } from './file-report.js';
import type { ShownLine, Source } from './sources.store.js';

export type ShownSource = z.infer<typeof sourceListedAnswer>;
export type ShownSourceInFull = z.infer<typeof sourceAnswer>;
export type ShownSourceLine = z.infer<typeof lineAnswer>;
export type ShownInspection = z.infer<typeof previewAnswer>;
type ShownParsed = NonNullable<ShownInspection['rows'][number]['parsed']>;
type ShownProblem = ShownInspection['problems'][number];

export function shownSource(source: Source): ShownSource {
  return {
    object: 'reconciliation_source',
    id: encodeId('reconciliationSource', source.id),
    kind: source.kind,
    name: source.name,
    gateway: source.gateway,
    gateway_account: source.gatewayAccountId === null ? null : encodeId('gatewayAccount', source.gatewayAccountId),
    livemode: source.livemode,
    status: source.state,
    from: source.from?.toISOString() ?? null,
    to: source.to?.toISOString() ?? null,
    covers: [...source.covers],
    format: source.format,
    sha256: source.checksum,
    lines: source.staged,
    new_lines: source.newLines,
    repeated_lines: source.repeatedLines,
    problem: source.problem,
    as_of: source.toldAt.toISOString(),
    created_at: source.begunAt.toISOString(),
    closed_at: source.closedAt?.toISOString() ?? null,
  };
}

/** @param runs ids of those that it began */
export function shownSourceInFull(source: Source, runs: readonly string[]): ShownSourceInFull {
  return {
    ...shownSource(source),
    report: reportOf(source.summary),
    problems: source.problems.map(shownProblem),
    runs: runs.map((id) => encodeId('reconciliationRun', id)),
  };
}

function reportOf(summary: Source['summary']): ShownSourceInFull['report'] {
  if (!isReport(summary)) return null;
  return {
    ...summary,
    duplicate_lines: [...summary.duplicate_lines],
    totals: [...summary.totals],
    statements: [...summary.statements],
    notices: [...summary.notices],
  };
}

/** Nothing is kept of one that was not read to its end. */
const isReport = (summary: Source['summary']): summary is FileReport => 'bytes' in summary;

const shownProblem = ({ code, line, column, message }: FileProblem): ShownProblem => ({
  code,
  line,
  column,
  message,
});

export function shownLine(line: ShownLine): ShownSourceLine {
  const amount = (minor: bigint | null): number | null => (minor === null ? null : toJsonAmount(minor));
  return {
    object: 'reconciliation_line',
    id: encodeId('reconciliationLine', line.id),
    source: encodeId('reconciliationSource', line.sourceId),
    gateway_account: encodeId('gatewayAccount', line.gatewayAccountId),
    line: line.ordinal,
    gateway_id: line.gatewayId,
    reference: line.reference,
    kind: line.kind,
    status: line.status,
    amount: toJsonAmount(line.amount),
    fee: amount(line.fee),
    net: amount(line.net),
    currency: line.currency,
    occurred_at: line.occurredAt.toISOString(),
    settlement_id: line.settlementId,
    description: line.description,
  };
}

export function shownInspection(inspection: Inspection): ShownInspection {
  return {
    object: 'reconciliation_file_preview',
    format: inspection.format,
    encoding: inspection.encoding,
    delimiter: inspection.delimiter,
    header_line: inspection.headerLine,
    headers: [...inspection.headers],
    mapping: inspection.mapping,
    fits: inspection.fits.map((fit) => ({
      mapping: fit.id,
      name: fit.name,
      columns_found: fit.columnsFound,
      rows_with_problems: fit.rowsWithProblems,
      problems: fit.problems.map(shownProblem),
    })),
    problems: inspection.problems.map(shownProblem),
    rows: inspection.rows.map((row) => ({
      line: row.line,
      cells: [...row.cells],
      ignored: row.isIgnored,
      parsed: row.parsed === null ? null : shownParsed(row.parsed),
      problems: row.problems.map(shownProblem),
    })),
  };
}

function shownParsed(line: FileLine | BankLine): ShownParsed {
  const common = {
    id: line.id,
    status: line.status,
    direction: line.direction,
    amount: toJsonAmount(line.amountMinor),
    currency: line.currency,
    description: line.description,
  };
  if ('bookedOn' in line)
    return {
      ...common,
      account: line.account,
      statement_id: line.statementId,
      booked_on: line.bookedOn,
      value_on: line.valueOn,
      references: line.references,
      parts: line.parts.length,
    };
  return {
    ...common,
    reference: line.reference,
    handles: line.handles,
    kind: line.kind,
    fee: line.feeMinor === null ? null : toJsonAmount(line.feeMinor),
    net: line.netMinor === null ? null : toJsonAmount(line.netMinor),
    occurred_at: line.occurredAt.toISOString(),
    settlement_id: line.settlementId,
  };
}
