import { Injectable } from '@nestjs/common';
import { Metrics } from '../../kernel/observability/metrics.js';

/** What the ledger tells about its work. */
@Injectable()
export class LedgerMetrics {
  private readonly transfers;

  constructor(metrics: Metrics) {
    this.transfers = metrics.counter('sankofa_ledger_transfers_total', 'Transfers newly posted, by kind', ['kind']);
  }

  posted(kinds: readonly string[]): void {
    const counts = new Map<string, number>();
    for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    for (const [kind, count] of counts) this.transfers.inc({ kind }, count);
  }
}
