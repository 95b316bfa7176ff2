/** What listings show to Prometheus. */
import type { Metrics } from '../../../kernel/observability/metrics.js';
import type { ListingState } from './listing.js';
import type { OpenListing } from './listings.store.js';

export function createListingsMetrics(metrics: Metrics, sources: { waiting(): Promise<number> }) {
  const listings = metrics.counter(
    'sankofa_reconciliation_listings_total',
    "Listings of gateways' own books by what came of them; failed: runs went ahead without",
    ['gateway', 'what', 'outcome'],
  );
  metrics.gauge(
    'sankofa_reconciliation_runs_waiting',
    "Runs that wait for the gateway's own books",
    [],
    async (gauge) => gauge.set(await sources.waiting()),
  );
  return {
    onEnded({ gateway, what }: Pick<OpenListing, 'gateway' | 'what'>, outcome: Exclude<ListingState, 'asked'>): void {
      listings.inc({ gateway, what, outcome });
    },
  };
}
