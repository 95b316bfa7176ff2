/** Puts the parts of routing together: they hand work to each other, so somebody has to tie the knot. */
import { isConcluded } from './attempt.js';
import { CHECK_SCHEDULE, type CheckSchedule } from './check-schedule.js';
import type { Traffic } from './attempt-claims.store.js';
import type { AttemptOfPayment } from './attempt-rows.store.js';
import { countCases } from './attempts.store.js';
import { Breakers } from './breakers.js';
import { ForgetWebhooks } from './forget-webhooks.js';
import { GatewayAccounts } from './gateway-accounts.js';
import type { GatewayAdapter } from './gateways/gateway-adapter.js';
import { AccountFloats } from './account-floats.js';
import { AskAgain } from './ask-again.js';
import { DecideCase } from './cases/decide-case.js';
import { disbursementsDispatch } from './disbursements-dispatch.js';
import { GatewayWork } from './gateway-work.js';
import { LISTING_SCHEDULE, type ListingSchedule } from './listings/listing.js';
import { countOpenListings } from './listings/listings.store.js';
import { ReadListings } from './listings/read-listings.js';
import { TakeListingRequests } from './listings/take-requests.js';
import { CONNECTIONS, DISBURSEMENT_CONNECTIONS } from './gateways/http-client.js';
import { paymentsDispatch } from './payments-dispatch.js';
import { mayStillChange } from './payment-routing.js';
import { AttemptQueries } from './query-attempts.js';
import { WebhookReceiver } from './receive-webhook.js';
import { OutcomeRecorder, type ToSend } from './record-outcome.js';
import { UnknownResolver } from './resolve-unknowns.js';
import { TellBreakers, type Steady } from './outages/tell-breakers.js';
import { OverdueWebhooks } from './overdue-webhooks.js';
import { RetryBudgets } from './retry-budgets.js';
import { RouteDisbursements } from './route-disbursements.js';
import { RoutePayments } from './route-payments.js';
import { ActionSubmitter } from './submit-action.js';
import { RoutingPolicy } from './rules/policy.js';
import { RuleSets } from './rules/rule-sets.js';
import { createRoutingMetrics } from './routing.metrics.js';
import { AttemptSender, type Dispatch } from './send-attempts.js';
import { sharedBreakers } from './shared/shared-breakers.js';
import { SharedEvidence } from './shared/shared-evidence.js';
import type { Env } from '../../config/env.js';
import type { Database } from '../../kernel/database/database.js';
import type { Logger } from '../../kernel/observability/logger.js';
import type { Metrics } from '../../kernel/observability/metrics.js';
import type { BackgroundTask } from '../../kernel/queue/background-tasks.js';
import type { Vault } from '../../kernel/secrets/vault.js';

export interface RoutingOptions {
  readonly env: Pick<
    Env,
    'publicUrl' | 'gatewayChargeTimeoutMs' | 'gatewayReadTimeoutMs' | 'gatewayWebhookKeepDays' | 'shutdownTimeoutMs'
  >;
  readonly database: Database;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly vault: Vault;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly schedule?: CheckSchedule;
  readonly listingSchedule?: ListingSchedule;
  /** Pause between looks of the background tasks, in ms; each has its own by default. */
  readonly pollEveryMs?: number;
  /** How long webhooks are left to be acted upon before their lags are learned, in ms. */
  readonly learnAfterMs?: number;
  /** For how long a breaker must have been open, or closed, before others are told. */
  readonly breakersSteady?: Steady;
}

/** What calls gateways, once for payments and once for what pays money out: neither waits for the other. */
interface Caller {
  readonly sender: AttemptSender;
  readonly queries: AttemptQueries;
  readonly resolver: UnknownResolver;
}

export class Routing {
  readonly breakers = new Breakers();
  /** Of refunds and payouts, which fail apart from charges. */
  readonly disbursementBreakers = new Breakers();
  readonly budgets = new RetryBudgets();
  readonly accounts: GatewayAccounts;
  readonly floats: AccountFloats;
  readonly recorder: OutcomeRecorder;
  readonly payments: Caller;
  readonly disbursements: Caller;
  readonly webhooks: WebhookReceiver;
  readonly actions: ActionSubmitter;
  readonly overdue: OverdueWebhooks;
  readonly forgetting: ForgetWebhooks;
  readonly handler: RoutePayments;
  readonly disbursementHandler: RouteDisbursements;
  readonly questionHandler: AskAgain;
  readonly listings: ReadListings;
  readonly listingHandler: TakeListingRequests;
  readonly adapters: ReadonlyMap<string, GatewayAdapter>;
  readonly policy: RoutingPolicy;
  readonly ruleSets: RuleSets;
  readonly evidence: SharedEvidence;
  readonly cases: DecideCase;
  readonly tellBreakers: TellBreakers;

