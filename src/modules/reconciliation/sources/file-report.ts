/** What is kept of how a file was read. */
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { FileSummary } from '../files/index.js';

/** As it is stored and shown; amounts in minor units. */
export interface FileReport {
  readonly encoding: string;
  readonly bytes: number;
  readonly lines: number;
  readonly ignored: number;
  readonly duplicates: number;
  /** The first hundred. */
  readonly duplicate_lines: readonly { readonly line: number; readonly first_line: number; readonly id: string }[];
  readonly totals: readonly {
    readonly currency: string;
    readonly status: string;
    readonly lines: number;
    readonly credit: number;
    readonly debit: number;
    readonly fee: number;
  }[];
  readonly statements: readonly {
    readonly id: string | null;
    readonly account: string | null;
    readonly currency: string;
    readonly opening_balance: number;
    readonly closing_balance: number;
    readonly opened_on: string | null;
    readonly closed_on: string | null;
    readonly entries: number;
    readonly credit: number;
    readonly debit: number;
  }[];
  readonly notices: readonly string[];
}

/** @param more what was noticed beside reading */
export function reportOf(summary: FileSummary, more: readonly string[]): FileReport {
  return {
    encoding: summary.encoding,
    bytes: summary.bytes,
    lines: summary.lines,
    ignored: summary.ignored,
    duplicates: summary.duplicates,
    duplicate_lines: summary.duplicateLines.map(({ line, firstLine, id }) => ({ line, first_line: firstLine, id })),
    totals: summary.totals.map(({ currency, status, lines, creditMinor, debitMinor, feeMinor }) => ({
      currency,
      status,
      lines,
      credit: toJsonAmount(creditMinor),
      debit: toJsonAmount(debitMinor),
      fee: toJsonAmount(feeMinor),
    })),
    statements: summary.statements.map((statement) => ({
      id: statement.id,
      account: statement.account,
      currency: statement.currency,
      opening_balance: toJsonAmount(statement.openingMinor),
      closing_balance: toJsonAmount(statement.closingMinor),
      opened_on: statement.openedOn,
      closed_on: statement.closedOn,
      entries: statement.bookedEntries,
      credit: toJsonAmount(statement.creditMinor),
      debit: toJsonAmount(statement.debitMinor),
    })),
    notices: [...summary.notices, ...more],
  };
}
