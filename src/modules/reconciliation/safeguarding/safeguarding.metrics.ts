/** What safeguarding shows to Prometheus: as of the newest check, whichever process judged it. */
import type { Metrics } from '../../../kernel/observability/metrics.js';
import type { CoverageRow } from './checks.store.js';

const LABELS = ['currency', 'livemode'] as const;

export function createSafeguardingMetrics(
  metrics: Metrics,
  sources: { newest(): Promise<readonly Pick<CoverageRow, 'currency' | 'livemode' | 'shortfall' | 'unproved'>[]> },
): void {
  const gauge = (name: string, help: string, of: 'shortfall' | 'unproved'): void =>
    void metrics.gauge(name, help, LABELS, async (each) => {
      each.reset();
      for (const row of await sources.newest())
        each.set({ currency: row.currency, livemode: String(row.livemode) }, Number(row[of]));
    });
  gauge(
    'sankofa_safeguarding_shortfall_minor',
    'What is owed and nobody else says that they hold, in minor units, by the newest safeguarding check',
    'shortfall',
  );
  gauge(
    'sankofa_safeguarding_unproved_minor',
    'What our books alone say is held, in minor units, by the newest safeguarding check',
    'unproved',
  );
}
