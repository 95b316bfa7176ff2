import { Injectable } from '@nestjs/common';
import { Metrics } from '../../kernel/observability/metrics.js';

/** What the ledger tells about its work. */
@Injectable()
export class LedgerMetrics {
  private readonly transfers;
  private readonly holds;
  private readonly leaves;
  private readonly chainTroubles;
  private readonly audited;
  private readonly drifted;

  constructor(metrics: Metrics) {
    this.transfers = metrics.counter('sankofa_ledger_transfers_total', 'Transfers newly posted, by kind', ['kind']);
    this.holds = metrics.counter(
      'sankofa_ledger_hold_steps_total',
      'What became of the money of refunds and payouts; overdrawn: it left, and the merchant did not have it',
      ['outcome'],
    );
    this.leaves = metrics.counter(
      'sankofa_ledger_chained_total',
      'Entries and other facts that were put into the chain',
    );
    this.chainTroubles = metrics.counter(
      'sankofa_ledger_chain_troubles_total',
      'Something is missing that was to be chained, or the chain is not what was signed: run ledger verify',
      ['what'],
    );
    this.audited = metrics.counter('sankofa_ledger_audited_entries_total', 'Entries that the self-audit has added up');
    this.drifted = metrics.counter(
      'sankofa_ledger_accounts_drifted_total',
      'Accounts found to be something else than their entries, holds and pending transfers add up to',
    );
  }

  chained(leaves: number): void {
    this.leaves.inc(leaves);
  }

  chainStopped(): void {
    this.chainTroubles.inc({ what: 'missing' });
  }

  chainBroken(): void {
    this.chainTroubles.inc({ what: 'broken' });
  }

  auditedEntries(entries: number): void {
    this.audited.inc(entries);
  }

  accountDrifted(): void {
    this.drifted.inc();
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
