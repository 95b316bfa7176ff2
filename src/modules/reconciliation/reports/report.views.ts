/** Day reports as JSON, and as CSV with one row per gateway account, kind and currency. */
import type { z } from 'zod';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { CsvValue } from '../files/index.js';
import type { reportAnswer } from './report.answers.js';
import type { DayFigures, DayReport } from './reports.store.js';

const amount = (text: string): number => toJsonAmount(BigInt(text));

export function shownReport(report: DayReport): z.infer<typeof reportAnswer> {
  return {
    object: 'reconciliation_report',
    id: encodeId('reconciliationReport', report.id),
    day: report.day,
    gateway: report.gateway,
    gateway_account: encodeId('gatewayAccount', report.gatewayAccountId),
    livemode: report.livemode,
    run: encodeId('reconciliationRun', report.runId),
    figures: report.figures.map((each) => ({
      kind: each.kind,
      currency: each.currency,
      ours: { count: each.count, amount: amount(each.amount), fee: amount(each.fee) },
      matched: { count: each.matchedCount, amount: amount(each.matchedAmount) },
      theirs: { count: each.lineCount, amount: amount(each.lineAmount), fee: amount(each.lineFee) },
    })),
    breaks: report.breaks.map(({ side, kind, open, closed }) => ({ side, kind, open, closed })),
    created_at: report.createdAt.toISOString(),
  };
}

export const REPORT_COLUMNS = [
  'day',
  'gateway',
  'gateway_account',
  'livemode',
  'kind',
  'currency',
  'our_count',
  'our_amount',
  'our_fee',
  'matched_count',
  'matched_amount',
  'their_count',
  'their_amount',
  'their_fee',
  'open_breaks',
  'closed_breaks',
] as const;

/** Breaks are a day's as a whole, and stand in its first row. A day on which nothing moved has one row. */
export function reportRows(report: DayReport): readonly (readonly CsvValue[])[] {
  const about = [report.day, report.gateway, encodeId('gatewayAccount', report.gatewayAccountId), report.livemode];
  const open = report.breaks.reduce((sum, each) => sum + each.open, 0);
  const closed = report.breaks.reduce((sum, each) => sum + each.closed, 0);
  const figures: readonly (DayFigures | undefined)[] = report.figures.length === 0 ? [undefined] : report.figures;
  return figures.map((each, index) => [
    ...about,
    each?.kind,
    each?.currency,
    each?.count,
    each?.amount,
    each?.fee,
    each?.matchedCount,
    each?.matchedAmount,
    each?.lineCount,
    each?.lineAmount,
    each?.lineFee,
    index === 0 ? open : 0,
    index === 0 ? closed : 0,
  ]);
}
