/** Runs as /admin/v1 and the command line show them. */
import type { z } from 'zod';
import { encodeId } from '../../kernel/ids/ids.js';
import { toJsonAmount } from '../../kernel/money/money.js';
import type { accountAnswer, runAnswer } from './reconciliation.answers.js';
import { NOTHING, type KnownAccount, type Run, type RunListing } from './runs/runs.store.js';

export type ShownRun = z.infer<typeof runAnswer>;

export function shownRun(run: Run): ShownRun {
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
    // One that was not begun has counted nothing.
    counts: { ...NOTHING, ...run.counts },
    tries: run.tries,
    problem: run.problem,
    cancel_requested: run.cancelRequested,
    created_at: run.createdAt.toISOString(),
    started_at: run.startedAt?.toISOString() ?? null,
    finished_at: run.finishedAt?.toISOString() ?? null,
  };
}

/** `status` other than `complete` once the run goes on: it lacks the gateway's side, and `problem` says why. */
function shownListing({ state, pages, pagesIn, linesIn, asks, code }: RunListing): NonNullable<ShownRun['listing']> {
  return { status: state, pages_in: pagesIn, pages, lines_in: linesIn, asks, problem: code };
}

export function shownAccount({ gatewayAccountId, gateway, livemode }: KnownAccount): z.infer<typeof accountAnswer> {
  return {
    object: 'reconciliation_gateway_account',
    id: encodeId('gatewayAccount', gatewayAccountId),
    gateway,
    livemode,
  };
}
