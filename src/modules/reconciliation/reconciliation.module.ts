import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { keepMovements, keepRecords } from '../../contracts/consumers.js';
import { Databases } from '../../kernel/database/databases.js';
import { ENV } from '../../kernel/kernel.tokens.js';
import { Logger } from '../../kernel/observability/logger.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { BackgroundTasks } from '../../kernel/queue/background-tasks.js';
import { ForgetStaged } from './lines/forget-staged.js';
import { BreaksController } from './runs/breaks.controller.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ReportsController } from './reports/reports.controller.js';
import { ResolutionsController } from './resolutions/resolutions.controller.js';
import { DailyRuns } from './runs/daily-runs.js';
import { WorkOnRuns } from './runs/work-on-runs.js';
import { KeepMovements } from './records/keep-movements.js';
import { KeepRecords } from './records/keep-records.js';
import { MappingsController } from './mappings/mappings.controller.js';
import { PublishSources } from './sources/publish-source.js';
import { SourcesController } from './sources/sources.controller.js';
import { UploadPlaces } from './sources/upload-places.js';
import { UploadsController } from './sources/uploads.controller.js';

/** What we believe, what gateways say, what the books hold: and where the three differ. */
@Module({
  controllers: [
    ReconciliationController,
    BreaksController,
    ReportsController,
    ResolutionsController,
    UploadsController,
    SourcesController,
    MappingsController,
  ],
  providers: [KeepMovements, KeepRecords, UploadPlaces],
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
  ) {}

  onModuleInit(): void {
    const database = this.databases.of('reconciliation');
    this.consumers.register(keepRecords, database, this.records);
    this.consumers.register(keepMovements, database, this.movements);
    const work = new WorkOnRuns(database, this.logger, this.env.feeToleranceBps);
    const daily = new DailyRuns(database, this.env, this.logger, () => work.poke());
    const publish = new PublishSources(database, this.logger, () => work.poke());
    for (const task of [new ForgetStaged(database, this.logger), publish, work, daily]) this.tasks.register(task);
  }
}
