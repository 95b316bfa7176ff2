import { dayReported } from '../../../contracts/reconciliation.events.js';
import type { Tx } from '../../../kernel/database/tx.js';
import { encodeId, newUuid } from '../../../kernel/ids/ids.js';
import { appendEvents } from '../../../kernel/outbox/append.js';
import { newEvent } from '../../../kernel/outbox/event.js';
import type { Run } from '../runs/runs.store.js';
import { breaksOf, figuresOf, insertReport } from './reports.store.js';

const ISO_DAY = 'YYYY-MM-DD'.length;

/** Writes down what a day came to, and says so; once for an account and day. */
export async function reportDay(
  tx: Tx,
  run: Pick<Run, 'id' | 'gatewayAccountId' | 'gateway' | 'livemode' | 'from' | 'to'>,
): Promise<void> {
  const report = {
    id: newUuid(),
    runId: run.id,
    gatewayAccountId: run.gatewayAccountId,
    gateway: run.gateway,
    livemode: run.livemode,
    day: run.from.toISOString().slice(0, ISO_DAY),
    figures: await figuresOf(tx, run),
    breaks: await breaksOf(tx, run),
  };
  if (!(await insertReport(tx, report))) return;
  const cause = { correlationId: encodeId('reconciliationRun', run.id) };
  const payload = {
    report_id: report.id,
    gateway: report.gateway,
    gateway_account_id: report.gatewayAccountId,
    livemode: report.livemode,
    day: report.day,
    open_breaks: report.breaks.reduce((sum, { open }) => sum + open, 0),
    closed_breaks: report.breaks.reduce((sum, { closed }) => sum + closed, 0),
  };
  await appendEvents(tx, [newEvent(dayReported, { aggregateId: report.id, merchantId: null, cause }, payload)]);
}
