/** What routing shows to Prometheus. */
import type { ListedKind } from '../../contracts/reconciliation.events.js';
import type { Metrics } from '../../kernel/observability/metrics.js';
import type { Attempt, Change, Finding } from './attempt.js';
import type { BreakerState } from './choice/sequential-breaker.js';
import type { CustomerAction, MoneyOutOutcome } from './gateways/gateway-parts.js';
import type { ListingEnd } from './listings/listing.js';
import type { ToSend } from './record-outcome.js';
import type { RoutedKind } from './routed-payment.js';
import type { WebhookGrade } from './webhooks.store.js';

/** What the gauges ask for when they are scraped. */
export interface RoutingGaugeSources {
  cases(): Promise<
    readonly { readonly gateway: string; readonly status: string; readonly opened: boolean; readonly count: number }[]
  >;
  /** Under way, by what they are of. */
  listings(): Promise<readonly { readonly what: string; readonly count: number }[]>;
  floats(): Promise<
    readonly {
      readonly gateway: string;
      readonly account: string;
      readonly currency: string;
      readonly availableMinor: bigint;
      readonly askedAt: Date;
    }[]
  >;
  /** 0: none are in force. */
  ruleSetVersion(): Promise<number>;
  breakers(): Promise<readonly { readonly gateway: string; readonly account: string; readonly state: BreakerState }[]>;
}

/** From a customer who approves at once to a transfer that takes its time. */
const LAG_BUCKETS_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 900, 3_600];
const ENDS: ReadonlySet<Change['kind']> = new Set(['won', 'surplus', 'quarantined', 'concluded'] as const);

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
  const disbursements = metrics.counter(
    'sankofa_routing_disbursements_total',
    'Calls that pay money out (refunds, payouts) by gateway and how they ended',
    ['gateway', 'kind', 'outcome'],
  );
  const disbursementConclusions = metrics.counter(
    'sankofa_routing_disbursement_conclusions_total',
    'Attempts at refunds and payouts by gateway and final state',
    ['gateway', 'kind', 'state'],
  );
  const disbursement = metrics.histogram(
    'sankofa_routing_disbursement_seconds',
    'Latency of calls that pay money out',
    ['gateway', 'kind'],
  );
  const charge = metrics.histogram('sankofa_routing_charge_seconds', 'Latency of charge calls', ['gateway']);
  const status = metrics.histogram('sankofa_routing_status_seconds', 'Latency of status queries', ['gateway']);
  const webhooks = metrics.counter(
    'sankofa_routing_webhooks_total',
    'Webhooks from gateways by how far they can be trusted',
    ['gateway', 'grade'],
  );
  const lag = metrics.histogram(
    'sankofa_routing_webhook_lag_seconds',
    'From sending a charge to the first webhook about its end, customers included',
    ['gateway'],
    LAG_BUCKETS_SECONDS,
  );
  const overdue = metrics.counter(
    'sankofa_routing_webhooks_overdue_total',
    'Charges whose webhook had not come in the time that it usually takes',
    ['gateway'],
  );
  const foundByAsking = metrics.counter(
    'sankofa_routing_found_by_asking_total',
    'Ends of attempts that no webhook had told of, by why it was asked: schedule, or question (a webhook overdue, a person)',
    ['gateway', 'by'],
  );
  const webhookOutcomes = metrics.counter(
    'sankofa_routing_webhook_outcomes_total',
    'Webhooks by what came of them; contradicted_*: the gateway did not confirm the success that they claimed',
    ['gateway', 'outcome'],
  );
  const actions = metrics.counter(
    'sankofa_routing_customer_actions_total',
    'What customers typed and we handed on, by what it was and how that ended',
    ['gateway', 'type', 'outcome'],
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
    'sankofa_gateway_float',
    'What can be paid out at each gateway account, in minor units, as this process last heard, less what it has sent since',
    ['gateway', 'account', 'currency'],
    async (gauge) => {
      gauge.reset();
      for (const { gateway, account, currency, availableMinor } of await sources.floats())
        gauge.set({ gateway, account, currency }, Number(availableMinor));
    },
  );
  metrics.gauge(
    'sankofa_gateway_float_age_seconds',
    'How old the figure of sankofa_gateway_float is',
    ['gateway', 'account', 'currency'],
    async (gauge) => {
      gauge.reset();
      for (const { gateway, account, currency, askedAt } of await sources.floats())
        gauge.set({ gateway, account, currency }, (Date.now() - askedAt.getTime()) / 1_000);
    },
  );

  metrics.gauge(
    'sankofa_routing_rule_set_version',
    'Version of the rules that are in force in this process; 0 when none are',
    [],
    async (gauge) => gauge.set(await sources.ruleSetVersion()),
  );

  const listingCalls = metrics.counter(
    'sankofa_routing_listing_calls_total',
    "Pages of gateways' own books that were asked for, by how that ended",
    ['gateway', 'what', 'outcome'],
  );
  const listingCall = metrics.histogram('sankofa_routing_listing_seconds', 'Latency of pages of books', ['gateway']);
  const listings = metrics.counter(
    'sankofa_routing_listings_total',
    "Listings of gateways' own books by how they ended",
    ['gateway', 'what', 'outcome'],
  );
  metrics.gauge(
    'sankofa_routing_listings_open',
    "Listings of gateways' own books that are being read, or wait for it",
    ['what'],
    async (gauge) => {
      for (const { what, count } of await sources.listings()) gauge.set({ what }, count);
    },
  );

  return {
    onListingCall(gateway: string, what: ListedKind, outcome: 'page' | 'failed', seconds: number): void {
      listingCalls.inc({ gateway, what, outcome });
      listingCall.observe({ gateway }, seconds);
    },
    onListingEnded(gateway: string, what: ListedKind, outcome: ListingEnd): void {
      listings.inc({ gateway, what, outcome });
    },
    onDisbursed(gateway: string, kind: RoutedKind, outcome: MoneyOutOutcome, seconds: number): void {
      disbursements.inc({ gateway, kind, outcome: outcome.kind });
      disbursement.observe({ gateway, kind }, seconds);
    },
    onCharged({ attempt: { gateway } }: ToSend, outcome: MoneyOutOutcome, seconds: number): void {
      attempts.inc({ gateway, outcome: outcome.kind });
      charge.observe({ gateway }, seconds);
    },
    onQueried(gateway: string, _: MoneyOutOutcome, seconds: number): void {
      status.observe({ gateway }, seconds);
    },
    onRecorded(attempt: Attempt, change: Change['kind'], { source }: Finding): void {
      if (!ENDS.has(change)) return;
      const { gateway, kind, status: state, sentAt } = attempt;
      if (kind !== 'payment') {
        disbursementConclusions.inc({ gateway, kind, state });
        return;
      }
      conclusions.inc({ gateway, state });
      if (source === 'webhook' && sentAt !== null)
        lag.observe({ gateway }, Math.max(0, Date.now() - sentAt.getTime()) / 1_000);
      if (source === 'check') foundByAsking.inc({ gateway, by: 'schedule' });
      if (source === 'question') foundByAsking.inc({ gateway, by: 'question' });
    },
    onWebhookActed(gateway: string, outcome: string): void {
      webhookOutcomes.inc({ gateway, outcome });
    },
    onOverdue(gateway: string): void {
      overdue.inc({ gateway });
    },
    onAction(gateway: string, type: CustomerAction['type'], outcome: MoneyOutOutcome): void {
      actions.inc({ gateway, type, outcome: outcome.kind });
    },
    onReceived(gateway: string, grade: WebhookGrade | 'rejected'): void {
      webhooks.inc({ gateway, grade });
    },
  };
}
