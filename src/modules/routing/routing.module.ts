import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { askAgain, carryOutRouting, readBooks, routeDisbursements, routePayments } from '../../contracts/consumers.js';
import { approvedWork } from '../../kernel/approvals/approval-action.js';
import { CarryOutApproved } from '../../kernel/approvals/carry-out.js';
import { Databases } from '../../kernel/database/databases.js';
import { ENV } from '../../kernel/kernel.tokens.js';
import { Logger } from '../../kernel/observability/logger.js';
import { Metrics } from '../../kernel/observability/metrics.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { BackgroundTasks } from '../../kernel/queue/background-tasks.js';
import { assertMasterKeys } from '../../kernel/secrets/master-keys.js';
import { Vault } from '../../kernel/secrets/vault.js';
import { DECIDE_ATTEMPT } from './cases/decide-case.js';
import { DecideCaseController } from './cases/decide-case.controller.js';
import { CHECK_SCHEDULE, shortened } from './check-schedule.js';
import { createGateways, type Gateways } from './gateways/index.js';
import { CustomerActionsController } from './customer-actions.controller.js';
import { InboundAdminController } from './inbound-admin.controller.js';
import { InsightController } from './insight.controller.js';
import { LISTING_SCHEDULE, shortenedListing } from './listings/listing.js';
import { MaintenanceController } from './maintenance.controller.js';
import { PerformanceController } from './performance/performance.controller.js';
import { Routing } from './routing.js';
import { RoutingAdminController } from './routing-admin.controller.js';
import { ACTIVATE_RULES, RulesController } from './rules.controller.js';
import { WebhooksController } from './webhooks.controller.js';

const GATEWAYS = Symbol('GATEWAYS');

/** Chooses gateways, makes attempts at payments, refunds and payouts, finds out what became of them. */
@Module({
  controllers: [
    WebhooksController,
    CustomerActionsController,
    RoutingAdminController,
    InboundAdminController,
    RulesController,
    MaintenanceController,
    InsightController,
    DecideCaseController,
    PerformanceController,
  ],
  providers: [
    { provide: GATEWAYS, useFactory: () => createGateways() },
    {
      provide: Routing,
      inject: [ENV, Databases, Logger, Metrics, GATEWAYS, Vault],
      useFactory: (
        env: Env,
        databases: Databases,
        logger: Logger,
        metrics: Metrics,
        gateways: Gateways,
        vault: Vault,
      ) =>
        new Routing({
          env,
          logger,
          metrics,
          database: databases.of('routing'),
          adapters: gateways.adapters,
          vault,
          schedule: shortened(CHECK_SCHEDULE, env.retryPauseShare),
          listingSchedule: shortenedListing(LISTING_SCHEDULE, env.retryPauseShare),
        }),
    },
  ],
})
export class RoutingModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly routing: Routing,
    private readonly databases: Databases,
    private readonly consumers: ConsumerRegistry,
    private readonly tasks: BackgroundTasks,
    @Inject(GATEWAYS) private readonly gateways: Gateways,
    @Inject(ENV) private readonly env: Env,
  ) {}

  onModuleInit(): void {
    assertMasterKeys(this.env);
    const { handler, disbursementHandler, questionHandler, listingHandler, tasks } = this.routing;
    this.consumers.register(routePayments, this.databases.of('routing'), handler);
    this.consumers.register(routeDisbursements, this.databases.of('routing'), disbursementHandler);
    this.consumers.register(askAgain, this.databases.of('routing'), questionHandler);
    this.consumers.register(readBooks, this.databases.of('routing'), listingHandler);
    const works = [
      approvedWork(ACTIVATE_RULES, async (tx, payload, grant) => {
        await this.routing.ruleSets.activate(tx, payload, grant);
        return undefined;
      }),
      approvedWork(DECIDE_ATTEMPT, async (tx, payload, grant) => {
        await this.routing.cases.carryOut(tx, payload, grant);
        return undefined;
      }),
    ];
    this.consumers.register(carryOutRouting, this.databases.of('routing'), new CarryOutApproved(works));
    for (const task of tasks) this.tasks.register(task);
  }

  async onApplicationShutdown(): Promise<void> {
    // In a process without workers nobody else stops it.
    await this.routing.evidence.stop();
    await this.gateways.close();
  }
}
