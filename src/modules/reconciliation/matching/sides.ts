/** What is compared: our attempt, the gateway's line, the ledger's movement. Amounts in minor units, times in ms since 1970. */
import type { AttemptStatus } from '../../../contracts/shared.js';
import type { LineKind, LineStatus } from '../lines/line.js';
import type { RecordKind } from '../records/record.js';

export interface RecordSide {
  readonly attemptId: string;
  readonly kind: RecordKind;
  readonly merchantId: string;
  readonly key: string;
  readonly handles: readonly string[];
  readonly status: AttemptStatus;
  /** What it was to move. */
  readonly amount: bigint | null;
  readonly currency: string | null;
  /** What we were told that it moved. */
  readonly movedAmount: bigint | null;
  readonly movedCurrency: string | null;
  readonly fee: bigint | null;
  readonly startedAt: number;
  readonly concludedAt: number | null;
  /** We gave the charge back, or are about to, in full or in part. */
  readonly isGivenBack: boolean;
}

export interface LineSide {
  readonly id: string;
  readonly kind: LineKind;
  readonly key: string | null;
  readonly aliases: readonly string[];
  readonly status: LineStatus;
  readonly amount: bigint;
  readonly fee: bigint | null;
  readonly currency: string;
  readonly occurredAt: number;
}

export interface MovementSide {
  readonly transferId: string;
  readonly attemptId: string;
  readonly kind: string;
  readonly side: 'debit' | 'credit';
  readonly amount: bigint;
  readonly currency: string;
  readonly effectiveAt: number;
}

const TOOK: ReadonlySet<AttemptStatus> = new Set(['succeeded', 'surplus', 'quarantined', 'returned']);
const OPEN: ReadonlySet<AttemptStatus> = new Set(['planned', 'sending', 'pending', 'unknown']);

/** We say that money moved. */
export const took = ({ status }: Pick<RecordSide, 'status'>): boolean => TOOK.has(status);

/** We do not know yet. */
export const isOpen = ({ status }: Pick<RecordSide, 'status'>): boolean => OPEN.has(status);

/** What we say that moved, or was to move. */
export const amountOf = (record: RecordSide): bigint | null => record.movedAmount ?? record.amount;
export const currencyOf = (record: RecordSide): string | null => record.movedCurrency ?? record.currency;

/** The lines that an attempt leaves in its gateway's books. */
const LINES_OF: Readonly<Record<RecordKind, ReadonlySet<LineKind>>> = {
  payment: new Set(['charge']),
  refund: new Set(['refund']),
  payout: new Set(['payout', 'payout_return']),
};

export const isOfKind = (record: Pick<RecordSide, 'kind'>, line: Pick<LineSide, 'kind'>): boolean =>
  LINES_OF[record.kind].has(line.kind);

/** Whether a line tells of what an attempt can do. */
export const isTransaction = ({ kind }: Pick<LineSide, 'kind'>): boolean => kind !== 'fee' && kind !== 'settlement';

/** What we write as a reference: 32 hex digits, or Orange's 25 of base 36. A line with one is about that attempt and no other. */
const OUR_REFERENCE = /^([0-9a-f]{32}|[0-9a-z]{25})$/;
export const looksOurs = (key: string | null): boolean => key !== null && OUR_REFERENCE.test(key);

/** By time, then by id: an order in which nothing depends on how rows came. */
export function byTime(a: LineSide, b: LineSide): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : Number(a.id > b.id));
}
