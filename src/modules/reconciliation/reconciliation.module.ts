import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { keepMovements, keepRecords } from '../../contracts/consumers.js';
import { Databases } from '../../kernel/database/databases.js';
import { ENV } from '../../kernel/kernel.tokens.js';
import { Logger } from '../../kernel/observability/logger.js';
import { ConsumerRegistry } from '../../kernel/outbox/consumer.js';
import { BackgroundTasks } from '../../kernel/queue/background-tasks.js';
import { ForgetStaged } from './lines/forget-staged.js';
import { ReconciliationController } from './reconciliation.controller.js';
import { ReportsController } from './reports/reports.controller.js';
import { ResolutionsController } from './resolutions/resolutions.controller.js';
import { DailyRuns } from './runs/daily-runs.js';
import { WorkOnRuns } from './runs/work-on-runs.js';
import { KeepMovements } from './records/keep-movements.js';
import { KeepRecords } from './records/keep-records.js';

/** What we believe, what gateways say, what the books hold: and where the three differ. */
@Module({
  controllers: [ReconciliationController, ReportsController, ResolutionsController],
  providers: [KeepMovements, KeepRecords],
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
    for (const task of [new ForgetStaged(database, this.logger), work, daily]) this.tasks.register(task);
  }
}
