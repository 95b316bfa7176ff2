import { Injectable } from '@nestjs/common';
import { Metrics } from '../../kernel/observability/metrics.js';

/** What the ledger tells about its work. */
@Injectable()
export class LedgerMetrics {
  private readonly transfers;
  private readonly holds;

  constructor(metrics: Metrics) {
    this.transfers = metrics.counter('sankofa_ledger_transfers_total', 'Transfers newly posted, by kind', ['kind']);
    this.holds = metrics.counter(
      'sankofa_ledger_hold_steps_total',
      'What became of the money of refunds and payouts; overdrawn: it left, and the merchant did not have it',
      ['outcome'],
    );
  }

  posted(kinds: readonly string[]): void {
    for (const [kind, count] of counted(kinds)) this.transfers.inc({ kind }, count);
  }

  held(outcomes: readonly string[]): void {
    for (const [outcome, count] of counted(outcomes)) this.holds.inc({ outcome }, count);
  }
}

function counted(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
