/** What reading a file gives: one plain record per line, with money in minor units and times in UTC. */
import type { Currency } from '../../../kernel/money/money.js';

export const LINE_KINDS = ['charge', 'refund', 'payout', 'payout_return', 'fee', 'settlement'] as const;
export type LineKind = (typeof LINE_KINDS)[number];

export const LINE_STATUSES = ['succeeded', 'pending', 'failed', 'reversed'] as const;
export type LineStatus = (typeof LINE_STATUSES)[number];

/** Seen from us: `credit` adds to what the gateway or bank owes us. */
export type Direction = 'credit' | 'debit';

/** A day without time or zone, as a bank books it: `2026-01-31`. */
export type CalendarDate = string;

/** One line of a gateway's export. */
export interface FileLine {
  /** Line of the file where the row begins, counted from 1. */
  readonly line: number;
  /** The gateway's own id of what the line tells. */
  readonly id: string | null;
  /** The reference that we gave the gateway. */
  readonly reference: string | null;
  /** Further names of the same thing, by what the mapping calls them. */
  readonly handles: Readonly<Record<string, string>>;
  readonly kind: LineKind;
  readonly status: LineStatus;
  readonly direction: Direction;
  /** Minor units, before fees, never negative: `direction` says which way it went. */
  readonly amountMinor: bigint;
  /** Minor units; what the gateway kept for this line. Negative when it gave a fee back; null when the file does not say. */
  readonly feeMinor: bigint | null;
  /** Minor units, signed as seen from us; null when the file does not say. */
  readonly netMinor: bigint | null;
  readonly currency: Currency;
  readonly occurredAt: Date;
  readonly settlementId: string | null;
  /** Text as it stands in the file: it may begin with `=`. writeCsv makes it harmless. */
  readonly description: string | null;
}

/** One of several transactions that a bank booked as one entry. */
export interface BankLinePart {
  readonly direction: Direction;
  /** Minor units of the account's currency, never negative; null when the bank does not say. */
  readonly amountMinor: bigint | null;
  readonly references: Readonly<Record<string, string>>;
  readonly description: string | null;
}

/** One entry of a bank statement. */
export interface BankLine {
  /** Line of the file where it begins, counted from 1. */
  readonly line: number;
  /** IBAN or the bank's own account number; null when the file does not say. */
  readonly account: string | null;
  readonly statementId: string | null;
  /** The bank's own id of the entry. */
  readonly id: string | null;
  /** Only what is `booked` counts towards the closing balance. */
  readonly status: 'booked' | 'pending' | 'information';
  readonly direction: Direction;
  /** Minor units, never negative. */
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly bookedOn: CalendarDate | null;
  readonly valueOn: CalendarDate | null;
  /** It undoes an earlier entry of the other direction; `direction` is already that of this one. */
  readonly isReversal: boolean;
  /** By name: `end_to_end_id`, `account_servicer_reference`, `entry_reference`, ... or what the mapping calls them. */
  readonly references: Readonly<Record<string, string>>;
  /** Remittance text, or whatever else the bank says about it. */
  readonly description: string | null;
  /** What the entry is made of when the bank booked several transactions as one; else empty. */
  readonly parts: readonly BankLinePart[];
}

/** Sums over the lines of one currency and status, each in minor units. Duplicates and ignored rows are not in them. */
export interface CurrencyTotals {
  readonly currency: Currency;
  /** `succeeded`, `failed`, ... of a gateway's lines; `booked`, `pending`, ... of a bank's. */
  readonly status: string;
  readonly lines: number;
  readonly creditMinor: bigint;
  readonly debitMinor: bigint;
  readonly feeMinor: bigint;
}

export interface StatementSummary {
  readonly id: string | null;
  readonly account: string | null;
  readonly currency: Currency;
  readonly openingMinor: bigint;
  readonly closingMinor: bigint;
  readonly openedOn: CalendarDate | null;
  readonly closedOn: CalendarDate | null;
  readonly bookedEntries: number;
  readonly otherEntries: number;
  readonly creditMinor: bigint;
  readonly debitMinor: bigint;
}

export interface FileSummary {
  /** `paystack`, `camt.053.001.08`, ... */
  readonly format: string;
  readonly encoding: string;
  /** Lines given, which is what the caller must have staged. */
  readonly lines: number;
  /** Rows that the mapping says to leave out, and rows of totals. */
  readonly ignored: number;
  /** Rows that repeat an earlier one in full; the first hundred of them are listed. */
  readonly duplicates: number;
  readonly duplicateLines: readonly { readonly line: number; readonly firstLine: number; readonly id: string }[];
  readonly totals: readonly CurrencyTotals[];
  readonly statements: readonly StatementSummary[];
  readonly bytes: number;
  /** Of the bytes as they came, in hex: the same file uploaded again has the same. */
  readonly sha256: string;
  /** Sentences for an operator: nothing wrong, but worth seeing. */
  readonly notices: readonly string[];
}

/**
 * What reading yields: batches of lines, then one `end`. Lines are to be staged, and kept only once `end` has come; a file that is
 * wrong throws FileRefused instead, however many lines it has given by then.
 */
export type ReadStep<Line> =
  { readonly type: 'lines'; readonly lines: readonly Line[] } | { readonly type: 'end'; readonly summary: FileSummary };
