/** What was found about attempts, as operators are shown it. Amounts are integer minor units. */
import { z } from 'zod';
import { listOf } from '../../../kernel/http/answers.js';
import { encodeId } from '../../../kernel/ids/ids.js';
import { toJsonAmount } from '../../../kernel/money/money.js';
import type { FoundBreakRow, MatchedLineRow, Reconciled, ReconciledRow } from './reconciled.store.js';

const matchedLine = z.object({
  id: z.string(),
  gateway_id: z.string().nullable().describe('What the gateway calls it.'),
  amount: z.int(),
  fee: z.int().nullable(),
  currency: z.string(),
  occurred_at: z.iso.datetime(),
  settlement_id: z.string().nullable().describe('In which the gateway pays it out, as it calls that.'),
  rule: z.string(),
  explanation: z.string(),
  run: z.string(),
  matched_at: z.iso.datetime(),
});

const foundBreak = z.object({
  id: z.string(),
  kind: z.string(),
  side: z.string(),
  opened_at: z.iso.datetime(),
  closed_at: z.iso.datetime().nullable(),
  closed_why: z.string().nullable(),
});

const reconciledRecord = z
  .object({
    object: z.literal('reconciliation_record'),
    attempt: z.string(),
    kind: z.string(),
    gateway: z.string(),
    gateway_account: z.string(),
    reference: z.string(),
    status: z.string(),
    proved_at: z.iso.datetime().nullable().describe("When the gateway's own books were found to confirm it."),
    lines: z.array(matchedLine),
    breaks: z.array(foundBreak),
  })
  .meta({ id: 'ReconciliationRecord' });

export const reconciledAnswer = listOf(reconciledRecord);
type Record = z.infer<typeof reconciledRecord>;

export function viewReconciled({ records, lines, breaks }: Reconciled): z.infer<typeof reconciledAnswer> {
  return {
    object: 'list',
    data: records.map((record) =>
      viewRecord(
        record,
        lines.filter(({ attemptId }) => attemptId === record.attemptId),
        breaks.filter(({ attemptId }) => attemptId === record.attemptId),
      ),
    ),
    has_more: false,
  };
}

function viewRecord(row: ReconciledRow, lines: readonly MatchedLineRow[], breaks: readonly FoundBreakRow[]): Record {
  return {
    object: 'reconciliation_record',
    attempt: encodeId('attempt', row.attemptId),
    kind: row.kind,
    gateway: row.gateway,
    gateway_account: encodeId('gatewayAccount', row.gatewayAccountId),
    reference: row.reference,
    status: row.status,
    proved_at: row.provedAt?.toISOString() ?? null,
    lines: lines.map((line) => ({
      id: encodeId('reconciliationLine', line.lineId),
      gateway_id: line.gatewayId,
      amount: toJsonAmount(line.amount),
      fee: line.fee === null ? null : toJsonAmount(line.fee),
      currency: line.currency,
      occurred_at: line.occurredAt.toISOString(),
      settlement_id: line.settlementId,
      rule: line.rule,
      explanation: line.explanation,
      run: encodeId('reconciliationRun', line.runId),
      matched_at: line.matchedAt.toISOString(),
    })),
    breaks: breaks.map((each) => ({
      id: encodeId('break', each.id),
      kind: each.kind,
      side: each.side,
      opened_at: each.openedAt.toISOString(),
      closed_at: each.closedAt?.toISOString() ?? null,
      closed_why: each.closedWhy,
    })),
  };
}
