import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { keepListings, keepMovements, keepObligations, keepRecords, keepRefunds } from '../../contracts/consumers.js';
import type { Database } from '../../kernel/database/database.js';
import { Databases } from '../../kernel/database/databases.js';
import { ENV } from '../../kernel/kernel.tokens.js';
import { Logger } from '../../kernel/observability/logger.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { BackgroundTasks } from '../../kernel/queue/background-tasks.js';
import { Metrics } from '../../kernel/observability/metrics.js';
import { ForgetStaged } from './lines/forget-staged.js';
import { KeepListings } from './listings/keep-listings.js';
import { LISTING_PATIENCE } from './listings/listing.js';
import { createListingsMetrics } from './listings/listings.metrics.js';
import { countWaiting } from './listings/listings.store.js';
import { WatchListings } from './listings/watch-listings.js';
import { BreaksController } from './runs/breaks.controller.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ReportsController } from './reports/reports.controller.js';
import { ResolutionsController } from './resolutions/resolutions.controller.js';
import { DailyRuns } from './runs/daily-runs.js';
import { WorkOnRuns } from './runs/work-on-runs.js';
import { KeepMovements } from './records/keep-movements.js';
import { KeepRecords } from './records/keep-records.js';
import { KeepRefunds } from './records/keep-refunds.js';
import { RecordsController } from './records/records.controller.js';
import { MappingsController } from './mappings/mappings.controller.js';
import { SafeguardingChecksController } from './safeguarding/checks.controller.js';
import { newestCoverage } from './safeguarding/checks.store.js';
import { JudgeChecks } from './safeguarding/judge-checks.js';
import { KeepObligations } from './safeguarding/keep-obligations.js';
import { HourlyChecks } from './safeguarding/open-check.js';
import { createSafeguardingMetrics } from './safeguarding/safeguarding.metrics.js';
import { ReceiveSettlements } from './settlements/receive-settlements.js';
import { SettlementsController } from './settlements/settlements.controller.js';
import { PublishSources } from './sources/publish-source.js';
import { SourcesController } from './sources/sources.controller.js';
import { UploadPlaces } from './sources/upload-places.js';
import { UploadsController } from './sources/uploads.controller.js';

/** What we believe, what gateways say, what the books hold: and where the three differ. */
@Module({
  controllers: [
    ReconciliationController,
    BreaksController,
    RecordsController,
    ReportsController,
    ResolutionsController,
    UploadsController,
    SourcesController,
    MappingsController,
    SettlementsController,
    SafeguardingChecksController,
  ],
  providers: [KeepMovements, KeepObligations, KeepRecords, KeepRefunds, UploadPlaces],
})
export class ReconciliationModule implements OnModuleInit {
  constructor(
    private readonly databases: Databases,
    private readonly consumers: ConsumerRegistry,
    private readonly tasks: BackgroundTasks,
    private readonly logger: Logger,
    @Inject(ENV) private readonly env: Env,
    private readonly records: KeepRecords,
    private readonly movements: KeepMovements,
    private readonly refunds: KeepRefunds,
    private readonly obligations: KeepObligations,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    const database = this.databases.of('reconciliation');
    this.consumers.register(keepRecords, database, this.records);
    this.consumers.register(keepMovements, database, this.movements);
    this.consumers.register(keepRefunds, database, this.refunds);
    this.consumers.register(keepObligations, database, this.obligations);
    const work = new WorkOnRuns(database, this.logger, this.env.feeToleranceBps);
    const daily = new DailyRuns(database, this.env, this.logger, () => work.poke());
    const receive = new ReceiveSettlements(database, this.logger);
    const begin = (): void => {
      work.poke();
      receive.poke();
    };
    const watch = this.takeListings(begin);
    const publish = new PublishSources(database, this.logger, begin);
    const forget = new ForgetStaged(database, this.logger);
    for (const task of [forget, publish, work, daily, watch, receive]) this.tasks.register(task);
    this.guardWhatIsOwed(database);
  }

  private guardWhatIsOwed(database: Database): void {
    createSafeguardingMetrics(this.metrics, { newest: () => newestCoverage(database) });
    this.tasks.register(new HourlyChecks(database, this.env, this.logger));
    this.tasks.register(new JudgeChecks({ database, logger: this.logger }));
  }

  /** @param onReleased told when runs may begin */
  private takeListings(onReleased: () => void): WatchListings {
    const { logger } = this;
    const database = this.databases.of('reconciliation');
    const { onEnded } = createListingsMetrics(this.metrics, { waiting: () => countWaiting(database) });
    const share = this.env.retryPauseShare;
    const patience = { ...LISTING_PATIENCE, silenceMs: LISTING_PATIENCE.silenceMs * share };
    const watch = new WatchListings({ database, logger, patience, onReleased, onEnded });
    const handler = new KeepListings({
      onHeard: () => watch.poke(),
      onEnded: (listing, outcome) => {
        onEnded(listing, outcome);
        onReleased();
      },
    });
    this.consumers.register(keepListings, database, handler);
    return watch;
  }
}