  constructor(options: RoutingOptions) {
    const { env, database, adapters, logger } = options;
    const { breakers, disbursementBreakers, budgets } = this;
    const disbursementBudgets = new RetryBudgets();
    const accounts = new GatewayAccounts(database, adapters, logger, options.vault);
    this.accounts = accounts;
    const policy = new RoutingPolicy(database, logger);
    this.policy = policy;
    this.adapters = adapters;
    this.ruleSets = new RuleSets({ database, accounts, adapters, policy });
    const evidence = new SharedEvidence({
      database,
      breakers: sharedBreakers(breakers, disbursementBreakers),
      logger,
    });
    this.evidence = evidence;
    this.tellBreakers = new TellBreakers({
      database,
      accounts,
      breakers: [breakers, disbursementBreakers],
      begun: () => evidence.begun(),
      logger,
      ...(options.breakersSteady === undefined ? {} : { steady: options.breakersSteady }),
    });
    const polling = options.pollEveryMs === undefined ? {} : { pollEveryMs: options.pollEveryMs };
    const readTimeoutMs = env.gatewayReadTimeoutMs;
    const schedule = options.schedule ?? CHECK_SCHEDULE;
    const floats = new AccountFloats({ database, accounts, adapters, logger, readTimeoutMs, ...polling });
    this.floats = floats;
    const seen = createRoutingMetrics(options.metrics, {
      cases: () => countCases(database),
      listings: () => countOpenListings(database),
      floats: async () => {
        const named = new Map((await accounts.all()).map((each) => [each.id, each]));
        return floats.known().flatMap((float) => {
          const account = named.get(float.accountId);
          return account === undefined ? [] : [{ ...float, gateway: account.gateway, account: account.name }];
        });
      },
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
    const sendsSoon = (accountId: string): boolean => this.payments.sender.sendsSoon(accountId);
    const onToSend = (work: readonly ToSend[]): void => {
      this.payments.sender.offer(work.filter(({ payment }) => payment.kind === 'payment'));
      this.disbursements.sender.offer(work.filter(({ payment }) => payment.kind !== 'payment'));
    };

    const asking: Pick<AttemptQueries, 'query'> = {
      query: (target, cause, handles) => this.queriesOf(target).query(target, cause, handles),
    };

    const work = new GatewayWork(database);
    const recorder = new OutcomeRecorder({
      database,
      accounts,
      adapters,
      policy,
      breakers,
      disbursementBreakers,
      floats,
      budgets,
      disbursementBudgets,
      logger,
      schedule,
      sendsSoon,
      onToSend,
      onGatewaysFault: (failed) => {
        const sentMsAgo = Math.max(0, Date.now() - (failed.attempt.sentAt ?? failed.attempt.createdAt).getTime());
        const breakersOf = failed.payment.kind === 'payment' ? breakers : disbursementBreakers;
        breakersOf.blame(work.segmentOf(failed), performance.now() - sentMsAgo);
      },
      onRecorded: (attempt, change, finding) => {
        seen.onRecorded(attempt, change, finding);
        if (!mayStillChange(attempt) || isConcluded(attempt)) this.overdue.unwatch(attempt.id);
      },
    });
    this.recorder = recorder;
    this.cases = new DecideCase({ database, accounts, recorder });
    const caller = (own: {
      readonly traffic: Traffic;
      readonly dispatch: Dispatch;
      readonly breakers: Breakers;
      readonly budgets: RetryBudgets;
      readonly questions: number;
    }): Caller => {
      const shared = {
        ...own,
        database,
        accounts,
        adapters,
        logger,
        schedule,
        recorder,
        work,
      };
      const sender = new AttemptSender({
        ...shared,
        publicUrl: env.publicUrl,
        chargeTimeoutMs: env.gatewayChargeTimeoutMs,
        shutdownTimeoutMs: env.shutdownTimeoutMs,
      });
      const queries = new AttemptQueries({
        ...shared,
        concurrency: own.questions,
        readTimeoutMs,
        onQueried: seen.onQueried,
      });
      const resolver = new UnknownResolver({ ...shared, queries, sender, readTimeoutMs, ...polling });
      return { sender, queries, resolver };
    };
    this.payments = caller({
      traffic: 'payments',
      dispatch: paymentsDispatch({
        database,
        accounts,
        adapters,
        sendsSoon,
        onCharged: (sent, outcome, seconds) => {
          seen.onCharged(sent, outcome, seconds);
          if (sent.payment.kind !== 'payment' || (outcome.kind !== 'pending' && outcome.kind !== 'unknown')) return;
          const sentAtMs = performance.now() - seconds * 1_000;
          const { id: attemptId, gatewayAccountId: accountId } = sent.attempt;
          this.overdue.watch({ attemptId, accountId, method: sent.payment.method.type, sentAtMs });
        },
      }),
      breakers,
      budgets,
      questions: CONNECTIONS.question,
    });
    this.disbursements = caller({
      traffic: 'disbursements',
      dispatch: disbursementsDispatch({
        database,
        accounts,
        adapters,
        floats,
        recorder,
        schedule,
        onDisbursed: seen.onDisbursed,
      }),
      breakers: disbursementBreakers,
      budgets: disbursementBudgets,
      questions: DISBURSEMENT_CONNECTIONS,
    });
    this.webhooks = new WebhookReceiver({
      database,
      accounts,
      adapters,
      logger,
      queries: asking,
      onReceived: seen.onReceived,
      onActed: seen.onWebhookActed,
      ...polling,
    });
    this.overdue = new OverdueWebhooks({
      database,
      queries: this.payments.queries,
      logger,
      onOverdue: seen.onOverdue,
      ...polling,
      ...(options.learnAfterMs === undefined ? {} : { learnAfterMs: options.learnAfterMs }),
    });
    this.forgetting = new ForgetWebhooks({ database, logger, keepDays: env.gatewayWebhookKeepDays });
    this.actions = new ActionSubmitter({
      database,
      accounts,
      adapters,
      breakers,
      recorder,
      queries: asking,
      logger,
      timeoutMs: env.gatewayChargeTimeoutMs,
      onAction: seen.onAction,
    });
    this.handler = new RoutePayments({
      accounts,
      adapters,
      breakers,
      policy,
      evidence,
      schedule,
      sender: this.payments.sender,
      onToSend,
    });
    const waits = ({ sender, queries }: Caller, accountId: string): boolean =>
      sender.saturated().includes(accountId) || queries.saturated().includes(accountId);
    this.listings = new ReadListings({
      database,
      accounts,
      adapters,
      logger,
      readTimeoutMs,
      schedule: options.listingSchedule ?? LISTING_SCHEDULE,
      isBusy: (accountId) => waits(this.payments, accountId) || waits(this.disbursements, accountId),
      onCall: seen.onListingCall,
      onEnded: seen.onListingEnded,
      ...polling,
    });
    this.listingHandler = new TakeListingRequests(() => this.listings.poke());
    this.disbursementHandler = new RouteDisbursements({
      accounts,
      adapters,
      breakers: disbursementBreakers,
      floats,
      policy,
      evidence,
      onToSend,
    });
    this.questionHandler = new AskAgain({
      breakers,
      disbursementBreakers,
      segmentOf: (target) => work.segmentOf(target),
    });
  }

  /** Who asks about an attempt. */
  queriesOf({ payment }: AttemptOfPayment): AttemptQueries {
    return (payment.kind === 'payment' ? this.payments : this.disbursements).queries;
  }

  /** What runs in the background of a worker. */
  get tasks(): readonly BackgroundTask[] {
    const { payments, disbursements, floats, webhooks, overdue, forgetting, evidence, listings, tellBreakers } = this;
    return [
      payments.sender,
      payments.resolver,
      disbursements.sender,
      disbursements.resolver,
      floats,
      webhooks,
      overdue,
      forgetting,
      evidence,
      listings,
      tellBreakers,
    ];
  }
}
