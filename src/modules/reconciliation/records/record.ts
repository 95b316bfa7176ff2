/** What we believe of an attempt, and how events fold into it. Pure. */
import type { AttemptStatus } from '../../../contracts/shared.js';

export type RecordKind = 'payment' | 'refund' | 'payout';

/** What one event says of an attempt. */
export interface Told {
  readonly attemptId: string;
  readonly kind: RecordKind;
  readonly subjectId: string;
  readonly merchantId: string;
  readonly livemode: boolean;
  readonly gateway: string;
  readonly gatewayAccountId: string;
  readonly reference: string;
  readonly key: string;
  readonly handles: readonly string[];
  readonly status: AttemptStatus;
  readonly version: number;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly movedAmount: number | null;
  readonly movedCurrency: string | null;
  readonly fee: number | null;
  /** The version of which the figures are; 0 where none were told. */
  readonly figuresVersion: number;
  readonly startedAt: string;
  readonly concludedAt: string | null;
}

/** Handles shorter than this (a digit, a word) would be found in lines that mean something else. */
const MIN_HANDLE_LENGTH = 5;

/** A reference without what gateways, spreadsheets and people change about it. */
export function keyOf(reference: string): string {
  return reference.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

/** Handles as they are kept and compared. */
export function handlesOf(values: Iterable<string>): readonly string[] {
  return [
    ...new Set([...values].map((value) => value.trim()).filter(({ length }) => length >= MIN_HANDLE_LENGTH)),
  ].toSorted();
}

/**
 * Two things told of one attempt as one: status from the later version, figures from the later that told any, handles from both. The same
 * whatever the order, and however often.
 */
export function join(a: Told, b: Told): Told {
  const later = b.version > a.version ? b : a;
  const figures = b.figuresVersion > a.figuresVersion ? b : a;
  return {
    ...later,
    handles: handlesOf([...a.handles, ...b.handles]),
    amount: a.amount ?? b.amount,
    currency: a.currency ?? b.currency,
    movedAmount: figures.movedAmount,
    movedCurrency: figures.movedCurrency,
    fee: figures.fee,
    figuresVersion: figures.figuresVersion,
  };
}

/** One entry per attempt, in the order in which their rows are locked. */
export function joined(told: readonly Told[]): readonly Told[] {
  const byAttempt = new Map<string, Told>();
  for (const each of told) {
    const known = byAttempt.get(each.attemptId);
    byAttempt.set(each.attemptId, known === undefined ? each : join(known, each));
  }
  return [...byAttempt.values()].toSorted((a, b) => (a.attemptId < b.attemptId ? -1 : 1));
}
