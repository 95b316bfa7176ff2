/** Puts the parts of routing together: they hand work to each other, so somebody has to tie the knot. */
import { CHECK_SCHEDULE, type CheckSchedule } from './check-schedule.js';
import { countCases } from './attempts.store.js';
import { Breakers } from './breakers.js';
import { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { AttemptQueries } from './query-attempts.js';
import { WebhookReceiver } from './receive-webhook.js';
import { OutcomeRecorder, type ToSend } from './record-outcome.js';
import { UnknownResolver } from './resolve-unknowns.js';
import { RetryBudgets } from './retry-budgets.js';
import { RoutePayments } from './route-payments.js';
import { RoutingPolicy } from './rules/policy.js';
import { RuleSets } from './rules/rule-sets.js';
import { createRoutingMetrics } from './routing.metrics.js';
import { AttemptSender } from './send-attempts.js';
import { SharedEvidence } from './shared/shared-evidence.js';
import type { Env } from '../../config/env.js';
import type { Database } from '../../kernel/database/database.js';
import type { Logger } from '../../kernel/observability/logger.js';
import type { Metrics } from '../../kernel/observability/metrics.js';

export interface RoutingOptions {
  readonly env: Pick<Env, 'publicUrl' | 'gatewayChargeTimeoutMs' | 'gatewayReadTimeoutMs' | 'shutdownTimeoutMs'>;
  readonly database: Database;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly schedule?: CheckSchedule;
  /** Pause between looks of the background tasks, in ms; each has its own by default. */
  readonly pollEveryMs?: number;
}

export class Routing {
  readonly breakers = new Breakers();
  readonly budgets = new RetryBudgets();
  readonly accounts: GatewayAccounts;
  readonly recorder: OutcomeRecorder;
  readonly sender: AttemptSender;
  readonly queries: AttemptQueries;
  readonly resolver: UnknownResolver;
  readonly webhooks: WebhookReceiver;
  readonly handler: RoutePayments;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly policy: RoutingPolicy;
  readonly ruleSets: RuleSets;
  readonly evidence: SharedEvidence;

  constructor(options: RoutingOptions) {
    const { env, database, adapters, logger } = options;
    const { breakers, budgets } = this;
    const accounts = new GatewayAccounts(database, adapters, logger);
    this.accounts = accounts;
    const policy = new RoutingPolicy(database, logger);
    this.policy = policy;
    this.adapters = adapters;
    this.ruleSets = new RuleSets({ database, accounts, adapters, policy });
    const evidence = new SharedEvidence({ database, breakers, logger });
    this.evidence = evidence;
    const seen = createRoutingMetrics(options.metrics, {
      cases: () => countCases(database),
      ruleSetVersion: async () => {
        await policy.refresh();
        return policy.current().version;
      },
      breakers: async () =>
        (await accounts.all()).map((each) => ({
          gateway: each.gateway,
          account: each.name,
          state: breakers.accountState(each.id),
        })),
    });
    const sendsSoon = (accountId: string): boolean => this.sender.sendsSoon(accountId);
    const onToSend = (work: readonly ToSend[]): void => this.sender.offer(work);
    const shared = { database, accounts, adapters, breakers, budgets, policy, logger };
    const polling = options.pollEveryMs === undefined ? {} : { pollEveryMs: options.pollEveryMs };
    const readTimeoutMs = env.gatewayReadTimeoutMs;
    const schedule = options.schedule ?? CHECK_SCHEDULE;

    this.recorder = new OutcomeRecorder({
      ...shared,
      schedule,
      sendsSoon,
      onToSend,
      onRecorded: seen.onRecorded,
    });
    this.sender = new AttemptSender({
      ...shared,
      recorder: this.recorder,
      schedule,
      publicUrl: env.publicUrl,
      chargeTimeoutMs: env.gatewayChargeTimeoutMs,
      shutdownTimeoutMs: env.shutdownTimeoutMs,
      onCharged: seen.onCharged,
    });
    this.queries = new AttemptQueries({ ...shared, recorder: this.recorder, readTimeoutMs, onQueried: seen.onQueried });
    this.resolver = new UnknownResolver({
      database,
      queries: this.queries,
      sender: this.sender,
      logger,
      readTimeoutMs,
      ...polling,
    });
    this.webhooks = new WebhookReceiver({ ...shared, queries: this.queries, onReceived: seen.onReceived, ...polling });
    this.handler = new RoutePayments({
      accounts,
      adapters,
      breakers,
      policy,
      evidence,
      schedule,
      sender: this.sender,
      onToSend,
    });
  }
}
