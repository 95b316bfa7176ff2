/** What routing shows to Prometheus. */
import type { Metrics } from '../../kernel/observability/metrics.js';
import type { Attempt, Change, Finding } from './attempt.js';
import type { BreakerState } from './choice/sequential-breaker.js';
import type { GatewayOutcome } from './gateways/gateway-adapter.js';
import type { WebhookGrade } from './webhooks.store.js';

/** What the gauges ask for when they are scraped. */
export interface RoutingGaugeSources {
  cases(): Promise<
    readonly { readonly gateway: string; readonly status: string; readonly opened: boolean; readonly count: number }[]
  >;
  /** 0: none are in force. */
  ruleSetVersion(): Promise<number>;
  breakers(): Promise<readonly { readonly gateway: string; readonly account: string; readonly state: BreakerState }[]>;
}

const BREAKER_VALUE: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

export function createRoutingMetrics(metrics: Metrics, sources: RoutingGaugeSources) {
  const attempts = metrics.counter('sankofa_routing_attempts_total', 'Charge calls by gateway and how they ended', [
    'gateway',
    'outcome',
  ]);
  const conclusions = metrics.counter(
    'sankofa_routing_attempt_conclusions_total',
    'Attempts by gateway and final state',
    ['gateway', 'state'],
  );
  const charge = metrics.histogram('sankofa_routing_charge_seconds', 'Latency of charge calls', ['gateway']);
  const status = metrics.histogram('sankofa_routing_status_seconds', 'Latency of status queries', ['gateway']);
  const webhooks = metrics.counter(
    'sankofa_routing_webhooks_total',
    'Webhooks from gateways by how far they can be trusted',
    ['gateway', 'grade'],
  );

  metrics.gauge(
    'sankofa_routing_cases',
    'Attempts without a certain end: unknown or quarantined, and whether people were told',
    ['gateway', 'status', 'opened'],
    async (gauge) => {
      gauge.reset();
      // A series that is not there cannot be told from one that nobody measures: none is 0.
      for (const { gateway } of await sources.breakers()) {
        for (const state of ['unknown', 'quarantined'])
          for (const opened of ['true', 'false']) gauge.set({ gateway, status: state, opened }, 0);
      }
      for (const { gateway, status: state, opened, count } of await sources.cases())
        gauge.set({ gateway, status: state, opened: String(opened) }, count);
    },
  );
  metrics.gauge(
    'sankofa_routing_breaker',
    'Breaker of each gateway account: 0 closed, 1 half-open, 2 open',
    ['gateway', 'account'],
    async (gauge) => {
      gauge.reset();
      for (const { gateway, account, state } of await sources.breakers())
        gauge.set({ gateway, account }, BREAKER_VALUE[state]);
    },
  );

  metrics.gauge(
    'sankofa_routing_rule_set_version',
    'Version of the rules that are in force in this process; 0 when none are',
    [],
    async (gauge) => gauge.set(await sources.ruleSetVersion()),
  );

  return {
    onCharged(gateway: string, outcome: GatewayOutcome, seconds: number): void {
      attempts.inc({ gateway, outcome: outcome.kind });
      charge.observe({ gateway }, seconds);
    },
    onQueried(gateway: string, _: GatewayOutcome, seconds: number): void {
      status.observe({ gateway }, seconds);
    },
    onRecorded(attempt: Attempt, change: Change['kind'], _: Finding): void {
      if (change === 'won' || change === 'surplus' || change === 'quarantined' || change === 'concluded') {
        conclusions.inc({ gateway: attempt.gateway, state: attempt.status });
      }
    },
    onReceived(gateway: string, grade: WebhookGrade | 'rejected'): void {
      webhooks.inc({ gateway, grade });
    },
  };
}
