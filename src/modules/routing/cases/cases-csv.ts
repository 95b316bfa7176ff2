/** Cases for a spreadsheet: what somebody needs to go through them with a gateway's support. */
import type { CsvValue } from '../../../kernel/csv/write-csv.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { CaseRow } from '../routing-admin.store.js';
import { shownSubject } from '../shown-subject.js';

export const CASE_COLUMNS = [
  'id',
  'kind',
  'subject',
  'merchant',
  'livemode',
  'gateway',
  'account',
  'reference',
  'status',
  'outcome_code',
  'amount_minor',
  'currency',
  'captured_amount_minor',
  'captured_currency',
  'checks',
  'not_found_count',
  'times_sent_again',
  'sent_at_utc',
  'opened_at_utc',
];

export function caseCsv(row: CaseRow): readonly CsvValue[] {
  return [
    encodeId('attempt', row.id),
    row.kind,
    Object.values(shownSubject(row.kind, row.paymentId))[0] ?? null,
    encodeId('merchant', row.merchantId),
    String(row.livemode),
    row.gateway,
    row.gatewayAccount.name,
    row.reference,
    row.status,
    row.outcomeCode,
    toJsonAmount(row.payment.amount),
    row.payment.currency,
    row.capturedAmount === null ? null : toJsonAmount(row.capturedAmount),
    row.capturedCurrency,
    row.checks,
    row.notFoundCount,
    row.resendCount,
    row.sentAt?.toISOString() ?? null,
    row.caseOpenedAt?.toISOString() ?? null,
  ];
}
