/** Runs and breaks as /admin/v1 and the command line show them. */
import { encodeId } from '../../kernel/ids/ids.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import type { BreakRow } from './runs/breaks.store.js';
import type { Run, RunListing } from './runs/runs.store.js';

export function shownRun(run: Run): Record<string, unknown> {
  return {
    object: 'reconciliation_run',
    id: encodeId('reconciliationRun', run.id),
    job: run.job,
    gateway: run.gateway,
    gateway_account: encodeId('gatewayAccount', run.gatewayAccountId),
    livemode: run.livemode,
    from: run.from.toISOString(),
    to: run.to.toISOString(),
    status: run.state,
    phase: run.phase,
    progress: { done: toJsonAmount(run.done), total: toJsonAmount(run.total) },
    listing: run.listing === null ? null : shownListing(run.listing),
    counts: run.counts,
    tries: run.tries,
    problem: run.problem,
    cancel_requested: run.cancelRequested,
    created_at: run.createdAt.toISOString(),
    started_at: run.startedAt?.toISOString() ?? null,
    finished_at: run.finishedAt?.toISOString() ?? null,
  };
}

/** `status` other than `complete` once the run goes on: it lacks the gateway's side, and `problem` says why. */
function shownListing({ state, pages, pagesIn, linesIn, asks, code }: RunListing): Record<string, unknown> {
  return { status: state, pages_in: pagesIn, pages, lines_in: linesIn, asks, problem: code };
}

const SECOND_MS = 1_000;

/** @param now for its age: since what it is about happened */
export function shownBreak(row: BreakRow, now: Date): Record<string, unknown> {
  const until = row.closedAt ?? now;
  return {
    object: 'reconciliation_break',
    id: encodeId('break', row.id),
    kind: row.kind,
    side: row.side,
    subject: row.subject,
    status: row.closedAt === null ? 'open' : 'closed',
    gateway: row.gateway,
    gateway_account: encodeId('gatewayAccount', row.gatewayAccountId),
    livemode: row.livemode,
    merchant: row.merchantId === null ? null : encodeId('merchant', row.merchantId),
    attempt: row.attemptId === null ? null : encodeId('attempt', row.attemptId),
    reference: row.reference,
    gateway_id: row.gatewayId,
    bank_line: row.side === 'bank' && row.lineId !== null ? encodeId('bankLine', row.lineId) : null,
    amount: row.amount === null ? null : toJsonAmount(row.amount),
    currency: row.currency,
    differences: row.differences,
    owner: row.owner,
    age_seconds: Math.max(0, Math.floor((until.getTime() - row.occurredAt.getTime()) / SECOND_MS)),
    occurred_at: row.occurredAt.toISOString(),
    opened_at: row.openedAt.toISOString(),
    // Whether settlements have come in at the bank is no run's question.
    opened_by: row.side === 'bank' ? null : encodeId('reconciliationRun', row.openedBy),
    closed_at: row.closedAt?.toISOString() ?? null,
    closed_why: row.closedWhy,
  };
}
